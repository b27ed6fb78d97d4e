"""European options under Heston to nearly full relative accuracy, however far out of the money, with its error stated."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats, Ints
from flatbook.pricing.arguments import columns, shaped
from flatbook.pricing.heston.contour import Contour, along, contours, log_integrand
from flatbook.pricing.heston.parameters import HestonParameters, total_variance

_FIRST_POINTS = 16  # intervals of the trapezoid rule at first; doubled until two agree
_MOST_POINTS = 8192
_AGREED = 1e-10  # relative; the finer of two that agree so well errs by about the square of this
_ACCURATE = 1e-8
_TOGETHER = 1 << 15  # points evaluated at once: what stays in the processor's cache
_ROUNDING = 3e-15
_NO_VARIANCE = 1e-290  # less than this over an option's life cannot be told from none


class HestonPrice(NamedTuple):
    """Prices in the broadcast shape of what was asked, with what is known about their error."""

    price: Floats
    error: Floats  # estimated absolute error of the out-of-the-money price underneath, discounted
    accurate: Flags  # whether that is within 1e-8 of the out-of-the-money price itself


def heston_price(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    sign: ArrayLike,
    parameters: HestonParameters,
    discount: ArrayLike = 1.0,
) -> HestonPrice:
    """What European options are worth when the variance of the forward is itself random and reverts to a mean (Heston).

    `forward`, `strike`, `years` (ACT/365), `sign` (+1 call, -1 put) and `discount` are scalars or arrays that broadcast;
    `parameters` are one set for all. With a spot, a rate r and a carry q, all continuous, the forward is
    spot e^((r-q) years) and the discount e^(-r years). Prices are `discount` times the expected pay-off, in the
    forward's currency. At `years` 0, or without any variance, a price is intrinsic value; a price whose logarithm is below
    about -700 is 0.

    The out-of-the-money side is integrated through the saddle point of its transform and the other side follows by
    parity, so a price of 1e-100 has its digits as well as one of 10. `error` is what two refinements of the integral
    and rounding leave open; a row that could not be brought within 1e-8 of itself says so in `accurate`.

    Raises ValueError naming the argument that is not what it must be. Sources: Heston (1993); Lord and Kahl (2007);
    Boyarchenko and Levendorskii (2019).
    """
    shape, (f, k, t, s, df) = columns(forward=forward, strike=strike, years=years, sign=sign, discount=discount)
    moneyness = np.log(k / f)
    alive = total_variance(parameters, t) > _NO_VARIANCE
    part, error = np.zeros(f.size), np.zeros(f.size)
    if alive.any():
        part[alive], error[alive] = _outside(moneyness[alive], t[alive], parameters)
    intrinsic = np.maximum(s * (f - k), 0.0)
    price = df * (intrinsic + f * np.clip(part, 0.0, np.minimum(1.0, k / f)))
    accurate = error <= _ACCURATE * part
    return HestonPrice(shaped(price, shape), shaped(df * f * error, shape), shaped(accurate, shape))


def _outside(moneyness: Floats, years: Floats, parameters: HestonParameters) -> tuple[Floats, Floats]:
    """Out-of-the-money prices per unit of forward, undiscounted, and their estimated errors."""
    contour = contours(moneyness, years, parameters)
    integral, error = _integrals(contour, moneyness, years, parameters)
    scale = np.exp(contour.peak)
    return contour.residue + scale * integral, scale * error


def _integrals(contour: Contour, moneyness: Floats, years: Floats, parameters: HestonParameters) -> tuple[Floats, Floats]:
    """The integral over each row's contour, over e^peak, and its error: points are doubled where two rules disagree."""
    rows: Ints = np.arange(moneyness.size)
    integral, error = np.empty(rows.size), np.empty(rows.size)
    points = _FIRST_POINTS
    coarse = _sums(rows, points, 0.0, contour, moneyness, years, parameters)[0]
    while rows.size:
        between, size = _sums(rows, points, 0.5, contour, moneyness, years, parameters)
        fine = 0.5 * (coarse + between)
        gap = np.abs(fine - coarse)
        floor = _rounding(contour, moneyness)[rows] * size
        integral[rows], error[rows] = fine, gap + floor
        points *= 2
        target = np.abs(fine + np.exp(-np.where(contour.residue[rows] > 0.0, contour.peak[rows], np.inf)))
        open_ = (gap > _AGREED * target) & (gap > floor) & (points < _MOST_POINTS)
        rows, coarse = rows[open_], fine[open_]
    return integral, error


def _rounding(contour: Contour, moneyness: Floats) -> Floats:
    """The relative error that rounding leaves in an integrand whose logarithm is a difference of larger numbers."""
    return _ROUNDING * (4.0 + np.abs(contour.peak) + 2.0 * np.abs(moneyness * contour.less_one))


def _sums(
    rows: Ints, points: int, offset: float, contour: Contour, moneyness: Floats, years: Floats, parameters: HestonParameters
) -> tuple[Floats, Floats]:
    """`points` steps of the trapezoid rule (offset 0) or the midpoint rule (0.5) for some rows, and that of |integrand|."""
    total, size = np.empty(rows.size), np.empty(rows.size)
    grid = np.arange(points + (offset == 0.0)) + offset
    weight = np.where((grid == 0.0) | (grid == points), 0.5, 1.0) / np.pi
    block = max(1, _TOGETHER // points)
    for start in range(0, rows.size, block):
        some = slice(start, start + block)
        of = rows[some]
        here = Contour(*(column[of] for column in contour))
        h = here.length / points
        step, power, slope = along(here, h[:, None] * grid)
        exponent = log_integrand(here, step, power, moneyness[of], years[of], parameters)
        value = np.exp(exponent) * slope / (power * (here.less_one[:, None] + step))
        total[some], size[some] = h * (value.real @ weight), h * (np.abs(value) @ weight)
    return total, size
