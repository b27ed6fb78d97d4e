"""Deribit's perpetuals and dated futures at the instants of the chain's snapshots.

The files hold one candle price an instant and no bid or offer. Each becomes a top that is MODELLED: one tick to either
side of the price, with a modelled size. There is no funding rate in them, so none is recorded.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl

from flatbook.events import Top
from flatbook.instruments import Future, Perpetual
from flatbook.venues.importers.deribit_contracts import future_of, perpetual_of
from flatbook.venues.importers.selection import Task
from flatbook.venues.importers.tables import INSTANT, Table, not_positive, read_table

PERPETUAL_FILE = "perpetual_1m_at_snapshots.csv"
FUTURES_FILE = "dated_futures_at_snapshots.csv.gz"
PERPETUAL_SIZE = 50_000.0  # dollars on either side of the modelled top
FUTURE_SIZE = 20_000.0

NOTE = (
    "The tops of Deribit's perpetuals and dated futures are modelled: the source has one candle price an instant, recorded "
    f"as a bid one tick below and an offer one tick above, {PERPETUAL_SIZE:,.0f} dollars each for a perpetual and "
    f"{FUTURE_SIZE:,.0f} for a dated future. The source has no funding rates."
)


class CandlePrice(msgspec.Struct, frozen=True):
    """What a candle file says of one contract at one instant; `price` in dollars."""

    contract: Perpetual | Future
    price: float
    size: float

    def top(self, row: int, exchange_ns: int) -> Top:
        """The modelled top."""
        tick = float(self.contract.tick)
        bid, ask = round(self.price - tick, 8), round(self.price + tick, 8)
        return Top(row, bid, ask, self.size, self.size, exchange_ns)


def futures_by_instant(folder: Path, task: Task) -> dict[int, list[CandlePrice]]:
    """What the two candle files in `folder` say, by instant; empty when neither is there."""
    prices: dict[int, list[CandlePrice]] = {}
    for file, read in ((folder / PERPETUAL_FILE, _perpetuals), (folder / FUTURES_FILE, _futures)):
        if file.is_file():
            for local_ns, price in read(file):
                if not task.selection.currencies or price.contract.underlying in task.selection.currencies:
                    prices.setdefault(local_ns, []).append(price)
    if prices:
        task.notes.append(NOTE)
    return prices


def _perpetuals(file: Path) -> Iterator[tuple[int, CandlePrice]]:
    table = read_table(file, {"obs_datetime": INSTANT, "instrument_name": pl.String(), "candle_price_used": pl.Float64()})
    for row, (local_ns, symbol, price) in enumerate(_checked_rows(table, "obs_datetime", "candle_price_used")):
        yield local_ns, CandlePrice(perpetual_of(symbol, table.where(row, "instrument_name")), price, PERPETUAL_SIZE)


def _futures(file: Path) -> Iterator[tuple[int, CandlePrice]]:
    columns = {"timestamp": INSTANT, "futures_instrument_name": pl.String(), "term_mark_price_final": pl.Float64()}
    table = read_table(file, columns)
    for row, (local_ns, symbol, price) in enumerate(_checked_rows(table, "timestamp", "term_mark_price_final")):
        yield local_ns, CandlePrice(future_of(symbol, table.where(row, "futures_instrument_name")), price, FUTURE_SIZE)


def _checked_rows(table: Table, instant: str, price: str) -> list[tuple[int, str, float]]:
    table.refuse(instant, pl.col(instant).diff().dt.total_nanoseconds().fill_null(0) < 0, "{value} goes back in time")
    table.refuse(price, not_positive(price), "{value} is not a price", "a price is above zero")
    return table.frame.with_columns(pl.col(instant).dt.timestamp("ns")).rows()
