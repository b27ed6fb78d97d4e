"""Where a curve made of SVI slices lies below zero: Durrleman's g of one slice, or the gap between two.

Between its turning points a curve is monotone, so its signs there and its limits in the wings decide all; every zero is
bracketed, and halved down on the curve itself to the last digit.
"""

import math

import numpy as np

from flatbook.basics import Floats, Ints
from flatbook.pricing.compiled import compiled
from flatbook.pricing.smiles.turning import turning_points

# Below zero means by more than rounding can make of the terms the curve is summed from: some 1e-15 of their size. A slice
# repaired or lifted onto its bound touches zero, and must not be reported for a dip that nobody can trade.
ROUNDING = 1e-12

_MOST_POINTS = 24
_HALVINGS = 1100  # from any bracket of doubles to neighbours


@compiled(inner=True)
def _terms(slices: Floats, row: int, k: float) -> tuple[float, float, float, float]:
    """w, w', w'' of a slice at k, and the size of what w is summed from. From the least variance up nothing cancels."""
    a, b, rho, m, sigma = slices[row, 0], slices[row, 1], slices[row, 2], slices[row, 3], slices[row, 4]
    y = k - m
    reach = math.sqrt(y * y + sigma * sigma)
    bend = sigma * math.sqrt((1.0 - rho) * (1.0 + rho))
    lift = y + rho * reach
    w = a + b * bend + b * lift * lift / (reach + rho * y + bend)
    part = sigma / reach
    return w, b * lift / reach, b * part * part / reach, abs(a) + b * reach


@compiled(inner=True)
def _height(slices: Floats, k: float) -> tuple[float, float]:
    """The curve at k and its rounding: g of the slice if `slices` is (1, 5), the second less the first if it is (2, 5)."""
    w, slope, curvature, size = _terms(slices, 0, k)
    if slices.shape[0] == 2:
        v, _, _, other_size = _terms(slices, 1, k)
        return v - w, ROUNDING * (size + other_size)
    tilt = 0.5 * k * slope / w
    wing = 0.25 * slope * slope * (1.0 / w + 0.25)
    bend = 0.5 * curvature
    return (1.0 - tilt) * (1.0 - tilt) - wing + bend, ROUNDING * ((1.0 + abs(tilt)) * (1.0 + abs(tilt)) + wing + bend)


@compiled(inner=True)
def _crossing(slices: Floats, below: float, above: float, wing: float) -> float:
    """The zero between a finite k where the curve is below zero, or not, and another; a wing's end is looked for first.

    One of `below` and `above` may be infinite in the direction of `wing`: it is replaced by the first of ever longer strides
    where the curve has the sign that it has in that wing.
    """
    stride = max(1.0, abs(above) if math.isinf(below) else abs(below))
    while math.isinf(below) and stride < 1e150:
        k = above + wing * stride
        if _height(slices, k)[0] < 0.0:
            below = k
        stride *= 2.0
    while math.isinf(above) and stride < 1e150:
        k = below + wing * stride
        if _height(slices, k)[0] >= 0.0:
            above = k
        stride *= 2.0
    if math.isinf(below) or math.isinf(above) or _height(slices, above)[0] < 0.0:
        return above  # not below by rounding alone: where it begins to be counted
    for _ in range(_HALVINGS):
        k = 0.5 * (below + above)
        if not min(below, above) < k < max(below, above):
            break
        if _height(slices, k)[0] < 0.0:
            below = k
        else:
            above = k
    return above


@compiled
def dips(slices: Floats, factors: Floats, rows: Ints, left_end: float, right_end: float, out: Floats) -> tuple[int, float, float]:
    """Where the curve of `slices` is below zero, into the rows (from, to) of `out`; how many rows, its least value, and where.

    `factors` and `rows` are the recipe of its turning points, `left_end` and `right_end` its limits in the wings.
    """
    points = np.empty(_MOST_POINTS + 1)
    count = turning_points(slices, factors, rows, points)
    found, least, at = 0, left_end, -math.inf
    inside, last = left_end < 0.0, -math.inf
    if inside:
        out[0, 0] = -math.inf
    for i in range(count + 1):
        k = points[i] if i < count else math.inf
        value, rounding = _height(slices, k) if i < count else (right_end, 0.0)
        if value < least:
            least, at = value, k
        now = value < -rounding
        if now != inside:
            wing = 1.0 if i == count else -1.0
            edge = _crossing(slices, k, last, wing) if now else _crossing(slices, last, k, wing)
            out[found, 1 if inside else 0] = edge
            found += inside
        inside, last = now, k
    if inside:
        out[found, 1] = math.inf
        found += 1
    return found, least, at
