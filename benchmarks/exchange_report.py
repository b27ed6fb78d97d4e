"""Are the exchange's own numbers ours? Every mark, delta and vega of 604 recorded Deribit chains against Black-76.

`python benchmarks/exchange_report.py [--every N]`. Nothing is asserted; tests/real/test_exchange_greeks.py does that on a few.

A chain was read twice: marks, vols and forwards at once (a coin's summary), then deltas, vegas and the index, one option after
the other, for minutes. What had changed by then must be known without asking whether our Greeks fit:

- The clock. Deribit counts whole minutes to expiry, the nearest. A call and a put give their marks' forward by parity; with it
  and the published vol only the time is unknown, and it comes out in whole minutes (ETH's summary came a minute or two later).
  The minute of the second reading is the one thing taken from delta and vega: from the chain's nearest rows.
- The index at the first reading: synthetic forwards lie on a straight line in time, from the index to the first future.
- The index at the second reading is in the row. `moved` is their ratio in basis points.
- Vega needs no vol once delta is known: vega = F phi(d1) sqrt(T) with d1 = N^-1(delta). T is in whole minutes, so F is left, and
  the row's index knows it: `beside` is what the two disagree by, in basis points of forward, beyond all roundings.

No column tells whether the vol was marked anew in between, nor a forward to a tenth of a basis point, and a tenth is as much as a
delta's rounding. So rows "<= 1 bp, <= 1 pt" are two numbers explained by two, the forward and the vol, both close to what was
published, and not agreement to the last digit. `controls` says how much the test without a vol can tell, by falsifying its input.
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import ndtri

from flatbook.basics import Floats
from flatbook.pricing import DELTA, GAMMA, OK, VALUE, VANNA, VEGA, VOLGA, implied_vol, option_value_and_greeks

CHAIN = Path(__file__).resolve().parents[1] / "../shared/data/deribit_chain/btc_eth_6h_20251230_20260531.parquet"
DAY, YEAR = 86_400.0, 365 * 86_400.0
BASIS_POINT, POINT = 1e-4, 1e-2
HALF_TICK = 0.5e-5  # of delta, and of vega in dollars a vol point
HALF_VOL_TICK = 0.5e-4
HALF_CENT = 0.005  # of an index, and of a dated future
HALF_MARK_TICK = {"BTC": 0.5e-8, "ETH": 0.5e-6}
OWN_MINUTE = DAY / 4  # nearer than this, a row's own delta and vega say in which minute they were read
NEAR, FAR = 1.0, 10.0  # basis points that a forward may move beside the index, ordinarily and at most
# A row is in the first class that it fits. In the first two nothing is solved for; from the third on its vol is.
CLASSES = ("as published", "as index moved", "<= 1 bp, <= 1 pt", "<= 1 bp, > 1 pt", "<= 10 bp", "unexplained")
MARKS = ("as published", "parity's forward", "<= 1 bp", "<= 10 bp", "unexplained")
DAYS = (0.0, 1.0, 4.0, 14.0, 60.0, 180.0, 500.0)
MOVES = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 1e9)
CHAINS = ("timestamp", "currency")
STRIKES = (*CHAINS, "expiry_datetime", "strike")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--every", type=int, default=1, help="take every n-th snapshot only")
    every = arguments.parse_args().every
    if not CHAIN.exists():
        print(f"skipped: the recorded Deribit chain, {CHAIN}, is not on this machine")
        return
    rows = compared(read(every=every))
    print(f"{rows.height:,} rows, {rows['timestamp'].n_unique()} snapshots")
    print_clock(rows)
    print_classes("marks: within rounding as published or at parity's forward, or so far from it", rows, "mark_class", MARKS)
    print_classes(
        "delta and vega: within rounding, or forward and vol beside the index's and the mark's", rows, "greek_class", CLASSES
    )
    print_synchrony(rows)
    print_controls(rows)
    print_sizes(rows)
    print_twins(rows)
    print_unexplained(rows)


def read(every: int = 1, moments: Sequence[str] | None = None) -> pl.DataFrame:
    """The rows of every n-th snapshot, or of those at `moments` ("2026-02-06 04:30")."""
    options = pl.scan_parquet(CHAIN).with_columns(minute=pl.col("timestamp").dt.strftime("%Y-%m-%d %H:%M"))
    if moments is None:
        moments = options.select("minute").unique().collect()["minute"].sort()[::every].to_list()
    return options.filter(pl.col("minute").is_in(moments)).collect().with_columns(
        pl.col("currency", "instrument_name").cast(pl.String),
        seconds=(pl.col("expiry_datetime") - pl.col("timestamp")).dt.total_microseconds() / 1e6,
        sign=pl.when(pl.col("option_type").cast(pl.String) == "call").then(1.0).otherwise(-1.0),
        synthetic=pl.col("underlying_name").cast(pl.String).str.starts_with("SYN"),
    )  # fmt: skip


def compared(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, and what is said of each of them."""
    rows = with_index_then(rows)
    rows = with_parity(rows)
    rows = with_summary_clock(rows)
    return reread(with_marks(rows))


def reread(rows: pl.DataFrame) -> pl.DataFrame:
    """The second reading again, from the forward, delta and vega that the rows hold: for controls these are falsified."""
    again = ("told", "base", "blur", "lag", "minutes")
    return with_greeks(with_reading_clock(rows.drop(again, strict=False)))


def with_index_then(rows: pl.DataFrame) -> pl.DataFrame:
    """The index that the summary's forwards were made with, and from it how far each row's forward had moved."""
    expiries = rows.group_by(*CHAINS, "expiry_datetime", "seconds", "synthetic").agg(expiry_forward=pl.median("underlying"))
    first = expiries.sort("seconds").group_by(CHAINS).agg(t=pl.first("seconds"), f=pl.first("expiry_forward"), line="synthetic")
    future = expiries.filter(~pl.col("synthetic")).sort("seconds").group_by(CHAINS).first()
    future = future.select(*CHAINS, future_t="seconds", future_f="expiry_forward")
    share = pl.col("t") / pl.col("future_t")
    straight = (pl.col("f") - pl.col("future_f") * share) / (1.0 - share)
    # On the day before a dated future expires nothing lies before it: the index is that future, less a day's carry.
    index = pl.when(pl.col("line").list.first()).then(straight).otherwise("f")
    chains = first.join(future, on=CHAINS).select(*CHAINS, index_then=index)
    rows = rows.join(expiries.drop("seconds", "synthetic"), on=(*CHAINS, "expiry_datetime")).join(chains, on=CHAINS)
    forward_now = pl.col("expiry_forward") * pl.col("index_price") / pl.col("index_then")
    return rows.with_columns(forward_now=forward_now, moved=(forward_now / pl.col("underlying")).log() / BASIS_POINT)


def with_parity(rows: pl.DataFrame) -> pl.DataFrame:
    """The forward that a call's and a put's marks agree on, without a model: call - put = 1 - K/F in coin."""
    other = rows.select(*STRIKES, sign=-pl.col("sign"), other_mark="mark_price", other_vol="implied_volatility")
    rows = rows.join(other, on=(*STRIKES, "sign"), how="left")
    apart = pl.col("sign") * (pl.col("mark_price") - pl.col("other_mark"))
    return rows.with_columns(parity_forward=pl.col("strike") / (1.0 - apart))


def with_summary_clock(rows: pl.DataFrame) -> pl.DataFrame:
    """Whole minutes to expiry at the summary, from the marks and vols of the nearest options: most of them decide."""
    near = rows.filter(
        (pl.col("seconds") < 2 * DAY)
        & pl.col("delta").abs().is_between(0.1, 0.9)
        & (pl.col("implied_volatility") == pl.col("other_vol"))
    )
    forward, strike, seconds, vol = numbers(near, "parity_forward", "strike", "seconds", "implied_volatility")
    # The side out of the money: its mark is all time value.
    mark = np.where(near["sign"].to_numpy() * (strike - forward) > 0.0, *numbers(near, "mark_price", "other_mark"))
    found = implied_vol(mark * forward, forward, strike, seconds / YEAR, np.where(strike > forward, 1.0, -1.0))
    late = np.round(seconds * (found.vol / vol) ** 2 / 60.0) - np.floor(seconds / 60.0)
    votes = near.with_columns(late=late, weight=(vol / seconds) ** 2).filter(pl.Series(found.status == OK))
    votes = votes.group_by(*CHAINS, "late").agg(pl.sum("weight")).sort("weight").group_by(CHAINS).agg(late=pl.last("late"))
    rows = rows.join(votes, on=CHAINS, how="left")
    return rows.with_columns(summary_minutes=(pl.col("seconds") / 60.0).floor() + pl.col("late").fill_null(0.0))


def with_marks(rows: pl.DataFrame) -> pl.DataFrame:
    """Each mark against Black-76 at the published vol: at the published forward, at parity's, or how far from it."""
    forward, parity, strike, minutes, vol, sign, mark = numbers(
        rows, "underlying", "parity_forward", "strike", "summary_minutes", "implied_volatility", "sign", "mark_price"
    )
    half = rows["currency"].replace_strict(HALF_MARK_TICK, return_dtype=pl.Float64).to_numpy()
    years = 60.0 * minutes / YEAR
    coin = option_value_and_greeks(forward, strike, years, vol, sign, True)
    beyond = np.abs(coin[VALUE] - mark) - half - coin[VEGA] * HALF_VOL_TICK
    cent = np.where(rows["synthetic"].to_numpy(), 0.0, HALF_CENT)
    published = beyond <= np.abs(coin[DELTA]) * cent
    off = np.maximum(beyond, 0.0) / np.maximum(np.abs(coin[DELTA]) * forward * BASIS_POINT, half)
    coin = option_value_and_greeks(parity, strike, years, vol, sign, True)
    # Two rounded marks make the forward, so it is known to their ticks.
    rounding = half + coin[VEGA] * HALF_VOL_TICK + np.abs(coin[DELTA]) * 2.0 * half * parity**2 / strike
    at_parity = np.abs(coin[VALUE] - mark) <= rounding
    return rows.with_columns(
        mark_class=np.select([published, at_parity, off <= NEAR, off <= FAR], [0, 1, 2, 3], 4), mark_forward_off=off
    )


def with_reading_clock(rows: pl.DataFrame) -> pl.DataFrame:
    """Whole minutes to expiry when a row's Greeks were read: their own for days, then what the chain's nearest rows say."""
    seconds, vega, forward = numbers(rows, "seconds", "vega", "forward_now")
    delta = np.clip(np.abs(rows["delta"].to_numpy()), HALF_TICK, 1.0 - HALF_TICK)
    d1 = ndtri(delta)
    density = np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi)
    told = (100.0 * vega / (density * forward)) ** 2 * YEAR / 60.0  # minutes, from vega = F phi(d1) sqrt(T)
    base = np.floor(seconds / 60.0)
    blur = 2.0 * base * (HALF_TICK / np.maximum(vega, HALF_TICK) + HALF_TICK * np.abs(d1) / density)
    rows = rows.with_columns(told=told, base=base, blur=blur)
    sharp = rows.filter((pl.col("seconds") < DAY) & (pl.col("blur") < 0.25))
    lag = sharp.group_by(CHAINS).agg(lag=(pl.col("told").round() - pl.col("base")).median().round())
    rows = rows.join(lag, on=CHAINS, how="left")
    # A row may choose its minute only where one is worth 14 basis points of forward or more: later on a free minute would hide
    # any error of the forward (tried: with four days instead of six hours, a forward 5 bp wrong passes for right on 97% of rows).
    own = pl.col("told").round().clip(pl.col("base") - 10.0, pl.col("base") + 1.0)
    far = pl.col("base") + pl.col("lag").fill_null(-1.0)
    return rows.with_columns(minutes=pl.when(pl.col("seconds") < OWN_MINUTE).then(own).otherwise(far))


def with_greeks(rows: pl.DataFrame) -> pl.DataFrame:
    """Each delta and vega against Black-76, in the steps of the module's docstring, and the class this puts the row in."""
    forward, strike, vol, sign = numbers(rows, "forward_now", "strike", "implied_volatility", "sign")
    delta, vega, published = numbers(rows, "delta", "vega", "underlying")
    years = 60.0 * rows["minutes"].to_numpy() / YEAR
    held = within(option_value_and_greeks(published, strike, years, vol, sign), delta, vega)
    carried = within(option_value_and_greeks(forward, strike, years, vol, sign), delta, vega)
    beside, middle, blur = forwards_apart(delta, vega, forward, years)
    asked, vol_blur = vol_asked(delta, forward * np.exp(middle), blur, strike, years, vol, sign)
    remarked = np.sign(asked - vol) * np.maximum(np.abs(asked - vol) - vol_blur - HALF_VOL_TICK, 0.0) / POINT
    beside, near = beside / BASIS_POINT, beside <= NEAR * BASIS_POINT
    kinds = [held[0] & held[1], carried[0] & carried[1], near & (np.abs(remarked) <= 1.0), near, beside <= FAR]
    return rows.with_columns(
        delta_held=held[0], vega_held=held[1], delta_carried=carried[0], vega_carried=carried[1],
        beside=beside, middle=middle / BASIS_POINT, remarked=remarked, greek_class=np.select(kinds, list(range(5)), 5),
    )  # fmt: skip


def within(greeks: Floats, delta: Floats, vega: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Whether our delta and our vega are the published ones within the roundings of these, of the vol and of the forward."""
    delta_rounding = HALF_TICK + np.abs(greeks[VANNA]) * HALF_VOL_TICK + greeks[GAMMA] * HALF_CENT
    vega_rounding = HALF_TICK + (np.abs(greeks[VOLGA]) * HALF_VOL_TICK + np.abs(greeks[VANNA]) * HALF_CENT) * POINT
    return np.abs(greeks[DELTA] - delta) <= delta_rounding, np.abs(greeks[VEGA] * POINT - vega) <= vega_rounding


def forwards_apart(delta: Floats, vega: Floats, forward: Floats, years: Floats) -> tuple[Floats, Floats, Floats]:
    """ln of the forward that delta and vega agree on over `forward`: what roundings leave of it, its middle, half its width.

    No vol comes in. Near a delta of 0 or 1 its rounding allows any forward: then nothing is left, and the middle is 0.
    """
    offset, unit = np.abs(np.abs(delta) - 0.5), forward * np.sqrt(years / (2.0 * np.pi)) * POINT
    with np.errstate(divide="ignore"):
        low = np.log(np.maximum(vega - HALF_TICK, 0.0) / unit) + 0.5 * ndtri(0.5 + np.maximum(offset - HALF_TICK, 0.0)) ** 2
        high = np.log((vega + HALF_TICK) / unit) + 0.5 * ndtri(0.5 + np.minimum(offset + HALF_TICK, 0.5)) ** 2
    sharp = high < low + 2.0 * NEAR * BASIS_POINT
    middle, half = np.zeros_like(low), np.full_like(low, NEAR * BASIS_POINT)
    middle[sharp], half[sharp] = 0.5 * (low[sharp] + high[sharp]), 0.5 * (high[sharp] - low[sharp])
    return np.maximum(np.maximum(low, -high), 0.0), middle, half


def vol_asked(
    delta: Floats, forward: Floats, blur: Floats, strike: Floats, years: Floats, vol: Floats, sign: Floats
) -> tuple[Floats, Floats]:
    """The vol at which `forward`, known to a relative `blur`, has the published delta; and how far roundings may put it off."""
    chance = np.clip(np.abs(delta), HALF_TICK, 1.0 - HALF_TICK)
    d1 = sign * ndtri(chance)
    # d1 = ln(F/K)/w + w/2: two roots, and the published vol tells which; at d2 = 0, where they meet, delta tells no vol.
    square = d1 * d1 - 2.0 * np.log(forward / strike)
    root, deviation = np.sqrt(np.maximum(square, 0.0)), vol * np.sqrt(years)
    asked = np.where(np.abs(d1 - root - deviation) < np.abs(d1 + root - deviation), d1 - root, d1 + root)
    d1_blur = HALF_TICK * np.sqrt(2.0 * np.pi) * np.exp(0.5 * d1 * d1)
    square_blur = 2.0 * (np.abs(d1) * d1_blur + blur + HALF_CENT / forward) + np.maximum(-square, 0.0)
    width = d1_blur + np.minimum(np.sqrt(square_blur), square_blur / np.maximum(root, 1e-12))
    return asked / np.sqrt(years), width / np.sqrt(years)


def numbers(rows: pl.DataFrame, *names: str) -> list[Floats]:
    return [rows[name].to_numpy() for name in names]


def print_clock(rows: pl.DataFrame) -> None:
    """How near to whole minutes the Greeks' own time to expiry is, and how long after the first row they were read."""
    print("\nminutes to expiry by delta and vega alone, last three hours     rows   from a whole one: median    90%    99%")
    sharp = rows.filter((pl.col("seconds") < DAY / 8) & (pl.col("blur") < 0.05))
    for (coin,), some in sharp.group_by("currency", maintain_order=True):
        apart = (some["told"] - some["told"].round()).abs()
        lags = ", ".join(
            f"{-int(lag)}: {n}" for lag, n in (some["told"].round() - some["base"]).value_counts(sort=True).head(6).rows()
        )
        figures = " ".join(f"{apart.quantile(q):6.3f}" for q in (0.5, 0.9, 0.99))
        print(f"  {coin:53}{some.height:13}{figures:>35}\n      whole minutes after the snapshot's time, and rows: {lags}")


def print_classes(title: str, rows: pl.DataFrame, column: str, names: Sequence[str]) -> None:
    """Rows and shares of each class, by coin and days to expiry."""
    print(f"\n{title}\n{'':23}{'rows':>9}" + "".join(f"{name:>21}" for name in names))
    for coin in ("BTC", "ETH", ""):
        for low, high in [*pairwise(DAYS), (0.0, 1e9)]:
            days = pl.col("seconds") / DAY
            some = rows.filter((days >= low) & (days < high) & pl.col("currency").str.starts_with(coin))[column]
            if len(some) and (coin or high == 1e9):
                label = f"{coin or 'both'}, {f'{low:g} to {high:g} days' if high < 1e9 else 'all'}"
                counts = np.bincount(some.to_numpy(), minlength=len(names))
                print(f"{label:23}{len(some):9}" + "".join(f"{n:12} {n / len(some):8.2%}" for n in counts))


def print_synchrony(rows: pl.DataFrame) -> None:
    """Does what the index did explain it? Rows whose delta is no 0 or 1, by how far their index had moved."""
    print("\nby what the index had moved; rows with deltas of 0.002 to 0.998, shares within rounding, nothing solved for")
    print("                            as published           at the index's forward     without a vol: beside    remarked,")
    print("index moved, bp     rows    delta    vega    both    delta    vega    both   <= 0.1 bp   <= 1 bp    points, 90%")
    inside = rows.filter(pl.col("delta").abs().is_between(0.002, 0.998))
    for low, high in pairwise(MOVES):
        some = inside.filter((pl.col("moved").abs() >= low) & (pl.col("moved").abs() < high))
        if some.height:
            held, carried = some["delta_held"] & some["vega_held"], some["delta_carried"] & some["vega_carried"]
            shares = (some["delta_held"], some["vega_held"], held, some["delta_carried"], some["vega_carried"], carried)
            within = "".join(f"{share.mean():8.1%}" for share in shares)
            beside = f"{(some['beside'] <= 0.1).mean():12.1%}{(some['beside'] <= 1.0).mean():10.1%}"
            label = f"{low:g} to {high:g}" if high < 1e9 else f"over {low:g}"
            print(f"{label:14}{some.height:10} {within}{beside}{some['remarked'].abs().quantile(0.9):15.3f}")


def controls(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows, and what the same test says of rows that are wrong on purpose: a test that passes those says nothing."""
    now, shuffled = pl.col("forward_now"), pl.col("index_price").shuffle(seed=1).over(CHAINS)
    wrong = {
        "forward 5 bp too high": now * np.exp(5.0 * BASIS_POINT),
        "another row's index": now * shuffled / pl.col("index_price"),
        "the first reading's index": pl.col("expiry_forward"),
        "a year of 365.25 days": pl.col("vega") * np.sqrt(365.0 / 365.25),
        "premium-adjusted delta": pl.col("delta") - pl.col("mark_price"),
    }
    names = dict.fromkeys(wrong, "forward_now") | {"a year of 365.25 days": "vega", "premium-adjusted delta": "delta"}
    inside = rows.filter(pl.col("delta").abs().is_between(0.02, 0.98))
    return {"as it is": inside} | {key: reread(inside.with_columns(how.alias(names[key]))) for key, how in wrong.items()}


def print_controls(rows: pl.DataFrame) -> None:
    """How much the test without a vol can tell, by days to expiry."""
    print(
        "\nshare of rows within 1 bp without a vol, and what it would be if something were wrong; deltas of 0.02 to 0.98, by days"
    )
    limits = (0.0, 0.25, *DAYS[1:])
    print(" " * 28 + "".join(f"{f'{low:g} to {high:g}':>13}" for low, high in pairwise(limits)) + "  unexplained")
    for label, some in controls(rows).items():
        days = pl.col("seconds") / DAY
        parts = [some.filter((days >= low) & (days < high))["beside"] for low, high in pairwise(limits)]
        shares = "".join(f"{(part <= NEAR).mean() if len(part) else 0.0:13.1%}" for part in parts)
        print(f"  {label:26}{shares}{(some['greek_class'] == 5).mean():13.2%}")


def print_sizes(rows: pl.DataFrame) -> None:
    """How large what had to be explained is, over all rows."""
    print("\nover all rows                                                     median       90%       99%     99.9%      most")
    for label, column in (
        ("index moved between the readings, bp", pl.col("moved").abs()),
        ("mark: forward beside the published one, bp", pl.col("mark_forward_off")),
        ("delta and vega: forward beside the index's, bp", pl.col("beside")),
        ("delta: vol beside the published one, points", pl.col("remarked").abs()),
    ):
        sizes = rows.select(column).to_series().to_numpy()
        print(f"  {label:58}" + "".join(f"{s:10.3f}" for s in np.quantile(sizes, (0.5, 0.9, 0.99, 0.999, 1.0))))


def print_twins(rows: pl.DataFrame) -> None:
    """Do a call and a put of one strike, read apart, ask for the same new vol? An error of the formula would not know how."""
    clear = rows.filter((pl.col("beside") <= NEAR) & (pl.col("remarked").abs() > 0.1)).select(*STRIKES, "sign", "remarked")
    calls, puts = (clear.filter(pl.col("sign") == sign) for sign in (1.0, -1.0))
    both = calls.join(puts, on=STRIKES, suffix="_put")
    same, near = (both["remarked"] * both["remarked_put"] > 0), (both["remarked"] - both["remarked_put"]).abs()
    print(
        f"\n{both.height:,} strikes whose call and put both ask for a vol over 0.1 point from the published one: the same way in"
    )
    print(f"{same.mean():.1%}; apart from each other by {near.median():.3f} points (median)")


def print_unexplained(rows: pl.DataFrame) -> None:
    """Rows beyond `FAR`: does their whole chain stand beside its index, their expiry alone, or they themselves?"""
    sharp = rows.filter(pl.col("middle") != 0.0)
    by_expiry = sharp.group_by(*CHAINS, "expiry_datetime").agg(expiry_beside=pl.median("middle"))
    by_chain = by_expiry.group_by(CHAINS).agg(chain_beside=pl.median("expiry_beside"))
    some = rows.filter(pl.col("greek_class") == 5).join(by_expiry, on=(*CHAINS, "expiry_datetime"), how="left")
    some = some.join(by_chain, on=CHAINS, how="left")
    cause = pl.when(pl.col("chain_beside").abs() > 0.5 * pl.col("beside")).then(pl.lit("whole chain"))
    cause = cause.when(pl.col("expiry_beside").abs() > 0.5 * pl.col("beside")).then(pl.lit("expiry alone"))
    some = some.with_columns(cause=cause.otherwise(pl.lit("row alone")))
    print(f"\nunexplained rows: {some.height}, in {some['minute'].n_unique()} snapshots; who else stands beside the index")
    for (name,), held in some.group_by("cause"):
        places = (
            held.group_by("minute", "currency", "expiry_datetime").agg(pl.len(), pl.median("beside")).sort("len", descending=True)
        )
        first = [
            f"{minute} {coin} {expiry:%Y-%m-%d} ({n} rows, {bp:.0f} bp)" for minute, coin, expiry, n, bp in places.head(3).rows()
        ]
        print(f"  {name:12} {held.height:5} rows, {held['minute'].n_unique():3} snapshots; most in {', '.join(first)}")


if __name__ == "__main__":
    main()
