"""What must be true of the state after every step. Tests call it; so may a worried operator."""

import math

from flatbook import inventory, ledger, orders, pnl
from flatbook.engine.account import explained_price
from flatbook.engine.state import State
from flatbook.pricing import VALUE

CENT = 0.01


def equity_usd(state: State) -> float:
    """What the house is worth in dollars: all cash and open notional, and every position at its mark.

    Computed from ledger and inventory alone, so that it can be held against the P&L.
    """
    worth = sum(inventory.to_float(amount) * explained_price(state, asset) for asset, amount in state.ledger.house.items())
    for row, held in state.inventory.positions.items():
        entry = state.risk.underlyings[state.universe.underlying_of[row]]
        slot = state.universe.slot_of[row]
        worth += inventory.to_float(held) * entry.greeks.item(VALUE, slot) * entry.unit_price.item(slot)
    return worth


def tie_out(state: State) -> float:
    """Equity less deposits less the sum of the P&L's terms, in dollars: zero to the cent, or something is unexplained."""
    unpriced = any(explained_price(state, asset) == 0.0 for asset in state.ledger.house if asset in state.universe.underlyings)
    if unpriced:
        return 0.0
    return equity_usd(state) - state.pnl.deposits_usd - pnl.total(state.pnl)


def checks(state: State) -> tuple[float, ...]:
    """A few numbers that depend on everything, for the digest of a batch: P&L, and each underlying's spot, delta and vega."""
    numbers = [pnl.total(state.pnl)]
    for entry in state.risk.underlyings:
        numbers += [entry.spot, entry.exposure.delta_cash, entry.exposure.vega_cash]
    return tuple(numbers)


def validate(state: State) -> None:
    """Assert the invariants of every room and those between rooms."""
    orders.validate(state.orders, state.universe)
    inventory.validate(state.inventory, state.universe)
    ledger.validate(state.ledger)
    pnl.validate(state.pnl, state.universe)
    for row in range(len(state.universe)):
        contract = state.universe.contracts[row]
        assert ledger.booked_position(state.ledger, contract) == inventory.position(state.inventory, row), (
            "ledger and inventory hold the same positions, or the breaker has said otherwise"
        )
    for index, block in enumerate(state.universe.blocks):
        entry, market = state.risk.underlyings[index], state.market.underlyings[index]
        size = block.size
        assert bool(math.isfinite(float(entry.greeks[:, :size].sum()))), f"{block.underlying}: a Greek is not a number"
        assert not (market.trusted[:size] & ~block.live[:size]).any(), "a row that is not live is not trusted"
        assert bool((market.vol[:size] > 0.0).all()), "a vol is positive"
    assert abs(tie_out(state)) < CENT, f"P&L and equity differ by {tie_out(state)} dollars"
    assert not state.pending, "alerts leave with the step that raised them"
