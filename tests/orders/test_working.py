"""Our quotes as columns, and what hedges may still trade."""

from decimal import Decimal

import msgspec
import numpy as np
import pytest

from flatbook import orders as room
from flatbook.basics import BUY, SELL
from flatbook.instruments import CALL, Option
from flatbook.orders import ASK, BID, Orders, OrderStatus, Purpose


def shown(desk, axis: int, slot: int = 1) -> tuple:
    orders = desk.orders
    columns = (orders.quote_id, orders.quote_price, orders.quote_quantity, orders.quote_busy)
    return tuple(column[0][axis, slot].item() for column in columns)


NOTHING = (0, 0.0, 0.0, False)


def test_a_quote_shows_on_its_side_of_its_slot_and_nowhere_else(desk):
    desk.place("5", "0.05", BUY)
    desk.place("4", "0.06", SELL)
    assert shown(desk, BID) == (1, 0.05, 5.0, True)
    assert shown(desk, ASK) == (2, 0.06, 4.0, True)
    assert shown(desk, BID, slot=2) == NOTHING
    assert not desk.orders.quote_id[1].any()


def test_a_quote_is_busy_exactly_while_a_request_is_unanswered(desk):
    desk.place("5", "0.05")
    desk.accepted(1)
    assert shown(desk, BID) == (1, 0.05, 5.0, False)
    desk.amend(1, "6", "0.07")
    assert shown(desk, BID) == (1, 0.05, 6.0, True), "the worse of what stands and what was asked"
    desk.amended(1, "6", "0.07")
    assert shown(desk, BID) == (1, 0.07, 6.0, False)
    desk.cancel(1)
    assert shown(desk, BID) == (1, 0.07, 6.0, True)
    desk.cancelled(1)
    assert shown(desk, BID) == NOTHING


def test_asking_for_less_counts_as_the_old_quantity_until_the_venue_agrees(desk):
    desk.place("5")
    desk.accepted(1)
    desk.amend(1, "2")
    assert shown(desk, BID)[2] == 5.0


def test_fills_shrink_the_quote_and_the_last_one_clears_its_slot(desk):
    desk.place("5")
    desk.accepted(1)
    desk.fill(1, "1.5")
    assert shown(desk, BID) == (1, 0.05, 3.5, False)
    desk.fill(1, "3.5")
    assert shown(desk, BID) == NOTHING


def test_a_late_fill_leaves_the_next_quote_in_the_slot_alone(desk):
    desk.place("5")
    desk.cancelled(1)
    desk.place("4")
    assert desk.fill(1, "2") is not None
    assert shown(desk, BID) == (2, 0.05, 4.0, True)


def test_hedges_are_listed_by_underlying_and_never_as_quotes(desk):
    desk.place("100", "90000", SELL, Purpose.HEDGE, row=0)
    desk.place("50", "3000", BUY, Purpose.FLATTEN, row=3)
    desk.place("30", "90000", BUY, Purpose.HEDGE, row=0)
    assert [order.order_id for order in room.in_flight_hedges(desk.orders, desk.universe, 0)] == [1, 3]
    assert [order.order_id for order in room.in_flight_hedges(desk.orders, desk.universe, 1)] == [2]
    assert room.working_hedge_quantity(desk.orders, desk.universe, 0) == -70.0
    assert not desk.orders.quote_id[0].any()


def test_a_hedge_that_is_done_is_no_longer_in_flight(desk):
    desk.place("100", "90000", SELL, Purpose.HEDGE, row=0)
    desk.fill(1, "40")
    assert room.working_hedge_quantity(desk.orders, desk.universe, 0) == -60.0
    desk.fill(1, "60")
    assert room.in_flight_hedges(desk.orders, desk.universe, 0) == []


def test_columns_grow_with_the_listing_and_keep_what_they_hold(desk):
    desk.place("5", "0.05")
    for strike in range(1, 100):
        desk.universe.list_contract(
            Option("deribit", f"X{strike}", "BTC", "USD", "BTC", Decimal(1), Decimal(1), 10**18, Decimal(strike), CALL)
        )
    room.ensure(desk.orders, desk.universe)
    assert desk.orders.quote_id[0].shape == (2, 128)
    assert shown(desk, BID) == (1, 0.05, 5.0, True)
    room.validate(desk.orders, desk.universe)


def test_orders_survive_a_snapshot(desk):
    desk.place("5", "0.05")
    desk.place("1", "90000", SELL, Purpose.HEDGE, row=0)
    desk.accepted(1)
    desk.amend(1, "3")

    def as_bytes(column):
        return [column.dtype.str, column.shape, column.tobytes()]

    def as_column(_, parts):
        return np.frombuffer(parts[2], dtype=parts[0]).reshape(parts[1]).copy()

    stored = msgspec.msgpack.encode(desk.orders, enc_hook=as_bytes)
    again = msgspec.msgpack.decode(stored, type=Orders, dec_hook=as_column)
    assert again.open == desk.orders.open
    room.validate(again, desk.universe)


PLANTED = {
    "a slot shows a stranger": lambda orders: orders.quote_id[0].__setitem__((ASK, 2), 9),
    "a slot shows another price": lambda orders: orders.quote_price[0].__setitem__((BID, 1), 1.0),
    "a slot looks free to touch": lambda orders: orders.quote_busy[0].__setitem__((BID, 1), False),
    "a closed order is listed as open": lambda orders: setattr(orders.open[1], "status", OrderStatus.FILLED),
    "an open order has nothing left": lambda orders: setattr(orders.open[1], "remaining", Decimal(0)),
    "an order has more left than it was for": lambda orders: setattr(orders.open[1], "remaining", Decimal(6)),
    "an id was never given": lambda orders: setattr(orders, "next_id", 1),
    "a hedge is forgotten": lambda orders: orders.hedges[0].clear(),
    "a hedge is filed under another underlying": lambda orders: orders.hedges.reverse(),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_validation_reports_a_planted_fault(desk, plant):
    desk.place("5", "0.05")
    desk.place("1", "90000", SELL, Purpose.HEDGE, row=0)
    plant(desk.orders)
    with pytest.raises(AssertionError):
        room.validate(desk.orders, desk.universe)
