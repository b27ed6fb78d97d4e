"""A policy, a state and a row to hedge in."""

from collections.abc import Callable

import pytest

from flatbook.hedging import HedgeRow, Hedging, UnderlyingHedge


@pytest.fixture
def policy() -> Callable[..., Hedging]:
    """Hedge on beta; keywords replace figures."""

    def make(**changes: object) -> Hedging:
        figures: dict[str, object] = {
            "venues": ("beta",),
            "target_coins": {"BTC": 0.0},
            "least_band_coins": {"BTC": 0.1},
            "largest_order_coins": {"BTC": 5.0},
            "aim": 0.5,
            "patience_s": 10.0,
            "urgent": 3.0,
            "slippage_bps": 5.0,
        }
        return Hedging(**(figures | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def state() -> UnderlyingHedge:
    """Nothing out, a band of one coin."""
    return UnderlyingHedge(band=1.0)


@pytest.fixture
def row() -> HedgeRow:
    """A perpetual at 99,999.5 / 100,000.5."""
    return HedgeRow(row=0, slot=0, bid=99_999.5, ask=100_000.5, cost_rate=0.0005)
