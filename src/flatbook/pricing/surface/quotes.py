"""Bids and asks as vols: what a chain's prices say of every strike, both of its options heard."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats, Ints
from flatbook.pricing.arguments import FINITE, POSITIVE, Rule, columns
from flatbook.pricing.implied import ABOVE_BOUND, BELOW_INTRINSIC, OK, implied_vols

_NEAR = 0.5  # deviations from the money within which both options of a strike are heard
_MAY_BE_ABSENT = Rule(lambda x: np.isnan(x) | np.isfinite(x), "a finite number, or NaN where there is none")


class VolQuotes(NamedTuple):
    """One quote for every strike of every expiry, (j,), sorted by expiry and strike; a side that is absent is NaN."""

    expiry: Ints
    strike: Floats
    bid_vol: Floats
    ask_vol: Floats


def vol_quotes(
    expiry: ArrayLike, years: ArrayLike, forward: ArrayLike, strike: ArrayLike, sign: ArrayLike, bid: ArrayLike, ask: ArrayLike,
    *, inverse: bool = False,
) -> VolQuotes:  # fmt: skip
    """Vols of bids and asks, one pair a strike: of the option out of the money, and near the money of both.

    By option, (n,) or scalars: `expiry`, any whole number that tells expiries apart; `years`; `forward`, as it was when
    the option was quoted; `strike`; `sign` +1 call, -1 put; `bid` and `ask`, undiscounted dollars, or coins if `inverse`,
    NaN or not positive where absent. The several quotes of one option count as one, the best of each side, or, where
    these cross, what lies between them.

    Within half a deviation of the money a wrong forward moves the vols of call and put in opposite directions, by about
    as much: where the two overlap the vol lies in the overlap, and where they do not, between them. Further out an option
    in the money says little of vol and much of its forward, and is heard only if the other is not quoted at all. A bid
    that is no more than intrinsic is no bid, an ask that no option can exceed no ask; an ask below intrinsic or a bid
    above any option's worth is nonsense, and its quote is dropped. Raises ValueError, naming the argument, for anything
    else that is not finite.
    """
    _, (number, terms, forwards, strikes, signs, bids, asks) = columns(
        {"years": POSITIVE, "expiry": FINITE, "bid": _MAY_BE_ABSENT, "ask": _MAY_BE_ABSENT},
        expiry=expiry, years=years, forward=forward, strike=strike, sign=sign, bid=bid, ask=ask,
    )  # fmt: skip
    unit = forwards if inverse else np.ones(forwards.size)
    return heard_quotes(number, terms, forwards, strikes, signs, bids * unit, asks * unit)


def heard_quotes(
    number: Floats, years: Floats, forward: Floats, strike: Floats, sign: Floats, bid: Floats, ask: Floats
) -> VolQuotes:
    """`vol_quotes` of columns, prices in dollars, for who has checked them."""
    bid_vol, ask_vol = _vols(bid, ask, forward, strike, years, sign)
    order = np.lexsort((strike, number))
    new = np.ones(order.size, dtype=np.bool_)
    new[1:] = (np.diff(number[order]) != 0.0) | (np.diff(strike[order]) != 0.0)
    group = np.empty(order.size, dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    first = order[new]
    call = _best(group, sign > 0.0, bid_vol, ask_vol, first.size)
    put = _best(group, sign < 0.0, bid_vol, ask_vol, first.size)
    k, root = np.log(strike[first] / forward[first]), np.sqrt(years[first])
    heard = _heard(k, root, call, put)
    return VolQuotes(number[first].astype(np.int64), strike[first], heard[0], heard[1])


def _vols(bid: Floats, ask: Floats, forward: Floats, strike: Floats, years: Floats, sign: Floats) -> tuple[Floats, Floats]:
    """Vols of dollar bids and asks, NaN where there is none or it makes no sense."""
    found: list[Floats] = []
    nonsense = np.zeros(bid.size, dtype=np.bool_)
    for price, absurd in ((bid, ABOVE_BOUND), (ask, BELOW_INTRINSIC)):
        vol, status = np.empty(price.size), np.empty(price.size, dtype=np.int64)
        implied_vols(price, forward, strike, years, sign, vol, status)
        found.append(np.where(status == OK, vol, math.nan))
        nonsense |= (status == absurd) & (price > 0.0)
    return np.where(nonsense, math.nan, found[0]), np.where(nonsense, math.nan, found[1])


def _best(group: Ints, chosen: Flags, bid: Floats, ask: Floats, size: int) -> tuple[Floats, Floats]:
    """The highest bid and the lowest ask of each strike among the chosen options; between them where several quotes disagree."""
    highest, lowest = np.full(size, math.nan), np.full(size, math.nan)
    np.fmax.at(highest, group[chosen], bid[chosen])
    np.fmin.at(lowest, group[chosen], ask[chosen])
    apart = (highest > lowest) & (np.bincount(group[chosen], minlength=size) > 1)
    return np.where(apart, lowest, highest), np.where(apart, highest, lowest)


def _heard(k: Floats, root_years: Floats, call: tuple[Floats, Floats], put: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """One bid and ask vol for each strike from those of its two options."""
    out_is_call = k >= 0.0
    outer = [np.where(out_is_call, c, p) for c, p in zip(call, put, strict=True)]
    inner = [np.where(out_is_call, p, c) for c, p in zip(call, put, strict=True)]
    silent = np.isnan(outer[0]) & np.isnan(outer[1])
    bid, ask = np.where(silent, inner[0], outer[0]), np.where(silent, inner[1], outer[1])
    mid = 0.5 * (outer[0] + outer[1])
    # Comparisons with a NaN are false: both options must have both sides.
    near = (np.abs(k) < _NEAR * mid * root_years) & (inner[0] <= inner[1])
    high_bid, low_ask = np.fmax(outer[0], inner[0]), np.fmin(outer[1], inner[1])
    return np.where(near, np.fmin(high_bid, low_ask), bid), np.where(near, np.fmax(high_bid, low_ask), ask)
