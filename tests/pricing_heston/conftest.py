"""Oracles for the Heston model in 40-digit arithmetic, and one real chain.

The exact price is the integral of the textbook transform along a curve through 1/2, where the integrand is far larger than
a price out of the money: forty digits pay for what cancels, and nothing of the house's choice of contour is shared.
Run as a script, this file prints the table that `exact_rows` freezes: `python tests/pricing_heston/conftest.py`.
"""

from collections.abc import Callable
from pathlib import Path

import mpmath
import numpy as np
import polars as pl
import pytest

CHAIN = Path(__file__).resolve().parents[2] / "../shared/data/deribit_chain/btc_eth_6h_20251230_20260531.parquet"
DIGITS = 40
DAY = 1.0 / 365.0

Five = tuple[float, float, float, float, float]

# v0, kappa, theta, sigma, rho; years; strike (forward 100); the out-of-the-money price as a double.
ROWS: list[tuple[Five, float, float]] = [
    ((0.04, 1.5, 0.06, 0.6, -0.7), DAY, 100.0),
    ((0.04, 1.5, 0.06, 0.6, -0.7), DAY, 95.0),
    ((0.04, 1.5, 0.06, 0.6, -0.7), DAY, 106.0),
    ((0.04, 1.5, 0.06, 0.6, -0.7), 0.25, 150.0),
    ((0.04, 1.5, 0.06, 0.6, -0.7), 0.25, 40.0),
    ((0.04, 1.5, 0.06, 0.6, -0.7), 30.0, 100.0),
    ((0.04, 1.5, 0.06, 0.6, -0.7), 30.0, 5000.0),
    ((0.3, 6.0, 0.5, 3.0, -0.3), DAY, 120.0),
    ((0.3, 6.0, 0.5, 3.0, -0.3), 7 * DAY, 60.0),
    ((0.3, 6.0, 0.5, 3.0, -0.3), 1.0, 900.0),
    ((0.0, 1.0, 0.1, 2.0, -0.9), DAY, 99.9),  # no variance yet, and Feller far off
    ((0.0, 1.0, 0.1, 2.0, -0.9), 0.5, 130.0),
    ((0.01, 0.5, 0.02, 1.5, 0.9), 2.0, 300.0),
    ((0.0654, 0.6067, 0.0707, 0.2928, -0.7571), 1.0, 20.0),
    ((0.04, 0.001, 0.04, 0.3, -0.5), 10.0, 250.0),  # hardly any reversion
    ((0.09, 2.0, 0.09, 0.001, 0.2), 0.5, 170.0),  # hardly any vol of variance
    ((0.04, 2.0, 0.04, 0.5, 0.9999), 0.25, 125.0),
    ((0.04, 2.0, 0.04, 0.5, -0.9999), 0.25, 60.0),
    ((0.2, 0.3, 0.4, 1.0, 0.8), 30.0, 400.0),  # moments barely finite beyond 1
]
FROZEN = [
    0.41740850168611865,
    1.6563518421325254e-06,
    4.185825800947621e-12,
    4.494100713705935e-06,
    3.6535753123196105e-05,
    46.29396331074257,
    0.0018353454825797315,
    3.165382767473126e-11,
    4.112516852856626e-06,
    0.04413744259381957,
    0.005179480624272965,
    0.0006185181886221825,
    1.0031877689989812,
    0.0005550300338171147,
    1.1250944985000557,
    0.05504200530623836,
    0.37814808442933245,
    0.006643444443892335,
    96.48097602722223,
]


def exact_log_moment(p: mpmath.mpc, years: float, five: Five) -> mpmath.mpc:
    """ln E (F_T/F)^p as Albrecher et al. print it."""
    v0, kappa, theta, sigma, rho = map(mpmath.mpf, five)
    t = mpmath.mpf(years)
    beta = kappa - rho * sigma * p
    d = mpmath.sqrt(beta * beta - sigma**2 * p * (p - 1))
    g = (beta - d) / (beta + d)
    faded = mpmath.exp(-d * t)
    c = kappa * theta / sigma**2 * ((beta - d) * t - 2 * mpmath.log((1 - g * faded) / (1 - g)))
    return c + v0 * (beta - d) / sigma**2 * (1 - faded) / (1 - g * faded)


def exact_heston(five: Five, years: float, strike: float) -> float:
    """The out-of-the-money price on a forward of 100."""
    with mpmath.workdps(DIGITS):
        k = mpmath.log(mpmath.mpf(strike) / 100)
        # The wings lean towards the side where K^-p fades; the curve crosses the axis between the poles at 0 and 1.
        tilt, width = mpmath.mpf("-0.15") * mpmath.sign(k), mpmath.mpf("0.4")

        def integrand(y: mpmath.mpf) -> mpmath.mpf:
            p = mpmath.mpf("0.5") + 1j * width * (mpmath.sinh(y + 1j * tilt) - 1j * mpmath.sin(tilt))
            value = mpmath.exp(exact_log_moment(p, years, five) - k * (p - 1)) / (p * (p - 1))
            return (value * width * mpmath.cosh(y + 1j * tilt)).real

        covered = _integral(integrand) / mpmath.pi  # a call less its forward, or a put less its strike
        floor = 1 if k >= 0 else mpmath.mpf(strike) / 100
        return float(100 * (floor + covered))


def _integral(integrand: Callable[[mpmath.mpf], mpmath.mpf]) -> mpmath.mpf:
    """The trapezoid rule on the half line, halved until two agree to 28 digits."""
    length = mpmath.mpf(1)
    while any(abs(integrand(length + mpmath.mpf(i) / 7)) > mpmath.mpf(10) ** -32 for i in range(7)):
        length += 1
    points, h = 32, length / 32
    total = h * (integrand(mpmath.mpf(0)) / 2 + mpmath.fsum(integrand(h * i) for i in range(1, points + 1)))
    while True:
        finer = (total + h * mpmath.fsum(integrand(h * (i + mpmath.mpf("0.5"))) for i in range(points))) / 2
        if abs(finer - total) < mpmath.mpf(10) ** -28:
            return finer
        total, points, h = finer, 2 * points, h / 2


@pytest.fixture(scope="session")
def exact_price() -> Callable[[Five, float, float], float]:
    return exact_heston


@pytest.fixture(scope="session")
def log_moment_in_40_digits() -> Callable[..., mpmath.mpc]:
    return exact_log_moment


@pytest.fixture(scope="session")
def exact_rows() -> list[tuple[Five, float, float, float]]:
    """Rows and their exact out-of-the-money prices, frozen."""
    return [(*row, price) for row, price in zip(ROWS, FROZEN, strict=True)]


@pytest.fixture(scope="session")
def bitcoin_chain() -> dict[str, np.ndarray]:
    """The out-of-the-money BTC options of one snapshot of 2026-01-06 with both sides quoted, in dollars."""
    if not CHAIN.exists():
        pytest.skip("the recorded Deribit chain, ../shared/data/deribit_chain, is not on this machine")
    day = pl.scan_parquet(CHAIN).filter((pl.col("timestamp").dt.date() == pl.date(2026, 1, 6)) & (pl.col("currency") == "BTC"))
    rows = day.filter(pl.col("timestamp") == pl.col("timestamp").min()).collect()
    sign = pl.when(pl.col("option_type") == "call").then(1.0).otherwise(-1.0)
    years = (pl.col("expiry_datetime") - pl.col("timestamp")).dt.total_microseconds() / (365 * 86_400 * 1e6)
    rows = rows.with_columns(sign=sign, years=years).filter(
        pl.col("bid_price").is_not_null()
        & pl.col("ask_price").is_not_null()
        & ((pl.col("strike") >= pl.col("underlying")) == (pl.col("sign") > 0))
    )
    names = {"forward": "underlying", "strike": "strike", "years": "years", "sign": "sign"}
    chain = {name: rows[column].cast(pl.Float64).to_numpy() for name, column in names.items()}
    bid, ask, mark = (chain["forward"] * rows[name].to_numpy() for name in ("bid_price", "ask_price", "mark_price"))
    return {**chain, "price": mark, "half_spread": 0.5 * (ask - bid)}


if __name__ == "__main__":
    for row in ROWS:
        print(f"    {exact_heston(*row)!r},")
