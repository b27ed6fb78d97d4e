"""Every recorded snapshot of the Deribit chain as a surface: how well it fits, whether it can be arbitraged, how long it takes.

`python benchmarks/surface_report.py [--every N]`: all 604 snapshots of BTC and ETH in order of time, each fitted afresh and, the
second time, from the surface six hours before. Nothing is asserted; tests/real/test_surface_fit.py does that on a handful.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from flatbook.basics import Floats
from flatbook.pricing.smiles import butterfly, calendar
from flatbook.pricing.surface import (
    BORROWED,
    CROSSED,
    FITTED,
    OUTLIER,
    REPAIRED,
    STATUS_NAMES,
    Surface,
    VolQuotes,
    fit_surface,
    vol_quotes,
)

CHAIN = Path(__file__).resolve().parents[1] / "../shared/data/deribit_chain/btc_eth_6h_20251230_20260531.parquet"
DAYS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 35.0, 70.0, 140.0, 400.0)


class Snapshot(NamedTuple):
    """One underlying's chain at one time."""

    name: str
    years: Floats
    forward: Floats
    quotes: VolQuotes
    rows: int  # options quoted
    vol_ms: float  # milliseconds for vols of their bids and asks


class Outcome(NamedTuple):
    """A surface and what it took."""

    snapshot: Snapshot
    surface: Surface
    cold_ms: float
    warm_ms: float  # NaN for the first of its underlying


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--every", type=int, default=1, help="take every n-th snapshot only")
    every = arguments.parse_args().every
    if not CHAIN.exists():
        print(f"skipped: the recorded Deribit chain, {CHAIN}, is not on this machine")
        return
    outcomes = list(fitted(snapshots(every)))
    print_fit(outcomes)
    print_arbitrage(outcomes)
    print_reasons(outcomes)
    print_times(outcomes)


def snapshots(every: int) -> Iterator[Snapshot]:
    """The recorded chains in order of time."""
    options = pl.scan_parquet(CHAIN)
    times = options.select("timestamp").unique().collect()["timestamp"].sort()[::every]
    years = (pl.col("expiry_datetime") - pl.col("timestamp")).dt.total_microseconds() / (365 * 86_400 * 1e6)
    signed = pl.when(pl.col("option_type").cast(pl.String) == "call").then(1.0).otherwise(-1.0)
    chosen = options.filter(pl.col("timestamp").is_in(times.implode())).with_columns(years=years, sign=signed).collect()
    chosen = chosen.with_columns(pl.col("currency").cast(pl.String)).sort("timestamp", "currency")
    for (moment, coin), rows in chosen.group_by("timestamp", "currency", maintain_order=True):
        yield _snapshot(f"{moment:%Y-%m-%d %H:%M} {coin}", rows)


def _snapshot(name: str, rows: pl.DataFrame) -> Snapshot:
    by_expiry = rows.group_by("expiry_datetime").agg(pl.col("years", "underlying").median()).sort("years")
    number = np.searchsorted(by_expiry["expiry_datetime"].to_numpy(), rows["expiry_datetime"].to_numpy())
    column = {name: rows[name].to_numpy() for name in ("years", "underlying", "strike", "sign", "bid_price", "ask_price")}
    started = time.perf_counter()
    quotes = vol_quotes(
        number, column["years"], column["underlying"], column["strike"], column["sign"], column["bid_price"], column["ask_price"],
        inverse=True,
    )  # fmt: skip
    vol_ms = 1e3 * (time.perf_counter() - started)
    return Snapshot(name, by_expiry["years"].to_numpy(), by_expiry["underlying"].to_numpy(), quotes, len(rows), vol_ms)


def fitted(chains: Iterator[Snapshot]) -> Iterator[Outcome]:
    """Each chain's surface, from the one before."""
    last: dict[str, Surface] = {}
    for snapshot in chains:
        coin, columns = snapshot.name[-3:], (snapshot.years, snapshot.forward, *snapshot.quotes)
        if not last:
            fit_surface(*columns)  # the first call compiles
        started = time.perf_counter()
        surface = fit_surface(*columns)
        cold_ms, warm_ms = 1e3 * (time.perf_counter() - started), float("nan")
        if coin in last:
            started = time.perf_counter()
            surface = fit_surface(*columns, previous=last[coin])
            warm_ms = 1e3 * (time.perf_counter() - started)
        last[coin] = surface
        yield Outcome(snapshot, surface, cold_ms, warm_ms)


def print_fit(outcomes: list[Outcome]) -> None:
    """How well the slices fit, by days to expiry."""
    surfaces = [each.surface for each in outcomes]
    days, rmse, inside, quoted, status = (
        np.concatenate([getattr(surface, name) for surface in surfaces])
        for name in ("years", "rmse", "inside", "quoted", "status")
    )
    days, own = 365.0 * days, status <= REPAIRED
    print(f"{len(surfaces)} chains, {days.size} expiries, {int(quoted.sum())} strikes quoted on both sides and used\n")
    print("                          error against mids, vol points      within bid and ask")
    print("days to expiry  expiries      median       90%       worst    share of strikes")
    for low, high in [*pairwise(DAYS), (0.0, 1e9)]:
        chosen = own & (days >= low) & (days < high)
        if chosen.any():
            label = f"{low:g} to {high:g}" if high < 1e9 else "all"
            points, share = 100.0 * rmse[chosen], np.average(inside[chosen], weights=quoted[chosen])
            middle, most = np.quantile(points, (0.5, 0.9))
            print(f"{label:>14} {chosen.sum():9d} {middle:11.2f} {most:9.2f} {points.max():11.2f} {share:19.1%}")


def print_arbitrage(outcomes: list[Outcome]) -> None:
    """Arbitrage in the finished surfaces, by the exact tests."""
    butterflies = calendars = pairs = slices = 0
    for each in outcomes:
        svis = each.surface.slices
        slices, pairs = slices + len(svis), pairs + len(svis) - 1
        butterflies += sum(not butterfly(svi).free for svi in svis)
        calendars += sum(not calendar(one, other).free for one, other in pairwise(svis))
    print(f"\narbitrage by the exact tests: butterfly {butterflies} of {slices} slices, calendar {calendars} of {pairs} pairs")


def print_reasons(outcomes: list[Outcome]) -> None:
    """What became of expiries and quotes, and why."""
    status, flags, why = Counter[int](), Counter[int](), Counter[tuple[str, str]]()
    for each in outcomes:
        status.update(each.surface.status.tolist())
        flags.update(each.surface.flag.tolist())
        for state, reason in zip(each.surface.status.tolist(), each.surface.reason, strict=True):
            if reason:
                why[STATUS_NAMES[state], re.sub(r"-?[0-9][0-9.e+-]*", "#", reason)] += 1
    print("expiries:", ", ".join(f"{STATUS_NAMES[state]} {status[state]}" for state in range(FITTED, BORROWED + 2)))
    print(f"strikes marked: {flags[OUTLIER]} outliers, {flags[CROSSED]} crossed, of {sum(flags.values())}")
    for (state, reason), times in why.most_common(15):
        print(f"{times:6d}  {state}: {reason}")


def print_times(outcomes: list[Outcome]) -> None:
    """How long a chain takes."""
    strikes = np.median([each.snapshot.quotes.strike.size for each in outcomes])
    rows = np.median([each.snapshot.rows for each in outcomes])
    print(f"\nmilliseconds a chain of {rows:.0f} options, {strikes:.0f} strikes     median       p99      best")
    warm = [each.warm_ms for each in outcomes if each.warm_ms == each.warm_ms]
    vols, cold = [each.snapshot.vol_ms for each in outcomes], [each.cold_ms for each in outcomes]
    for label, times in (("vols of all bids and asks", vols), ("surface, afresh", cold), ("surface, from the last", warm)):
        if times:
            print(f"  {label:40s} {np.median(times):12.2f} {np.quantile(times, 0.99):9.2f} {min(times):9.2f}")


if __name__ == "__main__":
    main()
