"""Moving spot, forwards and vols of an underlying by its reference price."""

import numpy as np

from flatbook.basics import Floats, Ints, years_between
from flatbook.instruments import Block, Spot, Universe
from flatbook.market.freshness import Freshness, index_is_news, is_fresh
from flatbook.market.record import Market, UnderlyingMarket, asset_price
from flatbook.pricing import compiled, smile_vols


def move_forwards(market: Market, universe: Universe, index: int, freshness: Freshness, now_ns: int) -> None:
    """Bring reference, spot, every forward, every vol and every unit price of underlying `index` up to `now_ns`."""
    entry, block = market.underlyings[index], universe.blocks[index]
    _move_reference(entry, freshness, now_ns)
    if entry.reference <= 0.0:
        return
    _retell_ratios(entry, universe, block)
    prices = np.array([asset_price(market, universe, asset) for asset in entry.assets])
    _spread(
        block.size, entry.reference, entry.spot, entry.tenor_ratio, block.tenor, entry.forward,
        prices, entry.settlement, entry.unit_price,
    )  # fmt: skip
    _own_prices(entry, universe, block)
    if True in entry.smile_dirty:
        for tenor, dirty in enumerate(entry.smile_dirty):
            if dirty:
                _refit_smile(entry, block, tenor, freshness, now_ns)


def _move_reference(entry: UnderlyingMarket, freshness: Freshness, now_ns: int) -> None:
    """The lead's mid while the lead is fresh and uncrossed, else the index if that spoke later than the lead.

    An index that is older than the lead's last word is not news: the reference stays where the lead left it, and goes stale.
    """
    lead = entry.lead_slot
    if lead >= 0 and is_fresh(int(entry.told_ns[lead]), freshness.top_ns, now_ns):
        bid, ask = entry.bid.item(lead), entry.ask.item(lead)
        if 0.0 < bid <= ask:
            entry.reference = 0.5 * (bid + ask)
            return
    if entry.index > 0.0 and index_is_news(entry):
        # With no lead the index is its own reference, and spot must equal it whatever ratio the lead had left.
        entry.reference = entry.index
        entry.index_told = True


def _retell_ratios(entry: UnderlyingMarket, universe: Universe, block: Block) -> None:
    """Set the ratios of what the world stated in this batch; what it left unsaid keeps its ratio and moves with the tape."""
    if entry.index_told:
        entry.index_ratio = entry.index / entry.reference
        entry.index_told = False
    for tenor, told in entry.tenor_told.items():
        entry.tenor_ratio[tenor] = told / entry.reference
    entry.tenor_told.clear()
    for slot in block.delta_one:
        tenor = int(block.tenor[slot])
        if tenor and entry.tenor_slots[tenor].shape[0] == 0 and entry.trusted[slot]:
            # An expiry without options has its future's mid for a forward.
            entry.tenor_ratio[tenor] = 0.5 * (entry.bid.item(slot) + entry.ask.item(slot)) / entry.reference


@compiled
def _spread(
    size: int,
    reference: float,
    spot: float,
    ratio: Floats,
    tenor: Ints,
    forward: Floats,
    prices: Floats,
    settlement: Ints,
    unit_price: Floats,
) -> None:
    """Give every slot its tenor's forward and the dollars of its settlement unit.

    The first tenor is spot; an expiry nobody priced yet stands at spot and is not trusted.
    """
    for slot in range(size):
        expiry = tenor[slot]
        priced = expiry > 0 and not np.isnan(ratio[expiry])
        forward[slot] = ratio[expiry] * reference if priced else spot
        unit_price[slot] = prices[settlement[slot]]


def _own_prices(entry: UnderlyingMarket, universe: Universe, block: Block) -> None:
    """Futures and perpetuals are marked at their own mid; spot at the index."""
    for slot in block.delta_one:
        bid, ask = entry.bid.item(slot), entry.ask.item(slot)
        if 0.0 < bid <= ask and not isinstance(universe.contracts[int(block.row[slot])], Spot):
            entry.forward[slot] = 0.5 * (bid + ask)


def _refit_smile(entry: UnderlyingMarket, block: Block, tenor: int, freshness: Freshness, now_ns: int) -> None:
    """Rebuild one expiry's smile from the venue's mark vols, out-of-the-money side first, and mark every strike with it."""
    slots = entry.tenor_slots[tenor]
    years = years_between(now_ns, block.expiries[tenor])
    forward = entry.tenor_ratio[tenor] * entry.reference
    if years <= 0.0 or not forward > 0.0:
        return  # it stays dirty: the vols that were told wait for their forward
    entry.smile_dirty[tenor] = False
    strikes, marks = block.strike[slots], entry.mark_vol[slots]
    fresh = (marks > 0.0) & (now_ns - entry.told_ns[slots] <= freshness.option_ns)
    out_of_the_money = (strikes - forward) * block.sign[slots] >= 0.0
    chosen = _one_per_strike(strikes, fresh, out_of_the_money)
    if chosen.shape[0]:
        vols = np.empty(slots.shape[0])
        node_k = np.log(strikes[chosen] / forward)
        node_w = np.square(marks[chosen]) * years
        smile_vols(forward, strikes, years, node_k, node_w, chosen.shape[0], vols)
        entry.vol[slots] = vols
        entry.smile_fitted[tenor] = True


def _one_per_strike(strikes: np.ndarray, fresh: np.ndarray, preferred: np.ndarray) -> np.ndarray:
    """Positions of at most one fresh node per strike, in strike order, the preferred side where both are fresh."""
    rank = np.where(fresh, np.where(preferred, 2, 1), 0)
    order = np.lexsort((-rank, strikes))
    first = np.ones(order.shape[0], dtype=np.bool_)
    first[1:] = strikes[order][1:] != strikes[order][:-1]
    best = order[first]
    return best[rank[best] > 0]
