"""Small recordings to read back."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from flatbook.events import Event
from flatbook.instruments import Perpetual
from flatbook.venues.recordings import Manifest, RecordingWriter

Arrivals = Iterable[tuple[int, Event]]


@pytest.fixture
def perpetual() -> Callable[..., Perpetual]:
    def make(symbol: str, venue: str = "somewhere") -> Perpetual:
        return Perpetual(venue, symbol, "BTC", "USD", "USD", Decimal("0.1"), Decimal("0.001"))

    return make


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """Write arrivals as the recording of that name and say where it is."""

    def write(name: str, arrivals: Arrivals, **more: object) -> Path:
        with RecordingWriter(tmp_path / name, name=name, source="a test", **more) as writer:  # pyright: ignore[reportArgumentType]
            writer.extend(arrivals)
        assert isinstance(writer.manifest, Manifest)
        return tmp_path / name

    return write
