"""The paper world as a whole: order of arrival, however time is cut, and laws that hold for any orders."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import BUY, NS_PER_MS, NS_PER_SECOND, SELL
from flatbook.events import BalanceStatement, Fill, Listed, OrderAccepted, PositionStatement, Top, Trade
from flatbook.instruments import FeeSchedule, Perpetual, Rates, Venue
from flatbook.orders import Amend, Cancel, Place, Purpose
from flatbook.venues.paper import LatencyParameters, MatchingParameters, PaperWorld, folded_accounts

D = Decimal
RATES = Rates(maker=D("-0.0001"), taker=D("0.0005"))
VENUE = Venue("beta", FeeSchedule(spot=RATES, perpetual=RATES, future=RATES, option=RATES))
PERPETUAL = Perpetual("beta", "BTC-PERP", "BTC", "USDC", "USDC", D(1), D(1))
FIXED = LatencyParameters(request_ns=3 * NS_PER_MS, response_ns=2 * NS_PER_MS)
SHAKY = LatencyParameters(
    request_ns=3 * NS_PER_MS, response_ns=2 * NS_PER_MS, market_ns=NS_PER_MS, jitter_ns=5 * NS_PER_MS, market_jitter_ns=NS_PER_MS
)


class ListFeed:
    def __init__(self, events):
        self.events = list(events)

    def next_ns(self):
        return self.events[0][0] if self.events else None

    def take(self, until_ns):
        count = sum(1 for ns, _ in self.events if ns <= until_ns)
        taken, self.events = self.events[:count], self.events[count:]
        return [ns for ns, _ in taken], [event for _, event in taken]

    def close(self):
        self.events = []


class PlainTaker:
    def __init__(self, row, side, quantity, limit):
        self.row, self.side, self.quantity, self.limit = row, side, quantity, limit


class OneTaker:
    """One taker at one instant."""

    def __init__(self, ns, order):
        self.waiting = [(ns, order)]
        self.seen = []

    def next_ns(self):
        return self.waiting[0][0] if self.waiting else None

    def arrivals(self, until_ns):
        assert self.waiting[0][0] <= until_ns
        return [self.waiting.pop()[1]]

    def observe(self, event, ns):
        self.seen.append(event)


def market(moves):
    """A top every 10 ms around a walking middle, and a trade now and then."""
    middle, events = 100, [(0, Listed(0, PERPETUAL))]
    for number, (step, trade) in enumerate(moves):
        ns, middle = number * 10 * NS_PER_MS, max(10, middle + step)
        events.append((ns, Top(0, middle - 1.0, middle + 1.0, 5.0 + number % 3, 4.0, ns)))
        if trade:
            events.append((ns + NS_PER_MS, Trade(0, middle - trade * 1.0, 7.0, SELL if trade > 0 else BUY, ns)))
    return events


def run(moves, orders, latency, ends_ns, seed=1, **options):
    """Send each order when its time has come; collect what arrives, asking only at the given instants."""
    world = PaperWorld(
        ListFeed(market(moves)), [VENUE], latency=latency, deposits=[("beta", "USDC", D(1000))], seed=seed, **options
    )
    told, waiting = [], sorted(orders, key=lambda pair: pair[0])
    for end_ns in sorted({*ends_ns, *(ns for ns, _ in waiting), 10 * NS_PER_SECOND}):
        told += world.advance(end_ns)
        world.send([request for ns, request in waiting if ns == end_ns], end_ns)
    return world, told


moves = st.lists(st.tuples(st.integers(-3, 3), st.sampled_from([0, 0, 1, 2, -1])), min_size=5, max_size=40)
instants = st.integers(0, 400).map(lambda ms: ms * NS_PER_MS)
placements = st.lists(
    st.tuples(instants, st.sampled_from([BUY, SELL]), st.integers(95, 105), st.integers(1, 12), st.booleans(), st.booleans()),
    min_size=1,
    max_size=12,
)
changes = st.lists(st.tuples(instants, st.integers(1, 12), st.integers(95, 105), st.integers(0, 9)), max_size=8)


def requests(placed, changed):
    found = [
        (ns, Place(number, 0, side, D(price), D(quantity), Purpose.QUOTE, post, now))
        for number, (ns, side, price, quantity, post, now) in enumerate(placed, start=1)
    ]
    for ns, order_id, price, quantity in changed:
        found.append((ns, Amend(order_id, 0, D(price), D(quantity)) if quantity else Cancel(order_id, 0)))
    return found


@given(moves, placements, changes)
def test_no_fill_is_worse_than_its_limit_and_fills_sum_to_the_position(moves, placed, changed):
    world, told = run(moves, requests(placed, changed), FIXED, [])
    fills = [event for event in told if isinstance(event, Fill)]
    for fill in fills:
        limits = [D(placed[fill.order_id - 1][2]), *(D(price) for _, number, price, _ in changed if number == fill.order_id)]
        assert any(fill.side * (limit - fill.price) >= 0 for limit in limits)
    assert world.accounts.position(0) == sum(fill.side * fill.quantity for fill in fills)
    assert len({fill.fill_id for fill in fills}) == len(fills)


@given(moves, placements, changes, st.lists(instants, max_size=10), st.sampled_from([FIXED, SHAKY]))
def test_how_time_is_cut_changes_nothing(moves, placed, changed, cuts, latency):
    sent = requests(placed, changed)
    assert run(moves, sent, latency, cuts)[1] == run(moves, sent, latency, [])[1]


def test_two_seeds_shake_the_wire_differently():
    placed = [(ms * NS_PER_MS, Place(ms + 1, 0, BUY, D(90), D(1), Purpose.QUOTE)) for ms in range(50)]
    moves = [(0, 1)] * 30
    assert run(moves, placed, SHAKY, [])[1] == run(moves, placed, SHAKY, [])[1]
    assert run(moves, placed, SHAKY, [], seed=2)[1] != run(moves, placed, SHAKY, [])[1]


def test_account_facts_arrive_between_market_facts_in_order_of_time():
    world = PaperWorld(ListFeed(market([(0, 0)] * 4)), [VENUE], latency=FIXED)
    world.advance(0)
    world.send([Place(1, 0, BUY, D(90), D(1), Purpose.QUOTE)], 8 * NS_PER_MS)
    told = world.advance(NS_PER_SECOND)
    assert [type(event) for event in told] == [Top, OrderAccepted, Top, Top]


def test_a_market_delay_is_the_desks_and_not_the_venues():
    world = PaperWorld(ListFeed(market([(0, 0)])), [VENUE], latency=LatencyParameters(request_ns=0, response_ns=0, market_ns=50))
    assert world.advance(49) == []
    assert [type(event) for event in world.advance(50)] == [Listed, Top]


@pytest.mark.parametrize(("limit", "filled"), [(99.0, 0), (100.0, 3), (101.0, 3)])
def test_a_taker_fills_our_quote_within_its_limit_and_prints_a_trade(limit, filled):
    taker = OneTaker(20 * NS_PER_MS, PlainTaker(0, BUY, 3.0, limit))
    world = PaperWorld(ListFeed(market([(0, 0)] * 5)), [VENUE], latency=FIXED, takers=taker)
    world.send([Place(1, 0, SELL, D(100), D(5), Purpose.QUOTE, post_only=True)], 0)
    told = world.advance(NS_PER_SECOND)
    assert sum(event.quantity for event in told if isinstance(event, Fill)) == filled
    assert [event for event in told if isinstance(event, Trade)] == [Trade(0, 100.0, 3.0, BUY, 20 * NS_PER_MS)] * (filled > 0)
    assert sum(isinstance(event, Top) for event in taker.seen) == 5


def test_a_taker_serves_the_queue_before_us():
    taker = OneTaker(20 * NS_PER_MS, PlainTaker(0, SELL, 6.0, 99.0))
    world = PaperWorld(ListFeed(market([(0, 0)] * 5)), [VENUE], latency=FIXED, takers=taker)
    world.send([Place(1, 0, BUY, D(99), D(5), Purpose.QUOTE, post_only=True)], 0)
    told = world.advance(NS_PER_SECOND)
    assert [event.quantity for event in told if isinstance(event, Fill)] == [1]


def test_after_the_feed_only_what_is_under_way_still_comes():
    idle = MatchingParameters(statement_ns=NS_PER_MS)
    world = PaperWorld(ListFeed(market([(0, 0)])), [VENUE], latency=FIXED, matching=idle)
    world.advance(NS_PER_SECOND)
    assert world.next_ns() is None
    world.send([Cancel(1, 0)], NS_PER_SECOND)
    assert world.next_ns() == NS_PER_SECOND + 3 * NS_PER_MS
    assert len(world.advance(2 * NS_PER_SECOND)) == 1
    assert world.next_ns() is None


@given(moves, placements)
def test_what_the_venue_states_is_what_its_messages_add_up_to(moves, placed):
    matching = MatchingParameters(statement_ns=20 * NS_PER_MS)
    _, told = run(moves, requests(placed, []), FIXED, [], matching=matching)
    statements = [number for number, event in enumerate(told) if isinstance(event, BalanceStatement | PositionStatement)]
    assert statements
    for number in statements:
        accounts, event = folded_accounts(told[:number]), told[number]
        if isinstance(event, PositionStatement):
            assert event.quantity == accounts.position(event.row)
        else:
            assert event.amount == accounts.balance(event.venue, event.asset)
