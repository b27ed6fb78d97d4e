"""Which importers there are, and which one a source is for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from flatbook.basics import InputFault
from flatbook.events import Event
from flatbook.venues.importers.binance import read_binance
from flatbook.venues.importers.deribit_chain import COLUMNS, chain_files, read_chain
from flatbook.venues.importers.hyperliquid import hyperliquid_files, read_hyperliquid
from flatbook.venues.importers.selection import Task
from flatbook.venues.importers.standx import read_standx
from flatbook.venues.importers.tables import column_names


class Importer(msgspec.Struct, frozen=True):
    """One kind of source: what it is, in words, and how it is read."""

    words: str
    read: Callable[[Task], Iterator[tuple[int, Event]]]


IMPORTERS: dict[str, Importer] = {
    "deribit-chain": Importer("Deribit option-chain snapshots (Parquet or CSV, or a folder of either)", read_chain),
    "standx": Importer("StandX BTC-USD books and trades (a folder of hourly Parquet files)", read_standx),
    "hyperliquid": Importer(
        "Hyperliquid best bid and offer, books and trades (a folder of CSV or Parquet files)", read_hyperliquid
    ),
    "binance": Importer("raw Binance websocket tapes (a folder with spot, usdm and cm)", read_binance),
}


def detect_kind(source: Path) -> str:
    """The kind of importer that `source` is for. Raises InputFault when it is for none, or does not exist."""
    if not source.exists():
        raise InputFault("does not exist", where=str(source), remedy="name a file or folder to import")
    kind = _kind_of_folder(source) if source.is_dir() else _kind_of_file(source)
    if kind is None:
        known = "; ".join(f"{name}: {importer.words}" for name, importer in IMPORTERS.items())
        raise InputFault("is of no kind that can be imported", where=str(source), remedy=f"known are {known}")
    return kind


def _kind_of_folder(source: Path) -> str | None:
    if any(source.glob("orderbook_*.parquet")):
        return "standx"
    if any((source / folder).is_dir() for folder in ("spot", "usdm", "cm")):
        return "binance"
    if hyperliquid_files(source):
        return "hyperliquid"
    files = chain_files(source)
    return _kind_of_file(files[0]) if files else None


def _kind_of_file(file: Path) -> str | None:
    if not file.name.endswith((".parquet", ".csv", ".csv.gz")):
        return None
    names = set(column_names(file))
    # A chain with a column missing is still a chain: its importer says which column.
    return "deribit-chain" if len(names & set(COLUMNS)) > len(COLUMNS) // 2 else None
