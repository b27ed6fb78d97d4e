"""The surface: one arbitrage-free slice for every expiry, what is known of each, and the vol of anything between them."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats, Ints
from flatbook.pricing.arguments import POSITIVE, columns, shaped
from flatbook.pricing.smiles import SVI

# How an expiry's slice came about.
FITTED, REPAIRED, BORROWED, FAILED = range(4)
STATUS_NAMES = ("fitted", "repaired", "borrowed", "failed")

BORROWED_UNSURE = 0.1  # of the vol at the money is how unsure a borrowed smile is, whatever its quotes say
_WING_DOUBT = 0.5  # of what the vol has changed since the last strike that is quoted


class Known(NamedTuple):
    """Where an expiry's smile is known, and how well; between, what is known on both sides."""

    k: Floats  # (j,) ln(strike / forward), rising, at least one
    uncertainty: Floats  # (j,) of the vol there, annual decimal


class Surface(NamedTuple):
    """The vol of every strike and expiry of one underlying, free of arbitrage, and how sure that is.

    Columns by expiry, (m,), in rising order. Vols and their errors are annual decimals: 0.01 is a vol point.
    """

    years: Floats
    forward: Floats
    slices: tuple[SVI, ...]
    status: Ints  # FITTED, REPAIRED, BORROWED or FAILED
    reason: tuple[str, ...]  # in words, where something was done to the slice; else ""
    rmse: Floats  # root mean square of vol less mid, over the two-sided quotes that were used; 0 if there are none
    inside: Floats  # the share of two-sided quotes, outliers too, whose bid and ask the slice lies within; 1 if there are none
    quoted: Ints  # two-sided quotes that were used
    known: tuple[Known, ...]
    flag: Ints  # (n,) of each quote, in the order they were given: USED, OUTLIER, CROSSED or ABSENT
    fitted_vol: Floats  # (n,) the vol of each quote's strike
    uncertainty: Floats  # (n,) of that vol

    def vols(self, expiry: int, strike: ArrayLike) -> Any:
        """Vols of strikes at the expiry of this number, in the shape of `strike`."""
        shape, (strikes,) = columns(strike=strike)
        return shaped(self.slices[expiry].vol(np.log(strikes / self.forward[expiry]), self.years[expiry]), shape)

    def uncertainties(self, expiry: int, strike: ArrayLike) -> Any:
        """How sure `vols` is: about one standard deviation, in the shape of `strike`.

        At a quoted strike half of bid to ask and the fit's own miss, as the hypotenuse; linear in k between. Beyond the
        outer ones it grows with every deviation of distance by as much again, and by half of what the vol has changed.
        """
        shape, (strikes,) = columns(strike=strike)
        k = np.log(strikes / self.forward[expiry])
        svi, years = self.slices[expiry], float(self.years[expiry])
        return shaped(uncertainty_at(svi, years, self.known[expiry], k, vols_at(svi, k, years)), shape)

    def forward_at(self, years: ArrayLike) -> Any:
        """Forwards at any time: log-linear in years between expiries, and outside of them the nearest expiry's."""
        shape, (terms,) = columns({"years": POSITIVE}, years=years)
        return shaped(np.exp(np.interp(terms, self.years, np.log(self.forward))), shape)

    def vol(self, strike: ArrayLike, years: ArrayLike) -> Any:
        """Vols at any strike and any time to expiry, in the shape that the two take together.

        Between expiries total variance is linear in years at equal k = ln(strike / forward), so that it never falls.
        Before the first the vol is the first's at equal k: that keeps both laws, since Durrleman's g of a part of w is
        concave in the part and not negative at either end. After the last, total variance grows everywhere as it does at
        the money if the vol there stays. Raises ValueError for what is not positive and for a surface without expiries.
        """
        shape, (strikes, terms) = columns({"years": POSITIVE}, strike=strike, years=years)
        if not self.slices:
            raise ValueError("a surface without expiries has no vols; fit one to quotes first")
        k = np.log(strikes / self.forward_at(terms))
        return shaped(np.sqrt(self._total_variance(k, terms) / terms), shape)

    def _total_variance(self, k: Floats, terms: Floats) -> Floats:
        """w at columns of k and years."""
        out, right = np.empty(k.size), np.searchsorted(self.years, terms)
        for place in np.unique(right):
            chosen = right == place
            out[chosen] = self._between(int(place), k[chosen], terms[chosen])
        return out

    def _between(self, place: int, k: Floats, terms: Floats) -> Floats:
        """w of times after the expiry before `place` and up to it."""
        if place == 0:
            return self.slices[0].total_variance(k) * (terms / self.years[0])
        before, start = self.slices[place - 1], self.years[place - 1]
        if place == len(self.slices):
            return before.total_variance(k) + (terms - start) * before.total_variance(0.0) / start
        part = (terms - start) / (self.years[place] - start)
        return (1.0 - part) * before.total_variance(k) + part * self.slices[place].total_variance(k)


def vols_at(svi: SVI, k: Floats, years: float) -> Floats:
    """`SVI.vol` of a column of finite k, for who has checked it."""
    y = k - svi.m
    w = svi.a + svi.b * (svi.rho * y + np.sqrt(y * y + svi.sigma * svi.sigma))
    return np.sqrt(np.maximum(w, 0.0) / years)


def slopes_at(svi: SVI, k: Floats) -> Floats:
    """`SVI.slope`, dw/dk, of a column of finite k, for who has checked it."""
    y = k - svi.m
    return svi.b * (svi.rho + y / np.sqrt(y * y + svi.sigma * svi.sigma))


def uncertainty_at(svi: SVI, years: float, known: Known, k: Floats, vol: Floats) -> Floats:
    """The uncertainty of a slice's vols, `vol` at a column of k; see `Surface.uncertainties`."""
    nearest = np.minimum(np.maximum(k, known.k[0]), known.k[-1])
    deviation = math.sqrt(svi.a + svi.b * (math.hypot(svi.m, svi.sigma) - svi.rho * svi.m))
    at_edge = np.interp(nearest, known.k, known.uncertainty)
    changed = np.abs(vol - vols_at(svi, nearest, years))
    return at_edge * (1.0 + np.abs(k - nearest) / deviation) + _WING_DOUBT * changed
