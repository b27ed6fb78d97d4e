"""Whole Deribit option chains, snapshot by snapshot, as listings, indices and tickers."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from flatbook.basics import InputFault, format_utc
from flatbook.events import Delisted, Event, Index, Listed, Ticker
from flatbook.instruments import Contract, Option, expiry_of
from flatbook.venues.importers.deribit_contracts import TERMS, check_option, option_of
from flatbook.venues.importers.deribit_futures import CandlePrice, futures_by_instant
from flatbook.venues.importers.selection import Selection, Span, Task
from flatbook.venues.importers.tables import INSTANT, Table, not_positive, read_table
from flatbook.venues.recordings.numbering import Numbering

COLUMNS: dict[str, pl.DataType] = {
    "timestamp": INSTANT,
    "instrument_name": pl.String(),
    "option_type": pl.String(),
    "strike": pl.Float64(),
    "expiry_datetime": INSTANT,
    "currency": pl.String(),
    "underlying": pl.Float64(),
    "bid_price": pl.Float64(),
    "ask_price": pl.Float64(),
    "mark_price": pl.Float64(),
    "implied_volatility": pl.Float64(),
    "index_price": pl.Float64(),
}
_MAY_BE_EMPTY = frozenset({"bid_price", "ask_price"})

NOTES = (
    "The chain's snapshots carry one stamp each; it stands for arrival and for the exchange's own time alike.",
    "The chain has no sizes: every ticker's bid_size and ask_size is 0, meaning not recorded.",
    "A currency's index at a snapshot is the median of its rows' index_price.",
    "Options are delisted at 08:00 UTC of their expiry; the source has no index at that instant and none is interpolated, so "
    "whoever settles from this recording alone settles at the last snapshot before.",
)


def read_chain(task: Task) -> Iterator[tuple[int, Event]]:
    """The events of a chain: a Parquet file, a CSV of one snapshot (also gzipped), or a folder of either.

    A folder may also hold the perpetual and dated-future candle files of the same instants. With a start the last snapshot
    before it is read too, so that options exist from the start.
    """
    task.notes += NOTES
    candles = futures_by_instant(task.source, task) if task.source.is_dir() else {}
    desk = _Chain()
    span = Span()
    told = span.watch(_snapshots(chain_files(task.source), task))
    for local_ns, frame in _within(told, task.selection):
        yield from desk.snapshot(local_ns, frame, candles.get(local_ns, ()))
    if not desk.heard:
        for _ in told:  # What comes after the window is read for its instants only.
            pass
        raise span.nothing_chosen(task.source, "no snapshot")
    if task.selection.end_ns is not None:
        yield from desk.expire(task.selection.end_ns)


def chain_files(source: Path) -> list[Path]:
    """The chain files of a source, in order of name, which is the order of time."""
    if source.is_file():
        return [source]
    return sorted(source.glob("*.parquet")) or sorted(source.glob("deribit_options_snapshot_*.csv*"))


class _Chain:
    """What is listed at this point of the chain, and which rows it has."""

    def __init__(self) -> None:
        self.heard = 0
        self._numbering = Numbering()
        self._live: dict[str, tuple[int, Contract]] = {}

    def snapshot(self, local_ns: int, frame: pl.DataFrame, candles: Iterable[CandlePrice]) -> Iterator[tuple[int, Event]]:
        """What one snapshot tells: expiries since the last, what vanished, what is new, indices, tickers, futures."""
        self.heard += 1
        yield from self.expire(local_ns)
        frame = frame.sort("currency", "expiry_datetime", "strike", "option_type")
        yield from self._withdraw(local_ns, set(frame["instrument_name"]), set(frame["currency"]))
        options = [option_of(symbol, "") for symbol in frame["instrument_name"] if symbol not in self._live]
        candles = list(candles)
        for contract in [*options, *(candle.contract for candle in candles if candle.contract.symbol not in self._live)]:
            yield local_ns, self._list(contract)
        for currency, price in frame.group_by("currency").agg(pl.col("index_price").median()).sort("currency").rows():
            yield local_ns, Index(currency, price, local_ns)
        for ticker in self._tickers(local_ns, frame):
            yield local_ns, ticker
        for candle in candles:
            yield local_ns, candle.top(self._live[candle.contract.symbol][0], local_ns)

    def expire(self, now_ns: int) -> Iterator[tuple[int, Event]]:
        """Delist, at its expiry, whatever expired by `now_ns`."""
        due = [(expiry, row, contract) for row, contract in self._live.values() if 0 < (expiry := expiry_of(contract)) <= now_ns]
        for expiry, row, contract in sorted(due, key=lambda entry: entry[:2]):
            del self._live[contract.symbol]
            yield expiry, Delisted(row)

    def _withdraw(self, local_ns: int, told: set[str], currencies: set[str]) -> Iterator[tuple[int, Event]]:
        """Delist options that their currency's snapshot no longer holds. A currency left out altogether says nothing."""
        for row, contract in list(self._live.values()):
            if isinstance(contract, Option) and contract.underlying in currencies and contract.symbol not in told:
                del self._live[contract.symbol]
                yield local_ns, Delisted(row)

    def _list(self, contract: Contract) -> Listed:
        row = self._numbering.row(contract)
        self._live[contract.symbol] = (row, contract)
        return Listed(row, contract)

    def _tickers(self, local_ns: int, frame: pl.DataFrame) -> Iterator[Ticker]:
        rows = [self._live[symbol][0] for symbol in frame["instrument_name"]]
        names = ("bid_price", "ask_price", "mark_price", "implied_volatility", "underlying")
        bid, ask, mark, vol, forward = (frame[name].fill_null(float("nan")).to_list() for name in names)
        unsized, stamp = [0.0] * len(rows), [local_ns] * len(rows)
        return map(Ticker, rows, bid, ask, unsized, unsized, mark, vol, forward, stamp)


def _snapshots(files: list[Path], task: Task) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each snapshot of the files with its instant, checked."""
    last_ns = 0
    for place, file in enumerate(files):
        table = read_table(file, COLUMNS, optional=_MAY_BE_EMPTY)
        _check(table)
        frame = table.frame.with_columns(pl.col("timestamp", "expiry_datetime").dt.timestamp("ns"))
        if frame.height and (first_ns := int(frame["timestamp"][0])) <= last_ns:
            wrong = f"{format_utc(first_ns)} is not after the last snapshot, {format_utc(last_ns)}"
            raise InputFault(wrong, where=table.where(0, "timestamp"), remedy="name the files in order of time")
        runs = frame.select(pl.col("timestamp").rle()).unnest("timestamp")
        start = 0
        for count, local_ns in runs.rows():
            _check_names(table, frame, start, count)
            task.progress((place + start / frame.height) / len(files), f"{file.name} {format_utc(local_ns)[:16]}")
            yield local_ns, _chosen(frame[start : start + count], task.selection)
            start += count
            last_ns = local_ns


def _chosen(frame: pl.DataFrame, selection: Selection) -> pl.DataFrame:
    return frame.filter(pl.col("currency").is_in(selection.currencies)) if selection.currencies else frame


def _within(snapshots: Iterator[tuple[int, pl.DataFrame]], selection: Selection) -> Iterator[tuple[int, pl.DataFrame]]:
    """The snapshots of the window and, unless one stands right at its start, the last one before it.

    A window without a snapshot has none before it either, unless the selection says so.
    """
    before: tuple[int, pl.DataFrame] | None = None
    for snapshot in snapshots:
        if not selection.before_end(snapshot[0]):
            break
        if not selection.after_start(snapshot[0]):
            before = snapshot
            continue
        if before is not None and snapshot[0] != selection.start_ns:
            yield before
        before = None
        yield snapshot
    if before is not None and selection.or_before:
        yield before


def _check(table: Table) -> None:
    """Whole columns at once: order of time, kinds, currencies, and numbers that must be above zero."""
    backwards = pl.col("timestamp").diff().dt.total_nanoseconds().fill_null(0) < 0
    table.refuse("timestamp", backwards, "{value} goes back in time", "sort the rows by timestamp")
    kinds = ~pl.col("option_type").is_in(["call", "put"])
    table.refuse("option_type", kinds, "{value!r} is not an option type", "it is call or put")
    unknown = ~pl.col("currency").is_in(list(TERMS))
    table.refuse("currency", unknown, "{value!r} is not a currency this importer knows", f"it knows {' and '.join(TERMS)}")
    for name in ("strike", "underlying", "implied_volatility", "index_price"):
        table.refuse(name, not_positive(name), "{value} is not above zero", "correct or remove the row")
    for name in ("bid_price", "ask_price", "mark_price"):
        price = pl.col(name).fill_null(0.0)
        table.refuse(name, (price < 0.0) | price.is_infinite(), "{value} is not a price", "correct or remove the row")


def _check_names(table: Table, frame: pl.DataFrame, start: int, count: int) -> None:
    """Within one snapshot: every name agrees with its row, and none comes twice."""
    seen: set[str] = set()
    columns = ("instrument_name", "expiry_datetime", "strike", "option_type")
    for row, (symbol, expiry_ns, strike, kind) in enumerate(frame[start : start + count].select(columns).iter_rows(), start):
        where = table.where(row, "instrument_name")
        check_option(option_of(symbol, where), expiry_ns, strike, kind, where)
        if symbol in seen:
            raise InputFault(f"{symbol} comes twice in one snapshot", where=where, remedy="remove one of the rows")
        seen.add(symbol)
