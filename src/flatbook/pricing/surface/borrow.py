"""A smile for an expiry with too few quotes for one of its own: a neighbour's shape at this expiry's level, and skew."""

import math

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.smiles import SVI

STRIKES_FOR_LEVEL, STRIKES_FOR_SKEW = 1, 3

_TURNS = 60
_CLOSE = 1e-12
_MOST_LEAN = 0.95  # of a borrowed and tilted slice's correlation


def scaled(svi: SVI, factor: float) -> SVI:
    """The same shape at another level: w(k) = f^2 w0(k/f), equal vols in units of deviations from the money, times f."""
    return SVI(svi.a * factor * factor, svi.b * factor, svi.rho, svi.m * factor, svi.sigma * factor)


def tilted(svi: SVI, skew: float) -> SVI:
    """w(k) + skew x k, which is SVI again, as far as the slice can lean."""
    lean = min(max(svi.rho + skew / svi.b, -max(_MOST_LEAN, abs(svi.rho))), max(_MOST_LEAN, abs(svi.rho)))
    added = svi.b * (lean - svi.rho)
    depth = svi.b * svi.sigma * math.sqrt((1.0 - lean) * (1.0 + lean))
    return SVI(max(svi.a + added * svi.m, 1e-4 * svi.least_variance - depth), svi.b, lean, svi.m, svi.sigma)


def flat(vol: float, years: float) -> SVI:
    """A slice that is all but flat, for when there is no shape to borrow."""
    deviation = vol * math.sqrt(years)
    return SVI(deviation * deviation, 1e-6 * deviation, 0.0, 0.0, deviation)


def levelled(shape: SVI, k: Floats, bid: Floats, ask: Floats, years: float) -> tuple[SVI, str]:
    """`shape` scaled, and with three strikes or more tilted, to quotes of vols (NaN: no such side); and in words what is its own.

    The level is the median of those at which the slice meets each mid, so one wrong quote in three does no harm; quotes
    with one side only then hold it to that side if there is no mid at all. Without any quotes the shape is returned.
    """
    two = (bid > 0.0) & (ask >= bid)
    if two.any():
        mid, place = 0.5 * (bid[two] + ask[two]), k[two]
        level = scaled(shape, float(np.median(_factors(shape, place, mid, years))))
        if np.unique(place).size < STRIKES_FOR_SKEW:
            return level, "level its own"
        return _leaning(level, place, mid, 0.5 * (ask[two] - bid[two]), years), "level and skew its own"
    lowest = _factors(shape, k[bid > 0.0], bid[bid > 0.0], years)
    highest = _factors(shape, k[ask > 0.0], ask[ask > 0.0], years)
    factor = max(min(1.0, *highest, 1.0), *lowest, 0.0)
    return (shape, "") if factor == 1.0 else (scaled(shape, factor), "level held to its bids and offers")


def _factors(shape: SVI, k: Floats, vol: Floats, years: float) -> Floats:
    """The factor at which the scaled shape has each `vol` at its k. Vol rises with the factor, more slowly than it."""
    factor = np.ones(k.size)
    for _ in range(_TURNS):
        ratio = vol / (factor * shape.vol(k / factor, years))
        factor = factor * ratio
        if np.all(np.abs(ratio - 1.0) < _CLOSE):
            break
    return factor


def _leaning(level: SVI, k: Floats, mid: Floats, half: Floats, years: float) -> SVI:
    """`level` with the tilt and the change of level that fit best, in variance, or as it is if they fit no better."""
    trust = 1.0 / (2.0 * mid * years * np.maximum(half, 0.002 * mid))
    base = np.asarray(level.total_variance(k))
    columns, missing = np.stack([base, k]) * trust, (mid * mid * years - base) * trust
    grown, skew = np.linalg.lstsq(columns.T, missing, rcond=1e-9)[0]
    found = tilted(scaled(level, math.sqrt(max(1.0 + float(grown), 0.25))), float(skew))
    better = np.sum(np.abs(found.vol(k, years) - mid) / half.clip(1e-9)) < np.sum(
        np.abs(level.vol(k, years) - mid) / half.clip(1e-9)
    )
    return found if better else level
