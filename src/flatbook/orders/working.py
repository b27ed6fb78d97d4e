"""The orders we placed: open ones by id, the last closed ones, and our quotes as columns by slot."""

from decimal import Decimal

import msgspec
import numpy as np

from flatbook.basics import BUY, Flags, Floats, Ints, Side, grown
from flatbook.instruments import Universe
from flatbook.orders.lifecycle import OrderStatus
from flatbook.orders.requests import Purpose

BID = 0
ASK = 1
CLOSED_KEPT = 512


class Order(msgspec.Struct):
    """One order of ours. `quantity` is what it was for in all, `remaining` what may still fill, both unsigned.

    `reason` is the venue's last word on it. While an amend is in flight the requested price and quantity are kept
    beside the standing ones; None otherwise.
    """

    order_id: int
    row: int
    side: Side
    price: Decimal
    quantity: Decimal
    remaining: Decimal
    purpose: Purpose
    status: OrderStatus
    placed_ns: int
    changed_ns: int
    reason: str = ""
    post_only: bool = False
    immediate: bool = False
    requested_price: Decimal | None = None
    requested_quantity: Decimal | None = None

    @property
    def filled(self) -> Decimal:
        """What has traded so far, unsigned."""
        return self.quantity - self.remaining

    @property
    def worst_quantity(self) -> Decimal:
        """The most that may still trade: the larger of what stands and what an amend in flight asks for."""
        return self.remaining if self.requested_quantity is None else max(self.remaining, self.requested_quantity)


class Orders(msgspec.Struct):
    """All that is in the market, or on its way there.

    Columns hold one entry per underlying, each of shape (2, capacity): axis 0 is our bid (0) and our offer (1), axis 1
    the slot. `quote_id` is 0 where we have no quote; `quote_quantity` is the most that may still trade; `quote_busy`
    says that a request is in flight and the quote must not be touched. `hedges` lists the open ids of other purposes
    by underlying, oldest first.
    """

    open: dict[int, Order] = {}
    next_id: int = 1
    closed: list[Order] = []
    hedges: list[list[int]] = []
    quote_id: list[Ints] = []
    quote_price: list[Floats] = []
    quote_quantity: list[Floats] = []
    quote_busy: list[Flags] = []


def ensure(orders: Orders, universe: Universe) -> None:
    """Give every underlying its columns, wide enough for every slot."""
    for index, block in enumerate(universe.blocks):
        if index == len(orders.quote_id):
            _append_columns(orders, block.capacity)
        elif orders.quote_id[index].shape[1] < block.capacity:
            _widen_columns(orders, index, block.capacity)


def take_id(orders: Orders) -> int:
    """The next order id; ids count up from 1 and are never given twice."""
    order_id = orders.next_id
    orders.next_id += 1
    return order_id


def find(orders: Orders, order_id: int) -> Order | None:
    """The order, open or among the last closed; None when it was never ours or is forgotten."""
    order = orders.open.get(order_id)
    if order is not None:
        return order
    return next((closed for closed in reversed(orders.closed) if closed.order_id == order_id), None)


def in_flight_hedges(orders: Orders, universe: Universe, underlying: int) -> list[Order]:
    """The open hedge and flatten orders on any row of the underlying, oldest first."""
    assert underlying < len(universe.blocks), "no such underlying"
    return [orders.open[order_id] for order_id in orders.hedges[underlying]]


def working_hedge_quantity(orders: Orders, universe: Universe, row: int) -> float:
    """The signed quantity that open hedges may still trade in `row`."""
    hedges = in_flight_hedges(orders, universe, universe.underlying_of[row])
    return sum(order.side * float(order.worst_quantity) for order in hedges if order.row == row)


def axis_of(side: Side) -> int:
    """The row of a (2, capacity) quote column that holds this side."""
    return BID if side is BUY else ASK


def enter(orders: Orders, universe: Universe, order: Order) -> None:
    """Put a new order among the open ones. A slot holds one quote a side."""
    orders.open[order.order_id] = order
    if order.purpose is Purpose.QUOTE:
        show(orders, universe, order)
    else:
        orders.hedges[universe.underlying_of[order.row]].append(order.order_id)


def show(orders: Orders, universe: Universe, order: Order) -> None:
    """Write a quote's standing into its columns; other purposes have none."""
    if order.purpose is not Purpose.QUOTE:
        return
    place = (axis_of(order.side), universe.slot_of[order.row])
    index = universe.underlying_of[order.row]
    orders.quote_id[index][place] = order.order_id
    orders.quote_price[index][place] = float(order.price)
    orders.quote_quantity[index][place] = float(order.worst_quantity)
    orders.quote_busy[index][place] = order.status.in_flight


def leave(orders: Orders, universe: Universe, order: Order) -> None:
    """Move an order that came to its end from the open ones to the closed ones."""
    del orders.open[order.order_id]
    orders.closed.append(order)
    if len(orders.closed) > CLOSED_KEPT:
        del orders.closed[0]
    index = universe.underlying_of[order.row]
    if order.purpose is Purpose.QUOTE:
        _clear(orders, index, axis_of(order.side), universe.slot_of[order.row])
    else:
        orders.hedges[index].remove(order.order_id)


def _clear(orders: Orders, index: int, axis: int, slot: int) -> None:
    orders.quote_id[index][axis, slot] = 0
    orders.quote_price[index][axis, slot] = 0.0
    orders.quote_quantity[index][axis, slot] = 0.0
    orders.quote_busy[index][axis, slot] = False


def _append_columns(orders: Orders, capacity: int) -> None:
    shape = (2, capacity)
    orders.hedges.append([])
    orders.quote_id.append(np.zeros(shape, dtype=np.int64))
    orders.quote_price.append(np.zeros(shape, dtype=np.float64))
    orders.quote_quantity.append(np.zeros(shape, dtype=np.float64))
    orders.quote_busy.append(np.zeros(shape, dtype=np.bool_))


def _widen_columns(orders: Orders, index: int, capacity: int) -> None:
    orders.quote_id[index] = grown(orders.quote_id[index], capacity, 0)
    orders.quote_price[index] = grown(orders.quote_price[index], capacity, 0.0)
    orders.quote_quantity[index] = grown(orders.quote_quantity[index], capacity, 0.0)
    orders.quote_busy[index] = grown(orders.quote_busy[index], capacity, False)
