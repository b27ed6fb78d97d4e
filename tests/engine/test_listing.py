"""Contracts come and go while the desk runs: rows are appended, never reused, and what expires leaves the books."""

from decimal import Decimal

import pytest

from flatbook import ledger
from flatbook.basics import BUY, NS_PER_DAY
from flatbook.engine import step
from flatbook.events import Batch, Delisted, Delivered, Listed, OrderCancelled, Ticker
from flatbook.instruments import Option, Spot
from flatbook.inventory import position
from flatbook.pricing import option_value_and_greeks

CALL = "BTC-30D-100000-C"


@pytest.fixture
def weekly(running):
    """Options of a new expiry, a week away: one row a strike from 91,000 dollars up."""

    def make(count: int) -> list[Option]:
        expiry_ns = running.ns + 7 * NS_PER_DAY
        model = running.state.universe.contracts[running.rows[CALL]]
        return [
            Option(
                model.venue, f"BTC-7D-{91_000 + 200 * n}-C", "BTC", "USD", "BTC", model.tick, model.lot, expiry_ns,
                Decimal(91_000 + 200 * n), 1, inverse=True, wide_tick=model.wide_tick, wide_above=model.wide_above,
            )
            for n in range(count)
        ]  # fmt: skip

    return make


def list_all(desk, contracts) -> list[int]:
    first = len(desk.state.universe)
    desk.settle(desk.feed(*(Listed(first + place, contract) for place, contract in enumerate(contracts))))
    desk.rows |= {contract.symbol: first + place for place, contract in enumerate(contracts)}
    return [desk.rows[contract.symbol] for contract in contracts]


def ticker(desk, row: int) -> Ticker:
    contract = desk.state.universe.contracts[row]
    years = (contract.expiry_ns - desk.ns) / (365 * NS_PER_DAY)
    mark = float(option_value_and_greeks(100_100.0, float(contract.strike), years, 0.5, contract.sign, True)[0])
    return Ticker(row, max(mark - 0.002, 0.0001), mark + 0.002, 10.0, 10.0, mark, 0.5, 100_100.0, desk.ns)


def test_a_new_contract_gets_the_next_row_and_a_quote_once_it_is_priced(running, weekly):
    (row,) = list_all(running, weekly(1))
    assert row == 17
    assert running.quotes_working() == 30, "nobody has said yet what it is worth"
    effects = running.feed(ticker(running, row))
    assert {place.row for place in running.quotes(effects)} == {row}


def test_a_hundred_new_strikes_widen_every_column_and_move_nothing(running, weekly):
    running.settle(running.feed(running.hit(CALL, BUY)))
    before = running.state.risk.underlyings[0].exposure.vega_cash
    rows = list_all(running, weekly(100))
    assert rows == list(range(17, 117))
    assert running.state.universe.blocks[0].capacity >= 117
    assert running.state.risk.underlyings[0].exposure.vega_cash == pytest.approx(before, rel=1e-3)
    running.settle(running.feed(*(ticker(running, row) for row in rows)))
    assert running.quotes_working() > 200
    bought = running.hit("BTC-7D-101000-C", BUY)
    running.feed(bought)
    assert position(running.state.inventory, bought.row) == Decimal("0.5")


def test_a_contract_announced_on_another_row_is_a_bug(running, weekly):
    with pytest.raises(AssertionError, match="was announced as row 25 and is row 17"):
        step(running.state, Batch(running.state.sequence + 1, running.ns, (Listed(25, weekly(1)[0]),)))


def test_a_delisted_row_is_quoted_no_more_and_its_number_stays_taken(running, weekly):
    row = running.rows[CALL]
    effects = running.feed(Delisted(row))
    assert {cancel.row for cancel in running.cancels(effects)} == {row}
    running.settle(effects)
    assert not running.state.universe.is_live(row)
    assert list_all(running, weekly(1)) == [17]
    running.settle(running.feed(*running.market()))
    assert running.quote_order(CALL, BUY) is None


def test_a_contract_that_is_listed_again_has_its_old_row(running):
    row = running.rows[CALL]
    running.settle(running.feed(Delisted(row)))
    effects = running.feed(Listed(row, running.state.universe.contracts[row]), *running.market())
    assert len(running.state.universe) == 17
    assert {place.row for place in running.quotes(effects)} == {row}


def test_what_is_delivered_leaves_inventory_and_ledger_flat(running):
    bought = running.hit(CALL, BUY)
    row = bought.row
    running.settle(running.feed(bought))
    contract = running.state.universe.contracts[row]
    ns = contract.expiry_ns
    orders = [order.order_id for order in running.state.orders.open.values() if order.row == row]
    running.feed(Delisted(row), *(OrderCancelled(order_id, "the contract expired") for order_id in orders))
    payoff = Decimal("0.09090909")
    delivered = Delivered("alpha:x", row, Decimal("0.5"), Decimal(110_000), payoff, Decimal("0.000075"), "BTC", ns)
    running.feed(delivered, delivered)
    state = running.state
    assert position(state.inventory, row) == 0
    assert row not in state.inventory.positions
    assert ledger.booked_position(state.ledger, contract) == 0
    cash = 10 - bought.quantity * bought.price + Decimal("0.5") * payoff - Decimal("0.000075")
    assert ledger.cash(state.ledger, "alpha", "BTC") == cash
    assert state.risk.underlyings[0].exposure.vega_cash == 0.0


def test_at_the_very_instant_of_expiry_the_desk_still_stands(running):
    running.settle(running.feed(running.hit(CALL, BUY)))
    contract = running.state.universe.contracts[running.rows[CALL]]
    running.ns = contract.expiry_ns
    running.settle(running.feed(*running.market(), after_ms=0))
    running.settle(running.feed(*running.market(104_000.0), after_ms=60_000))
    assert running.quote_order(CALL, BUY) is None
    assert running.state.risk.underlyings[0].exposure.gamma_cash == 0.0


def test_another_coin_joins_the_desk(running):
    row = len(running.state.universe)
    spot = Spot("spot", "ETH/USDC", "ETH", "USDC", Decimal("0.01"), Decimal("0.001"))
    running.feed(Listed(row, spot))
    assert [block.underlying for block in running.state.universe.blocks] == ["BTC", "ETH"]
    assert running.state.universe.underlying_of[row] == 1
    assert running.state.universe.slot_of[row] == 0
