"""Which row hedges an underlying at the least cost."""

from collections.abc import Collection

import msgspec

from flatbook.basics import BUY, NS_PER_HOUR, Side
from flatbook.costs import Levels, cost_of_taking
from flatbook.instruments import Block, Contract, Future, Universe, Venue
from flatbook.market import UnderlyingMarket


class HedgeRow(msgspec.Struct, frozen=True):
    """A row that can carry a hedge: its slot, its touch, and what crossing costs as a fraction of value."""

    row: int
    slot: int
    bid: float
    ask: float
    cost_rate: float


def cheapest_row(
    block: Block,
    market: UnderlyingMarket,
    universe: Universe,
    venues: dict[str, Venue],
    allowed: tuple[str, ...],
    side: Side,
    coins: float,
    now_ns: int,
    barred: Collection[int] = (),
) -> HedgeRow | None:
    """The trusted delta-one row, none of `barred`, in which trading `coins` on `side` at once costs least; None without one.

    The cost is half-spread, fee and impact by the same cost object that simulates and books; among equals the first listed.
    """
    best: HedgeRow | None = None
    for slot in block.delta_one:
        row = int(block.row[slot])
        contract = universe.contracts[row]
        if contract.venue not in allowed or row in barred or not (block.live[slot] and market.trusted[slot]):
            continue
        if isinstance(contract, Future) and contract.expiry_ns - now_ns < NS_PER_HOUR:
            continue  # a hedge that is about to be delivered is no hedge
        rate = taking_rate(contract, venues[contract.venue], market, slot, side, coins)
        if best is None or rate < best.cost_rate:
            best = HedgeRow(row, slot, market.bid.item(slot), market.ask.item(slot), rate)
    return best


def taking_rate(contract: Contract, venue: Venue, market: UnderlyingMarket, slot: int, side: Side, coins: float) -> float:
    """Dollars of cost per dollar hedged, when `coins` (at least a lot) cross the spread against the top that is shown."""
    bid, ask = market.bid.item(slot), market.ask.item(slot)
    mid = 0.5 * (bid + ask)
    units = max(coins * (mid if contract.inverse else 1.0), float(contract.lot))
    price, shown = (ask, market.ask_size.item(slot)) if side is BUY else (bid, market.bid_size.item(slot))
    levels = Levels((price,), (shown if shown > 0.0 else units,))  # a size nobody told is taken to be enough
    unit_price = market.unit_price.item(slot)
    cost = cost_of_taking(contract, venue.fees, levels, side * units, mid, unit_price, market.spot)
    return cost.total / (units * unit_price * (1.0 / mid if contract.inverse else mid))
