"""The average that an expiry settles at: what of a life it takes away, what of it is known, and whether that may be believed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_DAY, NS_PER_MINUTE, NS_PER_YEAR
from flatbook.market.averages import Averages, renew_averages
from flatbook.pricing import settlement_terms

START_NS = 1_767_686_400 * 10**9
EXPIRY_NS = START_NS + 10 * NS_PER_DAY
WINDOW_NS = 30 * NS_PER_MINUTE
ALWAYS = 2**62


def fresh(alive_until_ns: int = ALWAYS) -> Averages:
    averages = Averages(alive_until_ns=alive_until_ns)
    averages.widen(2)
    return averages


def at(averages: Averages, before_ns: int, spot: float = 100.0, window_ns: int = WINDOW_NS) -> float:
    """Look at the clock `before_ns` before expiry, the index having stood at `spot`; how vols are scaled."""
    return renew_averages(averages, np.array([0, EXPIRY_NS]), spot, window_ns, EXPIRY_NS - before_ns).item(1)


def test_a_life_of_more_than_a_day_is_the_calendars():
    averages = fresh()
    assert at(averages, 2 * NS_PER_DAY) == 1.0
    assert averages.years[1] == averages.life[1] == pytest.approx(2 / 365)
    assert averages.weight[1] == 1.0


def test_in_its_last_day_it_is_two_thirds_of_the_window_shorter_and_vols_rise_so_that_prices_stay():
    averages = fresh()
    at(averages, 2 * NS_PER_DAY)
    scale = at(averages, NS_PER_DAY)
    assert averages.years[1] == pytest.approx((NS_PER_DAY - 20 * NS_PER_MINUTE) / NS_PER_YEAR)
    assert scale**2 * averages.years[1] == pytest.approx(averages.life[1])
    assert at(averages, NS_PER_DAY - 1) == 1.0, "once is enough"


def test_without_a_window_nothing_changes():
    averages = fresh()
    assert at(averages, NS_PER_MINUTE, window_ns=0) == 1.0
    assert averages.years[1] == averages.life[1]
    assert averages.weight[1] == 1.0


def test_variance_is_continuous_where_the_window_opens():
    averages = fresh()
    at(averages, WINDOW_NS)
    before = averages.years[1]
    at(averages, WINDOW_NS - 1)
    # Inside, the open part's variance counts with its weight squared.
    assert averages.years[1] * averages.weight[1] ** 2 == pytest.approx(before, rel=1e-6)
    assert averages.weight[1] == pytest.approx(1.0)


def test_the_average_is_of_time_not_of_news():
    averages = fresh()
    at(averages, WINDOW_NS, 100.0)
    at(averages, 20 * NS_PER_MINUTE, 100.0)  # it stood at 100 for ten minutes
    at(averages, 18 * NS_PER_MINUTE, 160.0)
    at(averages, 15 * NS_PER_MINUTE, 160.0)  # and at 160 for five
    assert averages.weight[1] == pytest.approx(0.5)
    assert averages.fixed[1] == pytest.approx(0.5 * (10 * 100 + 5 * 160) / 15)
    assert averages.known[1]
    at(averages, 0, 130.0)
    assert averages.weight[1] == averages.years[1] == 0.0
    assert averages.fixed[1] == pytest.approx((10 * 100 + 5 * 160 + 15 * 130) / 30)


def test_after_expiry_it_stays_what_it_was_for_a_day():
    averages = fresh()
    at(averages, WINDOW_NS, 100.0)
    at(averages, -NS_PER_MINUTE, 120.0)
    assert (averages.fixed[1], averages.weight[1]) == (pytest.approx(120.0), 0.0)
    at(averages, -2 * NS_PER_MINUTE, 500.0)
    assert averages.fixed[1] == pytest.approx(120.0)
    at(averages, -2 * NS_PER_DAY, 500.0)
    assert (averages.fixed[1], averages.weight[1]) == (0.0, 1.0)


@given(st.lists(st.tuples(st.integers(1, 10**11), st.floats(1.0, 1e6)), min_size=1, max_size=40))
def test_however_time_is_cut_it_is_the_same_average(steps):
    """Looking twice as often, at the same prices, changes nothing."""
    once, twice = fresh(), fresh()
    for averages in (once, twice):
        at(averages, WINDOW_NS)
    left = WINDOW_NS
    for lasted, spot in steps:
        left -= lasted
        at(twice, left + lasted // 2, spot)
        at(twice, left, spot)
        at(once, left, spot)
    assert once.integral[1] == pytest.approx(twice.integral[1], rel=1e-12)
    assert once.covered[1] == pytest.approx(twice.covered[1], rel=1e-12)


def test_a_desk_that_starts_in_the_window_does_not_know_the_average():
    averages = fresh()
    at(averages, 20 * NS_PER_MINUTE)
    assert not averages.known[1]
    assert averages.fixed[1] == pytest.approx(100.0 / 3), "the index of now stands in for what was not heard"


def test_an_index_gone_silent_is_not_heard():
    averages = fresh(alive_until_ns=EXPIRY_NS - 29 * NS_PER_MINUTE)
    at(averages, WINDOW_NS, 100.0)
    at(averages, 15 * NS_PER_MINUTE, 100.0)
    assert averages.covered[1] == pytest.approx(NS_PER_MINUTE / NS_PER_YEAR)
    assert not averages.known[1]


def test_before_any_price_is_known_nothing_is_fixed():
    averages = fresh(alive_until_ns=0)
    at(averages, 10 * NS_PER_MINUTE, 0.0)
    assert (averages.weight[1], averages.fixed[1], bool(averages.known[1])) == (1.0, 0.0, False)
    at(averages, -NS_PER_MINUTE, 0.0)
    assert (averages.weight[1], averages.fixed[1], averages.years[1]) == (1.0, 0.0, 0.0)


@given(st.integers(1, 2_000 * NS_PER_MINUTE))
def test_it_is_the_rule_that_pricing_settles_by(before_ns):
    """The desk keeps the clock of every expiry itself; `settlement_terms` is the same rule for who has one option."""
    averages = fresh()
    at(averages, 3_000 * NS_PER_MINUTE)
    at(averages, before_ns)
    if before_ns <= NS_PER_DAY:
        terms = settlement_terms(before_ns / NS_PER_YEAR, WINDOW_NS / NS_PER_YEAR, average=100.0)
        assert averages.years[1] == pytest.approx(terms.effective_years, rel=1e-9)
        assert averages.weight[1] == pytest.approx(terms.weight, rel=1e-9)
        assert averages.fixed[1] == pytest.approx(terms.known, rel=1e-9, abs=1e-6)
