"""Black-76 and six Greeks for many rows at once: linear and inverse options, perpetuals, futures and spot alike.

Value is built from the out-of-the-money side, whose two terms are tails: V = F phi(d1) (R(|d1|) - R(|d2|)) where R is
the Mills ratio and F phi(d1) = K phi(d2), so one exponential serves both; the other side adds intrinsic value, and
put-call parity holds to rounding. An inverse contract is the same pay-off counted in coin, V/F, and is differentiated
as such: its delta is s N(s d2) K/F^2, without the cancellation of (delta - value)/F.

Relative error, measured against 60-digit arithmetic on the out-of-the-money side: within 1e-13 near the money for a
deviation w = vol*sqrt(years) of 0.01 or more, and everywhere below 1e-15 (1+|d1|) (1/w + 1 + |d1|), which is what
one rounding of ln(F/K) costs (2e-13 at 30 deviations and w = 0.1; 4e-13 at the money and w = 0.002). Beyond about 37
deviations, where the density leaves the doubles, time value is 0.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.compiled import compiled
from flatbook.pricing.normal import FURTHEST, INVERSE_ROOT_TWO_PI, exponential, logarithm, mills_over, mills_under

VALUE, DELTA, GAMMA, VEGA, THETA, VANNA, VOLGA = range(7)
GREEKS = 7

# A deviation vol*sqrt(years) below this is an option's last instant: its price is intrinsic to the last digit.
SMALLEST_DEVIATION = 1e-10
_STEEP = 1e18  # stands for 1/deviation at the last instant: any log-moneyness times this is far in a tail

Seven = tuple[float, float, float, float, float, float, float]


@compiled(fast=True, inlined=True)
def black_terms(f: float, k: float, moneyness: float, deviation: float, s: float) -> Seven:
    """What an option's value and Greeks are made of: dollars, N(s d1), K N(s d2), phi(d1), d1, d2, 1/deviation.

    `moneyness` is ln(F/K), `deviation` is vol * sqrt(years). At the last instant,
    the density and 1/deviation are 0 and the value is intrinsic.
    """
    alive = deviation > SMALLEST_DEVIATION
    deviation = deviation if alive else 0.0
    steepness = 1.0 / deviation if alive else _STEEP
    d1 = moneyness * steepness + 0.5 * deviation
    d2 = d1 - deviation

    a1, a2 = min(abs(d1), FURTHEST), min(abs(d2), FURTHEST)
    density = INVERSE_ROOT_TWO_PI * exponential(-0.5 * a1 * a1)
    under1, under2 = mills_under(a1), mills_under(a2)
    # The density comes last: far out it is next to nothing, and divided first it would lose its digits.
    scale = 1.0 / (under1 * under2)
    tail1 = density * (scale * mills_over(a1) * under2)
    cash_tail1 = f * tail1
    cash_tail2 = f * density * (scale * mills_over(a2) * under1)

    # The side out of the money carries the time value; the other side adds what it would pay now.
    side = 1.0 if f <= k else -1.0
    cash1 = f - cash_tail1 if side * d1 > 0.0 else cash_tail1
    cash2 = k - cash_tail2 if side * d2 > 0.0 else cash_tail2
    time_value = max(side * (cash1 - cash2), 0.0) if alive else 0.0
    dollars = max(s * (f - k), 0.0) + time_value
    n1 = 1.0 - tail1 if s * d1 > 0.0 else tail1
    cash_n2 = k - cash_tail2 if s * d2 > 0.0 else cash_tail2
    return dollars, n1, cash_n2, density if alive else 0.0, d1, d2, steepness if alive else 0.0


@compiled(fast=True, inlined=True)
def _option_row(f: float, k: float, root_years: float, vol: float, s: float, is_inverse: bool) -> Seven:
    """Value and Greeks of one option, in the order of the constants."""
    dollars, n1, cash_n2, density, d1, d2, steepness = black_terms(f, k, logarithm(f / k), vol * root_years, s)
    per_forward = 1.0 / f
    per_vol = root_years * steepness
    unit = per_forward if is_inverse else 1.0
    coin_delta = s * cash_n2 * per_forward * per_forward
    gamma = density * per_forward * steepness
    vega = f * density * root_years * unit
    return (
        dollars * unit,
        coin_delta if is_inverse else s * n1,
        (gamma - 2.0 * coin_delta) * per_forward if is_inverse else gamma,
        vega,
        -0.5 * f * density * vol * vol * steepness * unit,
        -density * (d1 if is_inverse else d2) * per_vol * unit,
        vega * d1 * d2 * per_vol,
    )


@compiled(fast=True, inlined=True)
def _line_row(f: float, is_inverse: bool) -> tuple[float, float, float]:
    """Value, delta and gamma of a delta-one row: F, or -1/F coins per dollar of an inverse contract."""
    per_forward = 1.0 / f
    coin_delta = per_forward * per_forward
    if is_inverse:
        return -per_forward, coin_delta, -2.0 * coin_delta * per_forward
    return f, 1.0, 0.0


@compiled(fast=True)
def option_greeks(
    forward: Floats, strike: Floats, years: Floats, vol: Floats, sign: Floats, inverse: Floats, out: Floats
) -> None:
    """Value and Greeks of n rows into `out[:, :n]`, in settlement units per unit of contract.

    All inputs (n,) float64; `sign` +1 call, -1 put, 0 delta-one (value F linear, -1/F inverse); `inverse` 0 or 1.
    `out` is (7, >= n) and overlaps no input: VALUE, DELTA, GAMMA, VEGA, THETA, VANNA, VOLGA. Inputs are finite and an
    option's strike positive; a row whose forward is not known yet, 0, gets zeros. At or after expiry, or without any
    vol, an option is worth its intrinsic value: its delta steps at the strike (a half on it) and its other Greeks are 0,
    but for the gamma of a coin pay-off, (F-K)/F, which bends in F as -2K/F^3 to its last instant.
    """
    # One straight line of arithmetic per row, every case a select and none a branch: that is what runs eight wide.
    for i in range(forward.size):
        known, s = forward[i] > 0.0, sign[i]
        f = forward[i] if known else 1.0
        here = 1.0 if known else 0.0
        is_option, is_inverse = s != 0.0, inverse[i] != 0.0
        k = strike[i] if is_option else f
        option = _option_row(f, k, math.sqrt(max(years[i], 0.0)), vol[i], s, is_inverse)
        line = _line_row(f, is_inverse)
        curved = here if is_option else 0.0
        out[VALUE, i] = here * (option[0] if is_option else line[0])
        out[DELTA, i] = here * (option[1] if is_option else line[1])
        out[GAMMA, i] = here * (option[2] if is_option else line[2])
        out[VEGA, i] = curved * option[3]
        out[THETA, i] = curved * option[4]
        out[VANNA, i] = curved * option[5]
        out[VOLGA, i] = curved * option[6]


def option_value_and_greeks(
    forward: ArrayLike, strike: ArrayLike, years: ArrayLike, vol: ArrayLike, sign: ArrayLike, inverse: ArrayLike = False
) -> Floats:
    """`option_greeks` for people: scalars or arrays that broadcast together; the answer is (7, *their shape)."""
    given = [np.asarray(each, dtype=np.float64) for each in (forward, strike, years, vol, sign, inverse)]
    columns = np.broadcast_arrays(*given)
    shape = columns[0].shape
    rows = [np.ascontiguousarray(column).reshape(-1) for column in columns]
    out = np.empty((GREEKS, rows[0].size))
    option_greeks(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], out)
    return out.reshape(GREEKS, *shape)
