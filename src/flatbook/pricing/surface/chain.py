"""A chain's quotes, expiry by expiry, and a slice on its way to the surface."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats, Ints
from flatbook.pricing.arguments import POSITIVE, Rule, broadcast, check, columns
from flatbook.pricing.smiles import SVI
from flatbook.pricing.surface.slice_fit import ABSENT, LEAST_VOL, MOST_VOL, USED

_VOL_OR_NONE = Rule(
    lambda x: np.isnan(x) | ((x >= 0.0) & (x < np.inf)), "a finite number, not negative, or NaN where there is none"
)
_WEIGHT = Rule(lambda x: (x >= 0.0) & (x <= 1e6), "a number from 0 to a million")


class Quotes(NamedTuple):
    """One expiry's quotes in rising k."""

    years: float
    k: Floats
    bid: Floats
    ask: Floats
    weight: Floats
    flag: Ints  # written by every fit

    @property
    def used(self) -> Flags:
        """Which have both sides and were not left out."""
        return (self.flag == USED) & (self.bid > 0.0) & (self.ask > 0.0)


class Chain(NamedTuple):
    """All quotes, expiry by expiry; each of `expiries` is a window on the same columns."""

    years: Floats  # (m,)
    forward: Floats  # (m,)
    expiry: Ints  # (n,) and so are the rest: rising
    place: Ints  # where each quote stood among those that were given
    k: Floats
    bid: Floats
    ask: Floats
    flag: Ints
    expiries: tuple[Quotes, ...]


class Slice(NamedTuple):
    """A slice on its way: what became of it so far, one of the surface's statuses, and why."""

    svi: SVI
    status: int
    reason: str


def chain_of(
    years: ArrayLike,
    forward: ArrayLike,
    expiry: ArrayLike,
    strike: ArrayLike,
    bid_vol: ArrayLike,
    ask_vol: ArrayLike,
    weight: ArrayLike,
) -> Chain:
    """The arguments of `fit_surface`, checked, and sorted by all that is known of a quote: their order cannot matter."""
    terms, forwards = _expiries(years, forward)
    shape, (number, strikes, bids, asks, weights) = broadcast(
        expiry=expiry, strike=strike, bid_vol=bid_vol, ask_vol=ask_vol, weight=weight
    )
    if len(shape) > 1:
        raise ValueError(
            f"quotes must be one column; together expiry, strike, bid_vol, ask_vol and weight have the shape {shape}"
        )
    check("strike", strikes, POSITIVE)
    check("bid_vol", bids, _VOL_OR_NONE)
    check("ask_vol", asks, _VOL_OR_NONE)
    check("weight", weights, _WEIGHT)
    bids, asks = (np.where((each > LEAST_VOL) & (each < MOST_VOL), each, np.nan) for each in (bids, asks))
    last = terms.size - 1
    check("expiry", number, Rule(lambda x: (x >= 0) & (x <= last) & (x == np.floor(x)), f"a whole number from 0 to {last}"))
    chosen = number.astype(np.int64)
    k = np.log(strikes / forwards[chosen])
    order = np.lexsort((weights, asks, bids, k, chosen))
    ends = np.searchsorted(chosen[order], np.arange(terms.size + 1))
    k, bids, asks, weights, flag = k[order], bids[order], asks[order], weights[order], np.full(order.size, ABSENT)
    expiries: list[Quotes] = []
    for i in range(terms.size):
        at = slice(ends[i], ends[i + 1])
        expiries.append(Quotes(float(terms[i]), k[at], bids[at], asks[at], weights[at], flag[at]))
    return Chain(terms, forwards, chosen[order], order, k, bids, asks, flag, tuple(expiries))


def deviation(svi: SVI) -> float:
    """vol * sqrt(years) at the money."""
    return math.sqrt(float(svi.total_variance(0.0)))


def _expiries(years: ArrayLike, forward: ArrayLike) -> tuple[Floats, Floats]:
    shape, (terms, forwards) = columns({"years": POSITIVE}, years=np.atleast_1d(years), forward=forward)
    if len(shape) > 1 or np.any(np.diff(terms) <= 0.0):
        raise ValueError(f"years must be one rising column, one number an expiry; they are {terms.tolist()}")
    return terms, forwards
