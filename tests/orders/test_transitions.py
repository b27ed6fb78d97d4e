"""The lives of orders, told line by line: what happens, where the order stands then, and how much is left of how much."""

from decimal import Decimal

import pytest

from flatbook import orders as room
from flatbook.basics import SELL
from flatbook.orders import Place, Purpose

LIVES = {
    "a quote rests and is filled in two trades": """
        place 5      | pending_new    | 5 of 5
        accepted     | working        | 5 of 5
        fill 2       | working        | 3 of 5
        fill 3       | filled         | 0 of 5
    """,
    "a fill overtakes the acceptance": """
        place 5      | pending_new    | 5 of 5
        fill 2       | pending_new    | 3 of 5
        accepted     | working        | 3 of 5
    """,
    "an order fills whole before it is accepted": """
        place 5      | pending_new    | 5 of 5
        fill 5       | filled         | 0 of 5
        accepted     | filled         | 0 of 5
    """,
    "a venue turns the order away": """
        place 5      | pending_new    | 5 of 5
        rejected     | rejected       | 5 of 5
    """,
    "an immediate order finds nothing": """
        place 5      | pending_new    | 5 of 5
        cancelled    | cancelled      | 5 of 5
    """,
    "an amend goes through after a part fill": """
        place 5      | pending_new    | 5 of 5
        accepted     | working        | 5 of 5
        amend 4      | pending_amend  | 5 of 5
        fill 1       | pending_amend  | 4 of 5
        amended 4    | working        | 4 of 5
    """,
    "an amend makes the order larger than it was": """
        place 5      | pending_new    | 5 of 5
        accepted     | working        | 5 of 5
        fill 2       | working        | 3 of 5
        amend 6      | pending_amend  | 3 of 5
        amended 6    | working        | 6 of 8
    """,
    "an amend is refused and the order stands": """
        place 5      | pending_new    | 5 of 5
        accepted     | working        | 5 of 5
        amend 2      | pending_amend  | 5 of 5
        refused      | working        | 5 of 5
    """,
    "a fill wins the race against the cancel": """
        place 5      | pending_new    | 5 of 5
        accepted     | working        | 5 of 5
        cancel       | pending_cancel | 5 of 5
        fill 5       | filled         | 0 of 5
        refused      | filled         | 0 of 5
    """,
    "a cancel overtakes the answer to an amend": """
        place 5      | pending_new    | 5 of 5
        accepted     | working        | 5 of 5
        amend 3      | pending_amend  | 5 of 5
        cancel       | pending_cancel | 5 of 5
        refused      | pending_cancel | 5 of 5
        refused      | working        | 5 of 5
    """,
    "an order is called off before the venue has it": """
        place 5      | pending_new    | 5 of 5
        cancel       | pending_cancel | 5 of 5
        accepted     | pending_cancel | 5 of 5
        cancelled    | cancelled      | 5 of 5
    """,
    "an amend and a cancel are both refused because the order filled": """
        place 5      | pending_new    | 5 of 5
        accepted     | working        | 5 of 5
        amend 3      | pending_amend  | 5 of 5
        cancel       | pending_cancel | 5 of 5
        fill 5       | filled         | 0 of 5
        refused      | filled         | 0 of 5
        refused      | filled         | 0 of 5
    """,
}

SURPRISES = {
    "a fill after the cancel still counts": """
        place 5      | pending_new    | 5 of 5 |
        cancelled    | cancelled      | 5 of 5 |
        fill 2       | cancelled      | 3 of 5 | "partly filled" of order 1, which is cancelled
        fill 3       | cancelled      | 0 of 5 | "filled" of order 1, which is cancelled
    """,
    "a fill larger than what was left": """
        place 5      | pending_new    | 5 of 5 |
        accepted     | working        | 5 of 5 |
        fill 7       | filled         | 0 of 5 | is 2 more than order 1 had left
        fill 1       | filled         | 0 of 5 | is 1 more than order 1 had left
    """,
    "a venue amends what nobody asked it to": """
        place 5      | pending_new    | 5 of 5 |
        accepted     | working        | 5 of 5 |
        amended 3    | working        | 3 of 3 | "amended" of order 1, which is working
    """,
    "a venue amends to nothing": """
        place 5      | pending_new    | 5 of 5 |
        accepted     | working        | 5 of 5 |
        amend 4      | pending_amend  | 5 of 5 |
        amended 0    | working        | 5 of 5 | amended order 1 to 0 left to fill
    """,
    "an acceptance is told twice": """
        place 5      | pending_new    | 5 of 5 |
        accepted     | working        | 5 of 5 |
        accepted     | working        | 5 of 5 | "accepted" of order 1, which is working
    """,
    "a resting order is rejected": """
        place 5      | pending_new    | 5 of 5 |
        accepted     | working        | 5 of 5 |
        rejected     | working        | 5 of 5 | "rejected" of order 1, which is working
    """,
    "a filled order is cancelled": """
        place 5      | pending_new    | 5 of 5 |
        fill 5       | filled         | 0 of 5 |
        cancelled    | filled         | 0 of 5 | "cancelled" of order 1, which is filled
    """,
}


def lines_of(story: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in story.strip().splitlines()]


def happen(desk, words: str) -> str | None:
    occurrence, *amount = words.split()
    if occurrence == "place":
        desk.place(*amount)
        return None
    return getattr(desk, occurrence)(1, *amount)


def standing(desk) -> str:
    order = desk.order(1)
    return f"{order.status} {order.remaining} of {order.quantity}"


@pytest.mark.parametrize("story", LIVES.values(), ids=LIVES.keys())
def test_an_ordinary_life_holds_no_surprise(desk, story):
    for words, status, left in lines_of(story):
        assert happen(desk, words) is None
        assert standing(desk) == f"{status} {left}"


@pytest.mark.parametrize("story", SURPRISES.values(), ids=SURPRISES.keys())
def test_a_surprise_is_told_in_a_sentence_and_handled(desk, story):
    for words, status, left, sentence in lines_of(story):
        anomaly = happen(desk, words)
        assert (sentence in anomaly) if sentence else anomaly is None
        assert standing(desk) == f"{status} {left}"


@pytest.mark.parametrize("word", ["accepted", "rejected", "cancelled", "refused"])
def test_a_report_about_somebody_elses_order_is_told(desk, word):
    assert "order 99, which is not ours" in getattr(desk, word)(99)
    assert "order 99, which is not ours" in desk.amended(99, "1")
    assert "order 99, which is not ours" in desk.fill(99, "1")


def test_a_fill_that_names_another_contract_than_its_order_is_told_and_counts(desk):
    desk.place("5")
    assert "names another row or side" in desk.fill(1, "2", row=2)
    assert desk.order(1).remaining == 3


def test_the_venues_reason_is_kept(desk):
    desk.place()
    desk.rejected(1)
    assert desk.order(1).reason == "post only"


def test_an_amend_in_flight_keeps_what_was_asked_until_it_is_answered(desk):
    desk.place("5")
    desk.accepted(1)
    desk.amend(1, "7", price="0.07")
    order = desk.order(1)
    assert (order.price, order.requested_price, order.requested_quantity) == (Decimal("0.05"), Decimal("0.07"), 7)
    desk.amended(1, "7", price="0.07")
    assert (order.price, order.requested_price, order.requested_quantity) == (Decimal("0.07"), None, None)


def test_requests_out_of_turn_are_bugs(desk):
    desk.place()
    with pytest.raises(AssertionError, match="out of turn"):
        desk.amend(1, "2")
    with pytest.raises(AssertionError, match="not open"):
        desk.cancel(42)
    with pytest.raises(AssertionError, match="one quote a side"):
        desk.place()
    with pytest.raises(AssertionError, match="taken before it is used"):
        desk.request(Place(77, 1, SELL, Decimal(1), Decimal(1), Purpose.QUOTE))
    with pytest.raises(AssertionError, match="for something"):
        desk.place("0", side=SELL)


def test_a_closed_order_is_remembered_for_a_while(desk):
    first = desk.place()
    desk.rejected(first)
    for _ in range(600):
        desk.rejected(desk.place())
    assert desk.order(first) is None
    assert len(desk.orders.closed) == 512
    assert room.take_id(desk.orders) == 602
