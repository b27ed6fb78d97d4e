"""The crash of February 2026 in smiles: a surface for every recorded Deribit chain, and a look before, at and after.

From the root of the repository: `.venv/bin/python examples/surface.py`, with `--currency ETH` for the other coin. It prints three
tables and writes four pictures. The `# %%` lines make cells of it in VS Code, PyCharm and Jupyter (through jupytext).
"""

# %% [markdown]
# # The crash of February 2026, in smiles
#
# From 4 to 5 February 2026 bitcoin lost a sixth of its price in 41 hours. Deribit's whole option chain was recorded about every
# six hours, so we can ask what options said before, at the bottom, and after. Four steps lead from quotes to risk:
#
# 1. bids and asks, in coin, become bids and asks in vol: `vol_quotes`;
# 2. these become one surface a snapshot, free of arbitrage: `fit_surface`;
# 3. from a surface we read what a desk talks about: at-the-money vol, risk reversal, butterfly;
# 4. and what the smile does to a hedge: `smile_delta`.
#
# Conventions are flatbook's: years are ACT/365, vols annual decimals (0.01 is a *vol point*), k = ln(strike / forward) with each
# expiry's own forward, total variance w = vol² x years.

# %%
import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from flatbook.pricing import (
    SVI,
    Surface,
    fit_surface,
    moved_vols,
    smile_delta,
    strike_for_delta,
    vol_quotes,
    warm,
)
from flatbook.pricing.smiles import butterfly, calendar
from flatbook.pricing.surface import BORROWED, OUTLIER, STATUS_NAMES, VolQuotes

try:
    import matplotlib
except ImportError:
    sys.exit("The pictures want matplotlib, a tool of development that is not installed here: `make test` brings it.")

IN_NOTEBOOK = "ipykernel" in sys.modules
if not IN_NOTEBOOK:
    matplotlib.use("agg")  # write files, open no windows
from matplotlib import pyplot as plt  # noqa: E402

ROOT = Path(__file__).resolve().parents[1] if "__file__" in globals() else Path.cwd()
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--currency", choices=("BTC", "ETH"), default="BTC", help="which chain (BTC)")
parser.add_argument("--data", type=Path, help="the recorded chain, a Parquet file (../shared/data/deribit_chain/...)")
parser.add_argument("--out", type=Path, help="where the pictures go (var/surface)")
options = parser.parse_args([] if IN_NOTEBOOK else None)
DATA = options.data or ROOT / "../shared/data/deribit_chain/btc_eth_6h_20251230_20260531.parquet"
OUT = options.out or ROOT / "var/surface"

START, END = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)
BEFORE, AFTER = datetime(2026, 2, 4, tzinfo=UTC), datetime(2026, 2, 8, tzinfo=UTC)
WEEK, MONTH, QUARTER = 7 / 365, 30 / 365, 90 / 365

# %% [markdown]
# ## The quotes
#
# A row is one option at one moment. `underlying` is the forward of its own expiry, prices are in coin, and a side that nobody
# quotes is empty.

# %%
COLUMNS = (
    "timestamp", "currency", "expiry_datetime", "option_type", "strike", "underlying", "bid_price", "ask_price", "index_price",
)  # fmt: skip


def read_chain(path: Path, currency: str) -> pl.DataFrame:
    """The rows of `currency` between START and END, with years to expiry and sign (+1 call, -1 put) added."""
    if not path.is_file():
        sys.exit(f"There is no recorded chain at {path}: name one with --data.")
    try:
        rows = pl.scan_parquet(path)
        missing = [name for name in COLUMNS if name not in rows.collect_schema()]
    except (pl.exceptions.PolarsError, OSError):
        sys.exit(f"{path} cannot be read as Parquet: name another file with --data.")
    if missing:
        sys.exit(f"{path} is no recorded chain: it has no column {', '.join(missing)}.")
    wanted = pl.col("timestamp").is_between(START, END) & (pl.col("currency").cast(pl.String) == currency)
    years = (pl.col("expiry_datetime") - pl.col("timestamp")).dt.total_microseconds() / (365 * 86_400 * 1e6)
    sign = pl.when(pl.col("option_type").cast(pl.String) == "call").then(1.0).otherwise(-1.0)
    found = rows.select(COLUMNS).filter(wanted).with_columns(years=years, sign=sign).filter(pl.col("years") > 0.0).collect()
    if found.filter(pl.col("timestamp") >= BEFORE).is_empty() or found.filter(pl.col("timestamp") >= AFTER).is_empty():
        sys.exit(f"{path} does not hold {currency} from {BEFORE:%d %B} to {AFTER:%d %B %Y}, which this example is about.")
    return found.sort("timestamp", "years", "strike")


chain = read_chain(DATA, options.currency)

# %% [markdown]
# ## A surface for every snapshot
#
# `vol_quotes` makes one bid and one ask in vol of every strike: of the option out of the money, and near the money of both.
# `fit_surface` then fits one SVI slice an expiry and lets none have butterfly arbitrage, nor lie below an earlier one. Each fit
# starts from the last one, for speed only.


# %%
def day(moment: datetime) -> str:
    """Such as 5 Feb."""
    return f"{moment.day} {moment:%b}"


class Snapshot(NamedTuple):
    """One chain at one moment, and its surface."""

    time: datetime
    index: float  # dollars
    expiries: list[datetime]
    quotes: VolQuotes
    surface: Surface
    fit_ms: float


def fitted(rows: pl.DataFrame, previous: Surface | None) -> Snapshot:
    """The surface of one snapshot's rows."""
    expiries = rows.group_by("expiry_datetime").agg(pl.col("years", "underlying").median()).sort("years")
    quotes = vol_quotes(
        expiry=np.searchsorted(expiries["expiry_datetime"].to_numpy(), rows["expiry_datetime"].to_numpy()),
        years=rows["years"].to_numpy(),
        forward=rows["underlying"].to_numpy(),
        strike=rows["strike"].to_numpy(),
        sign=rows["sign"].to_numpy(),
        bid=rows["bid_price"].to_numpy(),
        ask=rows["ask_price"].to_numpy(),
        inverse=True,  # in coin
    )
    started = time.perf_counter()
    surface = fit_surface(expiries["years"].to_numpy(), expiries["underlying"].to_numpy(), *quotes, previous=previous)
    fit_ms = 1e3 * (time.perf_counter() - started)
    moment, index = rows["timestamp"][0], float(rows["index_price"].median())
    return Snapshot(moment, index, expiries["expiry_datetime"].to_list(), quotes, surface, fit_ms)


warm()  # compiles what is not compiled yet, so that the times below are those of fitting
snapshots: list[Snapshot] = []
for _, rows in chain.group_by("timestamp", maintain_order=True):
    snapshots.append(fitted(rows, snapshots[-1].surface if snapshots else None))

# %% [markdown]
# How good are they? The error is the root mean square of slice less mid, for the middle expiry and for the worst; the share is
# that of strikes met within bid and ask. The verdicts on arbitrage are those of the exact tests, which hear every strike and not
# a grid: butterflies by the turning points of Durrleman's g, calendars by those of the gap between two slices. What was done to a
# slice that is no plain fit is told in words.


# %%
def show_quality(each: Snapshot) -> None:
    """A line of the table."""
    surface, own = each.surface, each.surface.status < BORROWED
    points, outliers = 100 * surface.rmse[own], np.sum(surface.flag == OUTLIER)
    share = np.average(surface.inside, weights=np.maximum(surface.quoted, 1))
    butterflies = sum(not butterfly(svi).free for svi in surface.slices)
    calendars = sum(not calendar(early, late).free for early, late in pairwise(surface.slices))
    print(
        f"{each.time:%d %b %H:%M} {each.index:9,.0f} {own.size:8d} {each.quotes.strike.size:7d} {np.median(points):10.2f}"
        f" {points.max():7.2f} {share:9.0%} {outliers:8d} {butterflies:11d} {calendars:8d} {each.fit_ms:8.1f}"
    )


def show_reasons(each: Snapshot) -> None:
    """A line for every expiry whose slice is no plain fit."""
    for when, status, reason in zip(each.expiries, each.surface.status, each.surface.reason, strict=True):
        if reason:
            print(f"{each.time:%d %b %H:%M}, expiry {day(when)}, {STATUS_NAMES[status]}: {reason}")


print(f"{options.currency}: {len(snapshots)} snapshots\n")
print("                                         error, vol points    within             arbitrage by       fit,")
print("UTC              index expiries strikes     median   worst  bid-ask outliers   butterfly calendar      ms")
for each in snapshots:
    show_quality(each)
print()
for each in snapshots:
    show_reasons(each)

# %% [markdown]
# ## What a desk reads off a surface
#
# At-the-money vol is the vol at the forward. The 25-delta strikes depend on their own vol, so vol and strike are found together
# in a few rounds; delta is Deribit's, N(d1) on the forward, premium not taken off. Then
#
# - risk reversal = vol of the 25-delta call less that of the put: what leaning costs;
# - butterfly = their mean less at-the-money vol: what distance costs.
#
# They are read at exactly 7 and 30 days: `Surface.vol` interpolates total variance between expiries.


# %%
def strike_of(delta: float, forward: float, years: float, vol_of: Callable[[float], float]) -> float:
    """The strike whose own vol gives it this delta; positive for a call, negative for a put."""
    strike = forward
    for _ in range(30):
        strike = float(strike_for_delta(delta, forward, years, vol_of(strike), np.sign(delta)))
    return strike


def talk(surface: Surface, years: float) -> tuple[float, float, float]:
    """At-the-money vol, risk reversal and butterfly of 25 deltas, in vol points."""

    def vol_of(strike: float) -> float:
        return float(surface.vol(strike, years))

    forward = float(surface.forward_at(years))
    at = vol_of(forward)
    put, call = (vol_of(strike_of(delta, forward, years, vol_of)) for delta in (-0.25, 0.25))
    return 100 * at, 100 * (call - put), 100 * (0.5 * (call + put) - at)


week, month = (np.array([talk(each.surface, years) for each in snapshots]) for years in (WEEK, MONTH))

# %% [markdown]
# The crash itself is the snapshot at which the week's vol is highest. Before it we take the first snapshot of 4 February,
# after it the first of 8 February.

# %%
times = [each.time for each in snapshots]
before, after = (next(each for each in snapshots if each.time >= when) for when in (BEFORE, AFTER))
crash = snapshots[int(np.argmax(week[:, 0]))]
story = {"before": before, "at the crash": crash, "after": after}

print("\nvol points                             7 days                          30 days")
print("                               at the money  reversal  butterfly   at the money  reversal  butterfly")
for name, each in story.items():
    at = times.index(each.time)
    parts = "".join("{:15.1f} {:9.1f} {:10.1f}".format(*column[at]) for column in (week, month))
    print(f"{name:13s} {each.time:%d %b %H:%M}   {parts}")

# %% [markdown]
# ## Picture 1: nine days
#
# Colours are Okabe and Ito's, which people with any colour vision can tell apart; so can a black-and-white printer, by the lines.

# %%
BLUE, RED, GREEN, ORANGE, PURPLE, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#AA4499", "#8A8F98", "#22262B"
TOLD = dict(zip(story, (BLUE, RED, GREEN), strict=True))
plt.rcParams.update(
    {
        "figure.dpi": 100, "savefig.dpi": 150, "figure.constrained_layout.use": True, "font.size": 10, "text.color": INK,
        "axes.titlesize": 10.5, "axes.titlelocation": "left", "axes.labelcolor": INK, "axes.edgecolor": "#B8BCC2",
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
        "grid.color": "#E4E6E9", "grid.linewidth": 0.8, "xtick.color": INK, "ytick.color": INK,
        "legend.frameon": False, "lines.linewidth": 1.8,
    }
)  # fmt: skip


def keep(figure, name: str, title: str, says: str) -> None:
    """Head the figure, and write it as `name`.png."""
    high = figure.get_figheight()
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.78 / high), h_pad=0.06, w_pad=0.08)
    figure.text(0.012, 1 - 0.12 / high, title, va="top", fontsize=15, fontweight="bold")
    figure.text(0.012, 1 - 0.46 / high, says, va="top", fontsize=10.5, color="#555B63")
    OUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT / f"{name}.png")
    written.append(OUT / f"{name}.png")
    if not IN_NOTEBOOK:
        plt.close(figure)


written: list[Path] = []
TITLES = (
    "At-the-money vol, vol points",
    "Risk reversal of 25 deltas: call less put, vol points",
    "Butterfly of 25 deltas: wings less the money, vol points",
)
figure, panels = plt.subplots(4, 1, figsize=(12.8, 9.6), sharex=True, height_ratios=(1.15, 1.3, 1, 1))
panels[0].plot(times, [each.index for each in snapshots], color=INK, marker="o", markersize=3)
panels[0].set_title("Index, dollars")
panels[0].yaxis.set_major_formatter("{x:,.0f}")
for number, (panel, title) in enumerate(zip(panels[1:], TITLES, strict=True)):
    panel.plot(times, week[:, number], color=INK, marker="o", markersize=3, label="7 days")
    panel.plot(times, month[:, number], color=PURPLE, marker="s", markersize=3, linestyle="--", label="30 days")
    panel.set_title(title)
    if number:
        panel.axhline(0.0, color=GREY, linewidth=1.0, zorder=1)
panels[1].legend(loc="upper left", ncols=2)
for name, each in story.items():
    for panel in panels:
        panel.axvline(each.time, color=TOLD[name], linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    panels[0].annotate(
        f"{name}: {each.index:,.0f}", (each.time, 1.0), xycoords=("data", "axes fraction"), xytext=(5, -3),
        textcoords="offset points", va="top", color=TOLD[name], fontweight="bold",
    )  # fmt: skip
panels[-1].xaxis.set_major_locator(matplotlib.dates.DayLocator())
panels[-1].xaxis.set_major_formatter(lambda number, _: day(matplotlib.dates.num2date(number)))
panels[-1].set_xlim(START, END)
keep(
    figure,
    "1-nine-days",
    f"{options.currency}, 1 to 9 February 2026: the fall, and what options cost",
    "Every dot is a whole chain, fitted; times are UTC. Dashed uprights: the three moments of the next picture.",
)

# %% [markdown]
# ## Picture 2: smiles before, at and after
#
# Three expiries, the same three at every moment: those that are nearest to a week, a month and a quarter at the crash. Bars run
# from bid to ask, orange and crossed out where the fit found an outlier; a triangle is a strike with one side only and points to
# where its vol may be. The line is the slice, thin where nothing is quoted, and the band its uncertainty: half of bid to ask and
# the miss, and growing beyond the last strikes. Below each smile is the same less the slice: a bar that does not reach the line
# is a strike that the slice misses. The error is over all strikes, those with wide quotes far out too.


# %%
def draw_quotes(axes, each: Snapshot, expiry: int, less: bool) -> None:
    """Bids and asks of one expiry, or if `less` what they are above its slice; outliers crossed out."""
    mine = each.quotes.expiry == expiry
    fit = 100 * each.surface.fitted_vol[mine] if less else 0.0
    strike, bid, ask = each.quotes.strike[mine], 100 * each.quotes.bid_vol[mine] - fit, 100 * each.quotes.ask_vol[mine] - fit
    outlier, both = each.surface.flag[mine] == OUTLIER, np.isfinite(bid) & np.isfinite(ask)
    axes.vlines(strike[both], bid[both], ask[both], color=np.where(outlier[both], ORANGE, INK), linewidth=1.3)
    for side in (bid, ask):
        axes.plot(strike[both], side[both], "_", color=INK, markersize=4.5, markeredgewidth=1.1)
    axes.plot(strike[~both], bid[~both], "^", strike[~both], ask[~both], "v", color=GREY, markersize=3.5)
    axes.plot(strike[outlier], np.fmax(bid, ask)[outlier], "x", color=ORANGE, markersize=8, markeredgewidth=2.2)


def draw_slice(axes, each: Snapshot, expiry: int, color: str, strikes: tuple[float, float], less: bool) -> None:
    """The slice and its band between two strikes, or if `less` the band alone around zero."""
    grid, known = np.geomspace(*strikes, 400), each.surface.forward[expiry] * np.exp(each.surface.known[expiry].k[[0, -1]])
    vol, doubt = (100 * told(expiry, grid) for told in (each.surface.vols, each.surface.uncertainties))
    vol = 0.0 * vol if less else vol
    quoted = (grid >= known[0]) & (grid <= known[1])
    axes.fill_between(grid, vol - doubt, vol + doubt, color=color, alpha=0.16, linewidth=0)
    axes.plot(grid, vol, color=color, linewidth=1.0)
    axes.plot(grid[quoted], vol[quoted], color=color, linewidth=2.0)
    axes.axvline(each.surface.forward[expiry], color=color, linewidth=1.0, linestyle=":")


def title_of(each: Snapshot, expiry: int) -> str:
    """The expiry, and how its slice came about."""
    surface, how = each.surface, STATUS_NAMES[each.surface.status[expiry]]
    fit = f"error {100 * surface.rmse[expiry]:.2f}, {surface.inside[expiry]:.0%} within bid-ask"
    return f"{day(each.expiries[expiry])}, {365 * surface.years[expiry]:.0f} days, {how}: {fit}"


def window_of(expiry: datetime) -> tuple[tuple[float, float], tuple[float, float], float]:
    """What to show of an expiry, the same at all three moments: strikes to two deviations, vols, and how far off the slice."""
    cases = [(each, each.expiries.index(expiry)) for each in story.values()]
    ends = [
        each.surface.forward[i] * np.exp(2.0 * side * np.sqrt(each.surface.slices[i].total_variance(0.0)))
        for each, i in cases
        for side in (-1.0, 1.0)
    ]
    vols, misses = [], []
    for each, i in cases:
        mine = (each.quotes.expiry == i) & (each.quotes.strike > min(ends)) & (each.quotes.strike < max(ends))
        vols += (100 * each.surface.fitted_vol[mine]).tolist()
        misses += [100 * np.abs(side - each.surface.fitted_vol)[mine] for side in (each.quotes.bid_vol, each.quotes.ask_vol)]
    room = 0.08 * (max(vols) - min(vols))
    return (min(ends), max(ends)), (min(vols) - room, max(vols) + room), float(np.nanquantile(np.concatenate(misses), 0.95))


def thousands(strike: float, _: int) -> str:
    """A strike on an axis."""
    return f"{strike / 1000:g}k"


listed = [expiry for expiry in crash.expiries if expiry in before.expiries and expiry in after.expiries]
ahead = np.array([(expiry - crash.time).total_seconds() / (365 * 86_400) for expiry in listed])
shown = [listed[int(np.argmin(np.abs(np.log(ahead / years))))] for years in (WEEK, MONTH, QUARTER)]
figure, panels = plt.subplots(6, 3, figsize=(12.8, 12.6), sharex="row", sharey="row", height_ratios=(3, 1.25) * 3)
for smiles, misses, expiry in zip(panels[0::2], panels[1::2], shown, strict=True):
    strikes, vols, off = window_of(expiry)
    smiles[0].set(xlim=strikes, ylim=vols, ylabel="vol, points")
    misses[0].set(xlim=strikes, ylim=(-1.1 * off, 1.1 * off), ylabel="less slice")
    misses[0].xaxis.set_major_formatter(thousands)
    for upper, lower, (name, each) in zip(smiles, misses, story.items(), strict=True):
        number, first = each.expiries.index(expiry), before.expiries.index(expiry)
        if each is not before:
            grid = np.geomspace(*strikes, 200)
            upper.plot(grid, 100 * before.surface.vols(first, grid), color=BLUE, linewidth=1.1, linestyle="--")
        for axes, less in ((upper, False), (lower, True)):
            draw_slice(axes, each, number, TOLD[name], strikes, less)
            draw_quotes(axes, each, number, less)
        upper.tick_params(labelbottom=False)
        upper.set_title(title_of(each, number), fontsize=9.5)
for axes, (name, each) in zip(panels[0], story.items(), strict=True):
    axes.annotate(
        f"{name}: {day(each.time)} {each.time:%H:%M}, index {each.index:,.0f}", (0, 1), xycoords="axes fraction", xytext=(0, 23),
        textcoords="offset points", color=TOLD[name], fontweight="bold", fontsize=11.5,
    )  # fmt: skip
for axes in panels[-1]:
    axes.set_xlabel("strike, dollars")
keep(
    figure,
    "2-smiles",
    f"{options.currency}: the smile of a week, a month and a quarter",
    "Bars: bid to ask. Line and band: the slice and its uncertainty. Dotted upright: the forward. Dashed blue: the smile before.",
)

# %% [markdown]
# ## Picture 3: the whole surface at the crash
#
# In total variance a calendar spread for nothing would be two lines that cross, and a butterfly for nothing would be Durrleman's
# g below zero. Neither is there, at any strike, quoted or not; where quotes would have it otherwise, slices lie on each other and
# g comes near zero. The third panel shows what the crash did to the term structure: it turned over.

# %%
figure, layout = plt.subplot_mosaic([["w", "g"], ["w", "terms"]], figsize=(12.8, 8.0), width_ratios=(1.9, 1))
shades = plt.get_cmap("viridis")(np.linspace(0.0, 0.85, len(crash.expiries)))
every = np.linspace(-1.0, 1.0, 1001)
for svi, known, expiry, shade in zip(crash.surface.slices, crash.surface.known, crash.expiries, shades, strict=True):
    variance, quoted = svi.total_variance(every), (every >= known.k[0]) & (every <= known.k[-1])
    layout["w"].plot(every, variance, color=shade, linewidth=0.9)
    layout["w"].plot(every[quoted], variance[quoted], color=shade, linewidth=2.6)
    lowest = int(np.argmin(variance))
    layout["w"].text(
        every[lowest], variance[lowest], day(expiry), color=shade, fontsize=9, fontweight="bold", ha="center", va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2},
    )  # fmt: skip
    deviations = np.linspace(-6.0, 6.0, 1001)
    layout["g"].plot(deviations, svi.durrleman(deviations * np.sqrt(svi.total_variance(0.0))), color=shade, linewidth=1.3)
layout["w"].set(yscale="log", xlim=(-1.0, 1.0), xlabel="k = ln(strike / forward)", yticks=(0.003, 0.01, 0.03, 0.1, 0.3))
layout["w"].yaxis.set_major_formatter("{x:g}")
layout["w"].yaxis.set_minor_formatter("")
layout["w"].minorticks_off()
layout["w"].set_title("Total variance w = vol² x years, logarithmic; thick where it is quoted")
layout["g"].axhline(0.0, color=INK, linewidth=1.2)
layout["g"].set(xlabel="deviations from the forward", xlim=(-6, 6))
layout["g"].set_title("Durrleman's g, of every expiry: never below 0")
for name, each in story.items():
    money = [100 * float(svi.vol(0.0, years)) for svi, years in zip(each.surface.slices, each.surface.years, strict=True)]
    layout["terms"].plot(365 * each.surface.years, money, color=TOLD[name], marker="o", markersize=4, label=name)
layout["terms"].set(xscale="log", xlabel="days to expiry", xticks=(1, 3, 7, 14, 30, 90, 180, 365))
layout["terms"].xaxis.set_major_formatter("{x:.0f}")
layout["terms"].minorticks_off()
layout["terms"].set_title("At-the-money vol by expiry, vol points")
layout["terms"].legend(loc="upper right")
least = min(butterfly(svi).least for svi in crash.surface.slices)
keep(
    figure,
    "3-surface",
    f"{options.currency}, {day(crash.time)} {crash.time:%H:%M} UTC: {len(crash.expiries)} expiries, none crossing another",
    f"By the exact tests: no calendar arbitrage, no butterfly arbitrage; the least g anywhere is {least:.1g}.",
)

# %% [markdown]
# ## Picture 4: what the smile does to a hedge
#
# Black's delta holds the vol of a strike where it is. When the forward moves the smile moves too, and no quote says how. There
# are three usual choices: *sticky strike* (vols stay with strikes: Black's delta), *sticky delta* (the smile goes with the
# forward) and *sticky local vol* (against it). With dear puts the second wants more delta and the third less; the steeper the
# skew, the more is at stake. `smile_delta` gives each, in dollars, or in coin with `inverse=True`.
#
# Which was right? The last panel has the smile before, moved to the forward of the crash by each choice, and the smile that came.
# A move of this size goes with vol itself: none of the three knows that, and sticky local vol comes nearest.

# %%
NAMES = {"sticky_delta": "sticky delta", "sticky_strike": "sticky strike", "sticky_local": "sticky local vol"}
LOOKS = {"sticky_delta": (PURPLE, "--"), "sticky_strike": (INK, "-"), "sticky_local": (ORANGE, "-.")}


class Smile(NamedTuple):
    """One expiry at one moment."""

    svi: SVI
    years: float
    forward: float

    def vol(self, strike: float) -> float:
        """The vol of a strike, or of an array of them."""
        return self.svi.vol(np.log(strike / self.forward), self.years)


def smile_of(each: Snapshot, expiry: datetime) -> Smile:
    """The smile of this expiry in a snapshot."""
    number, surface = each.expiries.index(expiry), each.surface
    return Smile(surface.slices[number], float(surface.years[number]), float(surface.forward[number]))


def draw_deltas(smile: Smile, upper, lower) -> None:
    """Deltas of calls by the three choices, and what they are more than Black's."""
    svi, years, forward = smile
    strikes = forward * np.exp(np.linspace(-2.0, 2.0, 121) * np.sqrt(svi.total_variance(0.0)))
    black = smile_delta(svi, years, strikes, forward, 1.0, "sticky_strike")
    for dynamics, (color, style) in LOOKS.items():
        delta = smile_delta(svi, years, strikes, forward, 1.0, dynamics)
        upper.plot(strikes, delta, color=color, linestyle=style, label=NAMES[dynamics])
        lower.plot(strikes, 100 * (delta - black), color=color, linestyle=style)


def show_hedges(name: str, smile: Smile) -> None:
    """Lines of the table: what a hundred options are in coins, by each choice."""
    svi, years, forward = smile
    strikes = [strike_of(-0.25, forward, years, smile.vol), forward, strike_of(0.25, forward, years, smile.vol)]
    for dynamics in LOOKS:
        coins = 100 * smile_delta(svi, years, np.array(strikes), forward, np.array([-1.0, 1.0, 1.0]), dynamics)
        print(f"{name:13s} {NAMES[dynamics]:20s}" + "".join(f"{each:18.1f}" for each in coins))


month_end = shown[1]
calm, wild = smile_of(before, month_end), smile_of(crash, month_end)
print(f"\ndelta of 100 options of {day(month_end)}, coins      25-delta put  at-the-money call     25-delta call")
figure, layout = plt.subplot_mosaic([["b", "c", "m"], ["bd", "cd", "m"]], figsize=(12.8, 7.4), width_ratios=(1, 1, 1.3))
for smile, name, upper, lower in ((calm, "before", "b", "bd"), (wild, "at the crash", "c", "cd")):
    show_hedges(name, smile)
    draw_deltas(smile, layout[upper], layout[lower])
    layout[upper].set_title(f"{name}: delta of calls", color=TOLD[name], fontweight="bold")
    layout[lower].set_title("less Black's delta, in hundredths")
    layout[lower].set_xlabel("strike, dollars")
    for axes in (layout[upper], layout[lower]):
        axes.axvline(smile.forward, color=TOLD[name], linewidth=1.0, linestyle=":")
        axes.xaxis.set_major_formatter(thousands)
layout["bd"].sharey(layout["cd"])
layout["b"].legend(loc="lower left", fontsize=9)

panel, money, fell = layout["m"], float(wild.vol(wild.forward)), wild.forward / calm.forward
expected = {name: float(moved_vols(*calm[:2], wild.forward, calm.forward, wild.forward, name)) for name in LOOKS}
strikes = np.geomspace(wild.forward * fell**1.2, calm.forward * fell**-0.9, 200)
panel.plot(strikes, 100 * calm.vol(strikes), color=BLUE, linewidth=2.4, label="before, and by sticky strike")
for name in ("sticky_delta", "sticky_local"):
    vols = 100 * moved_vols(*calm[:2], strikes, calm.forward, wild.forward, name)
    panel.plot(strikes, vols, color=LOOKS[name][0], linestyle=LOOKS[name][1], label=f"by {NAMES[name]}")
panel.plot(strikes, 100 * wild.vol(strikes), color=RED, linewidth=2.4, label="at the crash")
panel.plot([wild.forward] * 4, 100 * np.array([money, *expected.values()]), "o", color=INK, markersize=5)
panel.axvline(wild.forward, color=RED, linewidth=1.0, linestyle=":")
panel.set(xlabel="strike, dollars", xlim=(strikes[0], strikes[-1]))
panel.xaxis.set_major_formatter(thousands)
panel.set_title("vol points: what the fall should have brought, and did")
panel.legend(loc="upper right", fontsize=9)
told = ", ".join(f"{100 * vol:.0f} by {NAMES[name]}" for name, vol in expected.items())
keep(
    figure,
    "4-hedges",
    f"{options.currency}, {day(month_end)}: one smile, three deltas",
    f"The forward fell by {1 - fell:.0%}. Vol at the new forward should have been {told}; it was {100 * money:.0f}.",
)

# %%
print("\nPictures:", *written, sep="\n  ")
