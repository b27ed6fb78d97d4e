"""StandX's BTC-USD perpetual: 20-level books and trades, as recorded by a third party in hourly Parquet files.

The books stand on a grid of 0.1 dollars while trades print to the cent: the source rounded its levels, which leaves best bid
and offer at the same price for two books in five. They are recorded as they are. The tick is the books' grid, so that our
own orders queue behind recorded sizes and never slip a cent before them.
"""

from collections.abc import Iterator
from decimal import Decimal
from heapq import merge
from itertools import repeat
from operator import itemgetter
from pathlib import Path

import polars as pl

from flatbook.basics import BUY, SELL, InputFault, format_utc
from flatbook.events import Depth, Event, Listed, Trade
from flatbook.instruments import Perpetual
from flatbook.venues.importers.selection import Span, Task
from flatbook.venues.importers.tables import INSTANT, Table, not_positive, read_table
from flatbook.venues.importers.taker_side import derived_sides

CONTRACT = Perpetual("standx", "BTC-USD", "BTC", "USD", "USD", Decimal("0.1"), Decimal("0.0001"))

_STAMPS: dict[str, pl.DataType] = {"timestamp": INSTANT, "received_at": INSTANT, "symbol": pl.String()}
_LEVELS = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
BOOK_COLUMNS = {**_STAMPS, **dict.fromkeys(_LEVELS, pl.List(pl.Float64())), "is_valid": pl.Boolean()}
TRADE_COLUMNS = {**_STAMPS, "price": pl.Float64(), "quantity": pl.Float64(), "side": pl.String()}
_SLICE = 4_096


def read_standx(task: Task) -> Iterator[tuple[int, Event]]:
    """The events of a folder of `orderbook_*.parquet` and `trades_*.parquet`; `received_at` is when they reached the desk."""
    books, trades = standx_files(task.source)
    task.notes.append("Books stand on a 0.1 grid while trades print to 0.01; the contract's tick is 0.1. Locked books are kept.")
    tape = _load_trades(trades, task)
    streams = (_trades(tape), _books(books, task))
    span = Span()
    told = span.watch(merge(*streams, key=itemgetter(0)))
    arrivals = (entry for entry in told if task.selection.holds(entry[0]))
    first = next(arrivals, None)
    if first is None:
        raise span.nothing_chosen(task.source, "nothing")
    yield first[0], Listed(0, CONTRACT)
    yield first
    yield from arrivals


def standx_files(source: Path) -> tuple[list[Path], list[Path]]:
    """The book files and the trade files of a folder, in order of time. Raises InputFault when there is no book."""
    books = sorted(source.glob("orderbook_*.parquet"))
    if not books:
        raise InputFault("holds no orderbook_*.parquet", where=str(source), remedy="name the folder of StandX files")
    return books, sorted(source.glob("trades_*.parquet"))


def _books(files: list[Path], task: Task) -> Iterator[tuple[int, Event]]:
    """Every book that differs from the one before it."""
    last = Depth(0, (), (), (), (), 0)
    last_ns = heard = repeated = moved = 0
    for place, file in enumerate(files):
        table = read_table(file, BOOK_COLUMNS)
        _check_books(table)
        frame, shuffled = _in_order(table.frame.filter(pl.col("is_valid")))
        _check_follows(file, frame, last_ns)
        moved += shuffled
        heard += frame.height
        for start in range(0, frame.height, _SLICE):
            task.progress((place + start / frame.height) / len(files), file.name)
            for last_ns, book in _book_events(frame[start : start + _SLICE]):
                if _same_book(book, last):
                    repeated += 1
                else:
                    yield last_ns, book
                last = book
    task.notes.append(f"{repeated:,} of {heard:,} books repeated the one before and were left out; {moved} arrived out of order.")


def _book_events(frame: pl.DataFrame) -> Iterator[tuple[int, Depth]]:
    arrived, sent = (frame[name].dt.timestamp("ns").to_list() for name in ("received_at", "timestamp"))
    levels = [map(tuple, frame[name].to_list()) for name in _LEVELS]
    return zip(arrived, map(Depth, repeat(0), *levels, sent), strict=True)


def _same_book(one: Depth, other: Depth) -> bool:
    return (
        one.bids == other.bids
        and one.asks == other.asks
        and one.bid_sizes == other.bid_sizes
        and one.ask_sizes == other.ask_sizes
    )


def _check_follows(file: Path, frame: pl.DataFrame, last_ns: int) -> None:
    first_ns = frame.select(pl.col("received_at").dt.timestamp("ns").min()).item() or last_ns
    if first_ns < last_ns:
        wrong = f"{format_utc(first_ns)} lies before the end of the file before it, {format_utc(last_ns)}"
        raise InputFault(wrong, where=f"{file}, received_at", remedy="name the files in order of time")


def _check_books(table: Table) -> None:
    _check_symbol(table)
    for prices, sizes in (("bid_prices", "bid_quantities"), ("ask_prices", "ask_quantities")):
        uneven = pl.col(prices).list.len() != pl.col(sizes).list.len()
        table.refuse(sizes, uneven, f"has not as many numbers as {prices}", "correct or remove the row")
        table.refuse(sizes, pl.col(sizes).list.min().fill_null(1.0) <= 0.0, "holds a size that is not above zero")
        table.refuse(prices, pl.col(prices).list.min().fill_null(1.0) <= 0.0, "holds a price that is not above zero")


def _load_trades(files: list[Path], task: Task) -> pl.DataFrame:
    """All trades by arrival, with the taker's side as +1 or -1."""
    frames = []
    for file in files:
        table = read_table(file, TRADE_COLUMNS)
        _check_symbol(table)
        for name in ("price", "quantity"):
            table.refuse(name, not_positive(name), "{value} is not above zero", "correct or remove the row")
        table.refuse("side", ~pl.col("side").is_in(["BUY", "SELL"]), "{value!r} is not a side", "it is BUY or SELL")
        frames.append(table.frame)
    if not frames:
        return pl.DataFrame(
            schema={"received_at": INSTANT, "timestamp": INSTANT, "price": pl.Float64, "quantity": pl.Float64, "sign": pl.Int8}
        )
    frame, moved = _in_order(pl.concat(frames))
    task.notes.append(f"{moved} of {frame.height:,} trades arrived out of order and were sorted by arrival.")
    if frame["side"].n_unique() > 1:
        return frame.with_columns(sign=pl.when(pl.col("side") == "BUY").then(1).otherwise(-1).cast(pl.Int8))
    # A tape on which everybody sold for a day does not know who took.
    task.notes.append(
        f"The source calls every trade {frame['side'][0]}, so the taker's side was derived: by the price against the middle of "
        "the last book before it on the exchange's clock, at most five seconds old, else by the last change of price."
    )
    return frame.with_columns(sign=derived_sides(frame, _mid_quotes(task.source)))


def _mid_quotes(source: Path) -> pl.DataFrame:
    """The middle of every book by the exchange's clock."""
    columns = {name: BOOK_COLUMNS[name] for name in ("timestamp", "bid_prices", "ask_prices")}
    best = (pl.col("bid_prices").list.first() + pl.col("ask_prices").list.first()) / 2
    frames = [read_table(file, columns).frame.select("timestamp", mid=best) for file in standx_files(source)[0]]
    return pl.concat(frames).sort("timestamp")


def _trades(frame: pl.DataFrame) -> Iterator[tuple[int, Event]]:
    columns = frame.select(
        pl.col("received_at").dt.timestamp("ns"), pl.col("timestamp").dt.timestamp("ns"), "price", "quantity", "sign"
    )
    for local_ns, exchange_ns, price, quantity, sign in columns.iter_rows():
        yield local_ns, Trade(0, price, quantity, BUY if sign > 0 else SELL, exchange_ns)


def _check_symbol(table: Table) -> None:
    table.refuse(
        "symbol",
        pl.col("symbol") != CONTRACT.symbol,
        "{value!r} is not an instrument this importer knows",
        f"it knows {CONTRACT.symbol}",
    )


def _in_order(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows sorted stably by arrival, and how many came earlier than the row before them."""
    moved = int((frame["received_at"].diff().dt.total_nanoseconds() < 0).sum())
    return (frame.sort("received_at", maintain_order=True) if moved else frame), moved
