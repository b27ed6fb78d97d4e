"""One expiry fitted by itself, for who has a smile and not a chain."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats, Ints
from flatbook.pricing.arguments import FINITE, POSITIVE, check
from flatbook.pricing.smiles import SVI, lifted, repaired
from flatbook.pricing.surface import slice_fit
from flatbook.pricing.surface.chain import Slice, chain_of
from flatbook.pricing.surface.measure import measured
from flatbook.pricing.surface.slice_fit import THIN, fit_slice
from flatbook.pricing.surface.surface import FAILED, FITTED, REPAIRED

_NO_SLICE, _NO_SLICES, _NO_ENDS = np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2))


class SVIFit(NamedTuple):
    """A fitted slice, free of butterfly arbitrage.

    `status` FITTED, REPAIRED (what was fitted had arbitrage, or lay below the earlier slice), or FAILED (most quotes
    contradict each other); `reason` says so in words, "" where it is simply fitted. `rmse` of vol less mid over the
    two-sided quotes that were used, decimal; `inside`, the share of two-sided quotes whose bid and ask hold the slice. By
    quote, in the order given: `vol` of its strike, `uncertainty` of that vol, `flag`: USED, OUTLIER, CROSSED or ABSENT.
    """

    svi: SVI
    status: int
    reason: str
    rmse: float
    inside: float
    vol: Floats
    uncertainty: Floats
    flag: Ints


def fit_svi(
    k: ArrayLike, bid_vol: ArrayLike, ask_vol: ArrayLike, years: float, *, weight: ArrayLike = 1.0,
    earlier: SVI | None = None, previous: SVI | None = None,
) -> SVIFit:  # fmt: skip
    """Fit a raw SVI slice to bids and asks of vol; a vol that is known exactly is given as both.

    By quote, (n,) in any order: `k` = ln(strike / forward); `bid_vol`, `ask_vol`, annual decimals, NaN or 0 for a side that
    is absent; `weight`, relative. `earlier` is a slice of an earlier expiry to stay above, `previous` one to start from.
    Misses are measured in half-spreads, so vega is in them (see `fit_slice`). The exact tests of `smiles` have the last
    word: what they object to is repaired, or lifted above `earlier`, and the reason is kept.

    Raises ValueError, naming the argument, for what is not finite or positive, and for fewer than five strikes with both
    sides: a slice has five numbers.
    """
    check("years", years, POSITIVE)
    check("k", k, FINITE)
    chain = chain_of(years, 1.0, 0.0, np.exp(np.asarray(k, dtype=np.float64)), bid_vol, ask_vol, weight)
    quotes = chain.expiries[0]
    raw = np.zeros(5) if previous is None else np.array(previous.raw)
    floor = _NO_SLICE if earlier is None else np.array(earlier.raw)
    found = fit_slice(
        quotes.k, quotes.bid, quotes.ask, quotes.weight, quotes.years, raw, floor, _NO_SLICES, _NO_ENDS, quotes.flag
    )
    if found == THIN:
        raise ValueError("k, bid_vol and ask_vol must quote at least five strikes on both sides: a slice has five numbers")
    svi = SVI(*raw.tolist())
    repair = repaired(svi, quotes.years) if earlier is None else lifted(svi, earlier)
    status, words = (REPAIRED if repair.reason else FITTED), ""
    if found == slice_fit.FAILED:
        status, words = FAILED, "most of its quotes contradict the others"
    reason = "; ".join(each for each in (words, repair.reason) if each)
    surface = measured(chain, [Slice(repair.svi, status, reason)])
    return SVIFit(
        repair.svi,
        status,
        reason,
        float(surface.rmse[0]),
        float(surface.inside[0]),
        surface.fitted_vol,
        surface.uncertainty,
        surface.flag,
    )
