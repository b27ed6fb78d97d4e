"""Recordings for the benchmarks, imported from the data that lies beside the repository."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flatbook.cli.import_command import import_recording

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def missing(*names: str) -> str | None:
    """Why a benchmark that reads these folders of the data cannot run; None when it can."""
    absent = [name for name in names if not (DATA / name).is_dir()]
    return f"skipped: ../shared/data/{absent[0]} is not there" if absent else None


@contextmanager
def workshop(folder: Path | None = None) -> Iterator[Path]:
    """A folder for recordings and journals that is gone afterwards; it lies in `folder`, which should be a real disk."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="flatbook-bench-") as made:
        yield Path(made)


def binance(folder: Path) -> Path:
    """Eleven minutes of BTC and ETH on Binance's spot, dollar- and coin-margined books, with every top, book and trade."""
    return _import("binance_l2", folder / "binance")


def real_day(folder: Path) -> tuple[Path, Path]:
    """2026-01-06: the Deribit chain of that day, and StandX' book and trades as the perpetual's tape."""
    chain = _import("deribit_chain", folder / "chain", start="2026-01-05T21:00:00Z", end="2026-01-06T22:00:00Z")
    return chain, _import("standx", folder / "tape")


def _import(name: str, target: Path, *, start: str | None = None, end: str | None = None) -> Path:
    began = time.perf_counter()
    manifest = import_recording(DATA / name, target, start=start, end=end)
    print(f"imported {name}: {manifest.event_count:,} events in {time.perf_counter() - began:.1f} s", flush=True)
    return target
