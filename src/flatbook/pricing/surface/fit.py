"""A surface fitted to a chain's bids and asks: every expiry freely first, then in order, each between its neighbours."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from flatbook.pricing.smiles import SVI
from flatbook.pricing.surface import slice_fit
from flatbook.pricing.surface.borrow import flat, levelled, scaled
from flatbook.pricing.surface.chain import Chain, Quotes, Slice, chain_of, deviation
from flatbook.pricing.surface.measure import measured
from flatbook.pricing.surface.order import in_order
from flatbook.pricing.surface.slice_fit import FEWEST_STRIKES, THIN, USED, fit_slice
from flatbook.pricing.surface.surface import BORROWED, FAILED, FITTED, Surface

_NO_SLICE, _NO_SLICES, _NOWHERE = np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2))
_USUAL_VOL = 0.5  # if no expiry has a single mid


def fit_surface(
    years: ArrayLike,
    forward: ArrayLike,
    expiry: ArrayLike,
    strike: ArrayLike,
    bid_vol: ArrayLike,
    ask_vol: ArrayLike,
    *,
    weight: ArrayLike = 1.0,
    previous: Surface | None = None,
) -> Surface:
    """Fit a whole chain: one raw SVI slice for every expiry, none with butterfly arbitrage and none below an earlier one.

    By expiry, (m,): `years` rising, and `forward`. By quote, (n,) in any order: `expiry`, the number of its expiry;
    `strike`; `bid_vol` and `ask_vol`, annual decimals, NaN or 0 for a side that is absent; `weight`, relative, 0 to leave
    a quote out. See `fit_slice` for what is minimised. `previous` makes the fit start from another surface's slices: for
    speed, and the smiles are the same but for a small part of their uncertainty, save where quotes allow of two.

    An expiry with fewer than five strikes quoted on both sides borrows the shape of its nearest neighbour in time: at its
    own level if it has a mid, with its own skew if it has three strikes, and interpolated if it has none. An expiry whose
    quotes contradict each other is FAILED and has a borrowed smile. The last word on arbitrage have the exact tests of
    `smiles`; where they object the slice is repaired or lifted, and the reason says how. The same quotes in any order
    give the same bits.

    Raises ValueError, naming the argument, for what is not finite, not positive, out of order or no expiry's number.
    """
    chain = chain_of(years, forward, expiry, strike, bid_vol, ask_vol, weight)
    free = [_free(quotes, previous) for quotes in chain.expiries]
    lenders = {i: each.svi for i, each in enumerate(free) if each is not None and each.status == FITTED}
    whole = [each if i in lenders and each else _borrowed(chain, i, each, lenders, previous) for i, each in enumerate(free)]
    return measured(chain, in_order(chain, whole))


def _free(quotes: Quotes, previous: Surface | None) -> Slice | None:
    """The expiry's slice if it stood alone; None if its quotes are too few, FAILED if they contradict each other."""
    near = _last_slice(previous, quotes.years)
    raw = np.zeros(5) if near is None else np.array(near.raw)
    status = fit_slice(
        quotes.k, quotes.bid, quotes.ask, quotes.weight, quotes.years, raw, _NO_SLICE, _NO_SLICES, _NOWHERE, quotes.flag
    )
    if status == THIN:
        return None
    if status == slice_fit.FAILED:
        return Slice(SVI(*raw.tolist()), FAILED, "most of its quotes contradict the others")
    return Slice(SVI(*raw.tolist()), FITTED, "")


def _last_slice(previous: Surface | None, years: float) -> SVI | None:
    """The previous surface's slice nearest in time, at equal vols in units of deviations."""
    if previous is None or not previous.slices:
        return None
    nearest = int(np.argmin(np.abs(np.log(previous.years / years))))
    return scaled(previous.slices[nearest], math.sqrt(years / float(previous.years[nearest])))


def _borrowed(chain: Chain, at: int, own: Slice | None, lenders: Mapping[int, SVI], previous: Surface | None) -> Slice:
    """A slice for expiry `at` in another's shape."""
    quotes = chain.expiries[at]
    shape, source = _lent(chain, at, lenders, previous)
    if own is not None:
        return Slice(shape, FAILED, f"{own.reason}; {source}")
    strikes, held = np.unique(quotes.k[quotes.used]).size, quotes.flag == USED
    svi, words = levelled(shape, quotes.k[held], quotes.bid[held], quotes.ask[held], quotes.years)
    few = (
        f"{strikes} of the {FEWEST_STRIKES} strikes with both sides that a slice needs"
        if strikes
        else "no strike with both sides"
    )
    return Slice(svi, BORROWED, f"{few}; {source}{', ' if words else ''}{words}")


def _lent(chain: Chain, at: int, lenders: Mapping[int, SVI], previous: Surface | None) -> tuple[SVI, str]:
    """The shape of the neighbour nearest in time, at the variance that lies between the neighbours' at the money."""
    years = float(chain.years[at])
    sides = [*[i for i in lenders if i < at][-1:], *[i for i in lenders if i > at][:1]]
    if not sides:
        last = _last_slice(previous, years)
        return (
            (flat(_any_vol(chain), years), "flat, with none to borrow from")
            if last is None
            else (last, "as in the previous surface")
        )
    nearest = min(sides, key=lambda i: abs(math.log(chain.years[i] / years)))
    factor = math.sqrt(years / float(chain.years[nearest]))
    if len(sides) == 2:
        variances = [float(lenders[i].total_variance(0.0)) for i in sides]
        factor = math.sqrt(float(np.interp(years, chain.years[sides], variances))) / deviation(lenders[nearest])
    return scaled(lenders[nearest], factor), f"the shape of the expiry at {float(chain.years[nearest]):.4g} years"


def _any_vol(chain: Chain) -> float:
    used = (chain.flag == USED) & (chain.bid > 0.0) & (chain.ask > 0.0)
    return float(np.median(0.5 * (chain.bid + chain.ask)[used])) if used.any() else _USUAL_VOL
