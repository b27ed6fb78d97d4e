"""The numbering of contracts."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flatbook.instruments import CALL, PUT, Option, Spot, Universe


def test_rows_are_given_in_order_and_never_again(option, perpetual, spot):
    universe = Universe()
    assert [universe.list_contract(contract) for contract in (perpetual(), option(), spot)] == [0, 1, 2]
    universe.withdraw(1)
    assert universe.list_contract(option(20_000)) == 3
    assert len(universe) == 4


def test_a_contract_that_comes_back_has_its_old_row(option):
    universe = Universe()
    row = universe.list_contract(option())
    universe.withdraw(row)
    assert not universe.is_live(row)
    assert universe.list_contract(option()) == row
    assert universe.is_live(row)


def test_a_row_is_found_by_its_venue_and_symbol(perpetual):
    universe = Universe()
    universe.list_contract(perpetual())
    assert universe.row("deribit", "BTC-PERPETUAL") == 0
    assert universe.row("elsewhere", "BTC-PERPETUAL") is None


def test_every_underlying_has_a_block_of_its_own(perpetual):
    universe = Universe()
    ether = Spot("spot", "ETH/USDC", "ETH", "USDC", Decimal("0.01"), Decimal("0.01"))
    rows = [universe.list_contract(contract) for contract in (perpetual(), ether, perpetual(inverse=False))]
    assert [universe.underlying_of[row] for row in rows] == [0, 1, 0]
    assert [universe.slot_of[row] for row in rows] == [0, 0, 1]
    assert [block.underlying for block in universe.blocks] == ["BTC", "ETH"]


def test_a_block_knows_what_pricing_needs(option, perpetual, future):
    universe = Universe()
    for contract in (perpetual(), future(), option(10_000, CALL), option(20_000, PUT, inverse=False)):
        universe.list_contract(contract)
    (block,) = universe.blocks
    assert block.strike[:4].tolist() == [0, 0, 10_000, 20_000]
    assert block.sign[:4].tolist() == [0, 0, 1, -1]
    assert block.inverse[:4].tolist() == [1, 1, 1, 0]
    assert block.delta_one == [0, 1]
    # The future and the options of one day share a tenor; spot and perpetuals have the first.
    assert block.tenor[:4].tolist() == [0, 1, 1, 1]
    assert block.expiries == [0, future().expiry_ns]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=300, unique=True))
def test_slots_and_rows_point_at_each_other_however_many_are_listed(strikes):
    universe = Universe()
    for strike in strikes:
        coin = ("BTC", "USD", "BTC") if strike % 3 else ("ETH", "USD", "ETH")
        universe.list_contract(
            Option("alpha", f"{strike}", *coin, Decimal("0.1"), Decimal(1), 10**18 + strike % 7, Decimal(strike), CALL)
        )
    for row, contract in enumerate(universe.contracts):
        block, slot = universe.blocks[universe.underlying_of[row]], universe.slot_of[row]
        assert block.row[slot] == row
        assert block.strike[slot] == float(contract.strike)
        assert block.expiries[block.tenor[slot]] == contract.expiry_ns
        assert block.live[slot]
    assert sum(block.size for block in universe.blocks) == len(strikes)
    assert all(block.capacity >= block.size for block in universe.blocks)


def test_growing_a_block_moves_nothing(option):
    universe = Universe()
    for strike in range(1, 65):
        universe.list_contract(option(strike))
    before = universe.blocks[0].strike.tolist()
    universe.list_contract(option(65))
    assert universe.blocks[0].capacity == 128
    assert universe.blocks[0].strike[:64].tolist() == before
