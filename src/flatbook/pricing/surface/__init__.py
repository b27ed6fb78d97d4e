"""The vol of every strike and expiry of one underlying, from bids and asks: free of arbitrage, and how sure.

Conventions: k = ln(strike / forward) with each expiry's own forward; total variance w = vol^2 x years, years ACT/365;
vols annual decimals. Every expiry has one raw SVI slice (`smiles.SVI`), and later slices lie above earlier ones at every
k, so that there is no butterfly and no calendar spread to be had for nothing.

`vol_quotes` makes vols of prices, coin or dollar. `fit_surface` fits a whole chain and says of every expiry how its slice
came about: fitted to its own quotes; repaired, where the exact tests of `smiles` objected to the fit; borrowed from a
neighbour, where fewer than five strikes are quoted on both sides; or failed, where quotes contradict each other. The
reason is kept in words. A `Surface` gives vols, and their uncertainty, at any strike and any time.

`fit_svi` fits one expiry alone. `fit_slice` is the kernel beneath: plain columns in, five numbers out, for a desk that moves one
expiry inside a tick. It wants the smile within every quote's bid and ask, and only weakly at their middle; a quote that the
others contradict is marked and left out; a side that is absent leaves the vol free on that side.

What a smile does when the forward moves no quote can say: `vol_slope`, `moved_vols` and `smile_delta` take it as a choice
of three.
"""

from flatbook.pricing.surface.borrow import levelled, scaled
from flatbook.pricing.surface.dynamics import STICKINESS, Dynamics, moved_vols, smile_delta, stickiness, vol_slope
from flatbook.pricing.surface.fit import fit_surface
from flatbook.pricing.surface.quotes import VolQuotes, heard_quotes, vol_quotes
from flatbook.pricing.surface.single import SVIFit, fit_svi
from flatbook.pricing.surface.slice_fit import ABSENT, CROSSED, FEWEST_STRIKES, OUTLIER, THIN, USED, fit_slice
from flatbook.pricing.surface.surface import (
    BORROWED,
    BORROWED_UNSURE,
    FAILED,
    FITTED,
    REPAIRED,
    STATUS_NAMES,
    Known,
    Surface,
    slopes_at,
    uncertainty_at,
    vols_at,
)

__all__ = [
    "ABSENT",
    "BORROWED",
    "BORROWED_UNSURE",
    "CROSSED",
    "FAILED",
    "FEWEST_STRIKES",
    "FITTED",
    "OUTLIER",
    "REPAIRED",
    "STATUS_NAMES",
    "STICKINESS",
    "THIN",
    "USED",
    "Dynamics",
    "Known",
    "SVIFit",
    "Surface",
    "VolQuotes",
    "fit_slice",
    "fit_surface",
    "fit_svi",
    "heard_quotes",
    "levelled",
    "moved_vols",
    "scaled",
    "slopes_at",
    "smile_delta",
    "stickiness",
    "uncertainty_at",
    "vol_quotes",
    "vol_slope",
    "vols_at",
]
