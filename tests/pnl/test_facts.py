"""What a fact earned, told with numbers a trader can check by hand."""

from decimal import Decimal

import pytest

from flatbook import pnl as room
from flatbook.basics import BUY, SELL
from flatbook.events import Delivered, Deposited, Fill, FundingPaid
from flatbook.instruments import value_at

LINEAR, INVERSE, CALL, SPOT = range(4)


def a_fill(row: int, side, price, quantity, fee="0", fee_asset="USDC") -> Fill:
    return Fill("f1", 7, row, side, Decimal(price), Decimal(quantity), Decimal(fee), fee_asset, True, 0)


def fill(pnl, universe, event: Fill, mark_value: float, unit_price=1.0, fee_unit_price=1.0):
    prices = {"unit_price": unit_price, "fee_unit_price": fee_unit_price}
    return room.record_fill(pnl, universe, event, 5, mark_value=mark_value, purpose="quote", delta_cash=123.0, **prices)


def test_buying_under_the_mark_earns_spread_and_pays_its_fee(pnl, universe):
    record = fill(pnl, universe, a_fill(LINEAR, BUY, "99", "2", fee="0.1"), mark_value=100.0)
    assert (record.spread_usd, record.fee_usd, record.fair) == (2.0, 0.1, 100.0)
    assert room.terms_total(pnl) | {"spread": 2.0, "fees": -0.1} == room.terms_total(pnl)
    assert room.total(pnl) == 1.9


def test_selling_an_inverse_perpetual_over_the_mark_earns_coins(pnl, universe):
    event = a_fill(INVERSE, SELL, "50100", "10000", fee="-0.00001", fee_asset="BTC")
    record = fill(pnl, universe, event, mark_value=-1 / 50_000, unit_price=50_000.0, fee_unit_price=50_000.0)
    assert record.spread_usd == pytest.approx(50_000 * 10_000 * (1 / 50_000 - 1 / 50_100))
    assert record.fee_usd == pytest.approx(-0.5)
    assert record.fair == pytest.approx(50_000)


def test_a_coin_option_earns_coins_turned_into_dollars(pnl, universe):
    record = fill(pnl, universe, a_fill(CALL, BUY, "0.048", "3"), mark_value=0.05, unit_price=90_000.0)
    assert record.spread_usd == pytest.approx(3 * 0.002 * 90_000)


def test_a_fill_of_spot_is_judged_at_the_prices_the_balances_have(pnl, universe):
    """A coin at 3000 dollars and a stablecoin at 0.99: buying at 3030 coins of it is fair to within 0.3 dollars."""
    record = fill(pnl, universe, a_fill(SPOT, BUY, "3030", "1"), mark_value=3000 / 0.99, unit_price=0.99)
    assert record.spread_usd == pytest.approx(3000 - 3030 * 0.99)
    assert pnl.terms[1][0] == record.spread_usd, "booked on its own underlying"


def test_a_record_keeps_what_a_screen_shows(pnl, universe):
    record = fill(pnl, universe, a_fill(LINEAR, SELL, "101.5", "2"), mark_value=100.0)
    shown = (record.fill_id, record.order_id, record.ns, record.row, record.side, record.price, record.quantity)
    assert shown == ("f1", 7, 5, LINEAR, SELL, 101.5, 2.0)
    assert (record.purpose, record.maker, record.delta_cash) == ("quote", True, 123.0)


def test_the_last_fills_are_kept_and_all_are_counted(pnl, universe):
    for _ in range(1100):
        fill(pnl, universe, a_fill(LINEAR, BUY, "100", "1"), mark_value=100.0)
    assert (len(pnl.fills), pnl.fill_count) == (1024, 1100)
    room.validate(pnl, universe)


def test_funding_is_valued_when_it_is_paid(pnl, universe):
    usd = room.record_funding(pnl, universe, FundingPaid("p", INVERSE, Decimal("-0.001"), "BTC", 0), unit_price=90_000.0)
    assert usd == -90.0 == room.terms_total(pnl)["funding"]


def test_delivery_earns_what_it_pays_over_the_last_mark(pnl, universe):
    event = Delivered("d", CALL, Decimal("-2"), Decimal(125_000), Decimal("0.2"), Decimal("0.0003"), "BTC", 0)
    usd = room.record_delivery(pnl, universe, event, mark_value=0.19, unit_price=125_000.0, fee_unit_price=125_000.0)
    assert usd == pytest.approx(-2 * 0.01 * 125_000)
    assert room.terms_total(pnl)["settlement"] == usd
    assert room.terms_total(pnl)["fees"] == pytest.approx(-37.5)


def test_a_deposit_is_nobodys_profit(pnl):
    assert room.record_deposit(pnl, Deposited("t", "b", "BTC", Decimal(2)), unit_price=90_000.0) == 180_000.0
    assert pnl.deposits_usd == 180_000.0
    assert room.total(pnl) == 0.0


def test_a_mark_that_is_no_number_stops_the_desk(pnl, universe):
    with pytest.raises(AssertionError, match="spread is not a number"):
        fill(pnl, universe, a_fill(LINEAR, BUY, "100", "1"), mark_value=float("nan"))


def test_a_spot_price_and_its_value_are_the_same(universe):
    assert value_at(universe.contracts[SPOT], 3030.0) == 3030.0


@pytest.mark.parametrize(
    "plant",
    [
        lambda pnl: pnl.terms.pop(),
        lambda pnl: pnl.terms[0].__setitem__(3, float("nan")),
        lambda pnl: setattr(pnl, "deposits_usd", float("inf")),
        lambda pnl: setattr(pnl, "fill_count", 3),
    ],
    ids=["a missing underlying", "a term that is no number", "deposits that are no number", "a fill that was lost"],
)
def test_validation_reports_a_planted_fault(pnl, universe, plant):
    room.validate(pnl, universe)
    plant(pnl)
    with pytest.raises(AssertionError):
        room.validate(pnl, universe)
