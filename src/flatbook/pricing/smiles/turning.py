"""Where the curves of `dips` may turn: polynomials in u, built from quadratics by a list of products.

With k = m + sigma (u - 1/u)/2, u > 0, the root of the hyperbola goes away: sqrt((k - m)^2 + sigma^2) = sigma (u + 1/u)/2,
and w, w', w'' are rational in u. D = u^2 + 1, W = u w, P = D w', K = u k are quadratics, and so is Y = u (k - other m).

A recipe is a table of steps, each adding a factor times the product of two rows of a pad to a third. One loop that reads a
table compiles once; the same written out as calls takes the compiler seconds.
"""

import math

import numpy as np

from flatbook.basics import Floats, Ints
from flatbook.pricing.compiled import compiled
from flatbook.pricing.smiles.roots import COLUMNS, LONGEST, ROOTS_PAD, positive_roots

_MADE = 9  # rows before this are given
(_ONE, _U, _D, _W, _P, _K, _BEND, _W_SLOPE, _D_SLOPE, _LEAN, _WD, _PP, _PPW, _WW, _SUM, _N, _N_SLOPE, _X, _LEFT, _RIGHT) = range(
    20
)
_Y, _Q, _SPREAD, _YD, _YY, _QQ = _W, _P, _BEND, _LEAN, _WD, _PP
_DERIVATIVE = -1  # in the place of a second row: the derivative of the first
_NOISE = 1e-14

# g = N / (W^2 D^3), N = (W D - K P/2)^2 D - P^2 W^2 D/16 - P^2 W u D/4 + (4b/sigma) u^3 W^2 of degree 10, so that g turns
# where N' W D = N (2 W' D + 3 D' W). The highest of its powers cancels: degree 12.
_RECIPE_OF_G = (
    (1.0, _W, _D, _WD),
    (1.0, _W, _D, _LEAN),
    (-0.5, _K, _P, _LEAN),
    (1.0, _P, _P, _PP),
    (1.0, _PP, _W, _PPW),
    (1.0, _LEAN, _LEAN, _SUM),
    (-0.0625, _PPW, _W, _SUM),
    (-0.25, _PPW, _U, _SUM),
    (1.0, _W, _W, _WW),
    (1.0, _SUM, _D, _N),
    (1.0, _BEND, _WW, _N),
    (1.0, _N, _DERIVATIVE, _N_SLOPE),
    (2.0, _W_SLOPE, _D, _X),
    (3.0, _D_SLOPE, _W, _X),
    (1.0, _N_SLOPE, _WD, _LEFT),
    (1.0, _N, _X, _RIGHT),
)

# The slopes of two slices agree where Q = D (w' - b r) equals b D Y / sqrt(Y^2 + s^2 u^2), with b, r, s the first's b, rho,
# sigma and w' the second's; or where their squares do.
_RECIPE_OF_GAP = (
    (1.0, _Y, _D, _YD),
    (1.0, _Y, _Y, _YY),
    (1.0, _ONE, _SPREAD, _YY),
    (1.0, _Q, _Q, _QQ),
    (1.0, _QQ, _YY, _LEFT),
    (1.0, _YD, _YD, _RIGHT),
)


def recipe(of_gap: bool) -> tuple[Floats, Ints]:
    """Factors and rows of the steps that give the turning points of g, or of the gap between two slices."""
    steps = _RECIPE_OF_GAP if of_gap else _RECIPE_OF_G
    return np.array([step[0] for step in steps]), np.array([step[1:] for step in steps])


@compiled(inner=True)
def _follow(factors: Floats, rows: Ints, pad: Floats) -> None:
    """Take every step of a recipe: pad[out] += factor * pad[one] * pad[other], or the derivative of pad[one]."""
    for step in range(factors.size):
        factor, one, other, out = factors[step], rows[step, 0], rows[step, 1], rows[step, 2]
        for i in range(LONGEST):
            if other == _DERIVATIVE:
                pad[out, i] += (i + 1.0) * pad[one, i + 1]  # the column after the last power is 0
            else:
                for j in range(i + 1):
                    pad[out, i] += factor * pad[one, j] * pad[other, i - j]


@compiled(inner=True)
def _give_slice(slices: Floats, pad: Floats) -> None:
    """The quadratics of one slice."""
    a, b, rho, m, sigma = slices[0, 0], slices[0, 1], slices[0, 2], slices[0, 3], slices[0, 4]
    half = 0.5 * sigma
    pad[_P, 0], pad[_P, 2] = -b * (1.0 - rho), b * (1.0 + rho)
    pad[_W, 0], pad[_W, 1], pad[_W, 2] = -half * pad[_P, 0], a, half * pad[_P, 2]
    pad[_K, 0], pad[_K, 1], pad[_K, 2] = -half, m, half
    pad[_W_SLOPE, 0], pad[_W_SLOPE, 1] = a, 2.0 * pad[_W, 2]
    pad[_D, 0], pad[_D, 2], pad[_D_SLOPE, 1] = 1.0, 1.0, 2.0
    pad[_U, 1], pad[_BEND, 3] = 1.0, 4.0 * b / sigma


@compiled(inner=True)
def _give_pair(slices: Floats, pad: Floats) -> None:
    """The quadratics of two slices, in the u of the second."""
    b, tilt = slices[0, 1], slices[0, 1] * slices[0, 2]
    own, rho, half = slices[1, 1], slices[1, 2], 0.5 * slices[1, 4]
    pad[_ONE, 0], pad[_D, 0], pad[_D, 2] = 1.0, b, b
    pad[_SPREAD, 2] = slices[0, 4] * slices[0, 4]
    pad[_Y, 0], pad[_Y, 1], pad[_Y, 2] = -half, slices[1, 3] - slices[0, 3], half
    pad[_Q, 0], pad[_Q, 2] = -own * (1.0 - rho) - tilt, own * (1.0 + rho) - tilt


@compiled
def turning_points(slices: Floats, factors: Floats, rows: Ints, out: Floats) -> int:
    """Rising k between which the curve of one slice, or of two, is monotone, into `out`; how many.

    Where the two roots of a squared equation fall together they may be missed: it is where the first slice is at its own
    m, or either at its least, and these are always among the points. One too many does no harm.
    """
    pad, roots = np.zeros((ROOTS_PAD + _RIGHT + 1, COLUMNS)), np.empty(LONGEST)
    last = slices.shape[0] - 1
    if last == 0:
        _give_slice(slices, pad)
    else:
        _give_pair(slices, pad)
    _follow(factors, rows, pad)
    for i in range(LONGEST):
        # Slices of one shape, or without one, differ by rounding alone: that is no polynomial to look for roots in.
        left, right = pad[_LEFT, i], pad[_RIGHT, i]
        pad[_RIGHT + 1, i] = left - right if abs(left - right) > _NOISE * (abs(left) + abs(right)) else 0.0
    found = positive_roots(pad, _RIGHT + 1, LONGEST - 5 * last, roots)
    for i in range(found):
        out[i] = slices[last, 3] + 0.5 * slices[last, 4] * (roots[i] - 1.0 / roots[i])
    for i in range(last + 1):
        rho, m, sigma = slices[i, 2], slices[i, 3], slices[i, 4]
        out[found], out[found + 1] = m, m - rho * sigma / math.sqrt((1.0 - rho) * (1.0 + rho))
        found += 2
    _sort(out, found)
    return found


@compiled(inner=True)
def _sort(numbers: Floats, count: int) -> None:
    for i in range(1, count):
        j, number = i, numbers[i]
        while j > 0 and numbers[j - 1] > number:
            numbers[j] = numbers[j - 1]
            j -= 1
        numbers[j] = number
