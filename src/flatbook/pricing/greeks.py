"""Price and every Greek a desk names, on the forward (Black-76) or on the spot (Black-Scholes with a carry).

Both are one formula: Black-76 is Black-Scholes with the forward for the spot and the rate for the carry, for a forward
costs nothing to hold and its option is discounted all the same. Everything is built on `black_terms`, fed with the
discounted forward A = S e^(-qT) and strike B = K e^(-rT), so the price comes from the out-of-the-money side and is already
discounted. An answer's relative error, measured against 60-digit arithmetic as far out as 36 deviations, is below
1e-15 (1+|d1|) ((1+|ln(S/K)|+|r-q|T)/w + 1 + |d1|) with w = vol*sqrt(years): what one rounding of ln(S/K) and of (r-q)T
costs. Where the terms of a Greek cancel (vanna at d2 = 0, theta on a carry) that holds against the larger term.

Source: Black (1976), Merton (1973); names and formulas of the higher Greeks as in Haug, The Complete Guide to Option
Pricing Formulas (2007), with the sign of time turned to the calendar's.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import Rule, Shape, check, columns, require, shaped
from flatbook.pricing.black import SMALLEST_DEVIATION, black_terms
from flatbook.pricing.compiled import compiled
from flatbook.pricing.normal import FURTHEST, exponential, logarithm

_GROWTH = Rule(lambda x: np.abs(x) <= 300.0, "between -300 and 300, for no market grows by e^300")


PRICE, DELTA, GAMMA, VEGA, THETA, VANNA, VOLGA, CHARM, SPEED, ZOMMA, COLOR, VETA, RHO = range(13)


class Greeks(NamedTuple):
    """An option's price and sensitivities, each a float64 array in the shape the arguments broadcast to, or a scalar.

    x is the price differentiated by: the spot, or the forward for Black-76. Time t is the calendar's, in years.
    """

    price: Any  # V, today's money per unit of the underlying
    delta: Any  # dV/dx
    gamma: Any  # d2V/dx2
    vega: Any  # dV/dvol, per 1.00 of vol
    theta: Any  # dV/dt, per year; negative where waiting costs
    vanna: Any  # d2V/dx dvol
    volga: Any  # d2V/dvol2
    charm: Any  # d2V/dx dt, per year
    speed: Any  # d3V/dx3
    zomma: Any  # d3V/dx2 dvol
    color: Any  # d3V/dx2 dt, per year
    veta: Any  # d2V/dvol dt, per year
    rho: Any  # dV/drate with the spot held, per 1.00 of rate


def black76(
    forward: ArrayLike, strike: ArrayLike, years: ArrayLike, vol: ArrayLike, sign: ArrayLike, discount: ArrayLike = 1.0
) -> Greeks:
    """Price and Greeks of a European option on a forward; undiscounted, as Deribit marks, unless `discount` says otherwise.

    Scalars or arrays that broadcast: `forward` and `strike` in one currency, `years` to expiry (ACT/365), annual `vol`,
    `sign` +1 call or -1 put, `discount` what one unit paid at expiry is worth today. Delta, gamma, speed and the rest are
    by the forward. Theta, charm, color and veta are at a constant rate -ln(discount)/years; without time left no rate
    follows from a discount, so it is taken as 0 and the discount just scales the answer.

    Rho holds the spot under the forward, as Deribit publishes it: the forward rises with the rate, and rho is
    sign * strike * years * discount * N(sign d2). With the forward itself held it would be -years * price.

    At years 0 or vol 0 (vol*sqrt(years) up to 1e-10) the answer is the limit: discounted intrinsic value, a delta that
    steps at the strike (half on it), theta and charm of the riskless position, and 0 for what needs a density.
    Raises ValueError, naming the argument, for what is no number, not positive (forward, strike, discount), negative
    (years, vol), no sign, or so large that an answer is not finite. Source: Black (1976).
    """
    shape, given = columns(forward=forward, strike=strike, years=years, vol=vol, sign=sign, discount=discount)
    years_left, discounts = given[2], given[5]
    with np.errstate(over="ignore"):  # an endless rate gives an answer that is not finite, which is refused
        rate = -np.log(discounts) / np.where(years_left > 0.0, years_left, np.inf)
    return _answer(shape, given, rate, rate)


def black_scholes(
    spot: ArrayLike, strike: ArrayLike, years: ArrayLike, vol: ArrayLike, sign: ArrayLike, rate: ArrayLike, carry: ArrayLike
) -> Greeks:
    """Price and Greeks of a European option on a spot that pays its holder: a coin lent out, a currency, a share.

    Scalars or arrays that broadcast: `spot` and `strike` in one currency, `years` to expiry (ACT/365), annual `vol`,
    `sign` +1 call or -1 put, `rate` the continuous interest of that currency, `carry` the continuous yield of holding the
    spot (dividend, foreign or lending rate; q in the textbooks). Rates are per year and may be negative.

    At years 0 or vol 0 (vol*sqrt(years) up to 1e-10) the answer is the limit: intrinsic value of the forward, discounted,
    a delta that steps where the forward meets the strike (half on it), theta, charm and rho of the riskless position
    that is left (they are not 0 where there are rates), and 0 for what needs a density.
    Raises ValueError, naming the argument, for what is no number, not positive (spot, strike), negative (years, vol),
    no sign, a rate or carry beyond +-300 over the years, or so large that an answer is not finite. Source: Merton (1973).
    """
    shape, given = columns(spot=spot, strike=strike, years=years, vol=vol, sign=sign, rate=rate, carry=carry)
    years_left, rates, carries = given[2], given[5], given[6]
    growth("carry", carries, years_left)
    return _answer(shape, [*given[:5], 1.0 / growth("rate", rates, years_left)], rates, carries)


def _answer(shape: Shape, given: list[Floats], rate: Floats, carry: Floats) -> Greeks:
    """The kernel's columns in the caller's shape."""
    spot, strike, years, vol, sign, discount = given
    out = np.empty((len(Greeks._fields), spot.size))
    all_greeks(spot, strike, years, vol, sign, discount, rate, carry, out)
    require_finite(out, spot=spot, strike=strike, years=years, vol=vol, discount=discount)
    return Greeks(*(shaped(column, shape) for column in out))


def require_finite(out: Floats, **given: Floats) -> None:
    """Raise ValueError with the inputs of the first row whose answers, a column of `out`, left the range of doubles."""
    if not np.isfinite(out).all():
        words = "these numbers are too large or too small for an answer in double precision: rescale them"
        require(np.asarray(np.isfinite(out).all(axis=0)), words, **given)


def growth(name: str, rate: Floats, years: Floats) -> Floats:
    """e^(rate*years); ValueError that names the rate if that is no growth a market has seen."""
    with np.errstate(over="ignore"):
        powers = rate * years
    check(f"{name} * years", powers, _GROWTH)
    return np.exp(powers)


@compiled(fast=True, inlined=True, inner=True)
def _simple_row(
    spot: float, k: float, years: float, vol: float, s: float, discount: float, rate: float, carry: float
) -> tuple[float, float, float, float, float, float, float]:
    """Price, delta, gamma, vega, theta and rho of one option, and its d1."""
    growth = (rate - carry) * years
    spot_discount = discount * exponential(growth)
    a, b = spot * spot_discount, k * discount
    root_years = math.sqrt(years)
    price, n1, b_n2, density, d1, d2, steepness = black_terms(a, b, logarithm(spot / k) + growth, vol * root_years, s)
    # Beyond where the density has doubles, its tail is 0 and the rest of the probability is 1.
    sure1, sure2 = abs(d1) >= FURTHEST, abs(d2) >= FURTHEST
    density = 0.0 if sure1 else spot_discount * density
    n1 = (1.0 if s * d1 > 0.0 else 0.0) if sure1 else n1
    b_n2 = (b if s * d2 > 0.0 else 0.0) if sure2 else b_n2
    delta = s * spot_discount * n1
    decay = -0.5 * spot * density * vol * vol * steepness
    # s (q A N(d1) - r B N(d2)), what carry earns less what interest costs, is the price at one of the rates and the smaller
    # leg at their difference: so it keeps its digits when the rates are close, and when the option is deep in the money.
    carried = carry * price + (carry - rate) * b_n2 if s > 0.0 else rate * price - (carry - rate) * a * n1
    theta = decay + carried
    return price, delta, density * steepness / spot, spot * density * root_years, theta, s * years * b_n2, d1


@compiled(fast=True, inlined=True, inner=True)
def _higher_row(
    spot: float, years: float, vol: float, rate: float, carry: float, delta: float, gamma: float, vega: float, d1: float
) -> tuple[float, float, float, float, float, float, float]:
    """Vanna, volga, charm, speed, zomma, color and veta of one option, as multiples of its delta, gamma and vega."""
    deviation = vol * math.sqrt(years)
    alive = deviation > SMALLEST_DEVIATION
    deviation = deviation if alive else 1.0  # at the limit gamma and vega are 0, and with them all that they multiply
    d2 = d1 - deviation
    d1_d2 = d1 * d2
    per_vol = 1.0 / (vol if alive else 1.0)
    half_per_year = 0.5 / (years if alive else 1.0)
    drift = (rate - carry) / deviation
    per_spot = 1.0 / spot
    return (
        -vega * d2 * per_spot / deviation,
        vega * d1_d2 * per_vol,
        carry * delta - gamma * spot * deviation * (drift - d2 * half_per_year),
        -gamma * per_spot * (d1 / deviation + 1.0),
        gamma * (d1_d2 - 1.0) * per_vol,
        gamma * (carry + d1 * drift + (1.0 - d1_d2) * half_per_year),
        vega * (carry + d1 * drift - (1.0 + d1_d2) * half_per_year),
    )


@compiled(fast=True)
def all_greeks(
    spot: Floats,
    strike: Floats,
    years: Floats,
    vol: Floats,
    sign: Floats,
    discount: Floats,
    rate: Floats,
    carry: Floats,
    out: Floats,
) -> None:
    """Price and Greeks of n options on spot into `out[:, :n]`, rows in the order of `Greeks`.

    All inputs (n,) float64 and sound: positive spot and strike, years and vol not negative, `sign` +1 or -1,
    `discount` = e^(-rate*years). `out` is (13, >= n) and overlaps no input. A forward is a spot whose carry is the rate.
    """
    # Two loops, for one over all twenty-one columns has more pairs that might overlap than the compiler cares to check
    # before it runs eight rows at a time.
    for i in range(spot.size):
        simple = _simple_row(spot[i], strike[i], years[i], vol[i], sign[i], discount[i], rate[i], carry[i])
        out[PRICE, i], out[DELTA, i], out[GAMMA, i] = simple[0], simple[1], simple[2]
        out[VEGA, i], out[THETA, i], out[RHO, i] = simple[3], simple[4], simple[5]
        out[VANNA, i] = simple[6]  # d1, which waits for the second loop where vanna will be
    for i in range(spot.size):
        delta, gamma, vega, d1 = out[DELTA, i], out[GAMMA, i], out[VEGA, i], out[VANNA, i]
        higher = _higher_row(spot[i], years[i], vol[i], rate[i], carry[i], delta, gamma, vega, d1)
        out[VANNA, i], out[VOLGA, i], out[CHARM, i], out[SPEED, i] = higher[0], higher[1], higher[2], higher[3]
        out[ZOMMA, i], out[COLOR, i], out[VETA, i] = higher[4], higher[5], higher[6]
