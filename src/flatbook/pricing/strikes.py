"""Which strike has a given delta: how vols are quoted by delta, and how a desk asks for "the 25 delta put".

With w = vol*sqrt(years), d1 = ln(F/K)/w + w/2, d2 = d1 - w and s = +1 call, -1 put, the conventions of delta are

    forward                    s N(s d1)
    spot                       s N(s d1) e^(-carry*years)
    premium_adjusted_forward   s N(s d2) K/F
    premium_adjusted_spot      s N(s d2) K/F e^(-carry*years)

All four are one equation, ln|delta| = ln N(y) - u y - u^2/2: y = s d1 and u = 0 for the first two, y = s d2 and u = s w
for the others. Its right side is concave in y, so its tangents lie above it and Newton's steps, once left of the answer,
approach it from there and never leave. With u <= 0 it rises for ever: a put's premium-adjusted delta has no bound. With
u > 0 it is greatest where phi(y)/N(y) = u and falls again: of a call's two strikes the market means the higher, the
smaller y.

Source: Reiswich and Wystup, FX Volatility Smile Construction (2010); Clark, Foreign Exchange Option Pricing (2011).
"""

import math
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import columns, require, shaped
from flatbook.pricing.black import SMALLEST_DEVIATION
from flatbook.pricing.compiled import compiled
from flatbook.pricing.greeks import growth
from flatbook.pricing.normal import INVERSE_ROOT_TWO_PI, mills_over, mills_under, normal_tail

Convention = Literal["forward", "spot", "premium_adjusted_forward", "premium_adjusted_spot"]

_STEPS = 100  # a dozen do, for each squares the error of the one before; the rest is for nothing but the certainty of an end
_SETTLED = 2e-16  # a step this small, relative to y, is rounding
_SAME = 1e-15  # a delta above the greatest by no more than this part of it is the greatest


def strike_for_delta(
    delta: ArrayLike,
    forward: ArrayLike,
    years: ArrayLike,
    vol: ArrayLike,
    sign: ArrayLike,
    convention: Convention = "forward",
    carry: ArrayLike = 0.0,
) -> Any:
    """The strike at which an option has the given delta, in the forward's currency.

    Scalars or arrays that broadcast: `delta` per unit of the underlying and signed as the option is, positive for calls
    and negative for puts; `forward`, `years` (ACT/365), annual `vol`, `sign` +1 call or -1 put; `carry` the continuous yield
    of holding the spot, which only the spot conventions read. Premium-adjusted calls get the higher of their two strikes.
    The answer is in the broadcast shape, a scalar if all are, and as exact as the delta determines it: near the greatest
    delta of a premium-adjusted call, where strikes far apart have nearly one delta, to about the root of rounding.

    Raises ValueError, naming the argument, for what is no number or out of its range, for a convention of another
    name, for a delta of the wrong sign or beyond any strike's (saying the largest there is), and without time or vol
    left, for then delta is a step and says nothing about the strike.
    """
    if convention not in get_args(Convention):
        raise ValueError(f"convention must be one of {', '.join(get_args(Convention))}; it is {convention!r}")
    shape, given = columns(delta=delta, forward=forward, years=years, vol=vol, sign=sign, carry=carry)
    deltas, forwards, years_left, vols, signs, carries = given
    deviation = vols * np.sqrt(years_left)
    words = "vol and years must leave the forward some way to go (vol * sqrt(years) above 1e-10), or delta is a step at it"
    require(deviation > SMALLEST_DEVIATION, words, vol=vols, years=years_left)
    require(deltas * signs > 0.0, "delta must be positive for a call and negative for a put", delta=deltas, sign=signs)
    per_spot = growth("carry", carries, years_left) if convention.endswith("spot") else np.ones(deltas.size)
    adjusted = convention.startswith("premium_adjusted")
    return shaped(_strikes(np.abs(deltas), per_spot, forwards, deviation, signs, adjusted), shape)


def _strikes(size: Floats, per_spot: Floats, forward: Floats, deviation: Floats, sign: Floats, adjusted: bool) -> Floats:
    """Strikes of absolute deltas, once their sizes are seen to be some strike's; a forward delta is `per_spot` spot ones."""
    wanted, moneyness, greatest = size * per_spot, np.empty(size.size), np.empty(size.size)
    delta_strikes(wanted, deviation, sign, adjusted, moneyness, greatest)
    attained = wanted <= greatest * (1.0 + _SAME) if adjusted else wanted < greatest
    words = "no strike has a delta so large" if adjusted else "delta must be nearer to 0 than that of a sure exercise"
    bound = "the largest attainable" if adjusted else "that of a sure exercise"
    require(attained, words, delta=sign * size, **{bound: sign * greatest / per_spot})
    with np.errstate(over="ignore"):
        strikes = forward * np.exp(moneyness)
    sound = (strikes > 0.0) & (strikes < np.inf)
    require(sound, "the strike of this delta is outside double precision", delta=sign * size, deviation=deviation)
    return strikes


@compiled(inlined=True, inner=True)
def _log_delta(y: float, u: float) -> tuple[float, float]:
    """ln N(y) - u y - u^2/2 and its slope in y, without cancellation in the lower tail."""
    a = abs(y)
    if y <= 0.0:
        ratio = mills_over(a) / mills_under(a)
        return math.log(INVERSE_ROOT_TWO_PI * ratio) - 0.5 * (y + u) * (y + u), 1.0 / ratio - u
    tail = normal_tail(a)
    density = INVERSE_ROOT_TWO_PI * math.exp(-0.5 * a * a)
    return math.log1p(-tail) - u * (y + 0.5 * u), density / (1.0 - tail) - u


@compiled(inlined=True, inner=True)
def _summit(u: float) -> float:
    """The y at which a premium-adjusted call's delta is greatest, phi(y)/N(y) = u > 0.

    ln(phi/N) is concave and falling, with slope -(y + phi/N): Newton on it comes from the right after one step.
    """
    y = -u
    for _ in range(_STEPS):
        hazard = _log_delta(y, 0.0)[1]
        step = math.log(hazard / u) / (y + hazard)
        y += step
        if abs(step) <= _SETTLED * (1.0 + abs(y)):
            break
    return y


@compiled(inlined=True, inner=True)
def _climb(y: float, wanted: float, u: float) -> float:
    """The y at which ln|delta| is `wanted`, coming from a y to its left on the rising side."""
    for _ in range(_STEPS):
        at, slope = _log_delta(y, u)
        step = (wanted - at) / slope
        y += step
        if not step > _SETTLED * (0.01 + abs(y)):
            break
    return y


@compiled(inlined=True, inner=True)
def _rising(wanted: float, u: float) -> float:
    """The y of ln|delta| = `wanted` where delta has no maximum, u <= 0."""
    # Three points left of the answer: a tangent's, and where N's bounds 1 and exp(-y^2/2)/2 in its place would put it.
    at, slope = _log_delta(0.0, u)
    y = (wanted - at) / slope
    if u < 0.0:
        y = max(y, -wanted / u - 0.5 * u)
    bounded = -2.0 * (wanted + math.log(2.0))
    if bounded > 0.0:
        y = max(y, -math.sqrt(bounded))
    return _climb(y, wanted, u)


@compiled(inlined=True, inner=True)
def _below_summit(wanted: float, u: float, summit: float) -> float:
    """The y left of the summit of ln|delta| = `wanted`, u > 0."""
    gap = _log_delta(summit, u)[0] - wanted
    if gap <= 0.0:
        return summit
    # The curve bends by u (summit + u) at its summit and ever more to the left, but never by more than 1: the parabola
    # of the one is left of the answer, that of the other right of it, whence a tangent leads to the left as well.
    parabola = summit - math.sqrt(2.0 * gap / (u * (summit + u)))
    y = summit - math.sqrt(2.0 * gap)
    at, slope = _log_delta(y, u)
    return _climb(max(parabola, y + (wanted - at) / slope), wanted, u)


@compiled
def delta_strikes(
    wanted: Floats, deviation: Floats, sign: Floats, adjusted: bool, moneyness_out: Floats, greatest_out: Floats
) -> None:
    """ln(K/F) of n absolute forward deltas into `moneyness_out[:n]`, the bound of such deltas into `greatest_out[:n]`.

    Inputs (n,) float64, `wanted` and `deviation` = vol*sqrt(years) positive, `sign` +1 or -1; `adjusted` for premium-adjusted
    deltas. Where `wanted` is beyond the bound, the moneyness means nothing.
    """
    for i in range(wanted.size):
        w, s = deviation[i], sign[i]
        if not adjusted:
            # The smaller of delta and its complement, so that the answer is looked for in the lower tail.
            greatest_out[i] = 1.0
            complement = wanted[i] > 0.5
            size = max(1.0 - wanted[i], 1e-300) if complement else wanted[i]
            y = _rising(math.log(size), 0.0)
            moneyness_out[i] = 0.5 * w * w - s * w * (-y if complement else y)
            continue
        if s > 0.0:
            summit = _summit(w)
            greatest_out[i] = math.exp(_log_delta(summit, w)[0])
            y = _below_summit(math.log(wanted[i]), w, summit)
        else:
            greatest_out[i] = math.inf
            y = _rising(math.log(wanted[i]), -w)
        moneyness_out[i] = -w * (s * y + 0.5 * w)
