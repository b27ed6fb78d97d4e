"""Quotes made ready for fitting: checked, with their implied vols, and with what an error in each is worth."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats, Ints
from flatbook.pricing.arguments import NOT_NEGATIVE, POSITIVE, Shape, columns
from flatbook.pricing.heston.parameters import HestonParameters
from flatbook.pricing.implied import OK, implied_vol

_LEAST_VEGA = 0.05  # of the at-the-money vega: wings count no more than twenty times what their price says
_REVERSION = 2.0  # per year, or half of the way by the furthest expiry if that is sooner
_VOL_OF_VARIANCE = 2.5  # times the long vol
_STRONGEST_LEAN = 0.8


class Quotes(NamedTuple):
    """n option quotes as columns; prices are discounted, `vol` is implied by each where `has_vol` and else 0."""

    shape: Shape
    forward: Floats
    strike: Floats
    years: Floats
    sign: Floats
    discount: Floats
    price: Floats
    weight: Floats
    moneyness: Floats  # ln(K/F)
    vol: Floats
    has_vol: Flags
    expiries: Floats  # the distinct years, rising
    expiry: Ints  # which of them each quote has
    middle_vol: Floats  # of each expiry: the vol nearest the money


def read_quotes(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    sign: ArrayLike,
    price: ArrayLike,
    discount: ArrayLike,
    weight: ArrayLike | None,
) -> Quotes:
    """Check the arguments of a fit and complete them; ValueError names what will not do."""
    shape, (f, k, t, s, v, df, w) = columns(
        {"years": POSITIVE, "price": NOT_NEGATIVE, "weight": NOT_NEGATIVE},
        forward=forward,
        strike=strike,
        years=years,
        sign=sign,
        price=price,
        discount=discount,
        weight=0.0 if weight is None else weight,
    )
    if f.size == 0:
        raise ValueError("price must hold at least one quote to fit; it is empty")
    if weight is not None and not w.any():
        raise ValueError("weight must be positive for at least one quote; all are 0")
    vol, status = implied_vol(v / df, f, k, t, s)
    has_vol = status == OK
    if not has_vol.any():
        raise ValueError("price must lie between intrinsic value and the upper bound for at least one quote; none does")
    expiries, expiry = np.unique(t, return_inverse=True)
    moneyness = np.log(k / f)
    middle = _middle_vols(expiries.size, expiry, moneyness, vol, has_vol)
    if weight is None:
        w = _per_vega(f, t, df, moneyness, np.where(has_vol, vol, middle[expiry]), middle[expiry])
    return Quotes(shape, f, k, t, s, df, v, w, moneyness, vol, has_vol, expiries, expiry, middle)


def guess(quotes: Quotes) -> HestonParameters:
    """Where a fit may start: the levels of the nearest and the furthest expiry, and the lean of the smile between."""
    near, far = quotes.middle_vol[0], quotes.middle_vol[-1]
    sigma = _VOL_OF_VARIANCE * far
    # Close to expiry the variance of a strike changes by rho sigma / 2 per unit of ln(K/F).
    lean = 2.0 * _smile_lean(quotes) / sigma
    rho = float(np.clip(lean, -_STRONGEST_LEAN, _STRONGEST_LEAN))
    return HestonParameters(near * near, max(_REVERSION, 0.5 / quotes.expiries[-1]), far * far, sigma, rho)


def _smile_lean(quotes: Quotes) -> float:
    """How implied variance changes per unit of ln(K/F), in deviations of each expiry, nearer ones counting more."""
    some = quotes.has_vol
    expiry, k, variance = quotes.expiry[some], quotes.moneyness[some], quotes.vol[some] ** 2
    count = np.maximum(np.bincount(expiry), 1)
    k = k - (np.bincount(expiry, k) / count)[expiry]
    variance = variance - (np.bincount(expiry, variance) / count)[expiry]
    weight = 1.0 / quotes.years[some]
    spread = float(np.sum(weight * k * k))
    return float(np.sum(weight * k * variance)) / spread if spread > 0.0 else 0.0


def _middle_vols(count: int, expiry: Ints, moneyness: Floats, vol: Floats, has_vol: Flags) -> Floats:
    """Of each expiry the vol nearest the money; where it has none, the median of all."""
    out = np.full(count, np.median(vol[has_vol]))
    order = np.argsort(-np.abs(moneyness), kind="stable")
    order = order[has_vol[order]]
    out[expiry[order]] = vol[order]  # the last written, nearest the money, stays
    return out


def _per_vega(forward: Floats, years: Floats, discount: Floats, moneyness: Floats, vol: Floats, middle: Floats) -> Floats:
    """One over Black's vega, so that errors count in vol; a floor keeps far wings from counting for everything."""
    root = np.sqrt(years)
    d1 = 0.5 * vol * root - moneyness / (vol * root)
    at_money = 0.25 * middle * middle * years
    shape = np.maximum(np.exp(-0.5 * d1 * d1), _LEAST_VEGA * np.exp(-0.5 * at_money))
    return np.sqrt(2.0 * np.pi) / (discount * forward * root * shape)
