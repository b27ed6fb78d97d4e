"""Events as columns and columns as events, kind by kind.

A kind's columns are `order`, `local_ns` and then its event's fields by their own names. Only three kinds are written
otherwise: a side is +1 or -1, a contract is JSON text beside its venue and symbol, and a book's levels are lists.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import polars as pl

from flatbook.basics import BUY, SELL, Ints
from flatbook.events import Delisted, Depth, Event, FundingRate, Gap, Index, Listed, Ticker, Top, Trade
from flatbook.instruments import Contract

LEADING = {"order": pl.Int64(), "local_ns": pl.Int64()}

_ROW = {"row": pl.Int32()}
_STAMP = {"exchange_ns": pl.Int64()}
_LEVELS = pl.List(pl.Float64())


def _numbers(*names: str) -> dict[str, pl.DataType]:
    return {name: pl.Float64() for name in names}


# The kinds in the order in which a feed reads them; each with its event and the columns after `order` and `local_ns`.
KINDS: dict[str, tuple[type[Any], dict[str, pl.DataType]]] = {
    "listings": (Listed, {**_ROW, "venue": pl.String(), "symbol": pl.String(), "contract": pl.String()}),
    "delistings": (Delisted, {**_ROW}),
    "gaps": (Gap, {"venue": pl.String()}),
    "indices": (Index, {"asset": pl.String(), **_numbers("price"), **_STAMP}),
    "funding": (FundingRate, {**_ROW, **_numbers("rate"), **_STAMP}),
    "tops": (Top, {**_ROW, **_numbers("bid", "ask", "bid_size", "ask_size"), **_STAMP}),
    "depths": (Depth, {**_ROW, "bids": _LEVELS, "bid_sizes": _LEVELS, "asks": _LEVELS, "ask_sizes": _LEVELS, **_STAMP}),
    "trades": (Trade, {**_ROW, **_numbers("price", "quantity"), "side": pl.Int8(), **_STAMP}),
    "tickers": (
        Ticker,
        {**_ROW, **_numbers("bid", "ask", "bid_size", "ask_size", "mark", "mark_vol", "forward"), **_STAMP},
    ),
}
KIND_OF: dict[type[Any], str] = {event: kind for kind, (event, _) in KINDS.items()}

_CONTRACT = msgspec.json.Decoder(Contract)


def frame_of(kind: str, entries: Sequence[tuple[int, int, Event]]) -> pl.DataFrame:
    """The (order, local_ns, event) entries of one kind as columns."""
    orders, instants, events = zip(*entries, strict=True)
    schema = KINDS[kind][1]
    columns = _listing_columns(events) if kind == "listings" else list(zip(*map(msgspec.structs.astuple, events), strict=True))
    series = [pl.Series("order", orders, pl.Int64), pl.Series("local_ns", instants, pl.Int64)]
    series += [_series(name, dtype, values) for (name, dtype), values in zip(schema.items(), columns, strict=True)]
    return pl.DataFrame(series)


def events_of(kind: str, frame: pl.DataFrame, rows: Ints, depth_levels: int) -> list[Event]:
    """The events of a frame of one kind. `rows[r]` is the desk's number of the recording's row r."""
    event, schema = KINDS[kind]
    if kind == "listings":
        return [Listed(row, contract_of(text)) for row, text in zip(_renumbered(frame, rows), frame["contract"], strict=True)]
    columns = [_READ.get(name, _plain)(frame, name, rows, depth_levels) for name in schema]
    return list(map(event, *columns))


def contract_of(text: str) -> Contract:
    """The contract that a `contract` cell spells."""
    return _CONTRACT.decode(text)


def _series(name: str, dtype: pl.DataType, values: Sequence[Any]) -> pl.Series:
    if name == "side":
        values = [int(side) for side in values]
    return pl.Series(name, values, dtype)


def _listing_columns(events: Sequence[Listed]) -> list[Sequence[Any]]:
    contracts = [event.contract for event in events]
    return [
        [event.row for event in events],
        [contract.venue for contract in contracts],
        [contract.symbol for contract in contracts],
        [msgspec.json.encode(contract).decode() for contract in contracts],
    ]


def _plain(frame: pl.DataFrame, name: str, rows: Ints, depth_levels: int) -> list[Any]:
    return frame[name].to_list()


def _renumbered(frame: pl.DataFrame, rows: Ints) -> list[int]:
    return rows[frame["row"].to_numpy()].tolist()


def _rows(frame: pl.DataFrame, name: str, rows: Ints, depth_levels: int) -> list[Any]:
    return _renumbered(frame, rows)


def _sides(frame: pl.DataFrame, name: str, rows: Ints, depth_levels: int) -> list[Any]:
    return [BUY if side > 0 else SELL for side in frame[name].to_list()]


def _levels(frame: pl.DataFrame, name: str, rows: Ints, depth_levels: int) -> list[Any]:
    """The first `depth_levels` of each book. Books of one height, the usual case, are cut as one matrix, twice as fast."""
    column = frame[name]
    heights = column.list.len().to_numpy()
    height = int(heights[0]) if heights.size else 0
    if height and bool(np.all(heights == height)):
        matrix = column.explode().to_numpy().reshape(-1, height)
        return list(map(tuple, matrix[:, :depth_levels].tolist()))
    return list(map(tuple, column.list.head(depth_levels).to_list()))


_READ: dict[str, Callable[[pl.DataFrame, str, Ints, int], list[Any]]] = {
    "row": _rows,
    "side": _sides,
    "bids": _levels,
    "bid_sizes": _levels,
    "asks": _levels,
    "ask_sizes": _levels,
}
