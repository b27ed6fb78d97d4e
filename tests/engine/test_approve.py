"""The gate in the engine: what passes, what does not, and what is remembered of it."""

import msgspec
import pytest

from flatbook.basics import BUY, SELL
from flatbook.events import OrderCancelled, Pause, ReduceOnly
from flatbook.limits import UnderlyingLimits
from flatbook.orders import OrderStatus

CALL, PERPETUAL = "BTC-30D-100000-C", "BTC_USDC-PERPETUAL"


@pytest.fixture
def limited(make_desk):
    """A desk with some of its limits changed."""

    def make(**changes: object):
        limits = make_desk().state.parameters.limits
        return make_desk(limits=msgspec.structs.replace(limits, **changes))

    return make


def test_what_is_approved_is_in_flight_before_it_is_answered(desk):
    orders = desk.state.orders
    assert len(orders.open) == len(desk.quotes(desk.effects)) == 30
    assert {order.status for order in orders.open.values()} == {OrderStatus.PENDING_NEW}


def test_an_order_above_the_largest_notional_is_refused(limited):
    desk = limited(order_notional=49_000.0)
    effects = desk.open()
    assert desk.quotes(effects) == []
    (told,) = desk.told(effects, "warning")
    assert told == "a quote in alpha:BTC-PERPETUAL was refused: order of $50,000 is above the limit of $49,000"
    assert desk.state.refusals == 30


def test_a_refused_quote_is_not_asked_for_again_for_a_second(limited):
    desk = limited(order_notional=49_000.0)
    desk.open()
    for _ in range(9):
        desk.feed(*desk.market(100_000.0))
    assert desk.state.refusals == 30
    desk.feed(*desk.market(100_000.0), after_ms=200)
    assert desk.state.refusals == 60


def test_no_more_orders_than_the_limit(limited):
    desk = limited(working_orders=12)
    effects = desk.open()
    assert len(desk.quotes(effects)) == 12
    assert desk.told(effects, "warning") == ["a quote in alpha:BTC-30D-95000-P was refused: 12 orders are open, the limit is 12"]


def test_a_quote_that_would_take_vega_beyond_its_limit_is_refused(limited):
    desk = limited(underlyings={"BTC": UnderlyingLimits(delta_cash=1e6, gamma_cash=1e6, vega_cash=40.0)})
    desk.open()
    vegas = desk.state.risk.underlyings[0].greeks
    for order in desk.state.orders.open.values():
        slot = desk.state.universe.slot_of[order.row]
        vega_cash = 0.01 * float(order.quantity) * desk.state.risk.underlyings[0].unit_price[slot] * abs(vegas[3, slot])
        assert vega_cash <= 40.0
    assert 0 < desk.quotes_working() < 30


def test_beyond_a_limit_only_the_reducing_side_is_quoted(limited):
    desk = limited(underlyings={"BTC": UnderlyingLimits(delta_cash=1e6, gamma_cash=1e6, vega_cash=90.0)})
    desk.settle(desk.open())
    desk.feed(desk.hit(CALL, BUY))
    desk.settle(desk.feed(desk.fill("BTC-30D-105000-C", BUY, "0.04", "1")))
    desk.settle(desk.feed(*desk.market(), after_ms=1_100))
    assert desk.state.risk.underlyings[0].exposure.vega_cash > 90.0
    assert desk.quote_order(CALL, BUY) is None
    assert desk.quote_order(CALL, SELL) is not None


def test_reduce_only_lets_the_hedge_through_that_reduces(running):
    running.settle(running.feed(ReduceOnly("ann", "careful")))
    (hedge,) = running.hedges(running.feed(running.fill(PERPETUAL, BUY, "100000", "0.5")))
    assert hedge.side is SELL


def test_paused_refuses_hedges_and_lets_cancels_through(running):
    effects = running.feed(Pause("ann", "stop"), running.fill(PERPETUAL, BUY, "100000", "0.5"))
    assert running.hedges(effects) == []
    assert len(running.cancels(effects)) == 30


def test_a_hedge_is_no_larger_than_one_order_may_be(limited):
    desk = limited(order_notional=60_000.0)
    desk.settle(desk.open())
    (hedge,) = desk.hedges(desk.feed(desk.fill(PERPETUAL, BUY, "100000", "2")))
    assert float(hedge.quantity) == pytest.approx(0.6)


def test_quotes_that_fill_every_place_do_not_keep_a_hedge_out(limited):
    desk = limited(working_orders=30)
    desk.settle(desk.open())
    assert len(desk.hedges(desk.feed(desk.fill(PERPETUAL, BUY, "100000", "2")))) == 1


def test_a_refused_hedge_is_held_off_for_a_moment_and_told(limited):
    desk = limited(underlyings={})
    desk.open()
    refusals = desk.state.refusals
    effects = desk.feed(desk.fill(PERPETUAL, BUY, "100000", "2"))
    assert desk.hedges(effects) == []
    told = f"a hedge in beta:{PERPETUAL} was refused: BTC has no limits; set them before trading it"
    assert told in desk.told(effects, "warning")
    desk.feed(*desk.market())
    assert desk.state.refusals == refusals + 1
    desk.feed(*desk.market(), after_ms=300)
    assert desk.state.refusals == refusals + 2


def test_we_never_bid_at_or_above_our_own_offer(running):
    """The market falls through our bid and back: whatever is moved, the two sides never meet."""
    for spot in (99_900.0, 100_100.0, 99_950.0, 100_050.0, 100_000.0):
        effects = running.feed(*running.market(spot))
        for symbol in running.rows:
            bid, offer = running.quote_order(symbol, BUY), running.quote_order(symbol, SELL)
            if bid and offer:
                highest = max(bid.price, bid.requested_price or bid.price)
                assert highest < min(offer.price, offer.requested_price or offer.price)
        running.answer(effects)


def test_the_hedge_gets_its_place_before_the_quotes(limited):
    desk = limited(working_orders=31)
    desk.settle(desk.open())
    order = desk.quote_order(CALL, BUY)
    effects = desk.feed(desk.fill(PERPETUAL, BUY, "100000", "0.5"), OrderCancelled(order.order_id, "by the venue"))
    assert len(desk.hedges(effects)) == 1
    assert desk.state.refusals == 0
    assert len(desk.quotes(effects)) == 1


def test_amending_opens_nothing_new_and_needs_no_room(limited):
    desk = limited(working_orders=30)
    desk.settle(desk.open())
    effects = desk.feed(*desk.market(100_030.0, 0.51))
    assert len(desk.quotes(effects)) > 10
    assert desk.state.refusals == 0


def test_a_quote_that_may_not_be_moved_is_pulled_and_not_left_where_it_was(limited):
    """Vega has room for none of the offers any more: when vol rises they must not stand where they are cheap."""
    desk = limited(underlyings={"BTC": UnderlyingLimits(delta_cash=1e6, gamma_cash=1e6, vega_cash=75.0)})
    desk.settle(desk.open())
    desk.settle(desk.feed(desk.hit(CALL, SELL)))
    offer = desk.quote_order("BTC-30D-105000-C", SELL)
    effects = desk.feed(*desk.market(vol=0.6))
    assert offer.order_id in {cancel.order_id for cancel in desk.cancels(effects)}
    assert offer.order_id not in {quote.order_id for quote in desk.quotes(effects)}
    desk.answer(effects)
    assert desk.quote_order("BTC-30D-105000-C", SELL) is None


def test_what_is_refused_does_not_use_up_the_request_budget(limited, make_desk):
    limits, quoting = limited(working_orders=5).state.parameters.limits, make_desk().state.parameters.quoting
    desk = make_desk(limits=limits, quoting=msgspec.structs.replace(quoting, requests_per_s=10.0, burst=10))
    desk.settle(desk.open())
    for _ in range(20):
        desk.feed(*desk.market())
    assert desk.state.refusals > 20
    assert desk.state.quotes.budget == 10.0
