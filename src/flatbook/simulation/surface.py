"""The hidden state of one coin and what it makes its contracts worth."""

from math import erf, exp, log, pi, sqrt

import msgspec

_SHORT_YEARS = 0.08
_SATURATION = 5.0


class CoinState(msgspec.Struct, frozen=True):
    """Spot in dollars; the surface's level, short-end excess, slope and curvature; carry a year; perpetual premiums.

    `turbulence` is the log of realised over middling volatility. Slope and curvature are fractions of the
    at-the-money vol per standard deviation of moneyness.
    """

    spot: float
    turbulence: float
    level: float
    short_excess: float
    slope: float
    curvature: float
    carry: float
    inverse_premium: float
    linear_premium: float


def forward(state: CoinState, years: float) -> float:
    """The forward in dollars."""
    return state.spot * exp(state.carry * years)


def at_the_money_vol(state: CoinState, years: float) -> float:
    """The at-the-money vol: the level, with an excess at the short end that dies out in about a month."""
    return max(0.05, state.level + state.short_excess * exp(-years / _SHORT_YEARS))


def smile_vol(state: CoinState, log_moneyness: float, years: float) -> float:
    """The vol at ln(K/F): a tilted hyperbola in standard deviations, whose tilt saturates so that it stays positive."""
    middle = at_the_money_vol(state, years)
    d = log_moneyness / (middle * sqrt(years))
    tilt = state.slope * d / sqrt(1.0 + (d / _SATURATION) ** 2)
    bend = state.curvature * (sqrt(1.0 + d * d) - 1.0)
    return middle * max(0.3, 1.0 + tilt + bend)


def black(forward: float, strike: float, years: float, vol: float, sign: int) -> tuple[float, float]:
    """Undiscounted Black-76 value in dollars and vega per 1.00 of vol."""
    deviation = vol * sqrt(years)
    d1 = log(forward / strike) / deviation + 0.5 * deviation
    value = sign * (forward * _normal(sign * d1) - strike * _normal(sign * (d1 - deviation)))
    return max(0.0, value), forward * exp(-0.5 * d1 * d1) * sqrt(years / (2.0 * pi))


def _normal(x: float) -> float:
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))
