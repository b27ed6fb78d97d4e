"""The displayed book: what stands at a price, and where the display ends."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.events import Depth, Top
from flatbook.venues.paper.displayed import DisplayedMarket

NEAR = 0.25
SECOND_NS = 10**9

sizes = st.lists(st.integers(0, 3).map(float), max_size=5)
prices = st.integers(90, 110).map(float)


def shown(bid_sizes: list[float], ask_sizes: list[float], top: Top | None) -> DisplayedMarket:
    """A book one dollar a level from 100 downwards and from 101 upwards, and a top that came after it."""
    market = DisplayedMarket(SECOND_NS)
    market.make_room(0)
    bids, asks = (tuple(100.0 - place for place in range(len(bid_sizes))), tuple(101.0 + n for n in range(len(ask_sizes))))
    market.depths[0] = Depth(0, bids, tuple(bid_sizes), asks, tuple(ask_sizes), 0)
    market.tops[0] = top
    return market


def walked(market: DisplayedMarket, side: int, price: float) -> tuple[float, bool]:
    """The same answer, by walking the levels from the best one on."""
    last = 0.0
    for level_price, size in market.levels(0, side, 0):
        if side * (price - level_price) > NEAR:
            return 0.0, True
        if side * (price - level_price) >= -NEAR:
            return size, True
        last = size
    return last, last == 0.0


@given(sizes, sizes, st.none() | st.tuples(prices | st.just(math.nan), prices | st.just(math.nan)), prices)
def test_what_stands_at_a_price_is_what_a_walk_along_the_book_finds(bid_sizes, ask_sizes, top, price):
    newer = None if top is None else Top(0, top[0], top[1], 7.0, 8.0, 0)
    market = shown(bid_sizes, ask_sizes, newer)
    for side in (1, -1):
        assert market.size_at(0, side, price, NEAR, 0) == walked(market, side, price)


@pytest.mark.parametrize(
    ("price", "expected"),
    [(100.5, (0.0, True)), (100.0, (3.0, True)), (99.0, (2.0, True)), (98.0, (1.0, True)), (97.0, (1.0, False))],
)
def test_beyond_the_last_level_the_last_size_is_the_guess(price, expected):
    assert shown([3.0, 2.0, 1.0], [], None).size_at(0, 1, price, NEAR, 0) == expected


def test_an_empty_book_shows_nothing_and_knows_it():
    assert shown([], [], None).size_at(0, 1, 99.0, NEAR, 0) == (0.0, True)
