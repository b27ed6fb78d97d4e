"""What is fixed of an average and what is still to come: the terms every formula of this folder starts from.

The fixings to come are evenly spaced from `first` to `years`; a continuous average is the same with infinitely many.
Of a Brownian motion the mean over them has variance `first + length (1/3 - 1/(6 count))`, whatever the count.
"""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats, Ints
from flatbook.pricing.arguments import FINITE, NOT_NEGATIVE, POSITIVE, Rule, Shape, check, columns

_COUNT = Rule(lambda x: (x >= 1.0) & (x < np.inf) & (x == np.floor(x)), "a whole number, 1 or more")
_DONE = Rule(lambda x: (x >= 0.0) & (x < np.inf) & (x == np.floor(x)), "a whole number of fixings done, 0 or more")
_SHARE = Rule(lambda x: (x >= 0.0) & (x <= 1.0), "the share of the averaging time gone by, from 0 to 1")
_OPTIONAL = Rule(
    lambda x: np.isnan(x) | ((x > 0.0) & (x < np.inf)), "a positive finite number, or NaN where nothing is fixed yet"
)
_GROWTH = Rule(lambda x: np.abs(x) <= 300.0, "between -300 and 300: no market has seen more")
_DEVIATION = Rule(lambda x: x <= 10.0, "at most 10: beyond it an average has no law that doubles can hold")

_RULES = {"rate": FINITE, "carry": FINITE, "average": _OPTIONAL}


class Averages(NamedTuple):
    """Options on averages, one a row, all (n,) columns: the contract, and what is left of its average.

    `weight` is the share of the average still to come and `known` what the rest contributes already; `dates` fixings
    (infinite: continuous) come at `first`, `first + step` ... `first + length`, in years from now. `drift` is rate - carry.
    """

    spot: Floats
    strike: Floats
    vol: Floats
    sign: Floats
    discount: Floats
    drift: Floats
    weight: Floats
    average: Floats
    dates: Floats
    first: Floats
    length: Floats
    step: Floats

    @property
    def known(self) -> Floats:
        """What is fixed contributes to the final arithmetic average."""
        return np.where(self.weight < 1.0, (1.0 - self.weight) * self.average, 0.0)

    @property
    def shortfall(self) -> Floats:
        """What the weighted average to come must reach: strike less `known`. At or below 0, exercise is certain."""
        return self.strike - self.known

    @property
    def deviation(self) -> Floats:
        """Standard deviation of the mean of the logarithms still to come."""
        return self.vol * np.sqrt(mean_years(self.first, self.length, self.dates))

    @property
    def growth(self) -> Floats:
        """Expected mean of the fixings to come, per unit of spot."""
        return (
            np.exp(self.drift * self.first)
            * _mean_growth(self.drift * (self.length + self.step))
            / _mean_growth(self.drift * self.step)
        )

    def rows(self, wanted: Flags | Ints) -> "Averages":
        """Some of the rows."""
        return Averages(*(column[wanted] for column in self))


def mean_years(first: Floats, length: Floats, count: Floats) -> Floats:
    """Variance of the mean of a Brownian motion over `count` evenly spaced dates; `count` inf is the continuous mean."""
    return first + length * (1.0 / 3.0 - 1.0 / (6.0 * count))


def averages(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    vol: ArrayLike,
    sign: ArrayLike,
    rate: ArrayLike,
    carry: ArrayLike,
    fixings: ArrayLike | None,
    elapsed: ArrayLike,
    average: ArrayLike | None,
    first: ArrayLike | None,
) -> tuple[Shape, Averages]:
    """The rows that arguments describe, checked, and the shape they broadcast to.

    `fixings` None is a continuous average and `elapsed` a share of its time; otherwise `elapsed` counts fixings done.
    Raises ValueError that names the argument.
    """
    rules = _RULES | {"fixings": _COUNT, "elapsed": _SHARE if fixings is None else _DONE}
    given = {"spot": spot, "strike": strike, "years": years, "vol": vol, "sign": sign, "rate": rate, "carry": carry}
    given |= {"elapsed": elapsed, "average": np.nan if average is None else average}
    given |= {"fixings": 1.0 if fixings is None else fixings}
    # A first fixing not given is marked by -1 behind the check, since no date to come can be that.
    if first is not None:
        given["first"] = first
        rules["first"] = NOT_NEGATIVE
    shape, found = columns(rules, **given)
    s, k, t, v, sides, r, b, done, mean, total = found[:10]
    start = found[10] if first is not None else np.full(s.size, -1.0)
    _check_first(start, t)
    share = done if fixings is None else done / total
    _check_average(share, mean)
    if fixings is None:
        count, begin, step = _continuous(t, start)
    else:
        _check_done(done, total)
        count, begin, step = _discrete(t, start, total - done)
    check("rate * years", r * t, _GROWTH)
    check("carry * years", b * t, _GROWTH)
    check("vol * sqrt(years)", v * np.sqrt(t), _DEVIATION)
    return shape, Averages(s, k, v, sides, np.exp(-r * t), r - b, 1.0 - share, mean, count, begin, t - begin, step)


def average_known(value: ArrayLike | None, needed: Flags) -> Floats:
    """The running average as a column, positive wherever it is needed; ValueError that names it elsewhere."""
    mean = np.broadcast_to(np.asarray(np.nan if value is None else value, dtype=np.float64), needed.shape)
    bad = needed & ~POSITIVE.holds(mean)
    if bad.any():
        raise ValueError(
            f"average must be {POSITIVE.words} where a part of the average is fixed; "
            f"give the mean of the fixings so far ({int(bad.sum())} rows lack it)"
        )
    return cast(Floats, np.where(needed, mean, 0.0))


def _check_average(share: Floats, mean: Floats) -> None:
    average_known(mean, share > 0.0)


def _check_done(done: Floats, total: Floats) -> None:
    bad = done > total
    if bad.any():
        place = int(np.argmax(bad))
        raise ValueError(f"elapsed must be at most fixings; it is {done[place]:g} of {total[place]:g}")


def _check_first(first: Floats, years: Floats) -> None:
    bad = first > years
    if bad.any():
        place = int(np.argmax(bad))
        raise ValueError(f"first must not lie beyond years, the last fixing; it is {first[place]:g} of {years[place]:g}")


def _continuous(years: Floats, first: Floats) -> tuple[Floats, Floats, Floats]:
    """Count, first and step of a continuous average, which runs from now unless said otherwise."""
    return np.full(years.size, np.inf), np.where(first < 0.0, 0.0, first), np.zeros(years.size)


def _discrete(years: Floats, first: Floats, left: Floats) -> tuple[Floats, Floats, Floats]:
    """Count, first and step of the `left` fixings to come: the last at `years`, evenly spaced from now unless said."""
    count = np.maximum(left, 1.0)
    begin = np.where(first < 0.0, years / count, first)
    begin = np.where(count == 1.0, years, begin)
    return count, begin, np.where(count > 1.0, (years - begin) / np.maximum(count - 1.0, 1.0), 0.0)


def _mean_growth(x: Floats) -> Floats:
    """(e^x - 1)/x, and 1 at 0."""
    return np.where(x == 0.0, 1.0, np.expm1(x) / np.where(x == 0.0, 1.0, x))
