"""What requests and venue reports do to our orders.

Every `apply_` function returns None when the report was expected, or one sentence when the lifecycle has no place for
it. An unexpected report never moves an order's status, but what it says about quantity is believed: a fill always
counts, however late, and a venue's price and remaining quantity are what stands.
"""

from decimal import Decimal

from flatbook.basics import ZERO
from flatbook.events import Fill, OrderAccepted, OrderAmended, OrderCancelled, OrderRejected, RequestRefused
from flatbook.instruments import Universe
from flatbook.orders.lifecycle import LIFECYCLE, Occurrence, OrderStatus
from flatbook.orders.requests import Amend, Cancel, Place, Purpose, Request
from flatbook.orders.working import Order, Orders, axis_of, enter, find, leave, show


def record_request(orders: Orders, universe: Universe, request: Request, now_ns: int) -> None:
    """Remember a request the moment it is approved, before it can be answered. A request out of turn is a bug."""
    match request:
        case Place():
            enter(orders, universe, _placed(orders, universe, request, now_ns))
        case Amend():
            assert request.quantity > 0, "an order is amended to something"
            order = _turn(orders, request.order_id, "amend_requested", now_ns)
            order.requested_price, order.requested_quantity = request.price, request.quantity
            show(orders, universe, order)
        case Cancel():
            show(orders, universe, _turn(orders, request.order_id, "cancel_requested", now_ns))


def apply_accepted(orders: Orders, universe: Universe, event: OrderAccepted, now_ns: int) -> str | None:
    """The venue holds the order."""
    return _report(orders, universe, event.order_id, "accepted", now_ns)


def apply_rejected(orders: Orders, universe: Universe, event: OrderRejected, now_ns: int) -> str | None:
    """The venue never took the order."""
    return _report(orders, universe, event.order_id, "rejected", now_ns, event.reason)


def apply_cancelled(orders: Orders, universe: Universe, event: OrderCancelled, now_ns: int) -> str | None:
    """The order is out of the book."""
    return _report(orders, universe, event.order_id, "cancelled", now_ns, event.reason)


def apply_refused(orders: Orders, universe: Universe, event: RequestRefused, now_ns: int) -> str | None:
    """The venue would not amend or cancel. Requests are answered in order, so an unanswered amend is meant first."""
    order = find(orders, event.order_id)
    amending = order is not None and order.requested_price is not None
    if order is not None:
        _forget_amend(order)
    return _report(orders, universe, event.order_id, "amend_refused" if amending else "cancel_refused", now_ns, event.reason)


def apply_amended(orders: Orders, universe: Universe, event: OrderAmended, now_ns: int) -> str | None:
    """The order stands at a new price with this much still to fill, whether or not we asked for it."""
    order = orders.open.get(event.order_id)
    if order is not None:
        _restate(order, event)
    anomaly = _report(orders, universe, event.order_id, "amended", now_ns)
    return anomaly if event.remaining > 0 else f"the venue amended order {event.order_id} to {event.remaining} left to fill"


def apply_fill(orders: Orders, universe: Universe, fill: Fill, now_ns: int) -> str | None:
    """Our order traded. Applied always; the caller drops fills the ledger already knows."""
    order = find(orders, fill.order_id)
    if order is None:
        return f"fill {fill.fill_id} belongs to order {fill.order_id}, which is not ours"
    excess = fill.quantity - order.remaining
    order.remaining = max(ZERO, -excess)
    anomaly = _report(orders, universe, fill.order_id, "filled" if order.remaining == 0 else "partly_filled", now_ns)
    return _fill_mismatch(order, fill, excess) or anomaly


def _placed(orders: Orders, universe: Universe, request: Place, now_ns: int) -> Order:
    assert 0 < request.order_id < orders.next_id, "an order id must be taken before it is used"
    assert request.order_id not in orders.open, "an order id is used once"
    assert request.quantity > 0, "an order is for something"
    assert request.purpose is not Purpose.QUOTE or _is_free(orders, universe, request), "a slot holds one quote a side"
    return Order(
        order_id=request.order_id,
        row=request.row,
        side=request.side,
        price=request.price,
        quantity=request.quantity,
        remaining=request.quantity,
        purpose=request.purpose,
        status=OrderStatus.PENDING_NEW,
        placed_ns=now_ns,
        changed_ns=now_ns,
        post_only=request.post_only,
        immediate=request.immediate,
    )


def _is_free(orders: Orders, universe: Universe, request: Place) -> bool:
    quotes = orders.quote_id[universe.underlying_of[request.row]]
    return not quotes[axis_of(request.side), universe.slot_of[request.row]]


def _turn(orders: Orders, order_id: int, occurrence: Occurrence, now_ns: int) -> Order:
    order = orders.open.get(order_id)
    assert order is not None, f"order {order_id} is not open"
    status = LIFECYCLE.get((order.status, occurrence))
    assert status is not None, f"order {order_id} is {order.status}: {occurrence} is out of turn"
    order.status, order.changed_ns = status, now_ns
    return order


def _report(
    orders: Orders, universe: Universe, order_id: int, occurrence: Occurrence, now_ns: int, reason: str = ""
) -> str | None:
    """Move the order along the table, or say in a sentence why it has no place there."""
    order = find(orders, order_id)
    if order is None:
        return f"the venue says {_spoken(occurrence)} of order {order_id}, which is not ours"
    was_open = order.status.is_open
    status = LIFECYCLE.get((order.status, occurrence))
    if status is not None:
        _move(order, status, now_ns, reason)
    if was_open:
        _settle(orders, universe, order)
    return None if status is not None else f"the venue says {_spoken(occurrence)} of order {order_id}, which is {order.status}"


def _move(order: Order, status: OrderStatus, now_ns: int, reason: str) -> None:
    order.status, order.changed_ns = status, now_ns
    if reason:
        order.reason = reason


def _settle(orders: Orders, universe: Universe, order: Order) -> None:
    """Bring the columns into line with an order that was open before the report."""
    if order.status.is_open:
        show(orders, universe, order)
    else:
        _forget_amend(order)
        leave(orders, universe, order)


def _restate(order: Order, event: OrderAmended) -> None:
    """Take over the venue's price, and its remaining quantity unless that makes no order."""
    order.price = event.price
    if event.remaining > 0:
        order.quantity = order.filled + event.remaining
        order.remaining = event.remaining
    _forget_amend(order)


def _forget_amend(order: Order) -> None:
    order.requested_price = order.requested_quantity = None


def _fill_mismatch(order: Order, fill: Fill, excess: Decimal) -> str | None:
    if fill.row != order.row or fill.side is not order.side:
        return f"fill {fill.fill_id} names another row or side than its order {order.order_id}"
    if excess > 0:
        return f"fill {fill.fill_id} is {excess} more than order {order.order_id} had left"
    return None


def _spoken(occurrence: Occurrence) -> str:
    return f'"{occurrence.replace("_", " ")}"'
