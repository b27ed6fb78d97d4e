"""Hyperliquid's perpetuals: best bid and offer, 20-level books and trades, recorded by a third party.

The recorder writes `timestamp`, its own clock in seconds as a float (exact to a quarter of a microsecond), and
`exchange_timestamp` in milliseconds. A best bid and offer takes two rows, the bid's and then the offer's.
"""

from collections.abc import Iterator
from decimal import Decimal
from heapq import merge
from operator import itemgetter
from pathlib import Path

import polars as pl

from flatbook.basics import BUY, NS_PER_MS, NS_PER_SECOND, SELL, InputFault
from flatbook.events import Depth, Event, Listed, Top, Trade
from flatbook.instruments import Perpetual
from flatbook.venues.importers.selection import Span, Task
from flatbook.venues.importers.tables import Table, not_positive, read_table

CONTRACTS = {
    coin: Perpetual("hyperliquid", coin, coin, "USD", "USDC", Decimal(tick), Decimal(lot))
    for coin, tick, lot in (("BTC", "1", "0.00001"), ("ETH", "0.1", "0.0001"), ("SOL", "0.01", "0.01"))
}
LEVELS = 20

_STAMPS: dict[str, pl.DataType] = {"timestamp": pl.Float64(), "exchange_timestamp": pl.Int64()}
_PRICE_COLUMNS = {**_STAMPS, "price": pl.Float64(), "size": pl.Float64(), "side": pl.String()}
_TRADE_COLUMNS = {**_PRICE_COLUMNS, "trade_id": pl.String()}
_SIDES = tuple([f"{side}_{part}_{level}" for level in range(LEVELS)] for side in ("bid", "ask") for part in ("price", "size"))
_BOOK_COLUMNS = {**_STAMPS, **{name: pl.Float64() for names in _SIDES for name in names}}

Files = dict[str, list[Path]]  # by kind of file: prices, orderbooks, trades


def read_hyperliquid(task: Task) -> Iterator[tuple[int, Event]]:
    """The events of all coins of a folder, by arrival; at the same instant best bid and offer, then book, then trade."""
    found = hyperliquid_files(task.source)
    streams: list[Iterator[tuple[int, Event]]] = []
    for row, (coin, files) in enumerate(found.items()):
        task.progress(row / len(found), coin)
        books = [_checked(read_table(file, _BOOK_COLUMNS)) for file in files["orderbooks"]]
        streams += [_tops(row, files["prices"]), _books(row, books), _trades(row, files["trades"], _opened_ms(books), task)]
    span = Span()
    told = span.watch(merge(*streams, key=itemgetter(0)))
    arrivals = (entry for entry in told if task.selection.holds(entry[0]))
    first = next(arrivals, None)
    if first is None:
        raise span.nothing_chosen(task.source, "nothing")
    for row, coin in enumerate(found):
        yield first[0], Listed(row, CONTRACTS[coin])
    yield first
    yield from arrivals


def hyperliquid_files(source: Path) -> dict[str, Files]:
    """The files of each coin: `prices_BTC.csv` and its like, or Parquet in sub-folders of a folder such as `eth_20251210`."""
    kinds = ("prices", "orderbooks", "trades")
    coin = source.name.split("_")[0].upper()
    if (source / "prices").is_dir() and coin in CONTRACTS:
        return {coin: {kind: sorted((source / kind).glob("*.parquet")) for kind in kinds}}
    found = {coin: {kind: list(source.glob(f"{kind}_{coin}.csv")) for kind in kinds} for coin in CONTRACTS}
    return {coin: files for coin, files in found.items() if files["prices"]}


def _checked(table: Table) -> Table:
    table.refuse("timestamp", not_positive("timestamp"), "{value} is not an instant")
    table.refuse("timestamp", pl.col("timestamp").diff().fill_null(0.0) < 0.0, "{value} goes back in time", "sort the rows")
    return table


def _priced(table: Table, sides: list[str]) -> Table:
    for name in ("price", "size"):
        table.refuse(name, not_positive(name), "{value} is not above zero", "correct or remove the row")
    table.refuse("side", ~pl.col("side").is_in(sides), "{value!r} is not a side", f"it is {' or '.join(sides)}")
    return _checked(table)


def _opened_ms(books: list[Table]) -> int:
    """The exchange's stamp on the first book; 0 when there is none."""
    return next((int(table.frame["exchange_timestamp"][0]) for table in books if table.frame.height), 0)


def _stamps(local_s: float, exchange_ms: int) -> tuple[int, int]:
    # Whole microseconds: the float holds no more, and rounding makes both rows of a best bid and offer alike.
    return round(local_s * 1e6) * (NS_PER_SECOND // 1_000_000), exchange_ms * NS_PER_MS


def _tops(row: int, files: list[Path]) -> Iterator[tuple[int, Event]]:
    for file in files:
        table = _priced(read_table(file, _PRICE_COLUMNS), ["bid", "ask"])
        odd = table.frame.with_row_index("place").select(
            ((pl.col("place") % 2 == 0) != (pl.col("side") == "bid")).arg_true().first()
        )
        if (place := odd.item()) is not None or table.frame.height % 2:
            where = table.where(place if place is not None else table.frame.height - 1, "side")
            raise InputFault("breaks the pairs of bid and ask", where=where, remedy="correct or remove the row")
        rows = table.frame.rows()
        for (local_s, exchange_ms, bid, bid_size, _), (_, _, ask, ask_size, _) in zip(rows[::2], rows[1::2], strict=True):
            local_ns, exchange_ns = _stamps(local_s, exchange_ms)
            yield local_ns, Top(row, bid, ask, bid_size, ask_size, exchange_ns)


def _books(row: int, tables: list[Table]) -> Iterator[tuple[int, Event]]:
    for table in tables:
        stamps = table.frame.select("timestamp", "exchange_timestamp").rows()
        levels = [table.frame.select(names).rows() for names in _SIDES]
        for (local_s, exchange_ms), bids, bid_sizes, asks, ask_sizes in zip(stamps, *levels, strict=True):
            local_ns, exchange_ns = _stamps(local_s, exchange_ms)
            yield local_ns, Depth(row, bids, bid_sizes, asks, ask_sizes, exchange_ns)


def _trades(row: int, files: list[Path], opened_ms: int, task: Task) -> Iterator[tuple[int, Event]]:
    """Trades once each. On subscribing the venue repeats old ones, older than the first book: they are no news."""
    seen: set[str] = set()
    left_out = 0
    for file in files:
        table = _priced(read_table(file, _TRADE_COLUMNS), ["buy", "sell"])
        for local_s, exchange_ms, price, size, side, trade_id in table.frame.rows():
            if exchange_ms < opened_ms or trade_id in seen:
                left_out += 1
                continue
            seen.add(trade_id)
            local_ns, exchange_ns = _stamps(local_s, exchange_ms)
            yield local_ns, Trade(row, price, size, BUY if side == "buy" else SELL, exchange_ns)
    task.notes.append(f"{left_out} trades of row {row} were told again or are older than the first book, and were left out.")
