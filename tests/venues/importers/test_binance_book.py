"""A book out of changes, a late snapshot and a best bid and offer."""

from hypothesis import given
from hypothesis import strategies as st

from flatbook.venues.importers.binance_book import LEVELS, Book, BookSide
from flatbook.venues.importers.binance_messages import BookTicker, DepthUpdate, Snapshot


def update(first, last, bids=(), asks=(), previous=0):
    return DepthUpdate(first, last, list(bids), list(asks), 0, previous)


def best(book):
    return book.bids.best(), book.asks.best()


def test_levels_come_best_first_on_both_sides():
    book = Book()
    book.apply(update(1, 2, [(99.0, 1.0), (100.0, 2.0)], [(102.0, 4.0), (101.0, 3.0)]))
    assert book.bids.levels(1.0) == ((100.0, 99.0), (2.0, 1.0))
    assert book.asks.levels(1.0) == ((101.0, 102.0), (3.0, 4.0))


def test_a_size_of_zero_clears_a_level_known_or_not():
    book = Book()
    book.apply(update(1, 1, [(99.0, 1.0), (100.0, 2.0)]))
    book.apply(update(2, 2, [(100.0, 0.0), (98.0, 0.0)]))
    assert book.bids.levels(1.0) == ((99.0,), (1.0,))


def test_sizes_are_scaled_and_levels_are_at_most_twenty():
    side = BookSide(+1)
    side.put_all([(100.0 + number, 1.0) for number in range(30)])
    prices, sizes = side.levels(100.0)
    assert len(prices) == LEVELS
    assert set(sizes) == {100.0}


def test_a_later_best_bid_and_offer_clears_what_stands_before_it():
    book = Book()
    book.observe_ticker(BookTicker(9, 99.0, 5.0, 100.5, 6.0))
    book.apply(update(1, 8, [(100.0, 1.0), (98.0, 1.0)], [(100.0, 1.0), (101.0, 1.0)]))
    assert book.bids.levels(1.0) == ((99.0, 98.0), (5.0, 1.0))
    assert book.asks.levels(1.0) == ((100.5, 101.0), (6.0, 1.0))


def test_an_earlier_best_bid_and_offer_changes_nothing():
    book = Book()
    book.observe_ticker(BookTicker(7, 99.0, 5.0, 100.5, 6.0))
    book.apply(update(1, 8, [(100.0, 1.0)], [(100.2, 1.0)]))
    assert best(book) == (100.0, 100.2)


def test_a_late_snapshot_does_not_bring_back_what_was_cleared_since():
    book = Book()
    book.apply(update(1, 4, [(90.0, 9.0)]))
    book.apply(update(5, 6, [(100.0, 0.0), (99.0, 7.0)]))
    book.restart(Snapshot(4, [(100.0, 1.0), (99.0, 1.0), (98.0, 1.0)], [(101.0, 1.0)]))
    assert book.bids.levels(1.0) == ((99.0, 98.0), (7.0, 1.0))
    assert best(book)[1] == 101.0


def test_a_hole_in_the_update_numbers_is_told():
    spot, futures = Book(), Book()
    assert spot.apply(update(1, 4))
    assert spot.apply(update(5, 6))
    assert not spot.apply(update(8, 9))
    assert futures.apply(update(11, 14, previous=9))
    assert futures.apply(update(20, 24, previous=14))
    assert not futures.apply(update(30, 34, previous=29))


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3)), max_size=200))
def test_a_side_is_what_the_last_word_on_each_price_says(changes):
    side, expected = BookSide(-1), {}
    for price, size in changes:
        side.put(float(price), float(size))
        expected[float(price)] = float(size)
    alive = sorted((price for price, size in expected.items() if size), reverse=True)[:LEVELS]
    assert side.levels(1.0) == (tuple(alive), tuple(expected[price] for price in alive))
