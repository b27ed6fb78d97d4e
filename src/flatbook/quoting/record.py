"""The columns of quoting: what is fixed per row, and the targets of the last step with their parts."""

import msgspec
import numpy as np

from flatbook.basics import Flags, Floats, Ints, filled, grown
from flatbook.instruments import Contract, FeeSchedule, Option, Universe, Venue
from flatbook.quoting.parameters import Quoting

PARTS = 7
FAIR, LEAN, INTENSITY, CURVATURE, HEDGE, FEE, STALENESS = range(PARTS)


class UnderlyingQuotes(msgspec.Struct):
    """Columns by slot. `target` (2, capacity): bid and offer prices on the grid, NaN for no quote; `wanted`: the same before
    rounding to the grid; `parts` (7, capacity).

    eligible: a row that policy quotes at all; size in coins, quantity the same in contract units; tick, wide_tick above
    wide_above; maker_rate of the underlying's notional, capped at fee_cap of an option's price. held_until_ns (2, capacity):
    a side that the gate refused is not wished for again before.
    """

    eligible: Flags
    tick: Floats
    wide_tick: Floats
    wide_above: Floats
    maker_rate: Floats
    fee_cap: Floats
    size: float
    quantity: Floats
    held_until_ns: Ints
    wanted: Floats
    target: Floats
    parts: Floats
    known: int = 0


class Quotes(msgspec.Struct):
    """Quoting's state: columns per underlying and what is left of the request budget."""

    underlyings: list[UnderlyingQuotes] = []
    budget: float = 0.0
    budget_ns: int = 0


def ensure(quotes: Quotes, universe: Universe, policy: Quoting, venues: dict[str, Venue]) -> None:
    """Make room for every slot and fill in what is fixed for rows listed since the last call."""
    for index, block in enumerate(universe.blocks):
        if index == len(quotes.underlyings):
            quotes.underlyings.append(_empty(block.capacity, policy.size_coins.get(block.underlying, 0.0)))
        entry = quotes.underlyings[index]
        if entry.tick.shape[0] < block.capacity:
            _widen(entry, block.capacity)
        for slot in range(entry.known, block.size):
            _describe(entry, slot, universe.contracts[int(block.row[slot])], policy, venues)
        entry.known = block.size


def _describe(entry: UnderlyingQuotes, slot: int, contract: Contract, policy: Quoting, venues: dict[str, Venue]) -> None:
    kind = type(contract).__name__.lower()
    entry.eligible[slot] = contract.venue in policy.venues and kind in policy.kinds and entry.size > 0.0
    entry.tick[slot] = entry.wide_tick[slot] = float(contract.tick)
    entry.wide_above[slot] = np.inf
    if isinstance(contract, Option) and contract.wide_tick is not None and contract.wide_above is not None:
        entry.wide_tick[slot], entry.wide_above[slot] = float(contract.wide_tick), float(contract.wide_above)
    schedule: FeeSchedule | None = venues[contract.venue].fees if contract.venue in venues else None
    entry.maker_rate[slot] = float(schedule.rates(contract).maker) if schedule else 0.0
    entry.fee_cap[slot] = float(schedule.option_cap) if schedule else 0.0
    entry.target[:, slot] = np.nan


def _empty(capacity: int, size: float) -> UnderlyingQuotes:
    return UnderlyingQuotes(
        eligible=np.zeros(capacity, dtype=np.bool_),
        tick=filled(capacity, 1.0),
        wide_tick=filled(capacity, 1.0),
        wide_above=filled(capacity, np.inf),
        maker_rate=filled(capacity, 0.0),
        fee_cap=filled(capacity, 0.0),
        size=size,
        quantity=filled(capacity, 0.0),
        held_until_ns=np.zeros((2, capacity), dtype=np.int64),
        wanted=np.full((2, capacity), np.nan),
        target=np.full((2, capacity), np.nan),
        parts=np.zeros((PARTS, capacity)),
    )


def _widen(entry: UnderlyingQuotes, capacity: int) -> None:
    entry.eligible = grown(entry.eligible, capacity, False)
    entry.tick, entry.wide_tick = grown(entry.tick, capacity, 1.0), grown(entry.wide_tick, capacity, 1.0)
    entry.wide_above = grown(entry.wide_above, capacity, np.inf)
    entry.maker_rate, entry.fee_cap = grown(entry.maker_rate, capacity, 0.0), grown(entry.fee_cap, capacity, 0.0)
    entry.quantity = grown(entry.quantity, capacity, 0.0)
    entry.held_until_ns = grown(entry.held_until_ns, capacity, 0)
    entry.wanted = grown(entry.wanted, capacity, np.nan)
    entry.target, entry.parts = grown(entry.target, capacity, np.nan), grown(entry.parts, capacity, 0.0)
