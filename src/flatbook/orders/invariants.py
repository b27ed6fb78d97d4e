"""What is always true of our orders."""

import numpy as np

from flatbook.instruments import Universe
from flatbook.orders.requests import Purpose
from flatbook.orders.working import CLOSED_KEPT, Order, Orders, axis_of


def validate(orders: Orders, universe: Universe) -> None:
    """Assert that orders, their lifecycle and the quote columns agree with one another."""
    assert len(orders.quote_id) == len(universe.blocks), "every underlying has quote columns"
    assert len(orders.closed) <= CLOSED_KEPT, "closed orders are kept to a bound"
    for order_id, order in orders.open.items():
        assert order_id == order.order_id, "an order is filed under its own id"
        assert order.status.is_open, f"order {order_id} is {order.status} yet listed as open"
        assert order.remaining > 0, f"order {order_id} is open with nothing left to fill"
        _validate_order(orders, order)
    for order in orders.closed:
        assert not order.status.is_open, f"order {order.order_id} is {order.status} yet listed as closed"
        _validate_order(orders, order)
    _validate_quotes(orders, universe)
    _validate_hedges(orders, universe)


def _validate_order(orders: Orders, order: Order) -> None:
    assert 0 < order.order_id < orders.next_id, f"order {order.order_id} has an id that was never given"
    assert 0 <= order.remaining <= order.quantity, f"order {order.order_id} has more left than it was for"
    assert (order.requested_price is None) == (order.requested_quantity is None), "an amend has a price and a quantity"


def _validate_quotes(orders: Orders, universe: Universe) -> None:
    quotes = [order for order in orders.open.values() if order.purpose is Purpose.QUOTE]
    for order in quotes:
        index, place = universe.underlying_of[order.row], (axis_of(order.side), universe.slot_of[order.row])
        assert orders.quote_id[index][place] == order.order_id, f"quote {order.order_id} is missing from its columns"
        assert orders.quote_price[index][place] == float(order.price), f"quote {order.order_id} shows another price"
        assert orders.quote_quantity[index][place] == float(order.worst_quantity), f"quote {order.order_id} shows another size"
        assert orders.quote_busy[index][place] == order.status.in_flight, f"quote {order.order_id} shows another state"
    shown = sum(int(np.count_nonzero(column)) for column in orders.quote_id)
    assert shown == len(quotes), "a quote column shows an order that is not open"


def _validate_hedges(orders: Orders, universe: Universe) -> None:
    listed = [order_id for ids in orders.hedges for order_id in ids]
    others = [order.order_id for order in orders.open.values() if order.purpose is not Purpose.QUOTE]
    assert sorted(listed) == sorted(others), "the hedges listed are not the hedges that are open"
    for index, ids in enumerate(orders.hedges):
        assert all(universe.underlying_of[orders.open[order_id].row] == index for order_id in ids), "a hedge is filed elsewhere"
