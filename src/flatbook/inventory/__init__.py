"""What we hold: signed positions by contract, and the same numbers as columns for risk.

A position is exact and belongs to a row; the row's venue is its wallet. A positive position is long. Units are the
contract's: dollars for inverse perpetuals and futures, coins for everything else. Holding a spot coin is a wallet
balance in the ledger, never a position here. This is the one place where exact account quantities become float64.
"""

from flatbook.inventory.positions import (
    Inventory,
    change_position,
    ensure,
    held_slots,
    position,
    statement_difference,
    to_float,
    validate,
)

__all__ = [
    "Inventory",
    "change_position",
    "ensure",
    "held_slots",
    "position",
    "statement_difference",
    "to_float",
    "validate",
]
