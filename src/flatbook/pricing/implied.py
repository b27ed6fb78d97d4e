"""The vol at which Black-76 gives a price, and a plain word when there is none.

What a price says about vol is its time value, on the out-of-the-money side, as a part of its upper bound min(F, K), and
the room it leaves below that bound. Both are taken off the price here without rounding: in the money the vol is as good as
the price itself, whose last digit is worth little there. The rest is `deviation`.

Accuracy: a few units in the last place of the vol (1e-15), for the doubles given, wherever a solution exists: normalised
prices from 2e-308 to the last double below the bound, deviations vol sqrt(years) from 1e-300 to 80. What the
price's own rounding costs comes on top: half a unit in the last place of the price moves the vol by 1e-16 times
price/(vol vega) of itself. That is at most about 1e-16 out of the money and a little above the money, and without limit near
the bound and deep in the money, where the vol hangs on the price's last digits.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats, Ints
from flatbook.pricing.arguments import broadcast, check, shaped
from flatbook.pricing.compiled import compiled
from flatbook.pricing.deviation import BLOCK, DEVIATION, DISTANCE, PART, ROOM, ROWS, STEPS, deviations, solve
from flatbook.pricing.normal import logarithm

OK, BELOW_INTRINSIC, ABOVE_BOUND, NOT_FINITE = range(4)

_PRICE, _FORWARD, _STRIKE, _YEARS, _SIGN, _STATUS = range(ROWS, ROWS + 6 * BLOCK, BLOCK)
_ALL_ROWS = ROWS + 6 * BLOCK
_LEAST = 2.2250738585072014e-308  # the smallest double with all its digits: of a forward, a strike, a part of the bound
_FAR = 1e200  # F/K or K/F beyond which their quotient might leave the doubles


class ImpliedVol(NamedTuple):
    """Annual vols, and for each a status; the vol is 0 unless the status is OK."""

    vol: Any
    status: Any


class ImpliedTotalVol(NamedTuple):
    """Total vols, vol sqrt(years), and for each a status; the total vol is 0 unless the status is OK."""

    total_vol: Any
    status: Any


@compiled(inlined=True, inner=True)
def _distance(high: float, low: float, gap: float) -> float:
    """ln(high/low), to full relative accuracy however close the two are; `gap` = high - low."""
    part = gap / low
    sum_ = 1.0 + part
    close = logarithm(sum_) + (part - (sum_ - 1.0)) / sum_  # ln(1+u), with what 1+u lost
    return logarithm(high) - logarithm(low) if high > _FAR * low else close


@compiled(inlined=True, inner=True)
def _time_value(price: float, forward: float, strike: float, sign: float) -> float:
    """The price less what the option would pay now, with F - K to twice the digits; a subtraction that loses nothing."""
    gap = forward - strike
    back = gap - forward
    lost = (forward - (gap - back)) - (strike + back)  # F - K = gap + lost, exactly
    return (price - sign * gap) - sign * lost if sign * gap > 0.0 else price


@compiled(inner=True)
def _prepare(rows: Floats) -> None:
    """DISTANCE, PART, ROOM and _STATUS of a block from its prices and markets; harmless numbers where there is no vol."""
    for i in range(BLOCK):
        price, sign = rows[_PRICE + i], rows[_SIGN + i]
        sound = (rows[_FORWARD + i] >= _LEAST) & (rows[_FORWARD + i] < math.inf) & (abs(price) < math.inf)
        sound = sound & (rows[_STRIKE + i] >= _LEAST) & (rows[_STRIKE + i] < math.inf) & (abs(sign) == 1.0)
        sound = sound & (rows[_YEARS + i] > 0.0) & (rows[_YEARS + i] < math.inf)
        forward = rows[_FORWARD + i] if sound else 1.0
        strike = rows[_STRIKE + i] if sound else 1.0
        high, low = max(forward, strike), min(forward, strike)
        part = _time_value(price, forward, strike, sign) / low
        room = ((forward if sign > 0.0 else strike) - price) / low
        above, below = part >= _LEAST, room > 0.0
        solvable = sound & above & below
        missing = ABOVE_BOUND if above else BELOW_INTRINSIC
        rows[_STATUS + i] = (OK if solvable else missing) if sound else NOT_FINITE
        rows[DISTANCE + i] = _distance(high, low, high - low)
        rows[PART + i] = part if solvable else 0.25
        rows[ROOM + i] = room if solvable else 0.75


@compiled
def implied_vols(
    price: Floats, forward: Floats, strike: Floats, years: Floats, sign: Floats, vol_out: Floats, status_out: Ints
) -> None:
    """Annual vols of n undiscounted prices into `vol_out[:n]`, and whether each exists into `status_out[:n]`.

    Inputs (n,) float64, prices in the forward's money, `sign` +1 call or -1 put. Statuses: OK; BELOW_INTRINSIC, at
    or below what it would pay now; ABOVE_BOUND, at or above what it can ever be worth (F for a call, K for a put);
    NOT_FINITE, a price that is not a finite number, a forward, strike or time that is not positive and finite, or another
    sign. Where there is no answer the vol is 0 and never a guess. A row's answer does not depend on its neighbours.
    """
    rows = np.empty(_ALL_ROWS)
    for start in range(0, price.size, BLOCK):
        size = min(BLOCK, price.size - start)
        for i in range(size):
            rows[_PRICE + i] = price[start + i]
            rows[_FORWARD + i] = forward[start + i]
            rows[_STRIKE + i] = strike[start + i]
            rows[_YEARS + i] = years[start + i]
            rows[_SIGN + i] = sign[start + i]
        for i in range(size, BLOCK):
            rows[_SIGN + i] = 0.0
        _prepare(rows)
        solve(rows, STEPS)
        for i in range(size):
            status = int(rows[_STATUS + i])
            status_out[start + i] = status
            vol_out[start + i] = rows[DEVIATION + i] / math.sqrt(rows[_YEARS + i]) if status == OK else 0.0


def implied_vol(
    price: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike, sign: ArrayLike, discount: ArrayLike = 1.0
) -> ImpliedVol:
    """The vol at which Black-76 gives each price, and a status that says whether there is one.

    Scalars or arrays that broadcast together, the answer in their shape. `price` in the forward's money, discounted by
    `discount` (the undiscounted price is price/discount); `years` ACT/365; `sign` +1 call, -1 put. Vols are annual decimals.

    Status OK; BELOW_INTRINSIC, at or below the discounted intrinsic value (a negative price too); ABOVE_BOUND, at or above
    the discounted F of a call, K of a put; NOT_FINITE, an input that is NaN or infinite, or a forward, strike, time or
    discount that is not positive. There the vol is 0: never a guess, never NaN. Market data may be bad and is answered;
    ValueError is raised for what is a mistake of the caller: a sign other than +1 or -1, what is no number, and shapes that
    do not broadcast. Accuracy: see the module; 1e-15 for the doubles given, and the discount's division costs one
    rounding of the price more. Source: Jaeckel, "Let's be rational" (2015), for the approach.
    """
    check("sign", sign)
    shape, rows = broadcast(price=price, forward=forward, strike=strike, years=years, sign=sign, discount=discount)
    with np.errstate(all="ignore"):
        undiscounted = np.where((rows[5] > 0.0) & (rows[5] < np.inf), rows[0] / rows[5], np.nan)
    vols, statuses = np.empty(undiscounted.size), np.empty(undiscounted.size, dtype=np.int64)
    implied_vols(undiscounted, rows[1], rows[2], rows[3], rows[4], vols, statuses)
    return ImpliedVol(shaped(vols, shape), shaped(statuses, shape))


def implied_total_vol(b: ArrayLike, x: ArrayLike) -> ImpliedTotalVol:
    """The s at which Jaeckel's normalised Black call b(x, s) has a price, and a status that says whether there is one.

    `b` is the undiscounted call in units of sqrt(F K), `x` = ln(F/K), `s` = vol sqrt(years); scalars or arrays that
    broadcast together, the answer in their shape. A put is the call of -x. For x > 0 the intrinsic value 2 sinh(x/2) is taken
    off first. Status OK; BELOW_INTRINSIC; ABOVE_BOUND, b >= e^(x/2); NOT_FINITE, b or x NaN or infinite; there s is 0.

    As good as b and x allow: a few 1e-16 plus that times b/(s db/ds). Near the bound, which is rounded itself, the room
    e^(x/2) - b carries the last digits of both, and for x > 0 so does the time value. Raises ValueError for
    what is no number and shapes that do not broadcast. `normalised_black` is the way back.
    """
    shape, (price, moneyness) = broadcast(b=b, x=x)
    with np.errstate(all="ignore"):
        bound = np.exp(-0.5 * np.abs(moneyness))
        part = (price - np.maximum(2.0 * np.sinh(0.5 * moneyness), 0.0)) / bound
        room = (np.exp(0.5 * moneyness) - price) / bound
    sound = np.isfinite(price) & np.isfinite(moneyness)
    status = np.select([~sound, ~(part >= _LEAST), ~(room > 0.0)], [NOT_FINITE, BELOW_INTRINSIC, ABOVE_BOUND], OK)
    solvable = status == OK
    total = np.zeros(price.size)
    total[solvable] = deviations(np.abs(moneyness[solvable]), part[solvable], room[solvable])
    return ImpliedTotalVol(shaped(total, shape), shaped(status.astype(np.int64), shape))


implied_vol_and_status = implied_vol
