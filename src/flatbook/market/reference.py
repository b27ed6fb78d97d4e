"""Moving spot, forwards and vols of an underlying by its reference price."""

import numpy as np

from flatbook.basics import Floats, Ints
from flatbook.instruments import Block, Spot, Universe
from flatbook.market.averages import renew_averages
from flatbook.market.forwards import Prices, ratio_in_force, renew_forwards, told_in_force_ns
from flatbook.market.freshness import index_is_news, is_fresh, reference_deadline
from flatbook.market.record import Market, UnderlyingMarket, asset_price
from flatbook.market.rules import Freshness, Rules
from flatbook.market.vols import renew_vols
from flatbook.pricing import compiled


def move_forwards(market: Market, universe: Universe, index: int, rules: Rules, now_ns: int) -> list[str]:
    """Bring reference, spot, every forward, every vol and every unit price of underlying `index` up to `now_ns`.

    Returns what people should know of its smiles: sentences, each about one expiry.
    """
    entry, block = market.underlyings[index], universe.blocks[index]
    expiries = np.array(block.expiries)
    scale = renew_averages(entry.averages, expiries, entry.spot, rules.delivery.average_ns, now_ns)
    _move_reference(entry, rules.freshness, now_ns)
    alive_until_ns = reference_deadline(entry, rules.freshness)
    # Expiries settle at the index: while none was ever told, the tape's price is no word on the average.
    entry.averages.alive_until_ns = alive_until_ns if entry.index > 0.0 else 0
    if entry.reference <= 0.0:
        return []
    alive = alive_until_ns >= now_ns
    entry.told_reference[: block.size][entry.told_ns[: block.size] == now_ns] = entry.reference if alive else 0.0
    if alive:
        _retell_ratios(entry, universe, block, rules.freshness, now_ns)
    before = entry.forward[: block.size].copy()
    prices = np.array([asset_price(market, universe, asset) for asset in entry.assets])
    _spread(
        block.size, entry.reference, entry.spot, entry.tenor_ratio, block.tenor, entry.forward,
        prices, entry.settlement, entry.unit_price,
    )  # fmt: skip
    _own_prices(entry, universe, block)
    return renew_vols(entry, block, rules, before, scale, now_ns)


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


def _retell_ratios(entry: UnderlyingMarket, universe: Universe, block: Block, freshness: Freshness, now_ns: int) -> None:
    """Set the ratios of what the world stated in this batch; what it left unsaid keeps its ratio and moves with the tape."""
    if entry.index_told:
        entry.index_ratio = entry.index / entry.reference
        entry.index_told = False
    forwards = entry.forwards
    prices = Prices(entry.bid, entry.ask, entry.told_ns, entry.told_reference, block.live)
    for tenor in renew_forwards(forwards, universe, block, entry.tenor_slots, prices, entry.reference, freshness, now_ns):
        entry.tenor_ratio[tenor] = ratio_in_force(forwards, tenor)
        entry.tenor_ns[tenor] = told_in_force_ns(forwards, tenor)


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
