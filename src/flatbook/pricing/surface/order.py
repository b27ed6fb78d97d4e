"""Slices in order of expiry: each above the one before, and the exact tests' word on every one."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flatbook.pricing.smiles import SVI, calendar, lifted, repaired
from flatbook.pricing.surface import slice_fit
from flatbook.pricing.surface.chain import Chain, Quotes, Slice, deviation
from flatbook.pricing.surface.slice_fit import fit_slice
from flatbook.pricing.surface.surface import FAILED, FITTED, REPAIRED

_LENT = np.linspace(-3.0, 3.0, 13)  # deviations from the money at which a borrowed smile stands for quotes
_LENT_SPREAD = 0.05  # of its vols: a borrowed shape is held to loosely
_NO_SLICE = np.zeros(5)


class _Cap(NamedTuple):
    """A later slice, and the k between which it is to be stayed below: quoted there, or with an infinite end, only supposed."""

    svi: SVI
    low: float
    high: float


def in_order(chain: Chain, free: list[Slice]) -> list[Slice]:
    """`free` made an arbitrage-free surface: from the first expiry to the last, none crossing another.

    A slice that crosses its neighbours is fitted again between them: above the one before at every k, below those after
    where they are quoted. So quotes decide, and not what another expiry's slice happens to do beyond its own last strike.
    Beyond its own quotes a slice gives way even to what the next one does beyond its own, if its quotes hardly mind: else
    the next, which has to stay above it at every k, would be bent where it is quoted.
    """
    found: list[Slice] = []
    quoted = [_quoted(quotes, each) for quotes, each in zip(chain.expiries, free, strict=True)]
    for i, (quotes, each) in enumerate(zip(chain.expiries, free, strict=True)):
        earlier = found[-1].svi if found else None
        caps = _outermost(quoted[i + 1 :])
        caps += [more for cap in caps[:1] for more in _supposed(quoted[i], cap)]
        if _crosses(each.svi, earlier, caps):
            each = _held_between(quotes, each, earlier, caps)
        found.append(_judged(each, earlier, quotes.years))
    return found


def _quoted(quotes: Quotes, own: Slice) -> _Cap | None:
    if own.status != FITTED:
        return None
    k = quotes.k[quotes.used]
    return _Cap(own.svi, float(k[0]), float(k[-1]))


def _outermost(later: Sequence[_Cap | None]) -> list[_Cap]:
    """Those of the later slices that are quoted further out than those between."""
    caps: list[_Cap] = []
    low, high = math.inf, -math.inf
    for cap in later:
        if cap is not None and (cap.low < low or cap.high > high):
            caps.append(cap)
            low, high = min(low, cap.low), max(high, cap.high)
    return caps


def _supposed(own: _Cap | None, following: _Cap) -> list[_Cap]:
    """The next quoted slice wherever this one is not quoted."""
    if own is None:
        return [_Cap(following.svi, -math.inf, math.inf)]
    return [_Cap(following.svi, -math.inf, own.low), _Cap(following.svi, own.high, math.inf)]


def _crosses(svi: SVI, earlier: SVI | None, caps: list[_Cap]) -> bool:
    """Whether a slice lies below the earlier one anywhere, or above a later one where it is to stay below."""
    if earlier is not None and not calendar(earlier, svi).free:
        return True
    above = {cap.svi: calendar(svi, cap.svi).intervals for cap in caps}
    return any(low <= cap.high and high >= cap.low for cap in caps for low, high in above[cap.svi])


def _held_between(quotes: Quotes, own: Slice, earlier: SVI | None, caps: list[_Cap]) -> Slice:
    """The slice fitted again between its neighbours; a borrowed smile stands for quotes that are not there."""
    raw = np.array(own.svi.raw)
    floor = _NO_SLICE if earlier is None else np.array(earlier.raw)
    later = np.array([cap.svi.raw for cap in caps]).reshape(-1, 5)
    ends = np.array([(cap.low, cap.high) for cap in caps]).reshape(-1, 2)
    if own.status == FITTED:
        k, bid, ask, weight, flag = quotes.k, quotes.bid, quotes.ask, quotes.weight, quotes.flag
    else:
        k = _LENT * deviation(own.svi)
        vol = np.asarray(own.svi.vol(k, quotes.years))
        bid, ask, weight, flag = (
            vol * (1.0 - _LENT_SPREAD),
            vol * (1.0 + _LENT_SPREAD),
            np.ones(k.size),
            np.zeros(k.size, np.int64),
        )
    if fit_slice(k, bid, ask, weight, quotes.years, raw, floor, later, ends, flag) == slice_fit.FAILED:
        return Slice(SVI(*raw.tolist()), FAILED, _and(own.reason, "most of its quotes contradict its neighbours"))
    return Slice(SVI(*raw.tolist()), own.status, own.reason)


def _judged(own: Slice, earlier: SVI | None, years: float) -> Slice:
    """The slice if the exact tests pass it, else the nearest that they do, and why."""
    repair = repaired(own.svi, years) if earlier is None else lifted(own.svi, earlier)
    if not repair.reason:
        return own
    return Slice(repair.svi, REPAIRED if own.status == FITTED else own.status, _and(own.reason, repair.reason))


def _and(reason: str, more: str) -> str:
    return f"{reason}; {more}" if reason else more
