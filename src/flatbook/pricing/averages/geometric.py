"""Options on a geometric average: the logarithm of the average is normal, so Black's formula is exact."""

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import shaped
from flatbook.pricing.averages.blacks import black_values
from flatbook.pricing.averages.schedule import Averages, averages


def asian_geometric(
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
    """Price of an option on the geometric average of a lognormal price, fixed at `years`: exact, in closed form.

    Arguments are those of `asian_arithmetic`, but `average` is the geometric mean of what is fixed already. They
    broadcast; the price has their shape, in the unit of `spot`, discounted at `rate`. Error: that of Black's formula,
    1e-13 relative. ValueError names an argument that will not do. Source: Kemna and Vorst (1990); Turnbull and
    Wakeman (1991) for fixings on dates.
    """
    shape, rows = averages(spot, strike, years, vol, sign, rate, carry, fixings, elapsed, average, first)
    values = black_values(geometric_forward(rows), rows.strike, rows.weight * rows.deviation, rows.sign)
    return shaped(rows.discount * values, shape)


def geometric_forward(rows: Averages) -> Floats:
    """Expected final geometric average: exp of the mean and half the variance of its logarithm."""
    mean = (rows.drift - 0.5 * rows.vol**2) * (rows.first + 0.5 * rows.length)
    so_far = np.where(rows.weight < 1.0, (1.0 - rows.weight) * np.log(np.where(rows.weight < 1.0, rows.average, 1.0)), 0.0)
    to_come = rows.weight * (np.log(rows.spot) + mean) + 0.5 * (rows.weight * rows.deviation) ** 2
    return np.exp(so_far + to_come)
