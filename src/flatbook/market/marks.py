"""A smile drawn through the venue's mark vols: what a desk has where quotes cannot be fitted."""

import numpy as np

from flatbook.basics import Flags, Floats
from flatbook.pricing import smile_vols


def marked_vols(strike: Floats, sign: Floats, mark_vol: Floats, forward: float, years: float, fresh: Flags) -> Floats | None:
    """Vols at every strike (n,), linear in total variance between the fresh marks; None where no mark is fresh.

    Columns are sorted by strike. At one strike the out-of-the-money side's mark is read first.
    """
    preferred = (strike - forward) * sign >= 0.0
    chosen = _one_per_strike(strike, fresh & (mark_vol > 0.0), preferred)
    if not chosen.shape[0]:
        return None
    vols = np.empty(strike.shape[0])
    node_k = np.log(strike[chosen] / forward)
    node_w = np.square(mark_vol[chosen]) * years
    smile_vols(forward, strike, years, node_k, node_w, chosen.shape[0], vols)
    return vols


def _one_per_strike(strikes: Floats, fresh: Flags, preferred: Flags) -> np.ndarray:
    """Positions of at most one fresh node per strike, in strike order, the preferred side where both are fresh."""
    rank = np.where(fresh, np.where(preferred, 2, 1), 0)
    order = np.lexsort((-rank, strikes))
    first = np.ones(order.shape[0], dtype=np.bool_)
    first[1:] = strikes[order][1:] != strikes[order][:-1]
    best = order[first]
    return best[rank[best] > 0]
