"""What we asked of the venues and where each order stands.

A request is what the shell must send: place, amend or cancel. An order is one we placed, followed through a
lifecycle written as a table of states and events. Requests in flight count as if they had succeeded wherever
that is the worse assumption. Prices are in the contract's price unit, quantities unsigned in its quantity unit.
Our quotes are also columns by slot, so that thousands of them can be compared with what we want at once.
"""

from flatbook.orders.invariants import validate
from flatbook.orders.lifecycle import LIFECYCLE, Occurrence, OrderStatus
from flatbook.orders.requests import Amend, Cancel, Place, Purpose, Request
from flatbook.orders.transitions import (
    apply_accepted,
    apply_amended,
    apply_cancelled,
    apply_fill,
    apply_refused,
    apply_rejected,
    record_request,
)
from flatbook.orders.working import (
    ASK,
    BID,
    Order,
    Orders,
    axis_of,
    ensure,
    find,
    in_flight_hedges,
    take_id,
    working_hedge_quantity,
)

__all__ = [
    "ASK",
    "BID",
    "LIFECYCLE",
    "Amend",
    "Cancel",
    "Occurrence",
    "Order",
    "OrderStatus",
    "Orders",
    "Place",
    "Purpose",
    "Request",
    "apply_accepted",
    "apply_amended",
    "apply_cancelled",
    "apply_fill",
    "apply_refused",
    "apply_rejected",
    "axis_of",
    "ensure",
    "find",
    "in_flight_hedges",
    "record_request",
    "take_id",
    "validate",
    "working_hedge_quantity",
]
