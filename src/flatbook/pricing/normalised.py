"""Black's price in its own units, without cancellation: what a deviation is worth, and how well a price remembers it.

An option out of the money is worth the part c of its upper bound min(F, K), and 1 - c is its room. With the distance
x = |ln(F/K)|, the deviation w = vol sqrt(years), a = x/w, t = w/2, d1 = t - a and d2 = -(t + a),

    c = phi(d1) (R(-d1) - R(-d2)),  1 - c = phi(d1) (R(d1) + R(-d2)),  dc/dw = phi(d1),

where R is the Mills ratio N(-z)/phi(z). So c/(w phi(d1)), the difference over w, is the condition number of w on c: how many
times the relative error of the price the deviation errs; and for the room alike, with the sum.

A difference of two close Mills ratios loses its digits. Below w = 1/2 it is the series 2 sum g_n t^n over odd n, where
g_n(a) = integral of u^n/n! exp(-a u - u^2/2) du over u > 0 obeys g_(n-1) = a g_n + (n+1) g_(n+1) and g_-1 = 1: run
downwards, every term is positive, nothing cancels, and an error made at the top dies out on the way.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import NOT_NEGATIVE, Rule, columns, shaped
from flatbook.pricing.compiled import compiled
from flatbook.pricing.normal import INVERSE_ROOT_TWO_PI, exponential, mills_over, mills_under

NEAR = 0.5  # the series holds to rounding somewhat beyond this deviation, and two Mills ratios are far enough apart
FURTHEST_MONEYNESS = 1400.0

_MONEYNESS = Rule(lambda x: np.abs(x) <= FURTHEST_MONEYNESS, "ln(F/K), between -1400 and 1400")
_LOWEST_EXPONENT = -708.0
_LEAST, _MOST = 1e-300, 1e4  # deviations beyond these are worth nothing, and the whole bound


@compiled(fast=True, inlined=True, inner=True)
def _series(a: float, t: float) -> tuple[float, float]:
    """Sum of g_n t^(n-1) over odd n to 15, and g_-1, both in the same arbitrary unit: only their ratio is meant."""
    # g_16 : g_15 as a rational function in a, fitted in 80-digit arithmetic to 2e-17 of g_1, by least squares weighted
    # with how much of its error reaches g_1 (at a = 1 a 300th, at a = 5 next to nothing) and levelled by reweighting.
    g16 = 4.279095934281227e-06
    g16 = g16 * a + 0.00010523701252086749
    g16 = g16 * a + 0.0030796349757039555
    g16 = g16 * a + 0.015956347487452786
    g16 = g16 * a + 0.2461266013679579
    g15 = 3.6388208424543174e-06
    g15 = g15 * a + 0.00013531254163774004
    g15 = g15 * a + 0.002452817376431513
    g15 = g15 * a + 0.028171434756859494
    g15 = g15 * a + 0.18975391043801101
    g15 = g15 * a + 1.0
    s = t * t
    g14 = a * g15 + 16.0 * g16
    g13 = a * g14 + 15.0 * g15
    total = g15 * s + g13
    g12 = a * g13 + 14.0 * g14
    g11 = a * g12 + 13.0 * g13
    total = total * s + g11
    g10 = a * g11 + 12.0 * g12
    g9 = a * g10 + 11.0 * g11
    total = total * s + g9
    g8 = a * g9 + 10.0 * g10
    g7 = a * g8 + 9.0 * g9
    total = total * s + g7
    g6 = a * g7 + 8.0 * g8
    g5 = a * g6 + 7.0 * g7
    total = total * s + g5
    g4 = a * g5 + 6.0 * g6
    g3 = a * g4 + 5.0 * g5
    total = total * s + g3
    g2 = a * g3 + 4.0 * g4
    g1 = a * g2 + 3.0 * g3
    g0 = a * g1 + 2.0 * g2
    return total * s + g1, a * g0 + g1


@compiled(fast=True, inlined=True)
def condition(a: float, t: float, near: bool, low: bool) -> float:
    """The condition number of w on c, c/(w phi(d1)), if `near` or `low`; else on the room, (1-c)/(w phi(d1)).

    `near`: by the series, for w up to about 1/2, on either side of d1 = 0. Else `low` says that d1 <= 0.
    """
    series_over, series_under = _series(a, t)
    y, z = abs(t - a), t + a
    under_y, under_z = mills_under(y), mills_under(z)
    first, second = mills_over(y) * under_z, mills_over(z) * under_y
    ratios = first - second if low else first + second
    over = series_over if near else ratios
    under = series_under if near else under_y * under_z * 2.0 * t
    return over / under


@compiled(fast=True, inlined=True, inner=True)
def _out_of_the_money(x: float, s: float) -> float:
    """Jaeckel's b(-x, s) for x >= 0 and s >= 0."""
    w = min(max(s, _LEAST), _MOST)
    a, t = min(x / w, _MOST), 0.5 * w
    near, low = w < NEAR, a > t
    exponent = -0.5 * (a * a + t * t)  # phi(d1) e^(-x/2), together
    alive = exponent > _LOWEST_EXPONENT
    density = INVERSE_ROOT_TWO_PI * exponential(max(exponent, _LOWEST_EXPONENT)) if alive else 0.0
    value = density * condition(a, t, near, low) * min(s, _MOST)
    return value if near | low else exponential(-0.5 * x) - value


@compiled(fast=True)
def _normalised_prices(x: Floats, s: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = _out_of_the_money(abs(x[i]), s[i])


def normalised_black(x: ArrayLike, s: ArrayLike) -> Any:
    """Black's undiscounted call in units of sqrt(F K): b = N(x/s + s/2) e^(x/2) - N(x/s - s/2) e^(-x/2).

    `x` = ln(F/K), `s` = vol sqrt(years) >= 0, scalars or arrays that broadcast together; b has their shape. The put is
    b(-x, s). Full relative accuracy where x <= 0 as far as x and s determine it, which is (x/s)^2 roundings; prices below
    1e-308 are 0. Raises ValueError for s negative or not finite and |x| above 1400. Source: Jaeckel, "Let's be
    rational" (2015).
    """
    shape, (each_x, each_s) = columns({"x": _MONEYNESS, "s": NOT_NEGATIVE}, x=x, s=s)
    out = np.empty(each_x.size)
    _normalised_prices(each_x, each_s, out)
    return shaped(out + np.maximum(2.0 * np.sinh(0.5 * each_x), 0.0), shape)
