"""Funding, expiry, statements and coming back: what a venue does by itself."""

import math
from decimal import Decimal

import msgspec
import pytest

from flatbook.basics import BUY, NS_PER_HOUR, NS_PER_SECOND, InputFault
from flatbook.events import BalanceStatement, Delivered, Deposited, Fill, Index, Listed, OrderCancelled, PositionStatement, Top
from flatbook.instruments import CALL, PUT, Future, Option, Perpetual
from flatbook.orders import Place, Purpose
from flatbook.venues.paper import folded_accounts
from flatbook.venues.paper.funding import FundingBook

D = Decimal
INVERSE = Perpetual("beta", "BTC-PERPETUAL", "BTC", "USD", "BTC", D("0.5"), D(10), inverse=True)
TWO_HOURS = 2 * NS_PER_HOUR
CALL_50K = Option("beta", "BTC-C", "BTC", "USD", "BTC", D("0.0001"), D("0.1"), TWO_HOURS, D(50_000), CALL, inverse=True)
FUTURE = Future("beta", "BTC-F", "BTC", "USD", "BTC", D("0.5"), D(10), TWO_HOURS, inverse=True)


def test_a_linear_long_pays_a_positive_rate_on_the_hour(play, expect):
    answers = play(
        """
        0     top 100 102 9 9
        0     rate 0.0008
        1800  place 1 buy 102 8
        5400  place 2 sell 100 4
        8000  pass
        """
    )
    # Half an hour of 8 coins at a mid of 101 in the first hour; half an hour of 8 and half of 4 in the second.
    assert expect("\n".join(line for line in answers if "funding" in line)) == expect(
        """
        3600 funding -0.0404 USDC
        7200 funding -0.0606 USDC
        """
    )


def test_an_inverse_short_receives_coins_at_the_mark(play):
    answers = play(
        """
        0     top 50000 50000.5 90000 90000
        0     rate 0.0016
        0     place 1 sell 50000 10000
        1800  top 39999.5 40000.5 9 9
        1800  rate 0.0008
        3601  pass
        """,
        contract=INVERSE,
    )
    # Mark and rate are cut at the change: both halves of the hour are marked at 40,000, at two rates.
    assert answers[-1] == f"3600 funding {D(10_000) / 40_000 * (D('0.0016') + D('0.0008')) / 16:f} BTC"


def test_an_expired_call_pays_against_the_last_half_hours_average(play, expect):
    answers = play(
        """
        0     index 40000
        0     ticker 0.0500 0.0510 9 9
        1     place 1 buy 0.0510 2
        2     place 2 sell 0.0600 1
        5000  index 50000
        6300  index 60000
        7200  pass
        """,
        contract=CALL_50K,
    )
    # 50,000 stood when the window opened at 5,400 s and 60,000 for its second half.
    assert answers[-3:] == expect(
        """
        7200 delisted 0
        7200 cancelled 2: the contract expired
        7200 delivered 2 at 0.090909090909 index 55000.0
        """
    )


def test_a_worthless_put_is_still_delivered(play):
    put = msgspec.structs.replace(CALL_50K, sign=PUT, symbol="BTC-P")
    answers = play("0 index 60000\n0 ticker 0.05 0.051 9 9\n1 place 1 buy 0.051 1\n7300 pass", contract=put)
    assert answers[-1] == "7200 delivered 1 at 0E-12 index 60000.0"


def test_a_future_is_closed_at_its_delivery_price(play):
    answers = play("0 index 50000\n0 top 49999.5 50000 9000 9000\n1 place 1 buy 50000 1000\n4000 index 40000\n7300 pass", FUTURE)
    assert answers[-1] == "7200 delivered 1000 at 40000.0 index 40000.0"


def test_expiry_waits_for_an_index_to_settle_by(play):
    answers = play("0 ticker 0.05 0.051 9 9\n1 place 1 buy 0.051 1\n7300 pass\n7400 index 62500", contract=CALL_50K)
    assert answers[-2:] == ["7200 delisted 0", "7400 delivered 1 at 0.200000000000 index 62500.0"]


def test_the_venue_states_what_moved_and_only_that(play, expect):
    answers = play(
        """
        0    top 100 102 9 9
        10   place 1 buy 102 2
        30   place 2 sell 100 1
        200  pass
        """,
        statements=True,
        deposits=[("beta", "USDC", D(1000)), ("beta", "BTC", D(1))],
    )
    assert [answer for answer in answers if "cash" in answer or "holds" in answer] == expect(
        """
        60 cash 998 USDC
        60 cash 1 BTC
        60 holds 1
        """
    )


def test_capital_comes_first(open_world):
    world = open_world([], deposits=[("beta", "USDC", D(1000))])
    assert world.advance(0)[0] == Deposited("deposit-1", "beta", "USDC", D(1000))


def test_a_restored_venue_says_what_was_lost_and_what_is_there(open_world):
    first = open_world([], contract=None, deposits=[("beta", "USDC", D(7))])
    accounts = folded_accounts(first.advance(0))
    world = open_world([], accounts=accounts, deposits=[("beta", "USDC", D(1000))], lost_orders=[5])
    told = world.advance(0)
    assert told[0] == OrderCancelled(5, "the paper venue was restarted")
    assert told[1] == BalanceStatement("beta", "USDC", D(7))


def test_a_position_that_expired_while_the_venue_was_down_is_delivered_on_return(open_world):
    accounts = folded_accounts(_bought_a_call())
    late = 10 * NS_PER_HOUR
    world = open_world([(late, Index("BTC", 100_000.0, late))], contract=None, known=[CALL_50K], accounts=accounts)
    delivered = [event for event in world.advance(late) if isinstance(event, Delivered)]
    assert [(event.quantity, event.price) for event in delivered] == [(1, D("0.5"))]


def test_an_index_that_is_no_number_delivers_nothing(open_world):
    accounts, late = folded_accounts(_bought_a_call()), 10 * NS_PER_HOUR
    told = [(late, Index("BTC", math.nan, late)), (late + 1, Index("BTC", 100_000.0, late))]
    world = open_world(told, contract=None, known=[CALL_50K], accounts=accounts)
    (delivered,) = [event for event in world.advance(late + 1) if isinstance(event, Delivered)]
    assert delivered.price == D("0.5")


def test_a_funding_rate_that_is_no_number_leaves_the_old_one_in_force():
    book = FundingBook()
    book.open_row(0, Perpetual("beta", "BTC-PERP", "BTC", "USDC", "USDC", D(1), D(1)), 0)
    book.set_rate(0, 0.0008)
    book.set_rate(0, math.nan)
    book.accrue(0, D(1), 100.0, NS_PER_HOUR)
    assert book.pay(0, NS_PER_HOUR).amount == D("-0.01")


def _bought_a_call():
    return [Listed(0, CALL_50K), Fill("beta-1", 1, 0, BUY, D("0.05"), D(1), D(0), "BTC", True, 0)]


def test_a_contract_on_an_unknown_venue_is_a_users_fault(open_world):
    stranger = msgspec.structs.replace(INVERSE, venue="gamma")
    with pytest.raises(InputFault, match="gamma, which has no fees here"):
        open_world([], contract=stranger).advance(NS_PER_SECOND)


def test_statements_follow_the_fills_they_speak_of(open_world):
    events = [(0, Top(0, 100.0, 102.0, 9.0, 9.0, 0)), (200 * NS_PER_SECOND, Index("PASS", 1.0, 0))]
    world = open_world(events, response_ns=NS_PER_SECOND)
    world.send([Place(1, 0, BUY, D(102), D(2), Purpose.HEDGE)], 60 * NS_PER_SECOND)
    told = world.advance(200 * NS_PER_SECOND)
    kinds = [type(event) for event in told if isinstance(event, Fill | PositionStatement)]
    assert kinds == [Fill, PositionStatement]
