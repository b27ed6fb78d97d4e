"""From targets to the fewest changes."""

import msgspec
import numpy as np
import pytest

from flatbook.quoting import AMEND, CANCEL, PLACE, UnderlyingQuotes, wanted_changes
from flatbook.quoting.record import CURVATURE, INTENSITY, PARTS

NAN = float("nan")
BID, ASK = 0, 1


class Book:
    """Two rows with ticks of 0.5 and a half-spread of 10; slot 0 has quotes working at 90 and 110."""

    def __init__(self) -> None:
        flat = np.zeros(2)
        self.quotes = UnderlyingQuotes(
            eligible=np.ones(2, dtype=bool), tick=np.full(2, 0.5), wide_tick=np.full(2, 0.5), wide_above=np.full(2, np.inf),
            maker_rate=flat, fee_cap=flat, size=1.0, quantity=np.ones(2), held_until_ns=np.zeros((2, 2), dtype=np.int64),
            wanted=np.full((2, 2), NAN), target=np.array([[90.0, NAN], [110.0, NAN]]), parts=np.zeros((PARTS, 2)),
        )  # fmt: skip
        self.quotes.parts[INTENSITY], self.quotes.parts[CURVATURE] = 8.0, 2.0
        self.ids = np.array([[1, 0], [2, 0]])
        self.prices = np.array([[90.0, 0.0], [110.0, 0.0]])
        self.sizes = np.array([[1.0, 0.0], [1.0, 0.0]])
        self.busy = np.zeros((2, 2), dtype=bool)

    def changes(self, tolerance: float = 0.2, now_ns: int = 10, most: int = 99) -> list[tuple[int, int, int]]:
        """(action, side, slot), the most urgent first; what is wanted lies on the grid unless the test says otherwise."""
        wanted = np.where(np.isnan(self.quotes.wanted), self.quotes.target, self.quotes.wanted)
        quotes = msgspec.structs.replace(self.quotes, wanted=wanted)
        found = wanted_changes(quotes, 2, tolerance, self.ids, self.prices, self.sizes, self.busy, now_ns, most)
        return list(zip(*(column.tolist() for column in found), strict=True))


@pytest.fixture
def book() -> Book:
    return Book()


def test_quotes_that_stand_where_they_should_are_left_alone(book):
    assert book.changes() == []


def test_a_missing_quote_is_placed(book):
    book.quotes.target[:, 1] = 50.0, 60.0
    assert book.changes() == [(PLACE, BID, 1), (PLACE, ASK, 1)]


def test_a_quote_that_should_not_be_there_is_cancelled(book):
    book.quotes.target[ASK, 0] = NAN
    assert book.changes() == [(CANCEL, ASK, 0)]


@pytest.mark.parametrize(
    ("bid_target", "moved"),
    [(90.0, False), (89.5, False), (89.0, False), (88.5, True), (91.0, False), (92.5, False), (93.0, True)],
)
def test_a_bid_keeps_its_place_for_a_fifth_of_its_half_spread_and_a_tick_but_half_that_when_too_generous(book, bid_target, moved):
    book.quotes.target[BID, 0] = bid_target
    assert book.changes() == ([(AMEND, BID, 0)] if moved else [])


@pytest.mark.parametrize(("ask_target", "moved"), [(111.0, False), (111.5, True), (107.5, False), (107.0, True)])
def test_the_offer_is_judged_as_in_a_mirror(book, ask_target, moved):
    book.quotes.target[ASK, 0] = ask_target
    assert book.changes() == ([(AMEND, ASK, 0)] if moved else [])


def test_a_target_that_rounds_to_where_the_quote_stands_moves_nothing_however_small_the_tolerance(book):
    book.quotes.wanted[BID, 0] = 89.6
    assert book.changes(tolerance=0.0) == []


def test_a_wish_between_two_ticks_does_not_make_a_quote_hop_over_the_grid(book):
    # The target fell one tick but what is wanted only a tenth of one: well within the slack of 1.
    book.quotes.target[BID, 0], book.quotes.wanted[BID, 0] = 89.5, 89.95
    assert book.changes() == []


def test_a_quote_filled_below_half_is_topped_up(book):
    book.sizes[BID, 0] = 0.5
    assert book.changes() == []
    book.sizes[BID, 0] = 0.49
    assert book.changes() == [(AMEND, BID, 0)]


def test_a_quote_with_a_request_in_flight_is_left_alone(book):
    book.quotes.target[:, 0] = NAN
    book.busy[BID, 0] = True
    assert book.changes() == [(CANCEL, ASK, 0)]


def test_a_side_that_was_refused_is_not_wished_for_again_at_once_but_is_still_cancelled(book):
    book.quotes.held_until_ns[:, 0] = 100
    book.quotes.target[BID, 0] = 50.0
    book.quotes.target[ASK, 0] = NAN
    assert book.changes(now_ns=99) == [(CANCEL, ASK, 0)]
    assert book.changes(now_ns=100) == [(CANCEL, ASK, 0), (AMEND, BID, 0)]


def test_cancels_come_first_then_what_is_too_generous_then_the_rest(book):
    book.quotes.target[:, 0] = 95.0, 95.0  # the bid five too shy, the offer fifteen too shy
    book.quotes.target[BID, 1] = 70.0
    book.ids[ASK, 1], book.prices[ASK, 1], book.sizes[ASK, 1] = 3, 80.0, 1.0
    assert book.changes() == [(CANCEL, ASK, 1), (AMEND, ASK, 0), (PLACE, BID, 1), (AMEND, BID, 0)]
    book.quotes.target[:, 0] = 75.0, 125.0  # both fifteen too generous
    assert book.changes() == [(CANCEL, ASK, 1), (AMEND, BID, 0), (AMEND, ASK, 0), (PLACE, BID, 1)]


def test_with_a_budget_the_most_urgent_go_out_and_cancels_are_never_counted(book):
    book.quotes.target[:, 0] = 75.0, 130.0
    book.quotes.target[BID, 1] = 70.0
    book.ids[ASK, 1], book.prices[ASK, 1], book.sizes[ASK, 1] = 3, 80.0, 1.0
    assert book.changes(most=0) == [(CANCEL, ASK, 1)]
    assert book.changes(most=1) == [(CANCEL, ASK, 1), (AMEND, ASK, 0)]
    assert book.changes(most=2) == [(CANCEL, ASK, 1), (AMEND, ASK, 0), (AMEND, BID, 0)]
