"""Whatever venues say, in whatever order, our orders stay consistent and every fill counts."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import BUY, SELL
from flatbook.orders import LIFECYCLE, Purpose

QUANTITIES = st.integers(1, 6).map(Decimal)
REPORTS = st.tuples(st.sampled_from(["accepted", "rejected", "cancelled", "refused"]), st.integers(1, 6))
SIZED = st.tuples(st.sampled_from(["fill", "amended"]), st.integers(1, 6), QUANTITIES)
REQUESTS = st.tuples(st.sampled_from(["amend", "cancel"]), st.integers(1, 6), QUANTITIES)
PLACES = st.tuples(st.just("place"), QUANTITIES, st.sampled_from([BUY, SELL]), st.sampled_from(list(Purpose)))
EVENTS = st.lists(st.one_of(PLACES, REPORTS, SIZED, REQUESTS), max_size=40)


def play(desk, event) -> str | None:
    """Do what happened; requests that the desk would never make are passed over."""
    word, *rest = event
    if word == "place":
        quantity, side, purpose = rest
        free = purpose is not Purpose.QUOTE or not desk.orders.quote_id[0][0 if side is BUY else 1, 1]
        return desk.place(quantity, side=side, purpose=purpose) and None if free else None
    if word in ("amend", "cancel"):
        order = desk.order(rest[0])
        if order is None or (order.status, f"{word}_requested") not in LIFECYCLE:
            return None
        return desk.amend(*rest) if word == "amend" else desk.cancel(rest[0])
    return getattr(desk, word)(*rest)


@given(EVENTS)
def test_any_sequence_of_events_leaves_valid_orders(new_desk, events):
    desk = new_desk()
    for event in events:
        anomaly = play(desk, event)  # the desk validates after every word
        assert anomaly is None or anomaly.count("order") >= 1


@given(EVENTS)
def test_a_surprise_never_moves_a_status(new_desk, events):
    desk = new_desk()
    for event in events:
        before = {order_id: order.status for order_id, order in desk.orders.open.items()}
        if play(desk, event) is not None and event[0] not in ("fill", "amended"):
            assert all(desk.order(order_id).status is status for order_id, status in before.items())


@given(EVENTS)
def test_what_is_left_is_what_was_asked_less_what_filled(new_desk, events):
    desk, filled = new_desk(), {}
    for event in events:
        if event[0] == "fill" and (order := desk.order(event[1])) is not None:
            filled[event[1]] = filled.get(event[1], 0) + min(event[2], order.remaining)
        play(desk, event)
    for order in (*desk.orders.open.values(), *desk.orders.closed):
        assert order.filled == filled.get(order.order_id, 0)
