"""Backtest throughput: market events a second through the whole desk, risk on, on the Binance tapes.

    python benchmarks/throughput.py [--repeats 2] [--folder .] [--batch-ms 10 50 100]

Eleven minutes of BTC and ETH on six books (tops, twenty-level depths, trades) are imported and run with the built-in backtest
settings, exactly as `flatbook backtest` does: feed, paper venues, takers, batches, steps, and the watcher for the report.
Counted are the recorded events; what the venues answer comes on top and is not counted. The best of the repeats is shown, with
its microseconds an event on the wall and on the processor.
`--folder` must lie on a real disk for the journal's sake.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from msgspec.structs import replace

from chain import options, tickers
from flatbook.basics import NS_PER_MS, NS_PER_SECOND
from flatbook.dashboard.reports import RunRecord
from flatbook.events import Event, Listed
from flatbook.pricing import warm
from flatbook.runtime.backtest import run_backtest
from flatbook.runtime.config import BACKTEST_TOML, builtin_text, load_config
from flatbook.runtime.worlds import open_recording, recorded_world
from flatbook.venues.paper import PaperWorld
from flatbook.venues.recordings import RecordingWriter
from tapes import binance, missing, workshop

TARGET = 100_000
RETOLD_NS = 60 * NS_PER_SECOND


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("."))
    parser.add_argument("--batch-ms", type=int, nargs="+", default=[10, 50, 100])
    arguments = parser.parse_args()
    reason = missing("binance_l2")
    if reason is not None:
        print(reason)
        return
    warm()
    with workshop(arguments.folder) as folder:
        tape = binance(folder)
        report_pieces(tape, arguments.repeats)
        report_runs(tape, folder, arguments.batch_ms, arguments.repeats)


def report_pieces(tape: Path, repeats: int) -> None:
    """The floor of any run: the parts in front of the engine, alone, in slices of 100 ms."""
    count = open_recording(str(tape), start_ns=None, end_ns=None, saved=None).event_count
    pieces: dict[str, Callable[[], None]] = {
        "feed alone": lambda: drain_feed(tape),
        "feed and paper venues": lambda: drain_world(tape, takers=False),
        "feed, paper venues and takers": lambda: drain_world(tape, takers=True),
    }
    print(f"\n{count:,} recorded events, the parts before the engine{'':>12}events/s    us/event")
    for name, work in pieces.items():
        seconds = min(_seconds(work) for _ in range(repeats))
        print(f"  {name:<54}{count / seconds:>12,.0f}{1e6 * seconds / count:>12.2f}", flush=True)


def drain_feed(tape: Path) -> None:
    feed = open_recording(str(tape), start_ns=None, end_ns=None, saved=None)
    while (due_ns := feed.next_ns()) is not None:
        feed.take(due_ns + 100 * NS_PER_MS)


def drain_world(tape: Path, *, takers: bool) -> None:
    world = paper_world(tape, takers=takers)
    while (due_ns := world.next_ns()) is not None:
        world.advance(due_ns + 100 * NS_PER_MS)


def paper_world(tape: Path, *, takers: bool) -> PaperWorld:
    settings = load_config(None, BACKTEST_TOML)
    settings = replace(settings, shell=replace(settings.shell, takers=takers))
    return recorded_world(open_recording(str(tape), start_ns=None, end_ns=None, saved=None), settings, 7, None)


def report_runs(tape: Path, folder: Path, batches_ms: list[int], repeats: int) -> None:
    """The whole desk, at several cuts of time, without and with a journal, and once with 2,000 options quoted beside it."""
    print(f"\nthe whole desk, risk on{'':>31}events/s   us/event  of target  processor   batches  us/batch  requests   fills")
    for batch_ms in batches_ms:
        for kept in (False, True):
            name = f"batches of {batch_ms} ms, {'journal' if kept else 'no journal'}"
            report_run(name, str(tape), settings_file(folder, batch_ms), folder if kept else None, repeats)
    chain = made_chain(tape, folder)
    for batch_ms in batches_ms:
        name = f"batches of {batch_ms} ms, 2,000 options beside it"
        report_run(name, f"{chain}+{tape}", settings_file(folder, batch_ms), None, repeats)


def report_run(name: str, spec: str, config: Path, journals: Path | None, repeats: int) -> None:
    record, busy_s = min((backtest(spec, config, journals) for _ in range(repeats)), key=lambda run: run[0].wall_s)
    count = open_recording(spec, start_ns=None, end_ns=None, saved=None).event_count
    rate, counts = count / record.wall_s, record.counts
    assert not record.tie_out.differences, record.tie_out.differences
    print(
        f"  {name:<48}{rate:>12,.0f}{1e6 / rate:>11.2f}{rate / TARGET:>10.2f} x{1e6 * busy_s / count:>11.2f}{counts.batches:>10,}"
        f"{1e6 * record.wall_s / counts.batches:>10.0f}{counts.requests:>10,}{len(record.fills):>8,}",
        flush=True,
    )


def backtest(spec: str, config: Path, journals: Path | None) -> tuple[RunRecord, float]:
    """One run, and the seconds that all its threads kept a processor busy: other programs only lengthen its wall time."""
    path = journals / "run.journal" if journals else None
    for old in journals.glob("run.journal*") if journals else ():
        old.unlink()
    start = time.process_time()
    record = run_backtest(spec, config=config, journal=path)
    return record, time.process_time() - start


def settings_file(folder: Path, batch_ms: int) -> Path:
    """The built-in backtest settings with another cut of time, and room for 4,000 quotes."""
    text = builtin_text(BACKTEST_TOML)
    for before, after in (("batch_ms = 100", f"batch_ms = {batch_ms}"), ("working_orders = 3000", "working_orders = 6000")):
        assert before in text, f"the built-in settings say {before!r} no more"
        text = text.replace(before, after)
    path = folder / f"settings-{batch_ms}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def made_chain(tape: Path, folder: Path) -> Path:
    """A recording of 2,000 made-up options on the tape's own index, told anew every minute."""
    index = pl.scan_parquet(tape / "indices" / "*.parquet").filter(pl.col("asset") == "BTC").select("local_ns", "price").collect()
    target = folder / "made-chain"
    with RecordingWriter(target, name="made-chain", source="benchmarks/chain.py") as writer:
        writer.extend(_told(index["local_ns"].to_list(), index["price"].to_list()))
    return target


def _told(instants: list[int], prices: list[float]) -> Iterator[tuple[int, Event]]:
    listed = list(enumerate(options("deribit", prices[0], instants[0])))
    yield from ((instants[0], Listed(row, option)) for row, option in listed)
    due_ns = instants[0]
    for ns, price in zip(instants, prices, strict=True):
        if ns >= due_ns:
            yield from ((ns, ticker) for ticker in tickers(listed, price, ns))
            due_ns = ns + RETOLD_NS


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
