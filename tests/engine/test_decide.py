"""What the desk wants: one hedge at a time, quotes that make way for it, and no more requests than it may send."""

from decimal import Decimal

import msgspec
import pytest

from flatbook.basics import BUY, SELL
from flatbook.events import Beat, Flatten, Index, OrderAccepted, OrderCancelled, OrderRejected, Pause, ReduceOnly, Resume
from flatbook.limits import Mode
from flatbook.orders import Amend, Cancel, Purpose

CALL, PERPETUAL, INVERSE = "BTC-30D-100000-C", "BTC_USDC-PERPETUAL", "BTC-PERPETUAL"


@pytest.fixture
def with_changes(make_desk):
    """A running desk with some fields of its policies changed."""

    def make(**changes: dict[str, object]):
        given = make_desk().state.parameters
        policies = {name: msgspec.structs.replace(getattr(given, name), **fields) for name, fields in changes.items()}
        desk = make_desk(**policies)
        desk.effects = desk.open()
        return desk

    return make


@pytest.fixture
def own_market(with_changes):
    """A desk that hedges where it quotes: in the inverse perpetual."""
    desk = with_changes(hedging={"venues": ("alpha",)})
    desk.settle(desk.effects)
    return desk


@pytest.fixture
def patient(with_changes):
    """A desk that rests its hedges at the touch for five seconds before it crosses."""
    desk = with_changes(hedging={"patience_s": 5.0, "urgent": 10.0})
    desk.settle(desk.effects)
    return desk


def long_half_a_coin(desk) -> tuple:
    return desk.feed(desk.fill(PERPETUAL, BUY, "100000", "0.5"))


def test_inside_the_band_the_desk_waits(running):
    assert running.hedges(running.feed(running.fill(PERPETUAL, BUY, "100000", "0.19"))) == []


def test_outside_the_band_it_trades_back_to_the_middle_of_it(running):
    (hedge,) = running.hedges(long_half_a_coin(running))
    assert (hedge.purpose, hedge.side, hedge.quantity) == (Purpose.HEDGE, SELL, Decimal("0.400"))
    assert hedge.immediate
    assert float(hedge.price) == pytest.approx(99_999.5 * (1 - 5e-4), abs=0.5)


def test_a_hedge_in_flight_is_waited_for_whatever_happens_meanwhile(running):
    (hedge,) = running.hedges(long_half_a_coin(running))
    for spot in (100_200.0, 99_000.0):
        assert running.hedges(running.feed(*running.market(spot))) == []
    assert running.hedges(running.feed(running.fill(PERPETUAL, BUY, "100000", "2"))) == []
    assert running.hedges(running.feed(OrderAccepted(hedge.order_id, "v1"))) == []


def test_when_the_hedge_is_filled_delta_is_back_and_nothing_follows(running):
    (hedge,) = running.hedges(long_half_a_coin(running))
    effects = running.feed(OrderAccepted(hedge.order_id, "v1"), running.fill_of(hedge))
    assert running.hedges(effects) == []
    assert running.delta == pytest.approx(10.1)


def test_what_the_market_would_not_give_is_asked_for_again(running):
    (hedge,) = running.hedges(long_half_a_coin(running))
    part = running.fill_of(hedge, quantity="0.1")
    effects = running.feed(OrderAccepted(hedge.order_id, "v1"), part, OrderCancelled(hedge.order_id, "nothing more"))
    (rest,) = running.hedges(effects)
    assert rest.quantity == Decimal("0.300")
    assert rest.order_id != hedge.order_id


def test_a_large_gap_is_closed_in_orders_no_larger_than_allowed(running):
    (hedge,) = running.hedges(running.feed(running.fill(PERPETUAL, SELL, "100000", "8")))
    assert (hedge.side, hedge.quantity) == (BUY, Decimal("5.000"))


def test_a_patient_hedge_rests_at_the_touch(patient):
    (hedge,) = patient.hedges(long_half_a_coin(patient))
    assert hedge.post_only
    assert float(hedge.price) == 100_000.5


def test_a_resting_hedge_follows_the_touch_and_is_cancelled_when_patience_is_spent(patient):
    (hedge,) = patient.hedges(long_half_a_coin(patient))
    patient.feed(OrderAccepted(hedge.order_id, "v1"))
    moved = [
        effect
        for effect in patient.feed(patient.top(PERPETUAL, 99_950.0, 99_951.0))
        if isinstance(effect, Amend) and effect.order_id == hedge.order_id
    ]
    assert [float(amend.price) for amend in moved] == [99_951.0]
    patient.answer(tuple(moved))
    effects = patient.feed(*patient.market(), after_ms=5_000)
    assert Cancel(hedge.order_id, hedge.row) in effects
    (crossing,) = patient.hedges(patient.feed(OrderCancelled(hedge.order_id, "by request")))
    assert crossing.immediate


def test_a_resting_hedge_is_cancelled_when_flow_has_brought_the_book_back(patient):
    (hedge,) = patient.hedges(long_half_a_coin(patient))
    patient.feed(OrderAccepted(hedge.order_id, "v1"))
    effects = patient.feed(patient.fill(PERPETUAL, SELL, "100000", "0.4"))
    assert Cancel(hedge.order_id, hedge.row) in effects


def test_our_own_quote_makes_way_for_a_hedge_and_the_hedge_follows_when_it_is_gone(own_market):
    offer = own_market.quote_order(INVERSE, SELL)
    effects = own_market.feed(own_market.fill(PERPETUAL, SELL, "100000", "0.5"))
    assert own_market.hedges(effects) == [], "it would trade with ourselves"
    assert Cancel(offer.order_id, offer.row) in effects
    effects = own_market.feed(OrderCancelled(offer.order_id, "by request"))
    (hedge,) = own_market.hedges(effects)
    assert (hedge.row, hedge.side) == (offer.row, BUY)
    assert own_market.quote_order(INVERSE, SELL) is None, "nor does the quote come back while the hedge is out"
    effects = own_market.feed(OrderAccepted(hedge.order_id, "v1"), own_market.fill_of(hedge, "100000.5"))
    assert [(place.row, place.side) for place in own_market.quotes(effects)] == [(offer.row, SELL)]


def test_a_quote_that_is_filled_on_its_way_out_serves_as_well(own_market):
    offer = own_market.quote_order(INVERSE, SELL)
    own_market.feed(own_market.fill(PERPETUAL, SELL, "100000", "0.5"))
    assert own_market.delta == pytest.approx(9.5)
    (hedge,) = own_market.hedges(own_market.feed(own_market.fill_of(offer)))
    assert own_market.delta == pytest.approx(9.0, abs=0.01)
    assert float(hedge.quantity) == pytest.approx(90_000, rel=0.01), "dollars, in an inverse contract"


def test_the_touch_of_a_stale_venue_is_no_place_to_hedge(running):
    running.feed(*running.market(), Index("BTC", 100_000.0, running.ns))
    running.feed(Index("BTC", 100_000.0, running.ns), after_ms=5_100)
    effects = long_half_a_coin(running)
    assert running.hedges(effects) == []
    assert len(running.hedges(running.feed(running.top(PERPETUAL, 99_999.5, 100_000.5)))) == 1


def test_flatten_brings_delta_to_its_target_and_quotes_stay_out(running):
    running.settle(running.feed(running.fill(PERPETUAL, BUY, "100000", "0.05"), running.hit(CALL, BUY, "0.1")))
    effects = running.feed(Flatten("ann", "done for today"))
    (flatten,) = running.hedges(effects)
    assert flatten.purpose is Purpose.FLATTEN
    assert len(running.cancels(effects)) == running.quotes_working()
    running.answer(effects)
    running.feed(running.fill_of(flatten))
    assert running.delta == pytest.approx(10.0, abs=0.001)
    assert running.quotes(running.feed(*running.market())) == []
    assert running.quotes_working() == 0
    assert running.state.breaker.mode is Mode.PAUSED


def test_flatten_goes_on_in_pieces_until_less_than_a_lot_is_left(running):
    running.settle(running.feed(Pause("ann", "wait")))
    running.feed(running.fill(PERPETUAL, BUY, "100000", "12.0007"))
    effects, sold = running.feed(Flatten("ann", "out")), []
    while hedges := running.hedges(effects):
        (piece,) = hedges
        sold.append(piece.quantity)
        effects = running.feed(OrderAccepted(piece.order_id, "v"), running.fill_of(piece))
    assert sold == [Decimal("5.000"), Decimal("5.000"), Decimal("2.000")]
    assert abs(running.delta - 10.0) < 0.001
    assert running.hedges(running.feed(Beat())) == []


def test_flatten_takes_a_resting_hedge_out_and_crosses(patient):
    (hedge,) = patient.hedges(long_half_a_coin(patient))
    patient.feed(OrderAccepted(hedge.order_id, "v1"))
    assert Cancel(hedge.order_id, hedge.row) in patient.feed(Flatten("ann", "out"))
    (crossing,) = patient.hedges(patient.feed(OrderCancelled(hedge.order_id, "by request")))
    assert (crossing.purpose, crossing.immediate, crossing.quantity) == (Purpose.FLATTEN, True, Decimal("0.500"))


def test_a_pause_takes_a_resting_hedge_out_and_sends_no_other(patient):
    (hedge,) = patient.hedges(long_half_a_coin(patient))
    patient.feed(OrderAccepted(hedge.order_id, "v1"))
    assert Cancel(hedge.order_id, hedge.row) in patient.feed(Pause("ann", "stop"))
    assert patient.hedges(patient.feed(OrderCancelled(hedge.order_id, "by request"))) == []
    assert len(patient.hedges(patient.feed(Resume("ann", "go")))) == 1


def test_a_pause_ends_a_flattening(running):
    running.feed(running.fill(PERPETUAL, BUY, "100000", "0.15"))
    running.settle(running.feed(Flatten("ann", "out")))
    running.feed(Pause("bob", "no, wait"))
    assert running.hedges(running.feed(running.fill(PERPETUAL, BUY, "100000", "3"))) == []


def test_reduce_only_quotes_the_side_that_brings_risk_down(running):
    running.settle(running.feed(running.hit(CALL, BUY)))
    running.settle(running.feed(ReduceOnly("ann", "careful")))
    assert running.quote_order(CALL, BUY) is None
    assert running.quote_order(CALL, SELL) is not None


def test_no_more_requests_than_the_budget_and_the_rest_follows(with_changes):
    desk = with_changes(quoting={"requests_per_s": 20.0, "burst": 8})
    assert len(desk.quotes(desk.effects)) == 8
    for _ in range(5):
        desk.answer(desk.effects)
        desk.effects = desk.feed(Beat(), after_ms=1_000)
        assert len(desk.quotes(desk.effects)) <= 8
    assert desk.quotes_working() == 30


def test_cancels_are_never_kept_waiting_for_a_budget(with_changes):
    desk = with_changes(quoting={"requests_per_s": 30.0, "burst": 30})
    desk.answer(desk.effects)
    assert len(desk.cancels(desk.feed(Pause("ann", "stop")))) == 30


def test_a_small_move_keeps_the_place_in_the_queue(running):
    assert running.quotes(running.feed(*running.market(100_000.5))) == []


def test_a_filled_call_leans_its_neighbours_and_the_perpetual(make_desk):
    desk = make_desk()
    factors = msgspec.structs.replace(desk.state.parameters.factors, risk_aversion=5e-3)
    desk = make_desk(factors=factors)
    desk.settle(desk.open())
    symbols = (CALL, "BTC-30D-105000-C", "BTC-30D-95000-P", INVERSE)
    before = {symbol: desk.quote(symbol, SELL) for symbol in symbols}
    desk.settle(desk.feed(desk.hit(CALL, SELL)))
    desk.settle(desk.feed(*desk.market()))
    assert desk.quote(CALL, SELL) > before[CALL], "short of calls, we offer the next one dearer"
    assert desk.quote("BTC-30D-105000-C", SELL) > before["BTC-30D-105000-C"]
    assert desk.quote(INVERSE, SELL) > before[INVERSE], "we are short of delta too"
    assert desk.quote("BTC-30D-95000-P", SELL) < before["BTC-30D-95000-P"], "a put sold brings delta back"


def test_a_book_that_is_flat_already_ends_the_flatten_at_once(running):
    effects = running.feed(Flatten("ann", "out"))
    assert running.delta == 10.0
    assert "every delta is within a lot of its target; the desk stays paused" in running.told(effects)
    assert not running.state.breaker.flattening


def test_a_hedge_that_waits_for_our_own_quote_to_go_still_crosses_when_patience_was_spent(with_changes):
    desk = with_changes(hedging={"venues": ("alpha",), "patience_s": 2.0})
    desk.settle(desk.effects)
    desk.state.hedges.underlyings[0].cross_next = True
    effects = desk.feed(desk.fill(PERPETUAL, BUY, "100000", "0.4"))
    assert desk.hedges(effects) == []
    (hedge,) = desk.hedges(desk.answer(effects))
    assert hedge.immediate


def test_a_hedge_that_is_never_answered_is_told_for_delta_stays_open(running):
    (hedge,) = running.hedges(long_half_a_coin(running))
    assert running.told(running.feed(*running.market(), after_ms=9_000)) == []
    told = running.told(running.feed(*running.market(), after_ms=2_000), "critical")
    assert told == [f"order {hedge.order_id} in beta:{PERPETUAL} has had no answer for 11 s; BTC is not hedged until it has"]


def test_a_quote_in_the_way_of_a_hedge_that_is_never_answered_is_told(with_changes):
    desk = with_changes(hedging={"venues": ("alpha",)})
    desk.feed(desk.fill(PERPETUAL, BUY, "100000", "4"))
    (told,) = desk.told(desk.feed(*desk.market(), after_ms=11_000), "critical")
    assert "in alpha:BTC-PERPETUAL has had no answer for 11 s; BTC is not hedged" in told


def test_a_coin_we_do_not_own_is_not_sold_to_hedge(with_changes):
    """The spot venue holds dollars only: being long there is nothing to sell, being short there is plenty to buy with."""
    desk = with_changes(hedging={"venues": ("spot",)})
    desk.settle(desk.effects)
    effects = desk.feed(desk.fill(INVERSE, BUY, "100000", "200000"))
    assert desk.hedges(effects) == []
    assert any("needs a hedge" in text for text in desk.told(effects, "warning"))
    (hedge,) = desk.hedges(desk.feed(desk.fill(INVERSE, SELL, "100000", "400000")))
    assert hedge.side is BUY


def test_a_rejected_quote_is_not_sent_again_in_every_step(with_changes):
    desk = with_changes()
    placed = [effect.order_id for effect in desk.quotes(desk.effects)]
    effects = desk.feed(*(OrderRejected(order_id, "not today") for order_id in placed))
    assert desk.quotes(effects) == []
    assert desk.quotes(desk.feed(*desk.market())) == []
    assert len(desk.quotes(desk.feed(*desk.market(), after_ms=1_100))) == len(placed)
