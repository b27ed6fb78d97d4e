"""Every row's vol: fitted again where there is news, and moved with its forward in between."""

from math import log, sqrt

import numpy as np

from flatbook.basics import Flags, Floats, Ints, format_utc
from flatbook.instruments import Block
from flatbook.market.marks import marked_vols
from flatbook.market.quoted import Neighbour, QuotedSmile, quoted_smile
from flatbook.market.record import UnderlyingMarket
from flatbook.market.rules import Rules
from flatbook.market.surface import BORROWED, FITTED, KEPT, MARKED, NEVER_NS, REPAIRED, SMILE_STATES, UNKNOWN, Surface
from flatbook.pricing import LOWEST_VOL
from flatbook.pricing.smiles import SVI

_STAND_IN = 0.1  # of the vol
_SLICED = (FITTED, REPAIRED, BORROWED)


def renew_vols(
    entry: UnderlyingMarket, block: Block, rules: Rules, forward_before: Floats, scale: Floats, now_ns: int
) -> list[str]:
    """Bring the vols of one underlying up to `now_ns`; what people should know of its smiles, one sentence an expiry.

    `forward_before` is by slot, of the step before; `scale` by tenor, what a vol must be multiplied by because its years are
    counted otherwise from now on.
    """
    for tenor in np.flatnonzero(scale != 1.0):
        entry.vol[entry.tenor_slots[tenor]] *= scale[tenor]
    if rules.smiles.dynamics != "sticky_strike":
        _follow_forwards(entry, forward_before)
    if True not in entry.surface.dirty:
        entry.surface.next_fit_ns = NEVER_NS
        return []
    return _refit(entry, block, rules, now_ns)


def _follow_forwards(entry: UnderlyingMarket, before: Floats) -> None:
    """Move every vol along its slope by as much as its forward moved."""
    size, slope = before.shape[0], entry.surface.slope
    moving = np.flatnonzero((slope[:size] != 0.0) & (before > 0.0) & (entry.forward[:size] != before))
    steps = slope[moving] * np.log(entry.forward[moving] / before[moving])
    entry.vol[moving] = np.maximum(entry.vol[moving] + steps, LOWEST_VOL)


def _refit(entry: UnderlyingMarket, block: Block, rules: Rules, now_ns: int) -> list[str]:
    """Fit the expiries that have news and are due, the nearest first, so that each may lean on the one before it.

    Those whose own quotes were not enough are tried once more when all the others are known and can lend them a shape.
    """
    surface, due = entry.surface, _due(entry, block, rules, now_ns)
    before = {tenor: int(surface.state[tenor]) for tenor, _ in due}
    for tenor, forward in due:
        _fit_tenor(entry, block, rules, tenor, forward, now_ns)
    if rules.smiles.source == "quotes" and len(due) > 1:
        for tenor, forward in due:
            if surface.state[tenor] not in (FITTED, REPAIRED):
                _fit_tenor(entry, block, rules, tenor, forward, now_ns)
    return [text for tenor, _ in due for text in _news(surface, block, tenor, before[tenor])]


def _due(entry: UnderlyingMarket, block: Block, rules: Rules, now_ns: int) -> list[tuple[int, float]]:
    """Expiries with news that may be fitted now, in order, with their forwards; `next_fit_ns` says when the next may be."""
    surface, due = entry.surface, list[tuple[int, float]]()
    surface.next_fit_ns = NEVER_NS
    waiting = [tenor for tenor, dirty in enumerate(surface.dirty) if dirty]
    for tenor in sorted(waiting, key=lambda tenor: block.expiries[tenor]):
        due_ns = int(surface.fit_ns[tenor]) + rules.smiles.refit_ns if surface.fit_ns[tenor] else 0
        forward = entry.tenor_ratio.item(tenor) * entry.reference
        if due_ns > now_ns:
            surface.next_fit_ns = min(surface.next_fit_ns, due_ns)
        elif forward > 0.0 and entry.averages.years[tenor] > 0.0:
            due.append((tenor, forward))
        # else it stays dirty: what was told waits for its forward
    return due


def _news(surface: Surface, block: Block, tenor: int, before: int) -> list[str]:
    """A sentence when the smile of an expiry has begun or ceased to rest on its own quotes."""
    state, reason = int(surface.state[tenor]), surface.reason.get(tenor, "")
    if state == before or not (reason or before == KEPT):
        return []
    name = f"{format_utc(block.expiries[tenor])[:10]} smile is {SMILE_STATES[state]}"
    if state in (MARKED, KEPT) and reason:
        return [f"{name}: {reason}"]
    return [f"{name} again"] if before == KEPT and state in _SLICED else []


def _fit_tenor(entry: UnderlyingMarket, block: Block, rules: Rules, tenor: int, forward: float, now_ns: int) -> None:
    surface, slots = entry.surface, entry.tenor_slots[tenor]
    surface.dirty[tenor] = False
    fresh = (entry.told_ns[slots] > 0) & (now_ns - entry.told_ns[slots] <= rules.freshness.option_ns) & block.live[slots]
    if entry.averages.weight[tenor] < 1.0:
        # Half an hour of an average has no smile to speak of: vols stay what they were when its window opened.
        if surface.state[tenor]:
            surface.vol_ns[slots] = np.where(fresh, entry.told_ns[slots], 0).max(initial=0)
        return
    start = _slice_now(entry, tenor) if surface.state[tenor] in _SLICED else None
    surface.fit_ns[tenor] = now_ns
    surface.forward[tenor], surface.years[tenor] = forward, entry.averages.years[tenor]
    surface.reason.pop(tenor, None)
    surface.outlying[slots] = False
    reason = ""
    if rules.smiles.source == "quotes":
        earlier, later = _neighbours(entry, block, tenor, rules, now_ns)
        smile, reason = quoted_smile(entry, block, tenor, forward, fresh, start, earlier, later)
        if smile is not None:
            _take(entry, rules, tenor, slots, fresh, smile)
            return
    _fall_back(entry, block, tenor, forward, fresh, reason)


def _take(entry: UnderlyingMarket, rules: Rules, tenor: int, slots: Ints, fresh: Flags, smile: QuotedSmile) -> None:
    """Write a fitted smile into the columns."""
    surface = entry.surface
    surface.slices[:, tenor], surface.ends[:, tenor] = smile.slice, smile.ends
    surface.state[tenor], surface.rmse[tenor], surface.inside[tenor] = smile.state, smile.rmse, smile.inside
    if smile.reason:
        surface.reason[tenor] = smile.reason
    entry.vol[slots] = np.maximum(smile.vol, LOWEST_VOL)
    surface.uncertainty[slots], surface.outlying[slots] = smile.uncertainty, smile.outlying
    surface.slope[slots] = _slope(rules, smile.by_moneyness)
    surface.vol_ns[slots] = int(entry.told_ns[slots][fresh].max())


def _slope(rules: Rules, by_moneyness: Floats) -> Floats | float:
    """d vol / d ln F at a fixed strike: a smile that keeps its moneyness slides along, one of local vols slides against."""
    if rules.smiles.dynamics == "sticky_delta":
        return -by_moneyness
    return by_moneyness if rules.smiles.dynamics == "sticky_local" else 0.0


def _fall_back(entry: UnderlyingMarket, block: Block, tenor: int, forward: float, fresh: Flags, reason: str) -> None:
    """The venue's mark vols, or, where it told none, the vols we have; they stick to their strikes and grow old."""
    surface, slots, averages = entry.surface, entry.tenor_slots[tenor], entry.averages
    surface.slices[:, tenor] = np.nan
    surface.rmse[tenor] = surface.inside[tenor] = 0.0
    surface.slope[slots] = 0.0
    if reason:
        surface.reason[tenor] = reason
    years = averages.years.item(tenor)
    vols = marked_vols(block.strike[slots], block.sign[slots], entry.mark_vol[slots], forward, years, fresh)
    if vols is None:
        surface.state[tenor] = KEPT if surface.state[tenor] else UNKNOWN
        return
    told = fresh & (entry.mark_vol[slots] > 0.0)
    # The venue's vols are of the calendar's life, ours of the life that variance counts.
    counted = sqrt(averages.life.item(tenor) / years)
    entry.vol[slots] = np.maximum(vols * counted, LOWEST_VOL)
    # Marks that only stand in for quotes may be anywhere; marks that somebody chose are taken at their word.
    surface.uncertainty[slots] = _STAND_IN * entry.vol[slots] if reason else 0.0
    surface.state[tenor] = MARKED
    surface.vol_ns[slots] = int(entry.told_ns[slots][told].max())


def _neighbours(
    entry: UnderlyingMarket, block: Block, tenor: int, rules: Rules, now_ns: int
) -> tuple[Neighbour | None, Neighbour | None]:
    """The slices before and after in the calendar, as they stand now: those still fresh that nothing newer waits to replace."""
    surface, here, oldest_ns = entry.surface, block.expiries[tenor], now_ns - rules.freshness.option_ns
    before, after = -1, -1
    for place in np.flatnonzero((surface.state >= FITTED) & (surface.state <= BORROWED)).tolist():
        expiry = block.expiries[place]
        told_again = surface.dirty[place] and now_ns - surface.fit_ns[place] > 2 * rules.smiles.refit_ns
        if expiry <= now_ns or surface.fit_ns[place] < oldest_ns or told_again or place == tenor:
            continue
        if expiry < here and (before < 0 or expiry > block.expiries[before]):
            before = place
        if expiry > here and (after < 0 or expiry < block.expiries[after]):
            after = place
    return _neighbour(entry, before), _neighbour(entry, after)


def _neighbour(entry: UnderlyingMarket, tenor: int) -> Neighbour | None:
    if tenor < 0:
        return None
    low, high = entry.surface.ends[:, tenor].tolist()
    return Neighbour(_slice_now(entry, tenor), entry.averages.years.item(tenor), (low, high))


def _slice_now(entry: UnderlyingMarket, tenor: int) -> SVI:
    """A slice with its vols stuck to their strikes since its fit: less time ahead of it, and seen from the forward of now."""
    surface, forward = entry.surface, entry.tenor_ratio.item(tenor) * entry.reference
    a, b, rho, m, sigma = surface.slices[:, tenor].tolist()
    left = entry.averages.years.item(tenor) / surface.years.item(tenor)
    return SVI(a * left, b * left, rho, m + log(surface.forward.item(tenor) / forward), sigma)
