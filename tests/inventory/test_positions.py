"""Positions add up exactly, and risk sees the same numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook import inventory as room
from flatbook.basics import ZERO
from flatbook.events import PositionStatement
from flatbook.instruments import Perpetual, Universe
from flatbook.inventory import Inventory

OPTION, PERPETUAL, SPOT, ETHER = range(4)


@pytest.fixture
def inventory(universe) -> Inventory:
    inventory = Inventory()
    room.ensure(inventory, universe)
    return inventory


def test_a_position_is_the_sum_of_its_signed_changes(inventory, universe):
    for signed in ("0.1", "0.2", "-0.7"):
        room.change_position(inventory, universe, OPTION, Decimal(signed))
    assert room.position(inventory, OPTION) == Decimal("-0.4")
    assert inventory.quantity[0][0] == -0.4, "converted from the exact sum, not summed in floats"
    room.validate(inventory, universe)


def test_a_flat_position_leaves_no_trace(inventory, universe):
    room.change_position(inventory, universe, PERPETUAL, Decimal(70))
    room.change_position(inventory, universe, PERPETUAL, Decimal(-70))
    assert room.position(inventory, PERPETUAL) == ZERO
    assert not inventory.positions
    assert room.held_slots(inventory, 0).tolist() == []
    room.validate(inventory, universe)


def test_a_spot_coin_is_a_balance_and_no_position(inventory, universe):
    room.change_position(inventory, universe, SPOT, Decimal(3))
    assert room.position(inventory, SPOT) == ZERO
    room.validate(inventory, universe)


def test_held_slots_belong_to_their_underlying(inventory, universe):
    room.change_position(inventory, universe, PERPETUAL, Decimal(10))
    room.change_position(inventory, universe, OPTION, Decimal(-1))
    room.change_position(inventory, universe, ETHER, Decimal(2))
    assert room.held_slots(inventory, 0).tolist() == [0, 1]
    assert room.held_slots(inventory, 1).tolist() == [0]


def test_a_venue_that_disagrees_is_measured_and_not_believed(inventory, universe):
    room.change_position(inventory, universe, PERPETUAL, Decimal(100))
    assert room.statement_difference(inventory, PositionStatement(PERPETUAL, Decimal(90))) == -10
    assert room.statement_difference(inventory, PositionStatement(OPTION, ZERO)) == 0
    assert room.position(inventory, PERPETUAL) == 100


def test_columns_follow_the_listing(inventory, universe):
    room.change_position(inventory, universe, PERPETUAL, Decimal(10))
    for number in range(80):
        universe.list_contract(Perpetual("other", f"BTC-{number}", "BTC", "USD", "USDC", Decimal(1), Decimal(1)))
    universe.list_contract(Perpetual("other", "SOL", "SOL", "USD", "USDC", Decimal(1), Decimal(1)))
    room.ensure(inventory, universe)
    assert [column.shape[0] for column in inventory.quantity] == [block.capacity for block in universe.blocks]
    room.validate(inventory, universe)


@pytest.mark.parametrize(
    "plant",
    [
        lambda inventory: inventory.positions.__setitem__(PERPETUAL, Decimal(11)),
        lambda inventory: inventory.positions.__setitem__(SPOT, Decimal(1)),
        lambda inventory: inventory.positions.__setitem__(OPTION, ZERO),
        lambda inventory: inventory.quantity[1].__setitem__(0, 5.0),
        lambda inventory: inventory.quantity.pop(),
    ],
    ids=["another number", "a spot position", "a zero kept", "a number nobody holds", "a missing column"],
)
def test_validation_reports_a_planted_fault(inventory, universe, plant):
    room.change_position(inventory, universe, PERPETUAL, Decimal(10))
    plant(inventory)
    with pytest.raises(AssertionError):
        room.validate(inventory, universe)


CHANGES = st.lists(st.tuples(st.sampled_from([OPTION, PERPETUAL, ETHER]), st.decimals(-9, 9, places=8)))


@given(CHANGES, st.randoms(use_true_random=False))
def test_positions_do_not_depend_on_the_order_of_fills(changes, random):
    first, second = Inventory(), Inventory()
    shuffled = list(changes)
    random.shuffle(shuffled)
    for inventory, sequence in ((first, changes), (second, shuffled)):
        universe = a_universe()
        room.ensure(inventory, universe)
        for row, signed in sequence:
            room.change_position(inventory, universe, row, signed)
        room.validate(inventory, universe)
    assert first.positions == second.positions
    assert all((mine == yours).all() for mine, yours in zip(first.quantity, second.quantity, strict=True))


def a_universe() -> Universe:
    universe = Universe()
    for symbol, underlying in (("A", "BTC"), ("B", "BTC"), ("C", "BTC"), ("D", "ETH")):
        universe.list_contract(Perpetual("any", symbol, underlying, "USD", "USDC", Decimal(1), Decimal(1)))
    return universe
