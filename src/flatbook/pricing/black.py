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
from flatbook.pricing.arguments import broadcast
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
    cash = f * density
    part1, part2 = scale * (mills_over(a1) * under2), scale * (mills_over(a2) * under1)
    tail1, cash_tail1, cash_tail2 = density * part1, cash * part1, cash * part2

    # The side out of the money carries the time value: both of its terms are tails, unless the money lies between d1
    # and d2; then each is what its tail leaves. The other side adds what it would pay now.
    gap = cash_tail1 - cash_tail2
    apart = max(gap if f <= k else -gap, 0.0)
    time_value = (min(f, k) - cash_tail1) - cash_tail2 if d1 * d2 < 0.0 else apart
    dollars = max(s * (f - k), 0.0) + time_value
    n1 = 1.0 - tail1 if s * d1 > 0.0 else tail1
    cash_n2 = k - cash_tail2 if s * d2 > 0.0 else cash_tail2
    return dollars, n1, cash_n2, density if alive else 0.0, d1, d2, steepness if alive else 0.0


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
        is_option, is_inverse = (s != 0.0) & known, inverse[i] != 0.0
        k = strike[i] if is_option else f
        root_years, v = math.sqrt(max(years[i], 0.0)), vol[i]
        dollars, n1, cash_n2, density, d1, d2, steepness = black_terms(f, k, logarithm(f / k), v * root_years, s)
        # A delta-one row has its own value and slopes and no density: nothing else tells it from an option.
        line = -1.0 if is_inverse else f * here
        dollars = dollars if is_option else line
        slope = s * n1 if is_option else here
        cash_slope = s * cash_n2 if is_option else 1.0
        density = density if is_option else 0.0
        per_forward = here / f
        unit = per_forward if is_inverse else 1.0
        coin_delta = cash_slope * per_forward * per_forward
        gamma = density * per_forward * steepness
        per_vol = root_years * steepness
        unit_density = density * unit
        cash_density = f * unit_density
        vega = cash_density * root_years
        out[VALUE, i] = dollars * unit
        out[DELTA, i] = coin_delta if is_inverse else slope
        out[GAMMA, i] = (gamma - 2.0 * coin_delta) * per_forward if is_inverse else gamma
        out[VEGA, i] = vega
        out[THETA, i] = -0.5 * cash_density * v * (v * steepness)
        out[VANNA, i] = -unit_density * (d1 if is_inverse else d2) * per_vol
        out[VOLGA, i] = vega * d1 * d2 * per_vol


def option_value_and_greeks(
    forward: ArrayLike, strike: ArrayLike, years: ArrayLike, vol: ArrayLike, sign: ArrayLike, inverse: ArrayLike = False
) -> Floats:
    """`option_greeks` for people: scalars or arrays that broadcast together; the answer is (7, *their shape)."""
    shape, rows = broadcast(forward=forward, strike=strike, years=years, vol=vol, sign=sign, inverse=inverse)
    out = np.empty((GREEKS, rows[0].size))
    option_greeks(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], out)
    return out.reshape(GREEKS, *shape)
