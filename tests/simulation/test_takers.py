"""Who takes our quotes, how often, and at what distance from fair."""

from decimal import Decimal
from math import exp

import pytest

from flatbook.basics import BUY, NS_PER_DAY, NS_PER_HOUR, NS_PER_SECOND
from flatbook.events import Delisted, Index, Listed, Ticker, Top
from flatbook.instruments import CALL, Option, Perpetual
from flatbook.simulation import RecordedFair, SimulatedMarket, TakerParameters, Takers, Worth
from flatbook.simulation.popularity import popularity

D = Decimal
OPTION = Option(
    "alpha", "BTC-C", "BTC", "USD", "BTC", D("0.0001"), D("0.1"), 30 * NS_PER_DAY, D(50_000), CALL, True, D("0.0005"), D("0.005")
)
PERPETUAL = Perpetual("alpha", "BTC-PERPETUAL", "BTC", "USD", "BTC", D("0.5"), D(10), inverse=True)


def takers(fair, seed=1, **parameters):
    found = Takers(seed, TakerParameters(**parameters), fair, start_ns=0, underlyings=("BTC",))
    for event in (Listed(0, OPTION), Listed(1, PERPETUAL), Index("BTC", 50_000.0, 0)):
        found.observe(event, 0)
    return found


def steady(row, ns):
    return Worth(0.05, 0.001) if row == 0 else Worth(50_000.0, 0.5)


def test_takers_come_as_often_as_they_should():
    orders = takers(steady, per_hour=100, perpetual_per_hour=50).arrivals(100 * NS_PER_HOUR)
    assert len(orders) == pytest.approx(15_000, rel=0.03)
    assert sum(order.row == 0 for order in orders) == pytest.approx(10_000, rel=0.03)
    assert sum(order.side == BUY for order in orders) == pytest.approx(7_500, rel=0.05)


def test_the_chance_of_being_taken_falls_exponentially_and_ends_where_the_market_is_better():
    orders = takers(steady, informed=0.0, willingness=1.2, per_hour=200).arrivals(100 * NS_PER_HOUR)
    distances = [order.side * (order.limit - 0.05) / 0.001 for order in orders if order.row == 0]
    for distance in (0.25, 0.5, 0.9):
        taken = sum(found >= distance for found in distances) / len(distances)
        assert taken == pytest.approx(exp(-1.2 * distance), abs=0.02)
    assert max(distances) <= 1.0 + 1e-9


def test_orders_are_whole_lots():
    for order in takers(steady).arrivals(20 * NS_PER_HOUR):
        lots = order.quantity / (0.1 if order.row == 0 else 10.0)
        assert lots >= 1
        assert lots == pytest.approx(round(lots))


def test_the_informed_buy_before_a_rise():
    def rising(row, ns):
        return Worth(0.05 + 1e-6 * ns / NS_PER_SECOND, 0.001)

    orders = takers(rising, informed=1.0).arrivals(10 * NS_PER_HOUR)
    assert {order.side for order in orders} == {BUY}


def test_the_same_seed_brings_the_same_takers_however_time_is_cut():
    whole = takers(steady).arrivals(10 * NS_PER_HOUR)
    pieces, found = takers(steady), []
    while (ns := pieces.next_ns()) <= 10 * NS_PER_HOUR:
        found += pieces.arrivals(ns)
    assert found == whole != takers(steady, seed=2).arrivals(10 * NS_PER_HOUR)


def test_nobody_asks_for_what_is_gone_or_of_unknown_worth():
    gone = takers(steady, perpetual_per_hour=0)
    gone.observe(Delisted(0), 0)
    assert gone.arrivals(NS_PER_HOUR) == []
    assert takers(lambda row, ns: None).arrivals(NS_PER_HOUR) == []


def test_options_near_the_money_and_near_in_time_are_popular():
    def wanted(strike, days):
        contract = Option("alpha", "x", "BTC", "USD", "BTC", D(1), D(1), days * NS_PER_DAY, D(strike), CALL)
        return popularity(contract, 50_000.0, 0)

    assert wanted(50_000, 30) > wanted(55_000, 30) > wanted(70_000, 30)
    assert wanted(50_000, 2) > wanted(50_000, 30) > wanted(50_000, 200)


def recorded(*events):
    fair = RecordedFair()
    for event in (Listed(0, OPTION), Listed(1, PERPETUAL), *events):
        fair.observe(event)
    return fair


TICKER = Ticker(0, 0.056, 0.059, 5.0, 5.0, 0.0574, 0.5, 50_000.0, 0)


def test_a_recorded_option_is_worth_its_mark_at_the_snapshot():
    worth = recorded(TICKER)(0, 0)
    assert worth.fair == pytest.approx(0.0571, abs=0.0005)
    assert worth.half_spread == pytest.approx(0.0015)


def test_between_snapshots_the_forward_follows_the_perpetual():
    still = recorded(Top(1, 49_990.0, 50_010.0, 1.0, 1.0, 0), TICKER)
    moved = recorded(Top(1, 49_990.0, 50_010.0, 1.0, 1.0, 0), TICKER, Top(1, 51_000.0, 51_000.0, 1.0, 1.0, 1))
    expected = recorded(Ticker(0, 0.056, 0.059, 5.0, 5.0, 0.0574, 0.5, 51_000.0, 0))
    assert moved(0, 1).fair > still(0, 1).fair
    assert moved(0, 1).fair == pytest.approx(expected(0, 1).fair)


def test_a_tape_that_starts_after_the_snapshot_counts_from_its_first_price():
    fair = recorded(TICKER, Top(1, 60_000.0, 60_000.0, 1.0, 1.0, 0), Top(1, 61_200.0, 61_200.0, 1.0, 1.0, 1))
    expected = recorded(Ticker(0, 0.056, 0.059, 5.0, 5.0, 0.0574, 0.5, 51_000.0, 0))
    assert fair(0, 1).fair == pytest.approx(expected(0, 1).fair)


def test_without_a_perpetual_the_forward_follows_the_index():
    fair = recorded(Index("BTC", 50_000.0, 0), TICKER, Index("BTC", 51_000.0, 1))
    expected = recorded(Ticker(0, 0.056, 0.059, 5.0, 5.0, 0.0574, 0.5, 51_000.0, 0))
    assert fair(0, 1).fair == pytest.approx(expected(0, 1).fair)


@pytest.mark.parametrize(
    ("bid", "ask", "half"), [(0.056, 0.059, 0.0015), (float("nan"), 0.06, 0.0026), (float("nan"), float("nan"), 0.00574)]
)
def test_a_one_sided_market_is_as_wide_as_its_other_side(bid, ask, half):
    fair = recorded(Ticker(0, bid, ask, 0.0, 0.0, 0.0574, 0.5, 50_000.0, 0))
    assert fair(0, 0).half_spread == pytest.approx(half)


def test_what_is_expired_withdrawn_or_never_quoted_has_no_worth():
    assert recorded(TICKER)(0, 30 * NS_PER_DAY) is None
    assert recorded(TICKER, Delisted(0))(0, 0) is None
    assert recorded()(0, 0) is None


def test_the_simulated_market_can_be_asked_ahead(start_ns):
    market = SimulatedMarket(7, start_ns)
    market.take(start_ns + NS_PER_SECOND)
    now, ahead = market.fair(0, start_ns), market.fair(0, start_ns + 20 * NS_PER_SECOND)
    assert now.fair != ahead.fair
    assert market.fair(0, start_ns) == now
