"""Curran's lower bound on an option on an arithmetic average, by conditioning on the geometric one."""

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import shaped
from flatbook.pricing.averages.blacks import black_values
from flatbook.pricing.averages.schedule import Averages, averages

_QUADRATURE_NODES, _QUADRATURE_WEIGHTS = np.polynomial.legendre.leggauss(48)
_NEWTON_STEPS = 60
_SETTLED = 1e-15
_AT_ONCE = 200_000  # numbers, rows x dates, held in memory together


def curran_bound(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    vol: ArrayLike,
    sign: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    fixings: ArrayLike | None = None,
    elapsed: ArrayLike = 0.0,
    average: ArrayLike | None = None,
    first: ArrayLike | None = None,
) -> Floats:
    """Lower bound on the price of an option on an arithmetic average, tight: below it by parts in ten thousand.

    The pay-off on the average's expectation given the geometric average, max(sign (E[A|G] - K), 0), is never worth more
    than the pay-off on A itself. Arguments, units, sign and shapes are those of `asian_arithmetic`; a few microseconds
    a row. Error of the bound itself: 1e-13 relative, and of a continuous average that of 48 Gauss nodes, as small.
    ValueError names an argument that will not do. Sources: Curran (1994); Rogers and Shi (1995).

    Given G every fixing S_i is lognormal and grows with G, so that there is one G at which E[A|G] = K, and the bound is
    a sum of Black's values: fixing i struck at K_i = E[S_i|G] there, with deviation Cov(ln S_i, ln G)/Std(ln G).
    """
    shape, rows = averages(spot, strike, years, vol, sign, rate, carry, fixings, elapsed, average, first)
    values = np.maximum(rows.sign * (rows.weight * rows.spot * rows.growth - rows.shortfall), 0.0)
    open_rows = np.flatnonzero((rows.shortfall > 0.0) & (rows.weight * rows.deviation > 0.0))
    for count in np.unique(rows.dates[open_rows]):
        alike = open_rows[rows.dates[open_rows] == count]
        dates = int(count) if np.isfinite(count) else _QUADRATURE_NODES.size
        at_once = max(1, _AT_ONCE // dates)
        for start in range(0, alike.size, at_once):
            part = alike[start : start + at_once]
            values[part] = _bounds(rows.rows(part), float(count))
    return shaped(rows.discount * values, shape)


def _bounds(rows: Averages, count: float) -> Floats:
    """Undiscounted bounds of rows with the same number of fixings to come."""
    forwards, deviations, weights = _terms(rows, count)
    contributions = rows.weight[:, None] * weights * forwards
    level = _level_at(contributions, deviations, rows.shortfall)[:, None]
    strikes = contributions * np.exp(deviations * level - 0.5 * deviations**2)
    return black_values(contributions, strikes, deviations, rows.sign[:, None]).sum(axis=1)


def _terms(rows: Averages, count: float) -> tuple[Floats, Floats, Floats]:
    """Per row and date: the forward, the deviation that the geometric average accounts for, and the weights of dates."""
    first, length = rows.first[:, None], rows.length[:, None]
    if np.isfinite(count):
        index = np.arange(count)
        share = index / max(count - 1.0, 1.0)
        weights = np.full(index.size, 1.0 / count)
        # The mean over j of min(i, j), in steps, for the dates i = 0 ... count - 1.
        shared = (index * (count - 1.0) - 0.5 * index * (index - 1.0)) / (count * max(count - 1.0, 1.0))
    else:
        share = 0.5 * (1.0 + _QUADRATURE_NODES)
        weights = 0.5 * _QUADRATURE_WEIGHTS
        shared = share - 0.5 * share**2
    forwards = rows.spot[:, None] * np.exp(rows.drift[:, None] * (first + length * share))
    covariance = rows.vol[:, None] ** 2 * (first + length * shared)
    return forwards, covariance / rows.deviation[:, None], weights


def _level_at(contributions: Floats, deviations: Floats, target: Floats) -> Floats:
    """The standard normal z at which sum of c_i exp(d_i z - d_i^2/2) is the target, row by row.

    The logarithm of the sum is convex and increasing in z, so that Newton's steps fall monotonically to the root from
    any point above it. By the geometric mean the sum reaches its target at the start chosen here at the latest.
    """
    shares = contributions / contributions.sum(axis=1, keepdims=True)
    logs = np.log(contributions) - 0.5 * deviations**2
    wanted = np.log(target)
    # Jensen: ln sum c_i e^(d_i z - d_i^2/2) >= ln C + sum of shares (d_i z - d_i^2/2).
    slope = (shares * deviations).sum(axis=1)
    z = (wanted - np.log(contributions.sum(axis=1)) + 0.5 * (shares * deviations**2).sum(axis=1)) / slope
    for _ in range(_NEWTON_STEPS):
        powers = logs + deviations * z[:, None]
        top = powers.max(axis=1, keepdims=True)
        terms = np.exp(powers - top)
        total = terms.sum(axis=1)
        step = (np.log(total) + top[:, 0] - wanted) * total / (terms * deviations).sum(axis=1)
        z = z - step
        if np.all(np.abs(step) <= _SETTLED * (1.0 + np.abs(z))):
            break
    return z
