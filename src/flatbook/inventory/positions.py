"""Positions by row in Decimal, and by slot in float64."""

from decimal import Decimal

import msgspec
import numpy as np

from flatbook.basics import ZERO, Floats, Ints, filled, grown
from flatbook.events import PositionStatement
from flatbook.instruments import Spot, Universe


class Inventory(msgspec.Struct):
    """`positions[row]` is exact and never zero; `quantity[underlying][slot]` is the same number as float64."""

    positions: dict[int, Decimal] = {}
    quantity: list[Floats] = []


def to_float(amount: Decimal) -> float:
    """The float64 nearest an exact amount. Nothing turns one of these back."""
    return float(amount)


def ensure(inventory: Inventory, universe: Universe) -> None:
    """Give every underlying its column, wide enough for every slot."""
    for index, block in enumerate(universe.blocks):
        if index == len(inventory.quantity):
            inventory.quantity.append(filled(block.capacity, 0.0))
        else:
            inventory.quantity[index] = grown(inventory.quantity[index], block.capacity, 0.0)


def change_position(inventory: Inventory, universe: Universe, row: int, signed: Decimal) -> None:
    """Add `signed` to the row's position. Spot makes no position, so a spot row is left as it is."""
    if isinstance(universe.contracts[row], Spot):
        return
    held = inventory.positions.get(row, ZERO) + signed
    if held:
        inventory.positions[row] = held
    else:
        inventory.positions.pop(row, None)
    # Converted afresh from the exact number, so that no rounding ever accumulates in the column.
    inventory.quantity[universe.underlying_of[row]][universe.slot_of[row]] = to_float(held)


def position(inventory: Inventory, row: int) -> Decimal:
    """The signed position in the row; zero where nothing is held."""
    return inventory.positions.get(row, ZERO)


def held_slots(inventory: Inventory, underlying: int) -> Ints:
    """The slots of the underlying in which something is held, ascending."""
    return np.flatnonzero(inventory.quantity[underlying])


def statement_difference(inventory: Inventory, statement: PositionStatement) -> Decimal:
    """What the venue says we hold beyond what we believe; zero when both agree."""
    return statement.quantity - position(inventory, statement.row)


def validate(inventory: Inventory, universe: Universe) -> None:
    """Assert that the exact positions and the float columns say the same."""
    assert len(inventory.quantity) == len(universe.blocks), "every underlying has a quantity column"
    for row, held in inventory.positions.items():
        assert held, f"row {row} is listed with nothing held"
        assert not isinstance(universe.contracts[row], Spot), f"row {row} is spot and can have no position"
        shown = inventory.quantity[universe.underlying_of[row]][universe.slot_of[row]]
        assert shown == to_float(held), f"row {row} shows {shown} where {held} is held"
    shown_rows = sum(int(np.count_nonzero(column)) for column in inventory.quantity)
    assert shown_rows == len(inventory.positions), "a quantity column shows a position that is not held"
