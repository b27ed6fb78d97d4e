"""From Black's price back to the deviation w = vol sqrt(years): eight rows at a time, two steps for nearly every row.

In the units of `normalised`: c is the price's part of its bound, 1 - c its room, x = |ln(F/K)|, and c(w) bends from
convex to concave at w = sqrt(2x), where d1 = 0. A row steps on what is nearly straight there: on 1/ln c below that turn
(`low`), on ln(1-c) above it, and above it but at a small deviation (`near`), where the room says nothing, on c itself.
The steps are Householder's of third order, which raise the error to its fourth power; the first guess is good to 1e-3 of
w for most rows and 0.15 for the worst, so the second step is at most about 1e-5 and lands within rounding. Rows that are
done stand still while their neighbours go on, so an answer depends on nothing but its own row; a row that six steps did
not settle is searched for in a bracket. Cf. Jaeckel, "Let's be rational" (2015), for the scales and the order.
"""

import math

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.compiled import compiled
from flatbook.pricing.normal import INVERSE_ROOT_TWO_PI, logarithm, mills_over, mills_under
from flatbook.pricing.normalised import NEAR, condition

# A block's rows stand one after the other in one flat array, always whole: the compiler then sees that they never
# overlap and leaves no odd rows to a scalar loop, so a row's answer is the same to the last bit wherever it stands.
BLOCK = 64
DISTANCE, PART, ROOM, DEVIATION, _LEVEL, _SHARE, _LOW, _NEAR, _LEAST, _MOST, _BUSY = range(0, 11 * BLOCK, BLOCK)
ROWS = 11 * BLOCK

_ROOT_TWO_PI = 2.5066282746310002
_LOG_ROOT_TWO_PI = 0.9189385332046728
_CLOSE = 1e-5  # a step errs by less than a thousand times its fourth power: one this small lands within rounding
STEPS = 6
_HALVINGS = 2_000  # the bracket alone halves the exponent's distance each time: far fewer are ever needed
_BEYOND = 1e4


@compiled(fast=True, inlined=True, inner=True)
def _step(x: float, w: float, level: float, share: float, low: bool, near: bool) -> tuple[float, float]:
    """Householder's step as a part of w, and by how much ln c, or ln(1-c), is too high at w.

    `level` is the wanted ln c, read by low rows only; `share` is one over the wanted c, or 1-c if neither low nor near.
    """
    a, t = x / w, 0.5 * w
    d1 = t - a
    number = condition(a, t, near, low)
    miss = logarithm(number * share * w) - (0.5 * d1 * d1 + _LOG_ROOT_TWO_PI)
    high = not (low | near)
    # Newton's step is number * newton. The scale f bends by f''/f' = c''/c' less the following, in units of the step.
    straight = miss if high else -miss / (1.0 + miss * (0.5 + miss * (1.0 / 12.0)))  # 1 - e^-miss, of c itself
    newton = -miss * (1.0 + miss / level) if low else straight
    logs = newton if low else (-newton if high else 0.0)
    inverse = newton / (level + miss) if low else 0.0
    delta = number * newton
    bend = delta * (a * a - t * t)  # w c''/c' = a^2 - t^2
    first = bend - logs - 2.0 * inverse
    second = bend * bend - delta * delta * (3.0 * a * a + t * t)
    second = second + logs * (2.0 * logs - 3.0 * bend) - 6.0 * inverse * (bend - logs - inverse)
    step = delta * (1.0 + 0.5 * first) / max(1.0 + first + second * (1.0 / 6.0), 0.25)
    return max(-0.5, min(step, 1.0)), miss


@compiled(fast=True, inlined=True, inner=True)
def _far_from_even(logs: float) -> float:
    """The z >= 0 with N(-z) = e^logs <= 1/2, to about 1e-3 of max(z, 0.3)."""
    q = math.sqrt(max(-2.0 * logs, 0.0))
    return max(((1.02565 * q + 0.818573) * q - 2.384875) / (q + 1.021385), 0.0)


@compiled(fast=True, inlined=True, inner=True)
def _bachelier(x: float, part: float, level: float, low: bool) -> tuple[float, float]:
    """Two guesses of w from the normal model's c = (e^x - 1) psi(a), psi(a) = phi(a)/a - N(-a) with a = x/w.

    The first is for the money's neighbourhood, the second for what is out of the money by 0.6 deviations or more; the
    second replaces the first in rows that are `low`. Coefficients of both inversions and of `_far_from_even`: least squares
    in relative error, levelled by reweighting, over all a up to 40; good to 1e-4, 1e-3 and 1e-3.
    """
    growth = 1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0)))  # (e^x - 1)/x
    v = INVERSE_ROOT_TWO_PI * x * growth / (part + 0.5 * x * growth)
    vv = v * v
    close = (part / growth + 0.5 * x) * _ROOT_TWO_PI / (1.0 + vv * (0.5076 + vv * (0.3189 + vv * 1.1718)))
    # The lognormal smile of the normal model: w^2/24 at the money, 2 ln(sinh(x/2)/(x/2)) of a^2 in the wing.
    money = close * (1.0 + close * close * (1.0 / 24.0))
    bulge = x * x / (24.0 + 0.2 * x * x)
    q = math.sqrt(max(-2.0 * (level - bulge - 0.5 * x - logarithm(max(x, 1e-307))), 1.0))
    over = ((0.163726 * q - 0.308859) * q + 0.401352) * q + 0.099976
    far = over / ((0.162752 * q - 0.240443) * q + 1.0)
    wing = x / math.sqrt(max(far * far - 2.0 * bulge, 0.01))
    return money, wing if low & (v >= 0.51) else money


@compiled(fast=True, inlined=True, inner=True)
def _guess(x: float, part: float, room: float, level: float, low: bool, middle: float) -> float:
    """A first w: the normal model's at small deviations, else the quantile of c or 1-c as if d2 stayed at the turn's.

    c = N(d1) - e^x N(-sqrt(d1^2 + 2x)): the second term is in a nearly constant proportion to the first where x is large, and
    so it is in 1-c; at the turn, where c is `middle`, the first is 1/2. And w = d1 + sqrt(d1^2 + 2x).
    """
    money, normal = _bachelier(x, part, level, low)
    wanted = part if low else room
    there = 2.0 * middle if low else 2.0 - 2.0 * middle  # a low row lies below it, so it is not 0
    z = _far_from_even(logarithm(wanted / there))
    sum_of_both = math.sqrt(z * z + 2.0 * x) + z
    smaller = 2.0 * x / sum_of_both
    quantile = smaller if low else sum_of_both
    reach = 0.2 * x if low else money
    return normal if reach < 1.0 else quantile


@compiled(fast=True, inlined=True, inner=True)
def _middle(turn: float) -> float:
    """c at the turn, 1/2 - N(-turn)/phi(turn) phi(0); a few terms of its series where that would cancel."""
    series = INVERSE_ROOT_TWO_PI * turn * (1.0 - turn * (0.6266570686577501 - turn * (1.0 / 3.0)))
    value = 0.5 - INVERSE_ROOT_TWO_PI * mills_over(turn) / mills_under(turn)
    return series if turn < 0.01 else value


@compiled(fast=True, inlined=True, inner=True)
def _begin(x: float, part: float, room: float) -> tuple[float, float, bool, bool, float, float]:
    """First guess, ln c, low, near, and the least and most that w can be."""
    turn = math.sqrt(2.0 * x)
    middle = _middle(turn)
    low = part < middle
    level = logarithm(min(part, 0.5))  # of low rows only, and they are below a half
    w = _guess(x, part, room, level, low, middle)
    w = min(w, turn) if low else max(w, turn)
    near = w < NEAR
    # The series does not mind which side of the turn it is on; rounding may have put a row that lies on it on the other.
    margin = 0.01 * turn if near else 0.0
    return w, level, low, near, 0.0 if low else turn - margin, turn + margin if low else _BEYOND


@compiled(fast=True, inner=True)
def _search(x: float, part: float, room: float, w: float, level: float, low: bool, least: float, most: float) -> float:
    """The w with c(w) = part, by the same steps inside a bracket that only shrinks: slower, and certain to end."""
    least = max(least, part)  # c(w) < w phi(0)
    for _ in range(_HALVINGS):
        near = w < NEAR
        high = not (low | near)
        step, miss = _step(x, w, level, 1.0 / room if high else 1.0 / part, low, near)
        if abs(step) <= _CLOSE:
            return w + w * step
        if (miss > 0.0) == high:
            least = max(least, w)
        else:
            most = min(most, w)
        w += w * step
        if not least < w < most:
            w = math.sqrt(least) * math.sqrt(most)
    return w


@compiled(fast=True, inlined=True, inner=True)
def _advance(rows: Floats) -> int:
    """One step for every row of the block that is not done; how many are still not."""
    left = 0
    for i in range(BLOCK):
        w, low, near = rows[DEVIATION + i], rows[_LOW + i] > 0.0, rows[_NEAR + i] > 0.0
        step, _ = _step(rows[DISTANCE + i], w, rows[_LEVEL + i], rows[_SHARE + i], low, near)
        moved = max(rows[_LEAST + i], min(w + w * step, rows[_MOST + i]))
        going = rows[_BUSY + i] > 0.0
        rows[DEVIATION + i] = moved if going else w
        still = going & (abs(step) > _CLOSE)
        rows[_BUSY + i] = 1.0 if still else 0.0
        left += 1 if still else 0
    return left


@compiled(fast=True)
def solve(rows: Floats, steps: int) -> None:
    """The DEVIATION of a whole block from its DISTANCE, PART and ROOM, in `rows` (ROWS,); 0 < part < 1, room = 1 - part.

    A row that `steps` steps did not settle is searched for. (A constant in place of the argument would be unrolled.)
    """
    for i in range(BLOCK):
        part, room = rows[PART + i], rows[ROOM + i]
        w, level, low, near, least, most = _begin(rows[DISTANCE + i], part, room)
        rows[DEVIATION + i] = w
        rows[_LEVEL + i] = level
        rows[_SHARE + i] = 1.0 / (part if low | near else room)
        rows[_LOW + i] = 1.0 if low else 0.0
        rows[_NEAR + i] = 1.0 if near else 0.0
        rows[_LEAST + i] = least
        rows[_MOST + i] = most
        rows[_BUSY + i] = 1.0
    busy = BLOCK
    for _ in range(steps):
        busy = _advance(rows)
        if busy == 0:
            break
    if busy > 0:
        for i in range(BLOCK):
            if rows[_BUSY + i] > 0.0:
                least, most = rows[_LEAST + i], rows[_MOST + i]
                w, level, low = rows[DEVIATION + i], rows[_LEVEL + i], rows[_LOW + i] > 0.0
                rows[DEVIATION + i] = _search(rows[DISTANCE + i], rows[PART + i], rows[ROOM + i], w, level, low, least, most)


def deviations(distance: Floats, part: Floats, room: Floats) -> Floats:
    """The w (n,) with c(w) = part; `distance` >= 0, 0 < part <= 1, room = 1 - part > 0, all (n,), and no check of that."""
    blocks = -(-distance.size // BLOCK)
    table = np.empty((blocks, ROWS))
    for start, column, spare in ((DISTANCE, distance, 1.0), (PART, part, 0.25), (ROOM, room, 0.75)):
        padded = np.full(blocks * BLOCK, spare)
        padded[: column.size] = column
        table[:, start : start + BLOCK] = padded.reshape(blocks, BLOCK)
    for rows in table:
        solve(rows, STEPS)
    return table[:, DEVIATION : DEVIATION + BLOCK].reshape(-1)[: distance.size]
