"""How badly a slice misses its quotes and the laws of no arbitrage, with the slopes that a least-squares step needs.

A slice is fitted in its own units: log-moneyness x = k/u, variance y = w/u^2 and vol v = sqrt(y), where u is a typical
deviation vol*sqrt(years) of its quotes. SVI keeps its form under that change, and three hours and a year look alike. What
is moved are the variance at the `middle`, the slopes of the `left` and `right` wing, the middle itself and the `bend`
there:

    y(x) = height + left (R - z - bend)/2 + right (R + z - bend)/2,   z = x - middle,   R = sqrt(z^2 + bend^2)

so b = (left + right)/2 and rho b = (right - left)/2. Lee's bound on a wing's slope and the order of wings in the calendar are
then plain bounds on two numbers; and as a smile grows rounder without end, a parabola, height and middle stand still, where
raw SVI's a runs away to minus infinity.

Few functions, some of them long: every compiled function costs a twentieth of a second at the first start.
"""

import math

from flatbook.basics import Floats
from flatbook.pricing.compiled import compiled

HEIGHT, LEFT, RIGHT, MIDDLE, BEND = range(5)
SHAPE = 5

# Rows of a table of quotes, in the slice's units: where, the vol aimed at, how far the vol may lie below and above the aim
# without missing the quote, one over the half-spread, how strongly the aim pulls (0: one-sided), and a weight (0: not used).
PLACE, AIM, BELOW, ABOVE, PER_SPREAD, PULL, WEIGHT = range(7)
QUOTE_ROWS = 7

# Rows of a table of places where the laws are tested: where (PLACE), the least and most vol that the neighbours allow, and how
# firmly that most holds, 1 where a later slice is quoted.
LEAST, MOST, FIRM = 1, 2, 3
LAW_ROWS = 4

LEAST_DENSITY = 0.002  # what Durrleman's g is kept above: at zero itself rounding would decide

_DARK = 1e-4  # a variance below this has its root continued as a straight line, so that a search may cross zero and come back
_USUAL = (1.0, 0.7, 0.7, 0.0, 2.0)  # the shape of real smiles, roughly
_LEAST_RADIUS = 1e-300


@compiled
def smile_along(shape: Floats, x: float, unit: float, vol_by: Floats, g_by: Floats) -> tuple[float, float]:
    """The vol v(x) and Durrleman's g(x), >= 0 where there is a density; their derivatives by the shape into `vol_by`, `g_by`."""
    left, right, bend = shape[LEFT], shape[RIGHT], shape[BEND]
    z = x - shape[MIDDLE]
    r = math.sqrt(z * z + bend * bend) + _LEAST_RADIUS
    lean, turn = z / r, bend / r
    puts, calls = 0.5 * (r - z - bend), 0.5 * (r + z - bend)
    y = shape[HEIGHT] + left * puts + right * calls
    safe = y if y > _DARK else _DARK
    root = math.sqrt(safe)
    half, per_y = 0.5 / root, 1.0 / safe
    total = 0.5 * (left + right)
    slope = total * lean + 0.5 * (right - left)
    vol_by[HEIGHT] = half
    vol_by[LEFT] = half * puts
    vol_by[RIGHT] = half * calls
    vol_by[MIDDLE] = -half * slope
    vol_by[BEND] = half * total * (turn - 1.0)

    bow = turn * turn / r
    chord, steep = 1.0 - 0.5 * x * slope * per_y, per_y + 0.25 * unit * unit
    by_y = per_y * per_y * (chord * x * slope + 0.25 * slope * slope)
    by_slope = -chord * x * per_y - 0.5 * slope * steep
    g_by[HEIGHT] = by_y
    g_by[LEFT] = by_y * puts + by_slope * 0.5 * (lean - 1.0) + 0.25 * bow
    g_by[RIGHT] = by_y * calls + by_slope * 0.5 * (lean + 1.0) + 0.25 * bow
    g_by[MIDDLE] = -by_y * slope - by_slope * total * bow + 1.5 * total * bow * lean / r
    g_by[BEND] = total * (by_y * (turn - 1.0) - by_slope * lean * turn / r + turn / (r * r) * (1.0 - 1.5 * turn * turn))
    return root + half * (y - safe), chord * chord - 0.25 * slope * slope * steep + 0.5 * total * bow


@compiled(inner=True)
def _add(by: Floats, push: float, stiffness: float, gradient: Floats, curvature: Floats) -> None:
    """Add one residual's part to the gradient and to the upper triangle of the Gauss-Newton matrix."""
    for i in range(SHAPE):
        gradient[i] += push * by[i]
        scaled = stiffness * by[i]
        for j in range(i, SHAPE):
            curvature[i, j] += scaled * by[j]


@compiled
def misfit(
    shape: Floats, quotes: Floats, laws: Floats, unit: float, patience: float, force: float, softly: float, prior: float,
    vol_by: Floats, g_by: Floats, gradient: Floats, curvature: Floats,
) -> float:  # fmt: skip
    """The cost of a shape; its gradient and Gauss-Newton matrix (upper triangle) are written over the last two arguments.

    A quote costs, in half-spreads, the square of what lies outside bid and ask and a little of what lies off the aim, both
    bent to straight lines beyond `patience` as Huber does. The laws cost `force` times the square of what g lacks and of what
    the vol lacks to the least; `softly` times the square of what it is above the most, as firmly
    as that holds. `prior` is what a shape far from the usual costs, for where quotes cannot tell.
    """
    cost = 0.0
    for i in range(SHAPE):
        off = shape[i] - _USUAL[i]
        stiffness = prior if i > HEIGHT else 0.0
        cost += 0.5 * stiffness * off * off
        gradient[i] = stiffness * off
        for j in range(i, SHAPE):
            curvature[i, j] = stiffness if i == j else 0.0
    for i in range(quotes.shape[1]):
        v, g = smile_along(shape, quotes[PLACE, i], unit, vol_by, g_by)
        off, per, pull = v - quotes[AIM, i], quotes[PER_SPREAD, i], quotes[PULL, i]
        outside = (
            off - quotes[ABOVE, i] if off > quotes[ABOVE, i] else (off + quotes[BELOW, i] if off < -quotes[BELOW, i] else 0.0)
        )
        near, far = abs(off) * per, abs(outside) * per
        bent = patience / near if near > patience else 1.0
        bent_far = patience / far if far > patience else 1.0
        push = per * per * quotes[WEIGHT, i]
        cost += 0.5 * push * (pull * off * off * bent * (2.0 - bent) + outside * outside * bent_far * (2.0 - bent_far))
        stiffness = push * (pull * bent + (bent_far if outside != 0.0 else 0.0))
        _add(vol_by, push * (pull * off * bent + outside * bent_far), stiffness, gradient, curvature)
    for i in range(laws.shape[1]):
        v, g = smile_along(shape, laws[PLACE, i], unit, vol_by, g_by)
        lacks = LEAST_DENSITY - g
        if lacks > 0.0:
            cost += 0.5 * force * lacks * lacks
            _add(g_by, -force * lacks, force, gradient, curvature)
        off = v - laws[LEAST, i] if v < laws[LEAST, i] else (v - laws[MOST, i] if v > laws[MOST, i] else 0.0)
        if off != 0.0:
            press = force if off < 0.0 else softly * laws[FIRM, i]
            cost += 0.5 * press * off * off
            _add(vol_by, press * off, press, gradient, curvature)
    return cost
