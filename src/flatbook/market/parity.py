"""The forward that calls and puts of one expiry agree on."""

import numpy as np

from flatbook.basics import Floats

_PAIRS = 3  # the narrowest pairs: more would average in the wings, whose spreads are wide and whose mids lie


def parity_forward(strike: Floats, sign: Floats, inverse: Floats, bid: Floats, ask: Floats) -> float:
    """The forward at which calls less puts are worth F - K, dollars; NaN where no strike has both with both sides.

    Columns (n,), sorted by strike with the put before the call, prices in settlement units (coins where `inverse` is 1:
    there call less put is (F - K)/F). Of the pairs with the narrowest spreads in dollars, the mean weighted by 1/spread^2.
    """
    pair = np.flatnonzero((strike[1:] == strike[:-1]) & (inverse[1:] == inverse[:-1]) & (sign[1:] > sign[:-1]))
    put, call = pair, pair + 1
    gap = 0.5 * ((bid + ask)[call] - (bid + ask)[put])
    width = (ask - bid)[call] + (ask - bid)[put]
    coin = inverse[call] > 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        forward = np.where(coin, strike[call] / (1.0 - gap), strike[call] + gap)
        width = np.where(coin, width * forward, width)
    usable = np.flatnonzero((width >= 0.0) & (forward > 0.0) & np.isfinite(forward))
    if not usable.size:
        return float("nan")
    best = usable[np.argsort(width[usable], kind="stable")[:_PAIRS]]
    # A locked pair is not certain, only as sure as the next narrowest spread or a basis point.
    weight = 1.0 / np.square(width[best] + 1e-4 * forward[best])
    return float(np.sum(weight * forward[best]) / np.sum(weight))
