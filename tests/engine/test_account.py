"""What happens to our orders and our money: one fact, written everywhere, once."""

from decimal import Decimal

import pytest

from flatbook import ledger, pnl
from flatbook.basics import BUY, SELL
from flatbook.engine import equity_usd, tie_out
from flatbook.events import (
    BalanceStatement,
    Delivered,
    Deposited,
    Fill,
    FundingPaid,
    Index,
    OrderAccepted,
    OrderCancelled,
    OrderRejected,
    Pause,
    PositionStatement,
    RequestRefused,
)
from flatbook.inventory import position
from flatbook.limits import Mode
from flatbook.pricing import VALUE

CALL, PERPETUAL = "BTC-30D-100000-C", "BTC_USDC-PERPETUAL"


def terms(desk) -> dict[str, float]:
    return pnl.terms_total(desk.state.pnl)


def test_a_fill_writes_order_inventory_ledger_and_profit(running):
    sold = running.hit(CALL, SELL)
    entry, slot = running.state.risk.underlyings[0], running.state.universe.slot_of[sold.row]
    mark = entry.greeks[VALUE, slot]
    running.feed(sold)
    state = running.state
    assert running.quote_order(CALL, SELL) is None or running.quote_order(CALL, SELL).order_id != sold.order_id
    assert position(state.inventory, sold.row) == -sold.quantity
    assert ledger.cash(state.ledger, "alpha", "BTC") == Decimal(10) + sold.quantity * sold.price
    assert terms(running)["spread"] == pytest.approx(float(sold.quantity) * (float(sold.price) - mark) * 100_000)


def test_a_fill_told_twice_is_one_fill(running):
    bought = running.hit(CALL, BUY, "0.2")
    running.feed(bought, bought)
    equity, profit = equity_usd(running.state), pnl.total(running.state.pnl)
    running.feed(bought, after_ms=0)
    assert position(running.state.inventory, bought.row) == Decimal("0.2")
    assert running.state.pnl.fill_count == 1
    assert running.state.ledger.count == 4, "three deposits and one fill"
    assert (equity_usd(running.state), pnl.total(running.state.pnl)) == (equity, profit)


def test_the_same_fill_id_at_another_venue_is_another_fill(running):
    here = running.hit(CALL, BUY, "0.2")
    there = Fill(here.fill_id, 0, 0, BUY, Decimal(100_000), Decimal("0.001"), Decimal(0), "USDC", False, running.ns)
    running.feed(here, there)
    assert running.state.pnl.fill_count == 2


def test_a_late_fill_after_the_cancel_still_counts(running):
    order = running.quote_order(CALL, BUY)
    late = running.fill_of(order, quantity="0.1")
    running.feed(OrderCancelled(order.order_id, "by request"))
    running.feed(late)
    assert position(running.state.inventory, order.row) == Decimal("0.1")
    assert terms(running)["spread"] > 0.0


def test_a_fill_of_an_order_nobody_knows_counts_and_is_told(running):
    effects = running.feed(running.fill(CALL, BUY, "0.0600", "0.1", order_id=9_999))
    assert position(running.state.inventory, running.rows[CALL]) == Decimal("0.1")
    assert running.told(effects, "warning") == ["fill f1 belongs to order 9999, which is not ours"]


def test_a_fill_for_a_row_that_was_never_listed_stops_the_desk_opening_risk(running):
    unheard = Fill("f1", 1, 99, BUY, Decimal(1), Decimal(1), Decimal(0), "BTC", True, running.ns)
    effects = running.feed(unheard)
    assert running.state.breaker.mode is Mode.REDUCE_ONLY
    assert running.told(effects, "critical") == ["fill f1 names row 99, which was never listed"]
    assert running.state.pnl.fill_count == 0


@pytest.mark.parametrize("event", ["funding", "delivery", "statement"])
def test_any_fact_for_an_unknown_row_means_the_books_are_not_trusted(running, event):
    one = Decimal(1)
    facts = {
        "funding": FundingPaid("p1", -1, one, "BTC", running.ns),
        "delivery": Delivered("x1", 99, one, one, one, one, "BTC", running.ns),
        "statement": PositionStatement(99, one),
    }
    effects = running.feed(facts[event])
    assert running.state.breaker.mode is Mode.REDUCE_ONLY
    assert "which was never listed" in running.told(effects, "critical")[0]


def test_a_balance_that_differs_trips_the_breaker_and_names_the_amount(running):
    effects = running.feed(BalanceStatement("beta", "USDC", Decimal("499990.25")))
    assert running.state.breaker.mode is Mode.REDUCE_ONLY
    assert running.told(effects, "critical") == ["beta says 499990.25 USDC, the ledger differs by 9.75"]
    assert ledger.cash(running.state.ledger, "beta", "USDC") == 500_000, "a statement corrects nothing"


def test_a_balance_that_agrees_says_nothing(running):
    effects = running.feed(BalanceStatement("beta", "USDC", Decimal(500_000)), BalanceStatement("alpha", "BTC", Decimal(10)))
    assert running.told(effects) == []
    assert running.state.breaker.mode is Mode.RUNNING


def test_the_dust_of_a_venues_rounding_is_forgiven_and_a_satoshi_is_not(running):
    running.feed(BalanceStatement("alpha", "BTC", Decimal("10.000000009")))
    assert running.state.breaker.mode is Mode.RUNNING
    running.feed(BalanceStatement("alpha", "BTC", Decimal("10.00000001")))
    assert running.state.breaker.mode is Mode.REDUCE_ONLY


def test_a_position_that_differs_trips_the_breaker_and_names_the_contract(running):
    effects = running.feed(PositionStatement(running.rows[CALL], Decimal("-0.5")))
    assert running.state.breaker.mode is Mode.REDUCE_ONLY
    assert running.told(effects, "critical") == [f"alpha:{CALL}: the venue says -0.5, the inventory differs by 0.5"]


def test_a_position_that_agrees_says_nothing(running):
    bought = running.hit(CALL, BUY, "0.2")
    effects = running.feed(bought, PositionStatement(bought.row, Decimal("0.2")))
    assert running.told(effects) == []


def test_funding_is_profit_of_its_own_kind_and_told_twice_is_paid_once(running):
    running.feed(running.fill(PERPETUAL, BUY, "100000", "0.1"))
    paid = FundingPaid("p1", running.rows[PERPETUAL], Decimal("-12.34"), "USDC", running.ns)
    running.feed(paid, paid)
    running.feed(paid)
    assert terms(running)["funding"] == pytest.approx(-12.34)
    assert ledger.cash(running.state.ledger, "beta", "USDC") == Decimal("499987.66")


def test_funding_in_coins_is_worth_what_the_coin_is_worth(running):
    running.feed(FundingPaid("p1", running.rows["BTC-PERPETUAL"], Decimal("0.001"), "BTC", running.ns))
    assert terms(running)["funding"] == pytest.approx(100.0)


def test_delivery_closes_the_position_at_its_pay_off(running):
    bought = running.hit(CALL, BUY, "0.2")
    running.feed(bought)
    cash = ledger.cash(running.state.ledger, "alpha", "BTC")
    running.feed(
        Delivered("alpha:x", bought.row, Decimal("0.2"), Decimal(125_000), Decimal("0.2"), Decimal("0.00003"), "BTC", running.ns)
    )
    assert position(running.state.inventory, bought.row) == 0
    assert ledger.cash(running.state.ledger, "alpha", "BTC") - cash == Decimal("0.04") - Decimal("0.00003")
    assert terms(running)["settlement"] > 0.0
    assert terms(running)["fees"] == pytest.approx(-3.0)


def test_capital_that_comes_in_before_the_first_price_is_capital_and_not_profit(make_desk):
    desk = make_desk()
    desk.open()
    assert desk.state.pnl.deposits_usd == pytest.approx(10 * 100_000 + 1_000_000)
    assert pnl.total(desk.state.pnl) == 0.0
    assert equity_usd(desk.state) == desk.state.pnl.deposits_usd


def test_capital_that_comes_in_later_is_worth_the_price_of_its_moment(running):
    profit = pnl.total(running.state.pnl)
    running.feed(Index("BTC", 110_000.0, running.ns), *running.market(110_000.0))
    moved = pnl.total(running.state.pnl)
    assert moved - profit == pytest.approx(10 * 10_000)
    running.feed(Deposited("d4", "alpha", "BTC", Decimal(2)), Deposited("d4", "alpha", "BTC", Decimal(2)))
    assert running.state.pnl.deposits_usd == pytest.approx(2_000_000 + 2 * 110_000)
    assert pnl.total(running.state.pnl) == pytest.approx(moved, abs=0.01)


def test_a_coin_that_is_deposited_before_its_first_contract_is_listed_is_capital_too(make_desk):
    desk = make_desk()
    desk.feed(Deposited("d0", "alpha", "BTC", Decimal(5)))
    desk.open()
    assert desk.state.pnl.deposits_usd == pytest.approx(15 * 100_000 + 1_000_000)
    assert pnl.total(desk.state.pnl) == 0.0


def test_every_kind_of_fact_ties_out_to_the_cent(running):
    running.feed(running.hit(CALL, BUY), running.fill(PERPETUAL, SELL, "99990", "0.3", fee="15"))
    running.feed(*running.market(103_000.0, 0.6))
    running.feed(running.fill("BTC-PERPETUAL", BUY, "103010", "20000", fee="0.0001"))
    running.feed(FundingPaid("p1", 0, Decimal("3.5"), "USDC", running.ns), Deposited("w1", "beta", "USDC", Decimal(-1000)))
    running.feed(running.fill("BTC/USDC", BUY, "103001", "0.25"), *running.market(98_000.0, 0.7))
    assert abs(tie_out(running.state)) < 0.01
    assert abs(pnl.total(running.state.pnl)) > 1.0


def test_an_answer_that_fits_no_order_is_told_and_changes_nothing(running):
    effects = running.feed(OrderAccepted(9_999, "x"))
    assert running.told(effects) == ['the venue says "accepted" of order 9999, which is not ours']


def test_a_rejected_hedge_is_told_once_and_tried_again_a_little_later(running):
    (hedge,) = running.hedges(running.feed(running.fill(PERPETUAL, BUY, "100000", "0.5")))
    effects = running.feed(OrderRejected(hedge.order_id, "too busy"))
    assert running.told(effects, "warning") == [f"hedge {hedge.order_id} was rejected: too busy"]
    assert running.hedges(effects) == [], "not again at once"
    assert running.hedges(running.feed(*running.market())) == []
    (again,) = running.hedges(running.feed(*running.market(), after_ms=300))
    assert (again.side, again.quantity) == (SELL, hedge.quantity)


def test_a_refused_cancel_leaves_the_quote_where_it_is(running):
    order = running.quote_order(CALL, BUY)
    running.feed(RequestRefused(order.order_id, "what cancel?"))
    assert running.quote_order(CALL, BUY) is order


def test_a_quote_that_is_answered_after_it_is_unwanted_is_pulled_at_once(desk):
    """The pause found every quote in flight; should the market fall silent now, nothing else would wake the desk."""
    assert desk.cancels(desk.feed(Pause("ann", "stop"))) == []
    effects = desk.feed(*(OrderAccepted(place.order_id, "v") for place in desk.quotes(desk.effects)))
    assert len(desk.cancels(effects)) == desk.quotes_working() == 30


def test_an_answer_about_a_quote_that_is_wanted_wakes_nothing(desk):
    worked = desk.state.risk.underlyings[0].marked_ns
    desk.feed(*(OrderAccepted(place.order_id, "v") for place in desk.quotes(desk.effects)))
    assert desk.state.risk.underlyings[0].marked_ns == worked
