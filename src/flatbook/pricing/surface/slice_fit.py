"""One expiry's smile from its bids and asks: the kernel that a desk calls inside a tick."""

import math

import numpy as np

from flatbook.basics import Floats, Ints
from flatbook.pricing.compiled import compiled
from flatbook.pricing.surface.descent import HIGHEST, LOWEST, descend
from flatbook.pricing.surface.misfit import (
    ABOVE,
    AIM,
    BELOW,
    BEND,
    FIRM,
    HEIGHT,
    LAW_ROWS,
    LEAST,
    LEAST_DENSITY,
    LEFT,
    MIDDLE,
    MOST,
    PER_SPREAD,
    PLACE,
    PULL,
    QUOTE_ROWS,
    RIGHT,
    SHAPE,
    WEIGHT,
    smile_along,
)

FITTED, THIN, FAILED = range(3)  # what `fit_slice` says of a slice
USED, OUTLIER, CROSSED, ABSENT = range(4)  # what it says of a quote
FEWEST_STRIKES = 5  # with both sides: a slice has five numbers

# What is believed. Half-spreads are what all misses are measured in.
_CLOSEST = 0.002  # of the typical vol: no quote is believed more closely than with this half-spread
_PULL = 0.2  # of the mid, against 1 of a side of the spread
_PATIENCE = 3.0  # beyond so many half-spreads, or usual misses if they are more, a miss costs no more than in proportion
_OUTLYING, _OUTLYING_VOL = 8.0, 0.02  # an outlier is missed by so many times that, and by that part of the typical vol
_HOPELESS_VOL = 0.1  # of the typical vol: where most quotes are outlying by this much too, there is no smile
_PRIOR = 0.01  # what a number of the shape costs that is one off the usual, against 1 for a quote missed by a half-spread

# How the laws are kept.
_PLACES, _REACH = 60, 8.0  # from the middle, as many times as far as the quotes reach
_APART = 0.001  # of the vol: what slices are held apart, so that they do not cross between places
_STEEPER = 1.01  # than the earlier slice's wings: parallel ones may cross anywhere
_STEEPEST = 1.999  # Lee's bound is 2
_DARKEST = 0.01  # of the typical vol: none is less anywhere
_FAINT = 1e-5  # of the force that keeps a slice below a later one's quotes: where neither is quoted
_FORCE, _MORE_FORCE, _TURNS, _STARTS = 0.1, 10.0, 8, 4

# What is a number at all.
LEAST_VOL, MOST_VOL = 1e-6, 100.0
_FURTHEST, _HEAVIEST = 100.0, 1e6
_SHORTEST, _LONGEST = 1e-9, 1e3


@compiled(inner=True)
def _middle(values: Floats, count: int) -> float:
    """The median of the first `count` >= 1 values, which are left in rising order (Shell's sort)."""
    gap = count // 2
    while gap > 0:
        for i in range(gap, count):
            moving, j = values[i], i
            while j >= gap and values[j - gap] > moving:
                values[j] = values[j - gap]
                j -= gap
            values[j] = moving
        gap //= 2
    return 0.5 * (values[count // 2] + values[(count - 1) // 2])


@compiled(inner=True)
def _sort_out(
    k: Floats, bid: Floats, ask: Floats, weight: Floats, flags: Ints, mids: Floats, halves: Floats, ends: Floats
) -> tuple[int, int]:
    """Flag every quote; mids and half-spreads of the two-sided, and their outer strikes; how many, at how many strikes."""
    count = strikes = 0
    for i in range(k.size):
        has_bid, has_ask = LEAST_VOL < bid[i] < MOST_VOL, LEAST_VOL < ask[i] < MOST_VOL
        usable = (has_bid or has_ask) and 0.0 < weight[i] <= _HEAVIEST and abs(k[i]) < _FURTHEST
        flags[i] = USED if usable else ABSENT
        if usable and has_bid and has_ask:
            if bid[i] > ask[i]:
                flags[i] = CROSSED
            else:
                mids[count], halves[count] = 0.5 * (bid[i] + ask[i]), 0.5 * (ask[i] - bid[i])
                ends[0] = k[i] if count == 0 else ends[0]
                strikes += 1 if count == 0 or k[i] > ends[1] else 0
                ends[1] = k[i]
                count += 1
    return count, strikes


@compiled(inner=True)
def _tabulate(k: Floats, bid: Floats, ask: Floats, weight: Floats, flags: Ints, vol: float, unit: float, quotes: Floats) -> float:
    """Write the table of quotes in the slice's units; the stiffness of them all.

    One side alone gets the half-spread that the nearest two-sided quotes have: linear between them, wider ever further outside.
    """
    for i in range(k.size):
        used = flags[i] == USED
        has_bid, has_ask = used and LEAST_VOL < bid[i] < MOST_VOL, used and LEAST_VOL < ask[i] < MOST_VOL
        half = 0.5 * (ask[i] - bid[i]) / vol if has_bid and has_ask else 0.0
        quotes[PLACE, i] = k[i] / unit if used else 0.0
        quotes[AIM, i] = bid[i] / vol + half if has_bid else (ask[i] / vol if has_ask else 1.0)
        quotes[BELOW, i] = half if has_bid else math.inf
        quotes[ABOVE, i] = half if has_ask else math.inf
        quotes[PULL, i] = _PULL if has_bid and has_ask else 0.0
        quotes[WEIGHT, i] = weight[i] if used else 0.0
    stiffness, left, right = 0.0, -1, 0
    for i in range(k.size):
        if quotes[PULL, i] > 0.0:
            left = i
        while right < k.size and (right < i or quotes[PULL, right] == 0.0):
            right += 1
        near, far = left if left >= 0 else right, right if right < k.size else left
        x, half = quotes[PLACE, i], quotes[ABOVE, near]
        gap = quotes[PLACE, far] - quotes[PLACE, near]
        half += (quotes[ABOVE, far] - half) * (x - quotes[PLACE, near]) / gap if gap > 0.0 else 0.0
        half *= 1.0 if left >= 0 and right < k.size else 1.0 + abs(x - quotes[PLACE, near])
        per = 1.0 / (half if half > _CLOSEST else _CLOSEST)
        quotes[PER_SPREAD, i] = per
        stiffness += quotes[WEIGHT, i] * per * per
    return stiffness


@compiled(inner=True)
def _bound(earlier: Floats, ends: Floats, unit: float, bounds: Floats) -> None:
    """The bounds of a shape: wings as steep as the earlier slice's and less than Lee's, the middle not far from the quotes."""
    top = _STEEPEST / unit
    bounds[LOWEST, HEIGHT], bounds[HIGHEST, HEIGHT] = _DARKEST * _DARKEST, 1e6
    bounds[LOWEST, LEFT], bounds[HIGHEST, LEFT] = min(_STEEPER * earlier[1] * (1.0 - earlier[2]) / unit + 1e-6, top), top
    bounds[LOWEST, RIGHT], bounds[HIGHEST, RIGHT] = min(_STEEPER * earlier[1] * (1.0 + earlier[2]) / unit + 1e-6, top), top
    bounds[LOWEST, MIDDLE], bounds[HIGHEST, MIDDLE] = (2.0 * ends[0] - ends[1]) / unit, (2.0 * ends[1] - ends[0]) / unit
    bounds[LOWEST, BEND], bounds[HIGHEST, BEND] = 0.01, 20.0


@compiled(inner=True)
def _begin(start: int, raw: Floats, unit: float, bounds: Floats, shape: Floats) -> None:
    """Where to begin: with `raw` if that is a slice and it is the first time, else with a round smile, then with sharp ones."""
    warm = start == 0 and raw[1] > 0.0
    shape[HEIGHT] = (raw[0] + raw[1] * raw[4]) / (unit * unit) if warm else 1.0
    shape[LEFT] = raw[1] * (1.0 - raw[2]) / unit if warm else 0.5
    shape[RIGHT] = raw[1] * (1.0 + raw[2]) / unit if warm else 0.5
    shape[MIDDLE] = raw[3] / unit if warm else (0.0 if start < 2 else 2.0 * start - 5.0)
    shape[BEND] = raw[4] / unit if warm else (2.0 if start < 2 else 0.3)
    for i in range(SHAPE):
        shape[i] = min(max(shape[i], bounds[LOWEST, i]), bounds[HIGHEST, i])


@compiled(inner=True)
def _lay_down(
    shape: Floats, ends: Floats, unit: float, earlier: Floats, later: Floats, later_ends: Floats, laws: Floats, by: Floats
) -> bool:
    """Choose the places where the laws are tested, closely around the middle and ever wider apart; True if none is broken."""
    near = min(max(shape[BEND], 0.05), 1.0)
    reach = _REACH * max(1.0, max(shape[MIDDLE] - ends[0] / unit, ends[1] / unit - shape[MIDDLE]))
    reach = max(reach, 3.0 * (abs(earlier[3]) + 3.0 * earlier[4]) / unit)
    ratio = (reach / near + math.sqrt(reach * reach / (near * near) + 1.0)) ** (2.0 / (_PLACES - 1))
    far, obeyed = ratio ** (-0.5 * (_PLACES - 1)), True
    for i in range(_PLACES):
        x = shape[MIDDLE] + 0.5 * near * (far - 1.0 / far)
        far *= ratio
        k = x * unit
        z = k - earlier[3]
        floor = earlier[0] + earlier[1] * (earlier[2] * z + math.sqrt(z * z + earlier[4] * earlier[4]))
        ceiling, firm = math.inf, 1.0
        for j in range(later.shape[0]):
            z = k - later[j, 3]
            w = later[j, 0] + later[j, 1] * (later[j, 2] * z + math.sqrt(z * z + later[j, 4] * later[j, 4]))
            if later_ends[j, 0] <= k <= later_ends[j, 1] and w < ceiling:
                ceiling = w
                firm = _FAINT if math.isinf(later_ends[j, 1] - later_ends[j, 0]) else 1.0
        least = (1.0 + _APART) * max(math.sqrt(floor) / unit, _DARKEST) if floor > 0.0 else _DARKEST
        most = max((1.0 - _APART) * math.sqrt(ceiling) / unit, least)
        laws[PLACE, i], laws[LEAST, i], laws[MOST, i], laws[FIRM, i] = x, least, most, firm
        v, g = smile_along(shape, x, unit, by, by)
        obeyed = obeyed and g > 0.5 * LEAST_DENSITY and v >= least - 0.5 * _APART * v
    return obeyed


@compiled(inner=True)
def _mark(
    shape: Floats, unit: float, quotes: Floats, flags: Ints, spare: int, missed: Floats, by: Floats
) -> tuple[float, int, int]:
    """What the middle quote is missed by, as a deviation in half-spreads, at least 1; how many are newly marked; how many lost.

    Outliers are marked and used no more; of the two-sided, at most `spare`. Lost is a two-sided quote, marked or not, that
    is missed by much of the vol and by many times its spread.
    """
    count = marked = lost = 0
    for i in range(flags.size):
        if quotes[WEIGHT, i] * quotes[PULL, i] > 0.0:
            off = smile_along(shape, quotes[PLACE, i], unit, by, by)[0] - quotes[AIM, i]
            missed[count] = abs(off) * quotes[PER_SPREAD, i]
            count += 1
    usual = max(1.0, 1.4826 * _middle(missed, count))
    for i in range(flags.size):
        off = smile_along(shape, quotes[PLACE, i], unit, by, by)[0] - quotes[AIM, i]
        spreads, two = abs(off) * quotes[PER_SPREAD, i], quotes[PULL, i] > 0.0
        inside = not two and -quotes[BELOW, i] <= off <= quotes[ABOVE, i]
        lost += 1 if two and spreads > _OUTLYING and abs(off) > _HOPELESS_VOL else 0
        far = spreads > _OUTLYING * usual and abs(off) > _OUTLYING_VOL
        if far and flags[i] == USED and not inside and (marked < spare or not two):
            flags[i], quotes[WEIGHT, i] = OUTLIER, 0.0
            marked += 1 if two else 0
    return usual, marked, lost


@compiled
def fit_slice(
    k: Floats,
    bid: Floats,
    ask: Floats,
    weight: Floats,
    years: float,
    raw: Floats,
    earlier: Floats,
    later: Floats,
    later_ends: Floats,
    flags: Ints,
) -> int:
    """Fit one expiry's raw SVI slice to its quotes, above an earlier slice; `raw` and `flags` are written.

    By quote, (n,) in rising k = ln(strike / forward), equal ones allowed: `bid` and `ask`, annual vols, NaN or 0 for a side
    that is absent; `weight`, relative, 0 to leave a quote out. `raw` (5,) is a, b, rho, m, sigma: the start if its b is
    positive, such as the last fit, and zeros to start afresh. `earlier` (5,) is the raw slice to stay above at every k, zeros
    for none. `later` (j, 5) are raw slices to stay below, each for k between its `later_ends` (j, 2), as far as own quotes
    leave it free to: where both are quoted and cross they meet between. An end at infinity is for beyond the quotes of either:
    there a slice gives way only as far as that costs its own quotes next to nothing. j may be 0. Above the earlier always wins.

    Minimised is the square, in half-spreads, of what the smile lies outside bid and ask, and a fifth of the square of what it
    lies off the mid; beyond three half-spreads, or three usual misses if those are more, no longer the square but in
    proportion (Huber). Vols missed in units of their own half-spread are prices missed in units of theirs: vega is in it. A
    quote with one side only bounds the smile on that side, in units of the half-spreads of its neighbours with both. Butterfly
    and calendar arbitrage cost ever more until there is none at 60 places: not the exact verdict of `smiles.butterfly` and
    `smiles.calendar`, but seldom another.

    FITTED; THIN, fewer than five strikes with both sides, or years that are not positive: `raw` is left alone; FAILED, the
    quotes contradict each other: most are missed by far, and by a tenth of the vol. `flags` (n,) says of each quote: USED;
    OUTLIER, missed by more than eight times the usual and left out; CROSSED, bid above ask; ABSENT, no side, no weight, or no
    finite k. A vol outside 1e-6 to 100 is no vol. The same columns give the same bits.
    """
    mids, halves, ends, by, trial = np.empty(k.size), np.empty(k.size), np.empty(2), np.empty(SHAPE), np.empty(SHAPE)
    count, strikes = _sort_out(k, bid, ask, weight, flags, mids, halves, ends)
    if strikes < FEWEST_STRIKES or not _SHORTEST < years < _LONGEST:
        return THIN
    vol = _middle(mids, count)
    unit, spread = vol * math.sqrt(years), _middle(halves, count) / vol
    quotes, laws, shape, bounds = (
        np.empty((QUOTE_ROWS, k.size)),
        np.empty((LAW_ROWS, _PLACES)),
        np.empty(SHAPE),
        np.empty((2, SHAPE)),
    )
    stiffness = _tabulate(k, bid, ask, weight, flags, vol, unit, quotes)
    force, softly = _FORCE * stiffness, stiffness / _PLACES
    prior = _PRIOR * min(1.0, spread * spread / (_CLOSEST * _CLOSEST))  # exact quotes need none
    _bound(earlier, ends, unit, bounds)

    patience, best, spare, lost = _PATIENCE, math.inf, 0, 0
    for start in range(_STARTS):
        _begin(start, raw, unit, bounds, trial)
        _lay_down(trial, ends, unit, earlier, later, later_ends, laws, by)
        cost = descend(trial, bounds, quotes, laws, unit, patience, force, softly, prior)
        if cost < best:
            best = cost
            for i in range(SHAPE):
                shape[i] = trial[i]
        usual, marked, lost = _mark(shape, unit, quotes, flags, spare, mids, by)
        if usual == 1.0:  # the middle quote is met well within its spread: there is no better smile elsewhere
            break
    spare = count - FEWEST_STRIKES
    for _ in range(_TURNS):
        usual, marked, lost = _mark(shape, unit, quotes, flags, spare, mids, by)
        obeyed = _lay_down(shape, ends, unit, earlier, later, later_ends, laws, by)
        if marked == 0 and obeyed and abs(_PATIENCE * usual - patience) <= 0.25 * patience:
            break
        force *= 1.0 if obeyed else _MORE_FORCE
        spare, patience = spare - marked, _PATIENCE * usual
        descend(shape, bounds, quotes, laws, unit, patience, force, softly, prior)

    total = 0.5 * (shape[LEFT] + shape[RIGHT])
    level = shape[HEIGHT] - total * shape[BEND]
    level = max(level, _DARKEST * _DARKEST - shape[BEND] * math.sqrt(shape[LEFT] * shape[RIGHT]))
    raw[0], raw[1], raw[2] = level * unit * unit, total * unit, 0.5 * (shape[RIGHT] - shape[LEFT]) / total
    raw[3], raw[4] = shape[MIDDLE] * unit, shape[BEND] * unit
    return FITTED if 2 * lost <= count else FAILED
