"""The nearest slice that lies nowhere below an earlier one."""

import math

from flatbook.pricing.smiles.arbitrage import STEEPEST_WING, butterfly, calendar
from flatbook.pricing.smiles.repair import Repair, distance, raised, repaired
from flatbook.pricing.smiles.svi import SVI

_ROUNDS = 6  # of lifting and then repairing what that did to the density


def lifted(svi: SVI, earlier: SVI) -> Repair:
    """The slice itself if it is free and nowhere below `earlier`; else one that is both, raised as little as will do.

    A wing that rises more slowly than the earlier one gets its slope, with the variance at the money kept; then the whole
    slice is raised by the depth that is left. Where that spoils the density, `repaired` and the lift take turns; should
    they not agree, the slice is raised further until it is free, or the earlier one is moved up in its place, whichever is
    nearer. The result passes `butterfly` and `calendar`. Raises ValueError if no slice can: the earlier one's wings are
    above Lee's bound.
    """
    puts, calls = earlier.wing_slopes
    if puts > STEEPEST_WING or calls >= STEEPEST_WING:
        raise ValueError("earlier must have wings below Lee's bound of 2, or nothing free can lie above it; repair it first")
    crossing, density = calendar(earlier, svi), butterfly(svi)
    if crossing.free and density.free:
        return Repair(svi, "", 0.0)
    found, done = _in_turns(svi, earlier)
    if found is None:
        found, done = min(_last_resorts(svi, earlier), key=lambda each: distance(svi, each[0]))
    wrong = [density.reason] if not density.free else []
    if not crossing.free:
        depth = "in a wing" if math.isinf(crossing.depth) else f"by {crossing.depth:.3g} at k = {crossing.at:.6g}"
        wrong.append(f"below the earlier slice {depth}")
    return Repair(found, f"{' and '.join(wrong)}; {done}", distance(svi, found))


def _in_turns(svi: SVI, earlier: SVI) -> tuple[SVI | None, str]:
    """Lift and repair until one leaves nothing for the other to do; None if they do not come to rest."""
    found = svi
    for turn in range(_ROUNDS):
        found = _above(found, earlier)
        if butterfly(found).free:
            return found, "lifted above it" if turn == 0 else f"lifted above it and repaired, {turn} times over"
        found = repaired(found, 1.0).svi
        if calendar(earlier, found).free:
            return found, f"lifted above it and repaired, {turn + 1} times over"
    return None, ""


def _last_resorts(svi: SVI, earlier: SVI) -> list[tuple[SVI, str]]:
    """Slices that are free and above the earlier one for certain."""
    slopes = [
        min(own, max(theirs, 0.95 * STEEPEST_WING)) for own, theirs in zip(svi.wing_slopes, earlier.wing_slopes, strict=True)
    ]
    found = [(raised(_above(_with_wings(svi, slopes[0], slopes[1]), earlier)), "raised until its density was free")]
    up = max(float(svi.total_variance(0.0) - earlier.total_variance(0.0)), 0.0)
    moved = SVI(earlier.a + up, *earlier.raw[1:])
    return [*found, (moved, "replaced by the earlier slice, moved up")] if butterfly(moved).free else found


def _above(svi: SVI, earlier: SVI) -> SVI:
    """`svi` with wings at least as steep as the earlier slice's, raised until it is nowhere below; its density as it comes."""
    own, theirs = svi.wing_slopes, earlier.wing_slopes
    if own[0] < theirs[0] or own[1] < theirs[1]:
        bend = svi if svi.b > 0.0 else SVI(svi.a, 0.0, 0.0, earlier.m, earlier.sigma)
        svi = _with_wings(bend, max(own[0], theirs[0]), max(own[1], theirs[1]))
    depth = calendar(earlier, svi).depth
    return SVI(svi.a + depth, *svi.raw[1:]) if depth > 0.0 else svi


def _with_wings(svi: SVI, puts: float, calls: float) -> SVI:
    """The slice with other wings, its bend in the same place; the same variance at the money if its least one allows."""
    if puts + calls <= 0.0 or (puts, calls) == svi.wing_slopes:
        return svi
    b, rho = 0.5 * (puts + calls), (calls - puts) / (calls + puts)
    money = float(svi.total_variance(0.0)) - b * (math.hypot(svi.m, svi.sigma) - rho * svi.m)
    least = svi.least_variance - b * svi.sigma * math.sqrt((1.0 - rho) * (1.0 + rho))
    return SVI(max(money, least), b, rho, svi.m, svi.sigma)
