"""The table itself: what may follow what."""

import pytest

from flatbook.orders import LIFECYCLE, OrderStatus

REQUESTS = {"amend_requested", "cancel_requested"}
OPEN = [status for status in OrderStatus if status.is_open]
CLOSED = [status for status in OrderStatus if not status.is_open]


@pytest.mark.parametrize("status", CLOSED)
def test_an_order_at_its_end_never_comes_back(status):
    assert all(after is status for (before, _), after in LIFECYCLE.items() if before is status)


@pytest.mark.parametrize("status", OPEN)
def test_an_open_order_can_always_fill_and_be_cancelled(status):
    assert LIFECYCLE[status, "filled"] is OrderStatus.FILLED
    assert LIFECYCLE[status, "cancelled"] is OrderStatus.CANCELLED
    assert LIFECYCLE[status, "partly_filled"] is status, "a part fill answers no request"


@pytest.mark.parametrize("status", OPEN)
def test_an_order_can_be_called_off_unless_that_was_asked_already(status):
    assert ((status, "cancel_requested") in LIFECYCLE) == (status is not OrderStatus.PENDING_CANCEL)


def test_only_a_resting_order_may_be_amended():
    assert [status for status in OrderStatus if (status, "amend_requested") in LIFECYCLE] == [OrderStatus.WORKING]


def test_every_state_is_reached_from_a_new_order():
    reached = [OrderStatus.PENDING_NEW]
    for status in reached:
        reached += [after for (before, _), after in LIFECYCLE.items() if before is status and after not in reached]
    assert set(reached) == set(OrderStatus)


def test_a_request_out_of_turn_never_closes_an_order():
    assert all(after.in_flight for (_, occurrence), after in LIFECYCLE.items() if occurrence in REQUESTS)
