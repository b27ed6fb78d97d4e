"""What it costs to remember: appending with group commit against one commit a batch, and against the bare disk.

    python benchmarks/journal.py [--batches 20000] [--folder .]

All rows come from one run on one disk, so read the ratios; the microseconds are this machine's. `--folder` must lie on a real
disk: where /tmp is memory, syncing costs nothing and the figures mean nothing.
"""

import argparse
import contextlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from flatbook.basics import BUY, NS_PER_MS, SELL
from flatbook.events import Batch, Depth, Event, Ticker, Top, Trade
from flatbook.journal import Journal, JournalReader, decode_batch, effects_digest, encode_batch, new_header
from flatbook.journal.codec import pack

START_NS = 1_767_686_400_000_000_000
EVENTS_A_BATCH = 10
DIGEST = effects_digest((), (1.0, 2.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, default=Path("."))
    arguments = parser.parse_args()
    batches = tape(arguments.batches)
    bodies = [encode_batch(batch) for batch in batches]
    mean_bytes = sum(map(len, bodies)) / len(bodies)
    print(f"{len(batches)} batches of {EVENTS_A_BATCH} events (depth, tickers, tops, trades), {mean_bytes:.0f} bytes each\n")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        report_load(Path(folder), batches, bodies)
        report_waits(Path(folder), batches, bodies)
        report_busy_desk(Path(folder), batches[:4000])
    report_codec(batches[:2000])


def tape(count: int) -> list[Batch]:
    """A seeded tape: each batch has one ten-level book, four option tickers, three tops and two trades."""
    rng = np.random.Generator(np.random.PCG64(7))
    return [Batch(n, START_NS + n * NS_PER_MS, tuple(_events(rng, START_NS + n * NS_PER_MS))) for n in range(1, count + 1)]


def _events(rng: np.random.Generator, now_ns: int) -> Iterator[Event]:
    mid = round(92_000 + 50 * rng.standard_normal(), 1)
    steps = [round(0.5 * level, 1) for level in range(1, 11)]
    bid_sizes, ask_sizes = (tuple(np.round(rng.exponential(1.5, 10), 3).tolist()) for _ in range(2))
    yield Depth(0, tuple(mid - step for step in steps), bid_sizes, tuple(mid + step for step in steps), ask_sizes, now_ns)
    for row in range(10, 14):
        mark, vol = round(rng.uniform(0.001, 0.2), 4), round(rng.uniform(0.3, 0.9), 4)
        yield Ticker(row, mark - 0.0005, mark + 0.0005, 12.5, 7.5, mark, vol, mid + 20.0, now_ns)
    for row in range(3):
        yield Top(row, mid - 0.5, mid + 0.5, bid_sizes[0], ask_sizes[0], now_ns)
    yield Trade(0, mid - 0.5, 0.25, SELL, now_ns)
    yield Trade(0, mid + 0.5, 1.25, BUY, now_ns)


def report_load(folder: Path, batches: list[Batch], bodies: list[bytes]) -> None:
    """Nobody waits for a batch: a backtest, or a burst."""
    few = len(bodies) // 20
    rows = {
        "bare file, one write and fdatasync each": bare_file(folder / "bare", bodies[:few]) / few,
        "SQLite, one commit each": single_commits(folder / "single", bodies[:few]) / few,
        "journal, group commit, closed at the end": grouped(folder / "grouped", batches) / len(batches),
    }
    print("append under load, to the disk                us/batch   us/event    against ours")
    ours = rows["journal, group commit, closed at the end"]
    for name, seconds in rows.items():
        print(f"  {name:<42}{1e6 * seconds:10.1f}{1e6 * seconds / EVENTS_A_BATCH:11.2f}{seconds / ours:14.1f} x")
    print(f"  read back and checked {1e6 * read_back(folder / 'grouped') / len(batches):.1f} us/batch\n")


def report_waits(folder: Path, batches: list[Batch], bodies: list[bytes]) -> None:
    """Every batch is waited for: the worst live case, a request in each."""
    few = len(batches) // 20
    single = np.array(timed_commits(folder / "waits-single", bodies[:few]))
    waits = np.array(timed_waits(folder / "waits", batches[:few]))
    print("append and wait until durable, each batch          p50        p99   us")
    print(f"  SQLite, commit in the desk's own thread   {_quantiles(single)}")
    print(f"  journal, through the writer thread        {_quantiles(waits)}")
    print(f"  the hand-over costs {np.median(waits) / np.median(single):.2f} x a commit, at the median\n")


def report_busy_desk(folder: Path, batches: list[Batch]) -> None:
    """How much a desk that never rests is slowed by the thread behind it, per batch."""
    alone = busy(batches, lambda batch: None)
    with Journal.create(folder / "busy", _header()) as journal:
        with_journal = busy(batches, lambda batch: journal.append(batch, DIGEST))
    per_batch = 1e6 / len(batches)
    print("a desk that computes without rest              us/batch")
    print(f"  alone                                     {alone * per_batch:10.1f}")
    print(f"  with the journal behind it                {with_journal * per_batch:10.1f}   ({with_journal / alone:.2f} x)\n")


def report_codec(batches: list[Batch]) -> None:
    """The parts: encoding, decoding, the digest, and what deflating would cost and save."""
    bodies = [encode_batch(batch) for batch in batches]
    numbers = tuple(float(n) for n in range(40))
    parts = {
        "encode": lambda: [encode_batch(batch) for batch in batches],
        "decode": lambda: [decode_batch(body) for body in bodies],
        "digest of no effects, 40 numbers": lambda: [effects_digest((), numbers) for _ in batches],
        "deflate (off by default)": lambda: [pack(body, 0) for body in bodies],
    }
    print("the parts                                      us/batch")
    for name, work in parts.items():
        print(f"  {name:<42}{1e6 * _seconds(work) / len(batches):10.2f}")
    kept = sum(len(pack(body, 0)[1]) for body in bodies) / sum(map(len, bodies))
    print(f"  deflating keeps {kept:.0%} of the bytes")


def bare_file(path: Path, bodies: list[bytes]) -> float:
    """The least a durable append can cost on this disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def run() -> None:
        for body in bodies:
            os.write(handle, body)
            os.fdatasync(handle)

    seconds = _seconds(run)
    os.close(handle)
    return seconds


def single_commits(path: Path, bodies: list[bytes]) -> float:
    return sum(timed_commits(path, bodies))


def timed_commits(path: Path, bodies: list[bytes]) -> list[float]:
    """What a journal without a writer thread would do: one transaction a batch, equally durable."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE batch (sequence INTEGER PRIMARY KEY, digest BLOB, body BLOB)")
        insert = "INSERT INTO batch VALUES (?, ?, ?)"
        return [
            _seconds(lambda n=n, body=body: connection.execute(insert, (n, DIGEST, body))) for n, body in enumerate(bodies, 1)
        ]


def timed_waits(path: Path, batches: list[Batch]) -> list[float]:
    with Journal.create(path, _header()) as journal:

        def remember(batch: Batch) -> None:
            journal.append(batch, DIGEST)
            journal.wait_durable(batch.sequence)

        return [_seconds(lambda batch=batch: remember(batch)) for batch in batches]


def grouped(path: Path, batches: list[Batch]) -> float:
    def run() -> None:
        with Journal.create(path, _header()) as journal:
            for batch in batches:
                journal.append(batch, DIGEST)

    return _seconds(run)


def read_back(path: Path) -> float:
    with JournalReader(path) as reader:
        return _seconds(lambda: sum(1 for _ in reader.batches()))


def busy(batches: list[Batch], remember: Callable[[Batch], None]) -> float:
    """About a hundred microseconds of pure Python a batch, which never gives the interpreter away by itself."""

    def run() -> None:
        for batch in batches:
            sum(n * n for n in range(1500))
            remember(batch)

    return _seconds(run)


def _header():
    return new_header(created_ns=START_NS, seed=7, market="benchmark")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _quantiles(seconds: np.ndarray) -> str:
    low, high = 1e6 * np.quantile(seconds, [0.5, 0.99])
    return f"{low:10.0f} {high:10.0f}"


if __name__ == "__main__":
    main()
