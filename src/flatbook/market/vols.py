"""Every row's vol: fitted again where there is news, and moved with its forward in between."""

from math import log, sqrt

import numpy as np

from flatbook.basics import Floats, Ints, format_utc
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
    surface = entry.surface
    for tenor in np.flatnonzero(scale != 1.0):
        entry.vol[entry.tenor_slots[tenor]] *= scale[tenor]
    if surface.dynamics != rules.smiles.dynamics:
        _change_dynamics(entry, rules)
    if rules.smiles.dynamics != "sticky_strike":
        _follow_forwards(entry, forward_before)
    if True not in surface.dirty:
        surface.next_fit_ns = NEVER_NS
        return []
    return _refit(entry, block, rules, now_ns)


def _change_dynamics(entry: UnderlyingMarket, rules: Rules) -> None:
    """Slopes of another choice say nothing now: they are 0 until the next fit, which is due."""
    surface = entry.surface
    surface.dynamics = rules.smiles.dynamics
    surface.slope[:] = 0.0
    for tenor in np.flatnonzero((surface.state >= FITTED) & (surface.state <= BORROWED)).tolist():
        surface.dirty[tenor] = True


def _follow_forwards(entry: UnderlyingMarket, before: Floats) -> None:
    """Move every vol along its slope by as much as its forward moved."""
    size, slope = before.shape[0], entry.surface.slope
    moving = np.flatnonzero((slope[:size] != 0.0) & (before > 0.0) & (entry.forward[:size] != before))
    steps = slope[moving] * np.log(entry.forward[moving] / before[moving])
    entry.vol[moving] = np.maximum(entry.vol[moving] + steps, LOWEST_VOL)


def _refit(entry: UnderlyingMarket, block: Block, rules: Rules, now_ns: int) -> list[str]:
    """Fit the expiries that have news and are due, the nearest first, each beside those already fitted.

    Then once more, between their neighbours, those that a newer slice crosses, and those whose own quotes were not enough
    and that may now be lent a shape.
    """
    surface, due = entry.surface, _due(entry, block, rules, now_ns)
    before = {tenor: (int(surface.state[tenor]), surface.reason.get(tenor, "")) for tenor in due}
    crossed: list[int] = []
    for place, tenor in enumerate(due):
        crossed += _fit_tenor(entry, block, rules, tenor, now_ns, set(due[place:]))
    poor = [tenor for tenor in due if surface.state[tenor] not in (FITTED, REPAIRED)] if len(due) > 1 else []
    if rules.smiles.source == "quotes":
        for tenor in dict.fromkeys([*crossed, *poor]):
            before.setdefault(tenor, (int(surface.state[tenor]), surface.reason.get(tenor, "")))
            _fit_tenor(entry, block, rules, tenor, now_ns, set(), hold=tenor in crossed)
    return [text for tenor, was in before.items() for text in _news(surface, block, tenor, was)]


def _due(entry: UnderlyingMarket, block: Block, rules: Rules, now_ns: int) -> list[int]:
    """Expiries with news that may be fitted now, in order; `next_fit_ns` says when the next may be."""
    surface, due = entry.surface, list[int]()
    surface.next_fit_ns = NEVER_NS
    waiting = [tenor for tenor, dirty in enumerate(surface.dirty) if dirty]
    for tenor in sorted(waiting, key=lambda tenor: block.expiries[tenor]):
        due_ns = int(surface.fit_ns[tenor]) + rules.smiles.refit_ns if surface.fit_ns[tenor] else 0
        if block.expiries[tenor] <= now_ns or not entry.tenor_slots[tenor].shape[0]:
            surface.dirty[tenor] = False
        elif due_ns > now_ns:
            surface.next_fit_ns = min(surface.next_fit_ns, due_ns)
        elif entry.tenor_ratio[tenor] > 0.0 and entry.averages.years[tenor] > 0.0:
            due.append(tenor)
        # else it stays dirty: what was told waits for its forward
    return due


def _news(surface: Surface, block: Block, tenor: int, was: tuple[int, str]) -> list[str]:
    """A sentence when the smile of an expiry has begun or ceased to rest on its own quotes."""
    (before, old_reason), state, reason = was, int(surface.state[tenor]), surface.reason.get(tenor, "")
    stood_in = before == KEPT or (before == MARKED and bool(old_reason))
    if state == before or not (reason or stood_in):
        return []
    name = f"{format_utc(block.expiries[tenor])[:10]} smile is {SMILE_STATES[state]}"
    if state in (MARKED, KEPT) and reason:
        return [f"{name}: {reason}"]
    return [f"{name} again"] if stood_in and state in _SLICED else []


def _fit_tenor(
    entry: UnderlyingMarket, block: Block, rules: Rules, tenor: int, now_ns: int, pending: set[int], *, hold: bool = False
) -> list[int]:
    """Renew one expiry's vols; the older neighbours that its slice crosses. `pending` expiries are about to be fitted too."""
    surface, slots = entry.surface, entry.tenor_slots[tenor]
    surface.dirty[tenor] = False
    if entry.averages.weight[tenor] < 1.0:
        return []  # half an hour of an average has no smile to speak of: vols stay what they were when its window opened
    fresh = (entry.told_ns[slots] > 0) & (now_ns - entry.told_ns[slots] <= rules.freshness.option_ns) & block.live[slots]
    if hold and not fresh.any():
        return []
    forward = entry.tenor_ratio.item(tenor) * entry.reference
    start = _slice_now(entry, tenor) if surface.state[tenor] in _SLICED else None
    reason = "no quote of it is fresh"
    if rules.smiles.source == "quotes" and fresh.any():
        neighbours = _neighbours(entry, block, tenor, rules, now_ns, pending)
        smile, reason = quoted_smile(entry, block, tenor, forward, fresh, start, neighbours, hold=hold)
        if smile is not None:
            _note_fit(entry, tenor, forward, now_ns, smile.reason)
            _take(entry, rules, tenor, slots, smile)
            return smile.crossed
    _note_fit(entry, tenor, forward, now_ns, reason if rules.smiles.source == "quotes" else "")
    _fall_back(entry, block, rules, tenor, forward, now_ns)
    return []


def _note_fit(entry: UnderlyingMarket, tenor: int, forward: float, now_ns: int, reason: str) -> None:
    surface = entry.surface
    surface.fit_ns[tenor], surface.forward[tenor], surface.years[tenor] = now_ns, forward, entry.averages.years[tenor]
    surface.outlying[entry.tenor_slots[tenor]] = False
    surface.reason.pop(tenor, None)
    if reason:
        surface.reason[tenor] = reason


def _take(entry: UnderlyingMarket, rules: Rules, tenor: int, slots: Ints, smile: QuotedSmile) -> None:
    """Write a fitted smile into the columns."""
    surface = entry.surface
    surface.slices[:, tenor], surface.ends[:, tenor] = smile.slice, smile.ends
    surface.state[tenor], surface.rmse[tenor], surface.inside[tenor] = smile.state, smile.rmse, smile.inside
    entry.vol[slots] = np.maximum(smile.vol, LOWEST_VOL)
    surface.uncertainty[slots], surface.outlying[slots] = smile.uncertainty, smile.outlying
    surface.slope[slots] = _slope(rules, smile.by_moneyness)
    surface.vol_ns[slots] = smile.told_ns


def _slope(rules: Rules, by_moneyness: Floats) -> Floats | float:
    """d vol / d ln F at a fixed strike: a smile that keeps its moneyness slides along, one of local vols slides against."""
    if rules.smiles.dynamics == "sticky_delta":
        return -by_moneyness
    return by_moneyness if rules.smiles.dynamics == "sticky_local" else 0.0


def _fall_back(entry: UnderlyingMarket, block: Block, rules: Rules, tenor: int, forward: float, now_ns: int) -> None:
    """The venue's mark vols, or, where it told none, the vols we have; they stick to their strikes and grow old."""
    surface, slots, averages = entry.surface, entry.tenor_slots[tenor], entry.averages
    surface.slices[:, tenor] = np.nan
    surface.rmse[tenor] = surface.inside[tenor] = 0.0
    surface.slope[slots] = 0.0
    years = averages.years.item(tenor)
    told_ns = entry.mark_ns[slots]
    fresh = (told_ns > 0) & (now_ns - told_ns <= rules.freshness.option_ns) & (entry.told_ns[slots] > 0) & block.live[slots]
    vols = marked_vols(block.strike[slots], block.sign[slots], entry.mark_vol[slots], forward, years, fresh)
    if vols is None:
        surface.state[tenor] = KEPT if surface.state[tenor] else UNKNOWN
        return
    # The venue's vols are of the calendar's life, ours of the life that variance counts.
    counted = sqrt(averages.life.item(tenor) / years)
    entry.vol[slots] = np.maximum(vols * counted, LOWEST_VOL)
    # Marks that only stand in for quotes may be anywhere; marks that somebody chose are taken at their word.
    surface.uncertainty[slots] = _STAND_IN * entry.vol[slots] if tenor in surface.reason else 0.0
    surface.state[tenor] = MARKED
    told = np.sort(told_ns[fresh])
    surface.vol_ns[slots] = int(told[told.size // 2])


def _neighbours(
    entry: UnderlyingMarket, block: Block, tenor: int, rules: Rules, now_ns: int, pending: set[int]
) -> list[Neighbour]:
    """The slices before and after in the calendar, as they stand now: those still fresh and not about to be fitted anew."""
    surface, here, oldest_ns = entry.surface, block.expiries[tenor], now_ns - rules.freshness.option_ns
    before, after = -1, -1
    for place in np.flatnonzero((surface.state >= FITTED) & (surface.state <= BORROWED)).tolist():
        expiry = block.expiries[place]
        if expiry <= now_ns or surface.fit_ns[place] < oldest_ns or place == tenor or place in pending:
            continue
        if expiry < here and (before < 0 or expiry > block.expiries[before]):
            before = place
        if expiry > here and (after < 0 or expiry < block.expiries[after]):
            after = place
    return [_neighbour(entry, place) for place in (before, after) if place >= 0]


def _neighbour(entry: UnderlyingMarket, tenor: int) -> Neighbour:
    low, high = entry.surface.ends[:, tenor].tolist()
    told_ns = int(entry.surface.vol_ns[entry.tenor_slots[tenor][0]])
    return Neighbour(tenor, _slice_now(entry, tenor), entry.averages.years.item(tenor), (low, high), told_ns)


def _slice_now(entry: UnderlyingMarket, tenor: int) -> SVI:
    """A slice with its vols stuck to their strikes since its fit: less time ahead of it, and seen from the forward of now."""
    surface, forward = entry.surface, entry.tenor_ratio.item(tenor) * entry.reference
    a, b, rho, m, sigma = surface.slices[:, tenor].tolist()
    left = entry.averages.years.item(tenor) / surface.years.item(tenor)
    return SVI(a * left, b * left, rho, m + log(surface.forward.item(tenor) / forward), sigma)
