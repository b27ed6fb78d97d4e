"""The vol at which Black-76 gives a price, and a plain word when there is none.

The search runs on the out-of-the-money side in units of the price's own upper bound, min(F, K), where the price is
c(w) = N(d1) - e^-x N(d2) of the deviation w = vol sqrt(years), x = -|ln(F/K)|, d1,2 = x/w +- w/2, and dc/dw = phi(d1).
Halley steps on a scale that makes c nearly straight, inside a bracket that only shrinks (cf. Jaeckel 2015).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats, Ints
from flatbook.pricing.compiled import compiled
from flatbook.pricing.normal import FURTHEST, INVERSE_ROOT_TWO_PI, exponential, logarithm, mills_over, mills_under

OK, BELOW_INTRINSIC, ABOVE_BOUND, NOT_FINITE = range(4)

_LEAST_PART = 1e-300  # of the bound: a smaller price has begun to lose its digits to the end of the doubles
_STEPS = 100  # the bracket alone reaches the answer in about 60 halvings
_CLOSE = 1e-6  # Halley errs by the cube of its step: one this small, relative to the answer, lands within rounding


@compiled(fast=True, inlined=True)
def _price_and_slack(x: float, w: float) -> tuple[float, float, float, float]:
    """c(w), 1 - c(w), each without cancellation where it is small, phi(d1) and d1*d2/w."""
    d1 = x / w + 0.5 * w
    d2 = d1 - w
    a1, a2 = min(abs(d1), FURTHEST), min(-d2, FURTHEST)
    density = INVERSE_ROOT_TWO_PI * exponential(-0.5 * a1 * a1)
    tail1, tail2 = density * mills_over(a1) / mills_under(a1), density * mills_over(a2) / mills_under(a2)
    if d1 > 0.0:
        return 1.0 - tail1 - tail2, tail1 + tail2, density, d1 * d2 / w
    return tail1 - tail2, 1.0 - tail1 + tail2, density, d1 * d2 / w


@compiled(fast=True, inlined=True)
def _step(target: float, slack: float, low: bool, at: tuple[float, float, float, float]) -> float:
    """The Halley step in w from c(w) towards `target`: on (-ln c)^-1/2 below the inflection, else on c or -ln(1-c)."""
    price, room, slope, bend = at
    if low:
        logs, wanted, rate = -logarithm(price), -logarithm(target), slope / price
        gap = (1.0 / math.sqrt(logs) - 1.0 / math.sqrt(wanted)) * 2.0 * logs * math.sqrt(logs)
        curve = (1.5 / logs - 1.0) * rate
    elif slack < 0.5:
        rate = slope / room
        gap, curve = logarithm(slack / room), rate
    else:
        rate = slope
        gap, curve = price - target, 0.0
    newton = -gap / rate
    return newton / (1.0 + max(-0.5, min(0.5 * newton * (curve + bend), 4.0)))


@compiled(fast=True, inlined=True)
def _deviation(target: float, slack: float, x: float) -> float:
    """The w with c(w) = target, given 0 < target < 1, slack = 1 - target and x <= 0."""
    inflection = max(math.sqrt(-2.0 * x), 1e-8)
    middle = _price_and_slack(x, inflection)[0]
    low = target < middle
    # Below the inflection the answer is beyond both of these: the scale's chord, and the exponent of the far wing alone.
    logs = -logarithm(target)
    chord, wing = inflection * math.sqrt(logarithm(middle) / -logs), -x / math.sqrt(2.0 * logs - x)
    w = max(chord, wing) if low else inflection
    least, most = (0.0, inflection) if low else (inflection, 2.0 * inflection + 40.0)
    for _ in range(_STEPS):
        at = _price_and_slack(x, w)
        if at[0] < target:
            least = w
        else:
            most = w
        usable = at[0] > 0.0 and at[1] > 0.0 and at[2] > 0.0
        step = _step(target, slack, low, at) if usable else 0.0
        if usable and abs(step) <= _CLOSE * w:
            return w + step
        w += step
        if not (usable and least < w < most):
            w = 0.5 * (least + most)
    return w


@compiled
def _implied(price: float, forward: float, strike: float, years: float, sign: float) -> tuple[float, int]:
    """The vol of one price and its status; the vol is 0 unless the status is OK."""
    sound = 0.0 < forward < math.inf and 0.0 < strike < math.inf and 0.0 < years < math.inf
    if not (sound and math.isfinite(price)):
        return 0.0, NOT_FINITE
    time_value = price - max(sign * (forward - strike), 0.0)
    bound = min(forward, strike)
    if time_value <= _LEAST_PART * bound:
        return 0.0, BELOW_INTRINSIC
    if time_value >= bound:
        return 0.0, ABOVE_BOUND
    x = -abs(math.log(forward / strike))
    return _deviation(time_value / bound, (bound - time_value) / bound, x) / math.sqrt(years), OK


@compiled
def implied_vol(
    price: Floats, forward: Floats, strike: Floats, years: Floats, sign: Floats, vol_out: Floats, status_out: Ints
) -> None:
    """Annual vols of n undiscounted dollar prices into `vol_out[:n]`, and whether each exists into `status_out[:n]`.

    Inputs (n,) float64, `sign` +1 or -1. Statuses: OK; BELOW_INTRINSIC, at or below what it would pay now; ABOVE_BOUND, at
    or above what it can ever be worth (F for a call, K for a put); NOT_FINITE, an input that is not a finite number or
    a forward, strike or time that is not positive. Where there is no answer the vol is 0 and never a guess.
    """
    for i in range(price.size):
        vol_out[i], status_out[i] = _implied(price[i], forward[i], strike[i], years[i], sign[i])


def implied_vol_and_status(
    price: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike, sign: ArrayLike
) -> tuple[Floats, Ints]:
    """`implied_vol` for people: scalars or arrays that broadcast together; vols and statuses in their shape."""
    given = [np.asarray(each, dtype=np.float64) for each in (price, forward, strike, years, sign)]
    columns = np.broadcast_arrays(*given)
    shape = columns[0].shape
    rows = [np.ascontiguousarray(column).reshape(-1) for column in columns]
    vols, statuses = np.empty(rows[0].size), np.empty(rows[0].size, dtype=np.int64)
    implied_vol(rows[0], rows[1], rows[2], rows[3], rows[4], vols, statuses)
    return vols.reshape(shape), statuses.reshape(shape)
