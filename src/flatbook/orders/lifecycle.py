"""The life of an order as a table: where it stands, what happened, where it stands then."""

from enum import StrEnum
from typing import Literal


class OrderStatus(StrEnum):
    """Where an order stands. The three pending ones have a request in flight; the last three are the end."""

    PENDING_NEW = "pending_new"
    WORKING = "working"
    PENDING_AMEND = "pending_amend"
    PENDING_CANCEL = "pending_cancel"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"

    @property
    def is_open(self) -> bool:
        """Whether the order may still trade."""
        return self in _OPEN

    @property
    def in_flight(self) -> bool:
        """Whether a request of ours is unanswered, so that the order must be left alone."""
        return self in _IN_FLIGHT


Occurrence = Literal[
    "amend_requested",
    "cancel_requested",
    "accepted",
    "rejected",
    "amended",
    "amend_refused",
    "cancelled",
    "cancel_refused",
    "partly_filled",
    "filled",
]

_IN_FLIGHT = frozenset({OrderStatus.PENDING_NEW, OrderStatus.PENDING_AMEND, OrderStatus.PENDING_CANCEL})
_OPEN = _IN_FLIGHT | {OrderStatus.WORKING}

_NEW = OrderStatus.PENDING_NEW
_WORKING = OrderStatus.WORKING
_AMEND = OrderStatus.PENDING_AMEND
_CANCEL = OrderStatus.PENDING_CANCEL
_FILLED = OrderStatus.FILLED
_CANCELLED = OrderStatus.CANCELLED
_REJECTED = OrderStatus.REJECTED

LIFECYCLE: dict[tuple[OrderStatus, Occurrence], OrderStatus] = {
    (_NEW, "accepted"): _WORKING,
    (_NEW, "rejected"): _REJECTED,
    (_NEW, "cancelled"): _CANCELLED,
    # A fill may overtake the acceptance; the acceptance is still owed.
    (_NEW, "partly_filled"): _NEW,
    (_NEW, "filled"): _FILLED,
    (_NEW, "cancel_requested"): _CANCEL,
    (_WORKING, "partly_filled"): _WORKING,
    (_WORKING, "filled"): _FILLED,
    (_WORKING, "cancelled"): _CANCELLED,
    (_WORKING, "amend_requested"): _AMEND,
    (_WORKING, "cancel_requested"): _CANCEL,
    (_AMEND, "amended"): _WORKING,
    (_AMEND, "amend_refused"): _WORKING,
    (_AMEND, "partly_filled"): _AMEND,
    (_AMEND, "filled"): _FILLED,
    (_AMEND, "cancelled"): _CANCELLED,
    (_AMEND, "cancel_requested"): _CANCEL,
    (_CANCEL, "cancelled"): _CANCELLED,
    (_CANCEL, "cancel_refused"): _WORKING,
    (_CANCEL, "partly_filled"): _CANCEL,
    (_CANCEL, "filled"): _FILLED,
    # The answers to what was asked before the cancel arrive while the cancel is on its way.
    (_CANCEL, "accepted"): _CANCEL,
    (_CANCEL, "rejected"): _REJECTED,
    (_CANCEL, "amended"): _CANCEL,
    (_CANCEL, "amend_refused"): _CANCEL,
    # What lost the race against the end of the order: ordinary life, nothing to tell. A closed order has forgotten
    # its amend, so any refusal counts as that of a cancel.
    (_FILLED, "accepted"): _FILLED,
    (_FILLED, "cancel_refused"): _FILLED,
    (_CANCELLED, "cancel_refused"): _CANCELLED,
    (_REJECTED, "cancel_refused"): _REJECTED,
}
