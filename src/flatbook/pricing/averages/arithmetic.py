"""Options on an arithmetic average, exactly: by convolution over the fixings, and its limit for a continuous average."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats, Ints
from flatbook.pricing.arguments import shaped
from flatbook.pricing.averages.convolution import Chain, chain_values
from flatbook.pricing.averages.schedule import Averages, averages

_LEVELS = (8, 16, 32, 64, 128, 256)  # steps of the trapezoid rules that a continuous average is extrapolated from
_AGREED = 1e-13  # of the spot: two extrapolations this close are as good as rounding allows
_ROUNDING = 1e-14  # of spot and strike
_SMALLEST_DEVIATION = 1e-10  # below it, as in Black's formula, the average is certain


class AsianPrice(NamedTuple):
    """A price in the unit of the spot, and an estimate of its error in the same unit, from the method's own checks."""

    price: Floats
    error: Floats


def asian_arithmetic(
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
) -> AsianPrice:
    """Price of an option on the arithmetic average of a lognormal price whose last fixing is at `years`, exactly.

    `spot` and `strike` are in one currency, `vol` annual, `sign` +1 call or -1 put. As for `black_scholes`, `rate` is the
    interest of that currency and `carry` the yield of holding the spot: the forward is spot * e^((rate - carry) years)
    and the pay-off, at `years`, is discounted at `rate`. `fixings` None is a continuous average, else the number of
    fixings. What is fixed already: `elapsed` fixings, or the share of a continuous average's time, with mean `average`
    (NaN or None where nothing is). What is to come ends at `years` and is evenly spaced; `first` is the time to the next
    fixing, by default one spacing from now, or the time until a continuous average begins, by default now.

    All broadcast; price and error estimate have their shape. Rows that share vol, drift and dates share the work. Error
    where vol^2 years is below 4, with up to some hundred fixings: 1e-13 of spot. The estimate says so, or otherwise.
    ValueError names an argument that will not do. Sources: Carverhill and Clewlow (1990) for the recursion; the error
    of the trapezoid rule in the number of steps n is a series in 1/n^2, which Richardson's extrapolation removes.
    """
    shape, rows = averages(spot, strike, years, vol, sign, rate, carry, fixings, elapsed, average, first)
    price, error = _without_doubt(rows), np.zeros(rows.spot.size)
    open_rows = (rows.shortfall > 0.0) & (rows.weight * rows.deviation > _SMALLEST_DEVIATION)
    for group in _alike(rows, np.flatnonzero(open_rows)):
        price[group], error[group] = _group_values(rows.rows(group))
    return AsianPrice(shaped(rows.discount * price, shape), shaped(rows.discount * error, shape))


def _without_doubt(rows: Averages) -> Floats:
    """Undiscounted value if the average comes out as expected: exact where exercise is certain or the price is."""
    return np.maximum(rows.sign * (rows.weight * rows.spot * rows.growth - rows.shortfall), 0.0)


def _alike(rows: Averages, places: Ints) -> list[Ints]:
    """Places of rows whose averages have one law, up to the level of the spot."""
    keys = np.stack([rows.vol, rows.drift, rows.dates, rows.first, rows.length])[:, places]
    _, kind = np.unique(keys, axis=1, return_inverse=True)
    return [places[kind == each] for each in range(int(kind.max(initial=-1)) + 1)]


def _group_values(rows: Averages) -> tuple[Floats, Floats]:
    """Undiscounted values and errors of rows that are alike."""
    first, length = float(rows.first[0]), float(rows.length[0])
    vol, drift, count = float(rows.vol[0]), float(rows.drift[0]), rows.dates[0]
    spot, strike = rows.weight * rows.spot, rows.shortfall
    floor = _ROUNDING * (spot + strike)
    if np.isfinite(count) or length == 0.0:
        steps = int(count) - 1 if np.isfinite(count) else 0
        chain = Chain(first, float(rows.step[0]), steps, 1.0, steps + 1.0)
        values, off = chain_values(chain, vol, drift, spot, strike, rows.sign)
        return values, off + floor

    def trapezoid(steps: int) -> tuple[Floats, Floats]:
        return chain_values(Chain(first, length / steps, steps, 0.5, steps), vol, drift, spot, strike, rows.sign)

    values, off = _limit(trapezoid, _AGREED * spot)
    return np.maximum(values, _without_doubt(rows)), off + floor


def _limit(values_at: Callable[[int], tuple[Floats, Floats]], agreed: Floats) -> tuple[Floats, Floats]:
    """Values at infinitely many steps, from doublings whose error is a series in 1/steps^2, and how far they agree."""
    values, off = values_at(_LEVELS[0])
    table, apart = [values], np.full(values.shape, np.inf)
    for level in _LEVELS[1:]:
        values, off = values_at(level)
        row = [values]
        for order, coarser in enumerate(table, start=1):
            row.append(row[-1] + (row[-1] - coarser) / (4.0**order - 1.0))
        apart = np.minimum(np.abs(row[-1] - table[-1]), np.abs(row[-1] - row[-2]))
        table = row
        if np.all(apart <= agreed):
            break
    return table[-1], apart + off
