"""The forward that calls and puts of one expiry agree on."""

import numpy as np

from flatbook.basics import Floats, Ints

_PAIRS = 3  # the narrowest pairs: more would average in the wings, whose spreads are wide and whose mids lie
_TOGETHER = 1e-4  # how far apart the references may be at which the two legs of a pair were told


def parity_forward(
    strike: Floats, sign: Floats, inverse: Floats, reference: Floats, told_ns: Ints, bid: Floats, ask: Floats
) -> tuple[float, int]:
    """The forward at which calls less puts are worth F - K, over the reference it was told at, and when that was.

    Columns (n,), sorted by strike, settlement and sign with the put before the call; `reference` when each was told, `told_ns` 0
    for what is not to be heard; prices in settlement units (coins where `inverse` is 1: there call less put is
    (F - K)/F). Legs told at references a basis point apart are no pair: their difference would be the tape's move. Of the
    pairs with the narrowest spreads in dollars, the mean weighted by 1/spread^2, as old as the oldest leg. NaN and 0 if none.
    """
    pair = np.flatnonzero((strike[1:] == strike[:-1]) & (inverse[1:] == inverse[:-1]) & (sign[1:] > sign[:-1]))
    put, call = pair, pair + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = 0.5 * ((bid + ask)[call] - (bid + ask)[put])
        crossed = (ask < bid)[call] | (ask < bid)[put]
        width = (ask - bid)[call] + (ask - bid)[put]
        coin = inverse[call] > 0.0
        forward = np.where(coin, strike[call] / (1.0 - gap), strike[call] + gap)
        width = np.where(coin, width * forward, width)
        together = np.abs(reference[call] / reference[put] - 1.0) <= _TOGETHER
    known = (told_ns[call] > 0) & (told_ns[put] > 0) & together & ~crossed
    usable = np.flatnonzero(known & (width >= 0.0) & (forward > 0.0) & np.isfinite(forward))
    if not usable.size:
        return float("nan"), 0
    best = usable[np.argsort(width[usable], kind="stable")[:_PAIRS]]
    # A locked pair is not certain, only as sure as the next narrowest spread or a basis point.
    weight = 1.0 / np.square(width[best] + 1e-4 * forward[best])
    ratio = forward[best] / reference[call[best]]
    told = int(min(told_ns[call[best]].min(), told_ns[put[best]].min()))
    return float(np.sum(weight * ratio) / np.sum(weight)), told
