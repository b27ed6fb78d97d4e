"""Small sources in the shapes in which others record, and the real ones where they are."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from flatbook.venues.importers import IMPORTERS, Selection, Task, detect_kind

DATA = Path(__file__).resolve().parents[3] / "../shared/data"

_OPTION = {
    "timestamp": "2026-01-05T20:00:00.000000+00:00",
    "instrument_name": "BTC-6JAN26-90000-C",
    "underlying": "94000.5",
    "option_type": "call",
    "strike": "90000.0",
    "expiry_datetime": "2026-01-06T08:00:00+00:00",
    "bid_price": "0.042",
    "ask_price": "0.0445",
    "mark_price": "0.0432",
    "implied_volatility": "0.55",
    "currency": "BTC",
    "index_price": "93990.0",
}


@pytest.fixture
def real() -> Callable[[str], Path]:
    """A folder of real market data, or the test skips."""

    def find(name: str) -> Path:
        if not (DATA / name).exists():
            pytest.skip(f"../shared/data/{name} is not on this machine")
        return DATA / name

    return find


@pytest.fixture
def option_row() -> Callable[..., dict[str, str]]:
    """A row of a chain CSV; keywords replace its fields."""

    def make(**fields: str) -> dict[str, str]:
        return _OPTION | fields

    return make


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write rows of text as a CSV, gzipped where the name says so."""

    def write(name: str, rows: list[dict[str, str]]) -> Path:
        file = tmp_path / "source" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"
        file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return file

    return write


@pytest.fixture
def write_standx(tmp_path: Path) -> Callable[..., Path]:
    """Write books and trades as StandX files; times are seconds after 08:00:00."""

    def instant(seconds: float) -> datetime:
        return datetime(2026, 1, 6, 8, tzinfo=UTC) + timedelta(seconds=seconds)

    def write(books: list[dict[str, object]], trades: list[dict[str, object]] = (), hour: str = "08") -> Path:  # pyright: ignore[reportArgumentType]
        folder = tmp_path / "standx"
        folder.mkdir(exist_ok=True)
        for name, rows in (("orderbook", books), ("trades", trades)):
            if rows:
                stamped = [
                    row | {"received_at": instant(row["received_at"]), "timestamp": instant(row["timestamp"])}  # pyright: ignore[reportArgumentType]
                    for row in rows
                ]
                pl.DataFrame(stamped).write_parquet(folder / f"{name}_BTC-USD_2026-01-06_{hour}.parquet")
        return folder

    return write


@pytest.fixture
def write_tape(tmp_path: Path) -> Callable[..., Path]:
    """Write lines as a gzipped Binance tape such as `spot/btcusdt_20240808.gz` and return the folder above."""

    def write(name: str, lines: list[str]) -> Path:
        file = tmp_path / "binance" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode()))
        return tmp_path / "binance"

    return write


@pytest.fixture
def read() -> Callable[..., tuple[list[tuple[int, object]], list[str]]]:
    """Everything an importer yields for a source, and its notes."""

    def run(source: Path, selection: Selection | None = None) -> tuple[list[tuple[int, object]], list[str]]:
        notes: list[str] = []
        task = Task(source, selection or Selection(), lambda done, text: None, notes)
        return list(IMPORTERS[detect_kind(source)].read(task)), notes

    return run
