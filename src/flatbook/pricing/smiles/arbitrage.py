"""Whether a slice, or one slice after another, can be arbitraged: exact answers, with where and how deep."""

import math
from typing import NamedTuple

import numpy as np

from flatbook.pricing.smiles.dips import ROUNDING, dips
from flatbook.pricing.smiles.svi import SVI
from flatbook.pricing.smiles.turning import recipe

Interval = tuple[float, float]

STEEPEST_WING = 2.0  # Lee (2004): total variance cannot rise faster than 2|k| far out
_RECIPE_OF_G, _RECIPE_OF_GAP = recipe(of_gap=False), recipe(of_gap=True)
_LARGEST = 1e60  # squares and cubes of the parameters stay within the doubles


class Butterfly(NamedTuple):
    """Whether one slice is free of butterfly arbitrage; if not, where and why."""

    free: bool
    intervals: tuple[Interval, ...]  # of k = ln(K/F), rising, where g < 0; infinite ends for a wing
    least: float  # the least of Durrleman's g; -inf for a strike without variance
    at: float  # the k where g is least; infinite if it is its limit in a wing
    reason: str  # "" if free


class Calendar(NamedTuple):
    """Whether a slice lies nowhere below an earlier one; if not, where and by how much."""

    free: bool
    intervals: tuple[Interval, ...]  # of k = ln(K/F), rising, where the later total variance is below the earlier
    depth: float  # the most by which it is below, in total variance; 0 if free; inf if a wing rises too slowly
    at: float  # the k where the later is lowest against the earlier; infinite if that is in a wing


def butterfly(svi: SVI) -> Butterfly:
    """Decide whether `svi` gives a density: g >= 0 everywhere, some variance at every strike, and wings below Lee's bound.

    Exact: the turning points of g are roots of a polynomial of degree 12, and g is monotone between them. Together the
    three conditions are necessary and sufficient (Roper 2010): the put wing's slope b(1-rho) <= 2, the call wing's
    b(1+rho) < 2, as at 2 itself calls of ever higher strike would not become worthless. A g that is negative by less than
    1e-12 of the terms it is summed from touches zero, to rounding, and is free.
    """
    if svi.b == 0.0:
        return Butterfly(True, (), 1.0, 0.0, "")
    if svi.least_variance <= 0.0:
        bottom = svi.m - svi.rho * svi.sigma / math.sqrt((1.0 - svi.rho) * (1.0 + svi.rho))
        return Butterfly(False, ((bottom, bottom),), -math.inf, bottom, f"there is no variance at k = {bottom:.6g}")
    puts, calls = svi.wing_slopes
    intervals, least, at = _dips([svi], _end_of_g(puts), _end_of_g(calls))
    reason = _steep(puts, calls) or _negative(intervals, least, at)
    return Butterfly(not reason, intervals, least, at, reason)


def calendar(earlier: SVI, later: SVI) -> Calendar:
    """Decide whether `later` has at least the total variance of `earlier` at every k = ln(K/F), its own forward's each.

    Exact: the gap's turning points are roots of a polynomial of degree 8, and it is monotone between them; where it
    crosses zero the slices cross (Gatheral and Jacquier 2014, section 3.1: at most four times). A gap that is negative by
    less than 1e-12 of what it is the difference of is touching, to rounding, and is free.
    """
    ends = [_end_of_gap(earlier, later, side) for side in (-1.0, 1.0)]
    intervals, least, at = _dips([earlier, later], ends[0], ends[1])
    return Calendar(not intervals, intervals, -least if intervals else 0.0, at)


def _dips(slices: list[SVI], left_end: float, right_end: float) -> tuple[tuple[Interval, ...], float, float]:
    rows = np.array([each.raw for each in slices])
    if np.abs(rows).max() > _LARGEST or rows[:, 4].min() < 1.0 / _LARGEST:
        raise ValueError(f"a, b, m and sigma must be between 1e-60 and 1e60 in size to be judged; they are {rows.tolist()}")
    out = np.empty((16, 2))
    steps = _RECIPE_OF_G if len(slices) == 1 else _RECIPE_OF_GAP
    count, least, at = dips(rows, *steps, left_end, right_end, out)
    return tuple((float(start), float(end)) for start, end in out[:count]), least, at


def _end_of_g(slope: float) -> float:
    """The limit of g in a wing of this slope: 1/4 - slope^2/16."""
    end = (0.5 - 0.25 * slope) * (0.5 + 0.25 * slope)
    return end if abs(end) > ROUNDING else 0.0


def _end_of_gap(earlier: SVI, later: SVI, side: float) -> float:
    """The limit of the gap in the wing of `side` -1 or +1: infinite, or if the wings are parallel the space between them."""
    fast, slow = later.b * (1.0 + side * later.rho), earlier.b * (1.0 + side * earlier.rho)
    if abs(fast - slow) > ROUNDING * (later.b + earlier.b):
        return math.copysign(math.inf, fast - slow)
    high, low = later.a - side * fast * later.m, earlier.a - side * slow * earlier.m
    size = abs(later.a) + abs(earlier.a) + fast * abs(later.m) + slow * abs(earlier.m)
    return high - low if abs(high - low) > ROUNDING * size else 0.0


def _steep(puts: float, calls: float) -> str:
    if calls >= STEEPEST_WING:
        return f"the call wing's slope {calls:.6g} is not below {STEEPEST_WING:g}"
    return f"the put wing's slope {puts:.6g} is above {STEEPEST_WING:g}" if puts > STEEPEST_WING else ""


def _negative(intervals: tuple[Interval, ...], least: float, at: float) -> str:
    where = " and ".join(f"{start:.6g} to {end:.6g}" for start, end in intervals)
    return f"the density is negative for k from {where}, worst at {at:.6g} where g is {least:.3g}" if intervals else ""
