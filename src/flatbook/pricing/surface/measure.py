"""What the quotes say of a finished surface: how well it fits, and how sure it is."""

from collections.abc import Sequence

import numpy as np

from flatbook.basics import Flags, Floats, Numbers
from flatbook.pricing.surface.chain import Chain, Slice
from flatbook.pricing.surface.slice_fit import OUTLIER, USED
from flatbook.pricing.surface.surface import BORROWED_UNSURE, FITTED, REPAIRED, Known, Surface, uncertainty_at

_ROUNDING = 1e-12  # of a vol that is exactly on its bid or ask


def measured(chain: Chain, slices: Sequence[Slice]) -> Surface:
    """The surface of these slices, one an expiry of `chain`, with its misses and its uncertainties."""
    vol = _vols(chain, slices)
    both = (chain.bid > 0.0) & (chain.ask > 0.0)
    used, believed = both & (chain.flag == USED), both & ((chain.flag == USED) | (chain.flag == OUTLIER))
    off = vol - 0.5 * (chain.bid + chain.ask)
    within = believed & (chain.bid <= vol + _ROUNDING) & (vol <= chain.ask + _ROUNDING)
    quoted = _count(chain, used)
    rmse = np.sqrt(_count(chain, used, off[used] * off[used]) / np.maximum(quoted, 1.0))
    inside = np.where(_count(chain, believed) > 0.0, _count(chain, within) / np.maximum(_count(chain, believed), 1.0), 1.0)
    known = _known(chain, slices, used, np.hypot(0.5 * (chain.ask - chain.bid), off))
    ends = np.cumsum([0, *(quotes.k.size for quotes in chain.expiries)])
    unsure = [
        uncertainty_at(each.svi, quotes.years, at, quotes.k, vol[ends[i] : ends[i + 1]])
        for i, (each, quotes, at) in enumerate(zip(slices, chain.expiries, known, strict=True))
    ]
    return Surface(
        chain.years,
        chain.forward,
        tuple(each.svi for each in slices),
        np.array([each.status for each in slices], dtype=np.int64),
        tuple(each.reason for each in slices),
        rmse,
        inside,
        quoted.astype(np.int64),
        known,
        _as_given(chain, chain.flag),
        _as_given(chain, vol),
        _as_given(chain, np.concatenate([*unsure, np.empty(0)])),
    )


def _vols(chain: Chain, slices: Sequence[Slice]) -> Floats:
    """The surface's vol of every quote. As `SVI.vol`, for all slices at once."""
    raw = np.array([each.svi.raw for each in slices]).reshape(-1, 5)[chain.expiry]
    y = chain.k - raw[:, 3]
    w = raw[:, 0] + raw[:, 1] * (raw[:, 2] * y + np.hypot(y, raw[:, 4]))
    return np.sqrt(np.maximum(w, 0.0) / chain.years[chain.expiry])


def _count(chain: Chain, chosen: Flags, weight: Floats | None = None) -> Floats:
    """How many quotes are chosen, or the sum of their weights, by expiry."""
    return np.bincount(chain.expiry[chosen], weights=weight, minlength=chain.years.size).astype(np.float64)


def _known(chain: Chain, slices: Sequence[Slice], used: Flags, unsure: Floats) -> tuple[Known, ...]:
    """Where each smile is known: at each strike by the best of its quotes. A borrowed one is doubted everywhere."""
    k, expiry = chain.k[used], chain.expiry[used]
    first = np.flatnonzero(np.concatenate([[True], (np.diff(k) != 0.0) | (np.diff(expiry) != 0)])[: k.size])
    best = np.minimum.reduceat(unsure[used], first) if first.size else np.empty(0)
    ends = np.searchsorted(expiry[first], np.arange(chain.years.size + 1))
    found: list[Known] = []
    for i, each in enumerate(slices):
        own = each.status in (FITTED, REPAIRED)
        extra = 0.0 if own else BORROWED_UNSURE * float(each.svi.vol(0.0, chain.years[i]))
        at = slice(ends[i], ends[i + 1])
        nothing = ends[i] == ends[i + 1]
        found.append(Known(np.zeros(1), np.array([extra])) if nothing else Known(k[first[at]], np.hypot(best[at], extra)))
    return tuple(found)


def _as_given(chain: Chain, column: Numbers) -> Numbers:
    """A sorted column in the order of the quotes that were given."""
    out = np.empty_like(column)
    out[chain.place] = column
    return out
