"""The law of a sum of lognormal prices, built backwards from the last date by convolution on a moving grid.

Counted in the price of the date before it, the sum of what follows is D' = 1 + e^R D, where R is the log return of one
step: the density of ln(e^R D) is that of ln D smeared by a normal (Carverhill and Clewlow, 1990). Every density here is
already a normal smear, hence analytic, so the trapezoid rule converges faster than any power: at half a deviation
between nodes it is exact to rounding, with no interpolation and no Fourier transform. The nodes move with the density
and what is lost at its ends is below 1e-17 of it. They are counted from a centre that moves with them, so that a law a
millionth wide keeps all its digits.
"""

import math
from typing import NamedTuple

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.averages.blacks import black_values

_SPACING = 0.5  # of a step's deviation between nodes
_WIDEST = 0.4  # between nodes, since ln(1 + e^y) is singular at distance pi from the real line
_REACH = 8.8  # deviations: the normal density beyond them is below 1e-17 of its peak
_NEGLIGIBLE = 1e-20  # of the greatest node's contribution to mass or mean
_DENSE = 96  # nodes: a smear of fewer is quicker without looking for the near ones
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
_OUTER_NODES, _OUTER_WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
_AT_ONCE = 200_000  # values held in memory together


class Sum(NamedTuple):
    """A law on a grid: the logarithms of a sum's values, ascending and counted from `centre`, and their probabilities."""

    centre: float
    logs: Floats
    weights: Floats

    def plus(self, amount: float) -> "Sum":
        """The law of amount + sum. Near the centre ln(a + e^(c+x)) - ln(a + e^c) is taken without cancellation."""
        centre = float(np.logaddexp(math.log(amount), self.centre))
        share = math.exp(self.centre - centre)
        small = np.clip(self.logs, -1.0, 1.0)
        far = np.logaddexp(math.log(amount), self.centre + self.logs) - centre
        return Sum(centre, np.where(np.abs(self.logs) < 1.0, np.log1p(share * np.expm1(small)), far), self.weights)

    def forwards(self, growth: float) -> Floats:
        """The sum's values, times `growth`."""
        return growth * math.exp(self.centre) * np.exp(self.logs)


class Chain(NamedTuple):
    """Evenly spaced dates to average over, in years: `steps` steps of `step`, the first date `first` from now.

    `end` is what the first and the last date count for, the others counting 1: 1 for fixings, a half for the
    trapezoid rule of a continuous average. `total` is what the weighted sum is divided by.
    """

    first: float
    step: float
    steps: int
    end: float
    total: float

    def mean_growth(self, drift: float) -> float:
        """Expected average per unit of spot."""
        counts = np.ones(self.steps + 1)
        counts[0] = counts[-1] = self.end
        return float(counts @ np.exp(drift * (self.first + self.step * np.arange(self.steps + 1)))) / self.total


def chain_values(chain: Chain, vol: float, drift: float, spot: Floats, strike: Floats, sign: Floats) -> tuple[Floats, Floats]:
    """Undiscounted values of options on the chain's average, and how far the grid's mass and mean are from the truth.

    `spot`, `strike` (positive) and `sign` are columns; the law is built once for all of them.
    """
    first_deviation = vol * math.sqrt(chain.first)
    if chain.steps == 0:
        ahead = math.exp(drift * chain.first) / chain.total
        return _weighted_values(np.array([ahead]), np.ones(1), spot, strike, sign, first_deviation), np.zeros(spot.size)
    deviation = vol * math.sqrt(chain.step)
    shift = (drift - 0.5 * vol * vol) * chain.step
    later = _later_sum(chain, shift, deviation)
    if first_deviation < 0.5 * deviation:
        return _from_a_near_date(chain, vol, drift, later, spot, strike, sign)
    whole = _smear(later, shift, deviation, min(deviation, first_deviation))
    ahead = whole.plus(chain.end).forwards(math.exp(drift * chain.first) / chain.total)
    values = _weighted_values(ahead, whole.weights, spot, strike, sign, first_deviation)
    mean_off = abs(float(ahead @ whole.weights) - chain.mean_growth(drift))
    mass_off = abs(float(whole.weights.sum()) - 1.0)
    return values, spot * mean_off + strike * mass_off


def _later_sum(chain: Chain, shift: float, deviation: float) -> Sum:
    """The law of the sum of all dates but the first, in the price of the second."""
    tail = Sum(math.log(chain.end), np.zeros(1), np.ones(1))
    for _ in range(chain.steps - 1):
        tail = _smear(tail, shift, deviation, deviation).plus(1.0)
    return tail


def _smear(law: Sum, shift: float, deviation: float, finest: float) -> Sum:
    """The law after a log return of mean `shift`, on new nodes fine enough for a next one of deviation `finest`."""
    reach = _REACH * deviation
    spacing = min(_SPACING * finest, _WIDEST)
    low, high = float(law.logs[0]) - reach, float(law.logs[-1]) + reach
    nodes = low + spacing * np.arange(math.ceil((high - low) / spacing) + 1, dtype=np.float64)
    weights = _density(law, nodes, deviation) * (spacing / (deviation * _ROOT_TWO_PI))
    # What a node adds to the mean counts as well as what it adds to the mass.
    matter = weights * (1.0 + np.exp(nodes - nodes[np.argmax(weights)]))
    kept = np.flatnonzero(matter > _NEGLIGIBLE * matter.max())
    return Sum(law.centre + shift, nodes[kept[0] : kept[-1] + 1], weights[kept[0] : kept[-1] + 1])


def _density(law: Sum, centres: Floats, deviation: float) -> Floats:
    """Sum of the law's weights times the normal bell around each centre, unnormalised."""
    reach = _REACH * deviation
    start = np.searchsorted(law.logs, centres - reach)
    width = int((np.searchsorted(law.logs, centres + reach) - start).max())
    if law.logs.size < _DENSE or 2 * width > law.logs.size:
        return np.exp(-0.5 * ((centres[:, None] - law.logs) / deviation) ** 2) @ law.weights
    # Only the nodes within reach; beyond the last node stands one of no weight.
    near = np.minimum(start[:, None] + np.arange(width), law.logs.size)
    logs, weights = np.append(law.logs, law.logs[-1]), np.append(law.weights, 0.0)
    bells = np.exp(-0.5 * ((centres[:, None] - logs[near]) / deviation) ** 2)
    return np.einsum("ij,ij->i", bells, weights[near])


def _from_a_near_date(
    chain: Chain, vol: float, drift: float, later: Sum, spot: Floats, strike: Floats, sign: Floats
) -> tuple[Floats, Floats]:
    """`chain_values` where the first date comes so soon that its own smear is too narrow to be integrated against.

    Given the price on that date, its fixing is known and the option is one on the later sum, smooth in that price, so
    that few nodes of Gauss and Hermite average over it. A first date of now takes one node.
    """
    first_deviation = vol * math.sqrt(chain.first)
    ahead = later.forwards(math.exp(drift * chain.step) / chain.total)
    values = np.zeros(spot.size)
    at_once = first_deviation == 0.0
    outer = np.zeros(1) if at_once else _OUTER_NODES
    outer_weights = np.ones(1) if at_once else _OUTER_WEIGHTS / _ROOT_TWO_PI
    for node, weight in zip(outer, outer_weights, strict=True):
        then = spot * math.exp((drift - 0.5 * vol * vol) * chain.first + first_deviation * float(node))
        left = strike - then * chain.end / chain.total
        values += weight * _weighted_values(ahead, later.weights, then, left, sign, vol * math.sqrt(chain.step))
    mean = math.exp(drift * chain.first) * (float(ahead @ later.weights) + chain.end / chain.total)
    mass_off = abs(float(later.weights.sum()) - 1.0)
    return values, spot * abs(mean - chain.mean_growth(drift)) + strike * mass_off


def _weighted_values(ahead: Floats, weights: Floats, spot: Floats, strike: Floats, sign: Floats, deviation: float) -> Floats:
    """Sum over nodes of Black's value on the forward spot * ahead; a strike at or below 0 is exercised for certain."""
    values = np.empty(spot.size)
    at_once = max(1, _AT_ONCE // ahead.size)
    for start in range(0, spot.size, at_once):
        part = slice(start, start + at_once)
        values[part] = black_values(spot[part, None] * ahead, strike[part, None], deviation, sign[part, None]) @ weights
    return values
