"""The nearest slice without butterfly arbitrage, and why it had to be another.

Gatheral and Jacquier (2014), section 5.1: keep a slice's variance, skew and put wing at the money, which quotes know well, and
move its call wing and its least variance, which they hardly know, towards those of the SSVI slice with the same three.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.arguments import POSITIVE, check
from flatbook.pricing.smiles.arbitrage import STEEPEST_WING, butterfly
from flatbook.pricing.smiles.forms import JumpWings, Natural
from flatbook.pricing.smiles.svi import SVI

_STEPS = 60
_CLOSE = 1e-10  # of the way from a slice to its partner
_TOUCHING = 1e-10  # a least g that is as good as 0
_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
_FAN = 0.25
_BEARINGS = [_FAN * i for i in range(9)]
_NARROWINGS = 8
_STRAIGHTEST = 1.0 - 1e-9  # a correlation that rounding must not make 1
_NOTHING = 1e-14  # a total variance that is rounding, or microseconds
_WITHIN = 0.999  # of a bound that must not be reached
_STRIKES = np.linspace(-5.0, 5.0, 41)  # deviations from the money

Path = Callable[[float], SVI]


class Repair(NamedTuple):
    """A slice, whether it had to change, and how far."""

    svi: SVI
    reason: str  # "" for a slice that was free already; else what was wrong and what was done
    distance: float  # see `distance`; 0 for a slice that was free already


def repaired(svi: SVI, years: float) -> Repair:
    """The slice itself if it is free of butterfly arbitrage, else one that is, as near to it as can be.

    Among the slices with its variance, skew and put wing at the money, and a call wing and least variance between its own
    and those of its SSVI partner, the one of least `distance`. Where even the partner is not free, because the put wing
    or the skew is too steep, the partner with all slopes flattened as little as will do. Always free; the reason says
    which. `years` to expiry only put the words into variances per year.
    """
    check("years", years, POSITIVE)
    verdict = butterfly(svi)
    if verdict.free:
        return Repair(svi, "", 0.0)
    found, done = _replacement(svi, years)
    return Repair(found, f"{verdict.reason}; {done}", distance(svi, found))


def _replacement(svi: SVI, years: float) -> tuple[SVI, str]:
    if float(svi.total_variance(0.0)) <= _NOTHING * (1.0 + abs(svi.a) + svi.b * math.hypot(svi.m, svi.sigma)):
        found = raised(svi)
        return found, f"raised by {found.a - svi.a:.3g}, as there was no variance at the money to keep"
    partner = _partner(svi, 1.0)
    if _margin(partner) < 0.0:
        return _flattened(svi), "put wing or skew too steep, so flattened to an SSVI slice of the same variance at the money"
    found = _nearest(svi, partner)
    before, after = svi.jump_wings(years), found.jump_wings(years)
    return found, f"{_change('call wing', 3, before, after)}, {_change('least variance', 4, before, after)}"


def distance(one: SVI, other: SVI) -> float:
    """How far apart two slices price options: the root mean square over 41 strikes, as a fraction of the forward.

    The strikes lie evenly within five of the first's at-the-money deviations; a price moves by its vega, n(d1), times the
    change of vol sqrt(years), so that wings weigh no more than their options are worth.
    """
    k = _STRIKES * math.sqrt(float(one.total_variance(0.0)))
    before: Floats = np.sqrt(one.total_variance(k))
    after: Floats = np.sqrt(other.total_variance(k))
    d1 = 0.5 * before - k / np.maximum(before, 1e-100)
    change = np.exp(-0.5 * np.minimum(d1 * d1, 1000.0)) * (after - before) / math.sqrt(2.0 * math.pi)
    return float(np.sqrt(np.mean(change * change)))


def raised(svi: SVI) -> SVI:
    """The slice with the least constant added that frees it; wings above Lee's bound are first brought under it.

    Enough variance frees any slice: g is then near 1 where the smile bends, and tends to its limit in the wings from above.
    """
    wings = [slope if slope < STEEPEST_WING else _WITHIN * STEEPEST_WING for slope in svi.wing_slopes]
    b, rho = 0.5 * sum(wings), (wings[1] - wings[0]) / sum(wings) if sum(wings) > 0.0 else 0.0
    depth = b * svi.sigma * math.sqrt((1.0 - rho) * (1.0 + rho))

    def above(extra: float) -> SVI:
        return SVI(max(svi.a, -depth) + extra, b, rho, svi.m, svi.sigma)

    enough = 1e-6 * (depth + abs(svi.a) + b * abs(svi.m) + 1e-12)
    while _margin(above(enough)) < 0.0:
        enough *= 2.0
    return above(enough * _least(lambda part: above(part * enough)))


def _partner(svi: SVI, flatness: float) -> SVI:
    """The SSVI slice with the variance at the money, skew and put slope of `svi`, all slopes times `flatness`."""
    theta = float(svi.total_variance(0.0))
    puts, skew = svi.wing_slopes[0], 0.5 * float(svi.slope(0.0))
    rho = min(max(skew / (puts + skew), -_STRAIGHTEST), _STRAIGHTEST)
    return SVI.from_natural(0.0, 0.0, rho, theta, 2.0 * flatness * (puts + skew) / theta)


def _flattened(svi: SVI) -> SVI:
    """The steepest free slice of the partner's shape: the conditions of SSVI give one that is free for certain."""
    _, _, rho, theta, zeta = _partner(svi, 1.0).natural()
    size = theta * zeta * (1.0 + abs(rho))
    certain = _WITHIN * min(4.0 / size, 2.0 / math.sqrt(size * zeta), 1.0)

    def flatter(part: float) -> SVI:
        return _partner(svi, 1.0 - part * (1.0 - certain))

    return flatter(_least(flatter))


def _nearest(svi: SVI, partner: SVI) -> SVI:
    """The free slice of least distance between `svi` and its free partner.

    The two sit in opposite corners of a square, call wing by least variance. Distance grows along every ray from the slice,
    or nearly, so the nearest is the first free slice of its ray: a search over where rays leave the square, the partner's
    corner among them.
    """
    own, theirs = svi.jump_wings(1.0), partner.jump_wings(1.0)
    firsts: dict[float, SVI] = {}

    def cost(bearing: float) -> float:
        # From all call wing to all least variance; closer together near either, since one of them often does almost all.
        wing, least = min(2.0 - bearing, 1.0) ** 3, min(bearing, 1.0) ** 3

        def along(part: float) -> SVI:
            c = own.c + part * wing * (theirs.c - own.c)
            v_tilde = own.v_tilde + part * least * (theirs.v_tilde - own.v_tilde)
            return SVI.from_jump_wings(own.v, own.psi, own.p, c, v_tilde, 1.0)

        first = _first_free(along)
        if first is None:
            return math.inf
        firsts[bearing] = first
        return distance(svi, first)

    best = _smallest(cost)
    # Jump-wings do not tell slices apart whose skew at the money is 0, or nearly: then straight to the partner.
    return firsts[best] if best in firsts else _first_free(_between(svi.natural(), partner.natural())) or partner


def _between(one: Natural, other: Natural) -> Path:
    """The way from one slice to another along their natural parameters, for when jump-wings do not tell slices apart."""
    return lambda part: SVI.from_natural(*(x + part * (y - x) for x, y in zip(one, other, strict=True)))


def _smallest(cost: Callable[[float], float]) -> float:
    """The bearing in [0, 2] where `cost` is least: a fan of them, then golden section beside the best. One that was tried."""
    costs = {bearing: cost(bearing) for bearing in _BEARINGS}
    best = min(costs, key=lambda bearing: costs[bearing])
    low, high = max(best - _FAN, 0.0), min(best + _FAN, 2.0)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    for _ in range(_NARROWINGS):
        for bearing in (left, right):
            costs[bearing] = costs[bearing] if bearing in costs else cost(bearing)
        if costs[left] <= costs[right]:
            high, right, left = right, left, right - _GOLDEN * (right - low)
        else:
            low, left, right = left, right, left + _GOLDEN * (high - left)
    return min(costs, key=lambda bearing: costs[bearing])


def _first_free(path: Path) -> SVI | None:
    """The first free slice on the way from part 0, not free or not even a slice, to part 1; None if that is not free."""
    if _margin_at(path, 1.0) < 0.0:
        return None
    return path(_least(path))


def _least(path: Path) -> float:
    """The part of `path`, free at 1, from which on it is free: false position that keeps both sides moving."""
    bad, good, at_bad, at_good = 0.0, 1.0, _margin_at(path, 0.0), _margin_at(path, 1.0)
    if at_bad >= 0.0:
        return 0.0
    weight, moved = at_good, 0
    for _ in range(_STEPS):
        if good - bad <= _CLOSE or at_good <= _TOUCHING:
            break
        share = at_bad / (at_bad - weight) if math.isfinite(at_bad) else 0.5
        part = bad + (good - bad) * min(max(share, 0.02), 0.98)
        margin = _margin_at(path, part)
        if margin >= 0.0:
            at_bad *= 0.5 if moved > 0 else 1.0
            good, at_good, weight, moved = part, margin, margin, 1
        else:
            weight *= 0.5 if moved < 0 else 1.0
            bad, at_bad, moved = part, margin, -1
    return good


def _margin_at(path: Path, part: float) -> float:
    try:
        return _margin(path(part))
    except ValueError:
        return -math.inf


def _margin(svi: SVI) -> float:
    """The least g of a slice; negative whenever it is not free, and whenever g is, be it by rounding."""
    verdict = butterfly(svi)
    return verdict.least if verdict.free or verdict.least < 0.0 else -math.inf


def _change(name: str, place: int, before: JumpWings, after: JumpWings) -> str:
    return f"{name} from {before[place]:.6g} to {after[place]:.6g}"
