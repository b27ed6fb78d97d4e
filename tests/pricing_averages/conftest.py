"""Oracles for averages: QuantLib's engines, and paths drawn from a fixed seed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

TODAY = (1, 1, 2026)


@pytest.fixture(scope="session")
def ql() -> Any:
    return pytest.importorskip("QuantLib")


@pytest.fixture(scope="session")
def process(ql: Any) -> Callable[..., Any]:
    """A Black-Scholes-Merton process in QuantLib, days counted ACT/365."""

    def make(spot: float, rate: float, carry: float, vol: float) -> Any:
        today = ql.Date(*TODAY)
        ql.Settings.instance().evaluationDate = today
        day_count = ql.Actual365Fixed()
        rates = ql.YieldTermStructureHandle(ql.FlatForward(today, rate, day_count))
        yields = ql.YieldTermStructureHandle(ql.FlatForward(today, carry, day_count))
        vols = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), vol, day_count))
        return ql.BlackScholesMertonProcess(ql.QuoteHandle(ql.SimpleQuote(spot)), yields, rates, vols)

    return make


@pytest.fixture(scope="session")
def paths() -> Callable[..., np.ndarray]:
    """Driftless lognormal paths at n even dates, (paths, n), antithetic, from a fixed seed."""

    def draw(spot: float, years: float, vol: float, dates: int, number: int) -> np.ndarray:
        rng = np.random.Generator(np.random.PCG64(7))
        half = rng.standard_normal((number // 2, dates))
        returns = np.concatenate([half, -half]) * vol * np.sqrt(years / dates)
        return spot * np.exp(np.cumsum(returns - 0.5 * vol * vol * years / dates, axis=1))

    return draw
