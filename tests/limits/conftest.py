"""Limits in round numbers, and a gate that stands wherever a test wants it."""

from collections.abc import Callable

import pytest

from flatbook.limits import Breaker, Gate, Impact, Limits, UnderlyingLimits, open_gate
from flatbook.risk import Exposure


@pytest.fixture(scope="session")
def make_limits() -> Callable[..., Limits]:
    """Delta a million dollars, gamma 100,000 per percent, vega 50,000 per point; keywords replace figures."""

    def make(delta: float = 1e6, gamma: float = 1e5, vega: float = 5e4, **changes: float) -> Limits:
        figures = {"order_notional": 1e9, "largest_loss": 1e5, "working_orders": 100, "widening": 0.25}
        return Limits({"BTC": UnderlyingLimits(delta, gamma, vega)}, **(figures | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def make_gate(make_limits: Callable[..., Limits]) -> Callable[..., Gate]:
    """A gate with BTC at (delta, gamma, vega) dollars, by default flat and running."""

    def make(
        now: tuple[float, float, float] = (0.0, 0.0, 0.0),
        doubt: tuple[float, float, float] = (0.0, 0.0, 0.0),
        breaker: Breaker | None = None,
        open_orders: int = 0,
        target: float = 0.0,
        limits: Limits | None = None,
    ) -> Gate:
        exposure = Exposure(
            delta_cash=now[0] + target,
            gamma_cash=now[1],
            vega_cash=now[2],
            doubt_delta_cash=doubt[0],
            doubt_gamma_cash=doubt[1],
            doubt_vega_cash=doubt[2],
        )
        return open_gate(limits or make_limits(), breaker or Breaker(), {"BTC": (exposure, target)}, open_orders)

    return make


@pytest.fixture(scope="session")
def impact() -> Callable[..., Impact]:
    """A wish in BTC; its notional is the size of its delta unless told."""

    def make(
        delta: float = 0.0, gamma: float = 0.0, vega: float = 0.0, *, hedging: bool = False, notional: float | None = None
    ) -> Impact:
        return Impact("BTC", delta, gamma, vega, abs(delta) if notional is None else notional, hedging)

    return make
