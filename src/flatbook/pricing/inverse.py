"""Coin-settled options as the person who counts in coin sees them: worth V/F, and hedged with the premium taken off.

An inverse option's premium is coin, so holding it is already holding some of the coin: the delta that leaves a coin
book flat is the dollar option's less the premium, Delta - V/F = F dc/dF = s N(s d2) K/F, computed as the last of these,
where nothing cancels. Net deltas of a call and a put on one strike differ by K/F, not by 1.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.pricing.arguments import columns, shaped
from flatbook.pricing.black import DELTA, GAMMA, GREEKS, THETA, VALUE, VEGA, option_greeks
from flatbook.pricing.greeks import require_finite


class InverseGreeks(NamedTuple):
    """A coin-settled option in coin, each a float64 array in the shape the arguments broadcast to, or a scalar."""

    price: Any  # c = V/F, coins per coin of the underlying
    delta: Any  # F dc/dF, net of the premium: coins of the underlying to sell against it
    gamma: Any  # d2c/dF2, coins per dollar squared
    vega: Any  # dc/dvol, coins per 1.00 of vol
    theta: Any  # dc/dt, coins per calendar year; negative for a long option


def inverse(forward: ArrayLike, strike: ArrayLike, years: ArrayLike, vol: ArrayLike, sign: ArrayLike) -> InverseGreeks:
    """Coin price, net (premium-adjusted) delta and coin Greeks of an option that settles in the coin it is written on.

    Scalars or arrays that broadcast: `forward` and `strike` in dollars per coin, `years` to expiry (ACT/365), annual `vol`,
    `sign` +1 call or -1 put. The delta Deribit publishes is not net: it is this one plus the price.
    At years 0 or vol 0 the answer is the pay-off's own: price max(s(F-K), 0)/F, a delta K/F in the money (half on the
    strike), gamma -2K/F^3 with its sign, for the pay-off in coin bends to its last instant, and no vega or theta.
    Raises ValueError, naming the argument, for what is no number, not positive (forward, strike), negative (years, vol),
    no sign, or so large that an answer is not finite. Source: Black (1976), the price taken in units of its own forward.
    """
    shape, given = columns(forward=forward, strike=strike, years=years, vol=vol, sign=sign)
    forwards, strikes, years_left, vols, signs = given
    out = np.empty((GREEKS, forwards.size))
    option_greeks(forwards, strikes, years_left, vols, signs, np.ones(forwards.size), out)
    require_finite(out, forward=forwards, strike=strikes, years=years_left, vol=vols)
    out[DELTA] *= forwards
    return InverseGreeks(*(shaped(out[row], shape) for row in (VALUE, DELTA, GAMMA, VEGA, THETA)))
