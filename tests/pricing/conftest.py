"""Oracles for the pricing room: Black-76 in 60-digit arithmetic, and a snapshot of the real Deribit chain."""

from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import polars as pl
import pytest

DIGITS = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
CHAIN = Path(__file__).resolve().parents[2] / "../shared/data/deribit_chain/btc_eth_6h_20251230_20260531.parquet"

ExactBlack = Callable[[float, float, float, float, int], list[float]]


def _density(d: Decimal) -> Decimal:
    return (-d * d / 2).exp() / (2 * PI).sqrt()


def _tail(x: Decimal) -> Decimal:
    """N(-x) for x >= 0: the power series near the middle, Laplace's continued fraction beyond."""
    if x < 6:
        term = total = x
        k = 1
        while abs(term) > Decimal(10) ** -DIGITS:
            term = term * x * x / (2 * k + 1)
            total += term
            k += 1
        return Decimal("0.5") - _density(x) * total
    fraction = x
    for k in range(400, 0, -1):
        fraction = x + k / fraction
    return _density(x) / fraction


def _cdf(d: Decimal) -> Decimal:
    return 1 - _tail(d) if d >= 0 else _tail(-d)


def _exact_black(forward: float, strike: float, years: float, vol: float, sign: int) -> list[float]:
    """Undiscounted value, delta, gamma, vega, theta, vanna, volga of a linear option, each the double nearest the truth."""
    with localcontext() as context:
        context.prec = DIGITS + 40
        f, k, t, v, s = (Decimal(number) for number in (forward, strike, years, vol, sign))
        root = t.sqrt()
        d1 = (f / k).ln() / (v * root) + v * root / 2
        d2 = d1 - v * root
        vega = f * _density(d1) * root
        value = s * (f * _cdf(s * d1) - k * _cdf(s * d2))
        gamma = _density(d1) / (f * v * root)
        exact = (value, s * _cdf(s * d1), gamma, vega, -vega * v / (2 * t), -_density(d1) * d2 / v, vega * d1 * d2 / v)
        return [float(number) for number in exact]


@pytest.fixture(scope="session")
def exact_black() -> ExactBlack:
    return _exact_black


@pytest.fixture(scope="session")
def exact_tail() -> Callable[[float], float]:
    def tail(x: float) -> float:
        with localcontext() as context:
            context.prec = DIGITS + 40
            return float(_tail(Decimal(x)))

    return tail


@pytest.fixture(scope="session")
def deribit_snapshot() -> pl.DataFrame:
    """One whole snapshot of the BTC and ETH chains, 2026-01-06, with years (ACT/365) and sign (+1 call) added."""
    if not CHAIN.exists():
        pytest.skip("the recorded Deribit chain, ../shared/data/deribit_chain, is not on this machine")
    day = pl.scan_parquet(CHAIN).filter(pl.col("timestamp").dt.date() == pl.date(2026, 1, 6))
    rows = day.filter(pl.col("timestamp") == pl.col("timestamp").min()).collect()
    years = (pl.col("expiry_datetime") - pl.col("timestamp")).dt.total_microseconds() / (365 * 86_400 * 1e6)
    return rows.with_columns(years=years, sign=pl.when(pl.col("option_type") == "call").then(1.0).otherwise(-1.0))


@pytest.fixture(scope="session")
def book() -> dict[str, np.ndarray]:
    """A seeded chain of 300 options around one forward, calls and puts, linear and inverse, hours to two years."""
    rng = np.random.Generator(np.random.PCG64(20260106))
    n = 300
    years = np.exp(rng.uniform(np.log(2 / (365 * 24)), np.log(2.0), n))
    vol = rng.uniform(0.2, 1.5, n)
    forward = 60_000.0 * np.exp(0.05 * years)
    strike = np.round(forward * np.exp(rng.normal(0.0, 1.0, n) * vol * np.sqrt(years)), 1)
    return {
        "forward": forward,
        "strike": strike,
        "years": years,
        "vol": vol,
        "sign": np.where(rng.random(n) < 0.5, 1.0, -1.0),
        "inverse": np.where(rng.random(n) < 0.5, 1.0, 0.0),
    }
