"""Moving spot, forwards and vols of an underlying by its reference price."""

import numpy as np

from flatbook.basics import years_between
from flatbook.instruments import Block, Spot, Universe
from flatbook.market.freshness import Freshness, index_is_news, is_fresh
from flatbook.market.record import Market, UnderlyingMarket, asset_price
from flatbook.pricing import smile_vols


def move_forwards(market: Market, universe: Universe, index: int, freshness: Freshness, now_ns: int) -> None:
    """Bring reference, spot, every forward, every vol and every unit price of underlying `index` up to `now_ns`."""
    entry, block = market.underlyings[index], universe.blocks[index]
    _move_reference(entry, freshness, now_ns)
    if entry.reference <= 0.0:
        return
    _retell_ratios(entry, universe, block)
    _spread_forwards(entry, block)
    _own_prices(entry, universe, block)
    for tenor, dirty in enumerate(entry.smile_dirty):
        if dirty:
            _refit_smile(entry, block, tenor, freshness, now_ns)
    _price_units(market, universe, entry, block)


def _move_reference(entry: UnderlyingMarket, freshness: Freshness, now_ns: int) -> None:
    """The lead's mid while the lead is fresh and uncrossed, else the index if that spoke later than the lead.

    An index that is older than the lead's last word is not news: the reference stays where the lead left it, and goes stale.
    """
    lead = entry.lead_slot
    if lead >= 0 and is_fresh(int(entry.told_ns[lead]), freshness.top_ns, now_ns):
        bid, ask = entry.bid.item(lead), entry.ask.item(lead)
        if 0.0 < bid <= ask:
            entry.reference = 0.5 * (bid + ask)
            entry.reference_ns = now_ns
            return
    if entry.index > 0.0 and index_is_news(entry):
        # With no lead the index is its own reference, and spot must equal it whatever ratio the lead had left.
        entry.reference = entry.index
        entry.reference_ns = entry.index_ns
        entry.index_told = True


def _retell_ratios(entry: UnderlyingMarket, universe: Universe, block: Block) -> None:
    """Set the ratios of what the world stated in this batch; what it left unsaid keeps its ratio and moves with the tape."""
    if entry.index_told:
        entry.index_ratio = entry.index / entry.reference
        entry.index_told = False
    for tenor, told in enumerate(entry.tenor_told):
        if told > 0.0:
            entry.tenor_ratio[tenor] = told / entry.reference
            entry.tenor_told[tenor] = float("nan")
    for slot in block.delta_one:
        tenor = int(block.tenor[slot])
        if tenor and entry.tenor_slots[tenor].shape[0] == 0 and entry.trusted[slot]:
            # An expiry without options has its future's mid for a forward.
            entry.tenor_ratio[tenor] = 0.5 * (entry.bid.item(slot) + entry.ask.item(slot)) / entry.reference


def _spread_forwards(entry: UnderlyingMarket, block: Block) -> None:
    """Give every slot its tenor's forward; an expiry nobody priced yet stands at spot and is not trusted."""
    forwards = np.asarray(entry.tenor_ratio) * entry.reference
    forwards[0] = entry.spot
    np.copyto(forwards, entry.spot, where=np.isnan(forwards))
    size = block.size
    np.take(forwards, block.tenor[:size], out=entry.forward[:size])


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


def _price_units(market: Market, universe: Universe, entry: UnderlyingMarket, block: Block) -> None:
    """Dollars per settlement unit: spot for coin-settled rows, the peg for the rest."""
    size = block.size
    pegs = {asset: asset_price(market, universe, asset) for asset in dict.fromkeys(entry.settlements[:size])}
    dollars = [price for asset, price in pegs.items() if asset != block.underlying]
    if len(dollars) <= 1:  # the usual case: one coin and one dollar
        dollar = dollars[0] if dollars else 1.0
        entry.unit_price[:size] = np.where(block.inverse[:size] > 0.0, entry.spot, dollar)
        return
    for slot, asset in enumerate(entry.settlements[:size]):
        entry.unit_price[slot] = pegs[asset]
