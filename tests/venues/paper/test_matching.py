"""What the matching engine does with our orders, as tables of scenario and answer."""

from decimal import Decimal

import pytest

from flatbook.instruments import CALL, Option

CALL_50K = Option(
    "beta",
    "BTC-C",
    "BTC",
    "USD",
    "BTC",
    tick=Decimal("0.0001"),
    lot=Decimal("0.1"),
    expiry_ns=10**18,
    strike=Decimal(50_000),
    sign=CALL,
    inverse=True,
    wide_tick=Decimal("0.0005"),
    wide_above=Decimal("0.005"),
)

SCENARIOS = {
    "an order waits for the queue that was there before it": (
        """
        0  top 100 102 5 5
        1  place 1 buy 100 3
        2  trade sell 100 4
        3  trade sell 100 2
        4  trade sell 100 9
        """,
        """
        1  accepted 1
        3  fill 1 buy 1 at 100 maker
        4  fill 1 buy 2 at 100 maker
        """,
    ),
    "an order that improves the market is first": (
        """
        0  top 100 102 5 5
        1  place 1 buy 101 3
        2  trade sell 101 2
        """,
        """
        1  accepted 1
        2  fill 1 buy 2 at 101 maker
        """,
    ),
    "a taker on our own side passes us by": (
        """
        0  top 100 102 5 5
        1  place 1 buy 101 3
        2  trade buy 101 2
        """,
        "1  accepted 1",
    ),
    "a trade through our price fills us whole": (
        """
        0  top 100 102 5 5
        1  place 1 buy 100 3
        2  trade sell 99 1
        """,
        """
        1  accepted 1
        2  fill 1 buy 3 at 100 maker
        """,
    ),
    "cancels in the queue happen behind us until less is left than was ahead": (
        """
        0  depth 100x10 99x3 | 102x5
        1  place 1 buy 100 3
        2  depth 100x12 99x3 | 102x5
        3  depth 100x4 99x3 | 102x5
        4  trade sell 100 5
        """,
        """
        1  accepted 1
        4  fill 1 buy 1 at 100 maker
        """,
    ),
    "a level we joined before it was displayed counts whole once it is": (
        """
        0  top 100 102 5 5
        1  place 1 buy 98 3
        2  top 98 102 20 5
        3  trade sell 98 19
        4  trade sell 98 2
        """,
        """
        1  accepted 1
        4  fill 1 buy 1 at 98 maker
        """,
    ),
    "deeper levels are queued behind as displayed": (
        """
        0  depth 100x10 99x3 | 102x5
        1  place 1 buy 99 3
        2  trade sell 99 4
        """,
        """
        1  accepted 1
        2  fill 1 buy 1 at 99 maker
        """,
    ),
    "two orders of ours at one price share a trade in time order": (
        """
        0  top 100 102 2 5
        1  place 1 buy 100 3
        1  place 2 buy 100 3
        2  trade sell 100 6
        3  trade sell 100 2
        """,
        """
        1  accepted 1
        1  accepted 2
        2  fill 1 buy 3 at 100 maker
        2  fill 2 buy 1 at 100 maker
        3  fill 2 buy 2 at 100 maker
        """,
    ),
    "an offer that comes down to our bid trades at our price for its size": (
        """
        0  top 100 102 5 5
        1  place 1 buy 100 3
        2  top 98 99 5 2
        3  top 98 99 5 2
        4  top 98 99 5 3
        """,
        """
        1  accepted 1
        2  fill 1 buy 2 at 100 maker
        4  fill 1 buy 1 at 100 maker
        """,
    ),
    "a marketable order walks the book level by level and the rest stands": (
        """
        0  depth 100x5 | 102x2 103x3 105x9
        1  place 1 buy 103 7
        2  trade sell 103 1
        """,
        """
        1  accepted 1
        1  fill 1 buy 2 at 102 taker
        1  fill 1 buy 3 at 103 taker
        2  fill 1 buy 1 at 103 maker
        """,
    ),
    "an immediate order gives up what it cannot take": (
        """
        0  depth 100x5 | 102x2 103x3
        1  place 1 buy 102 7 now
        """,
        """
        1  accepted 1
        1  fill 1 buy 2 at 102 taker
        1  cancelled 1: nothing more to take at this price
        """,
    ),
    "the same displayed size is not taken twice": (
        """
        0   top 100 102 5 4
        1   place 1 buy 102 3 now
        1.1 place 2 buy 102 3 now
        1.2 top 100 102 6 4
        1.3 place 3 buy 102 3 now
        1.4 top 100 102 6 5
        1.5 place 4 buy 102 3 now
        4   place 5 buy 102 3 now
        """,
        """
        1   accepted 1
        1   fill 1 buy 3 at 102 taker
        1.1 accepted 2
        1.1 fill 2 buy 1 at 102 taker
        1.1 cancelled 2: nothing more to take at this price
        1.3 accepted 3
        1.3 cancelled 3: nothing more to take at this price
        1.5 accepted 4
        1.5 fill 4 buy 3 at 102 taker
        4   accepted 5
        4   fill 5 buy 3 at 102 taker
        """,
    ),
    "a newer top stands in front of the older depth": (
        """
        0  depth 100x5 | 102x2 103x3 104x4
        1  top 101 103 5 1
        2  place 1 buy 104 9 now
        """,
        """
        2  accepted 1
        2  fill 1 buy 1 at 103 taker
        2  fill 1 buy 4 at 104 taker
        2  cancelled 1: nothing more to take at this price
        """,
    ),
    "post-only never takes": (
        """
        0  top 100 102 5 5
        1  place 1 buy 102 1 post
        2  place 2 buy 101 1 post
        3  amend 2 102 1
        """,
        """
        1  rejected 1: a post-only buy would cross the market at 102
        2  accepted 2
        3  refused 2: a post-only buy would cross the market at 102
        """,
    ),
    "an amend down keeps the place, any other loses it": (
        """
        0  top 100 102 5 5
        1  place 1 buy 100 3
        2  top 100 102 9 5
        3  amend 1 100 2
        4  trade sell 100 6
        5  amend 1 100 4
        6  trade sell 100 10
        """,
        """
        1  accepted 1
        3  amended 1 100 2
        4  fill 1 buy 1 at 100 maker
        5  amended 1 100 4
        6  fill 1 buy 1 at 100 maker
        """,
    ),
    "an amend into the market takes": (
        """
        0  top 100 102 5 5
        1  place 1 buy 100 3
        2  amend 1 102 2
        """,
        """
        1  accepted 1
        2  amended 1 102 2
        2  fill 1 buy 2 at 102 taker
        """,
    ),
    "we never trade with ourselves": (
        """
        0  top 100 104 5 5
        1  place 1 sell 103 1
        2  place 2 buy 103 1
        3  place 3 buy 102 1
        4  amend 3 103 1
        """,
        """
        1  accepted 1
        2  rejected 2: would trade with our own order 1
        3  accepted 3
        4  refused 3: would trade with our own order 1
        """,
    ),
    "an order that the market fills before it reaches our own is fine": (
        """
        0  top 100 102 5 5
        1  place 1 sell 103 1
        2  place 2 buy 104 3 now
        3  place 3 buy 104 3 now
        """,
        """
        1  accepted 1
        2  accepted 2
        2  fill 2 buy 3 at 102 taker
        3  rejected 3: would trade with our own order 1
        """,
    ),
    "bad requests are refused with the reason": (
        """
        0  top 100 102 5 5
        1  place 1 buy 100.5 1
        1  place 2 buy 100 1.5
        1  place 3 buy 100 0
        1  place 4 buy 100 1
        1  place 4 buy 100 1
        1  place 1 buy 100 1
        1  cancel 9
        1  amend 4 100 0
        """,
        """
        1  rejected 1: beta:BTC-PERP: price 100.5 is not a multiple of the tick 1
        1  rejected 2: beta:BTC-PERP: quantity 1.5 is not a multiple of the lot 1
        1  rejected 3: beta:BTC-PERP: quantity 0 is not positive
        1  accepted 4
        1  rejected 4: order id 4 was used before
        1  rejected 1: order id 1 was used before
        1  refused 9: order 9 is not in the book: unknown here
        1  refused 4: beta:BTC-PERP: quantity 0 is not positive
        """,
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_matching_engine(name, play, expect):
    scenario, answers = SCENARIOS[name]
    assert play(scenario) == expect(answers)


def test_a_cancel_that_comes_after_the_fill_is_refused(play, expect):
    answers = play(
        """
        0   top 100 102 0 5
        1   place 1 buy 100 3
        2   cancel 1
        2.3 trade sell 100 3
        """,
        request_ns=500_000_000,
        response_ns=250_000_000,
    )
    assert answers == expect(
        """
        1.75 accepted 1
        2.55 fill 1 buy 3 at 100 maker
        2.75 refused 1: order 1 is not in the book: filled
        """
    )


def test_an_old_ticker_is_no_market_and_a_reopening_fills_nobody(play, expect):
    answers = play(
        """
        0    ticker 0.0500 0.0510 5 5
        1    place 1 buy 0.0510 1 post
        30   place 2 buy 0.0510 1 post
        40   place 3 sell 0.0520 1 now
        600  ticker 0.0480 0.0490 5 5
        605  ticker 0.0480 0.0490 5 4
        """,
        contract=CALL_50K,
    )
    assert answers == expect(
        """
        1    rejected 1: a post-only buy would cross the market at 0.051
        30   accepted 2
        40   accepted 3
        40   cancelled 3: nothing more to take at this price
        605  fill 2 buy 1 at 0.0510 maker
        """
    )


def test_an_option_follows_its_tick_steps(play, expect):
    answers = play(
        """
        0  ticker 0.0041 0.0045 5 5
        1  place 1 buy 0.0042 0.1
        1  place 2 sell 0.0051 0.1
        1  place 3 sell 0.0055 0.1
        """,
        contract=CALL_50K,
    )
    assert answers == expect(
        """
        1  accepted 1
        1  rejected 2: beta:BTC-C: price 0.0051 is not a multiple of the tick 0.0005
        1  accepted 3
        """
    )


def test_an_unlisted_row_is_not_traded(play):
    assert play("0 pass\n1 place 1 buy 100 1", contract=None) == ["1 rejected 1: row 0 is not traded here"]
