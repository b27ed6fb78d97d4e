"""Which row hedges an underlying at the least cost."""

import msgspec

from flatbook.basics import NS_PER_HOUR
from flatbook.instruments import Block, Future, Universe, Venue
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
    now_ns: int,
) -> HedgeRow | None:
    """The trusted delta-one row with the least half-spread plus taker fee; the first listed among equals; None without one."""
    best: HedgeRow | None = None
    for slot in block.delta_one:
        row = int(block.row[slot])
        contract = universe.contracts[row]
        if contract.venue not in allowed or not (block.live[slot] and market.trusted[slot]):
            continue
        if isinstance(contract, Future) and contract.expiry_ns - now_ns < NS_PER_HOUR:
            continue  # a hedge that is about to be delivered is no hedge
        bid, ask = market.bid.item(slot), market.ask.item(slot)
        fee_rate = float(venues[contract.venue].fees.rates(contract).taker)
        rate = (ask - bid) / (ask + bid) + fee_rate
        if best is None or rate < best.cost_rate:
            best = HedgeRow(row, slot, bid, ask, rate)
    return best
