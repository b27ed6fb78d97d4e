"""When to hedge, how much, and whether to wait at the touch or cross."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import BUY, NS_PER_SECOND, SELL
from flatbook.hedging import HedgeRow, Hedging, UnderlyingHedge, decide_hedge
from flatbook.hedging.decide import hold_off

ROW = HedgeRow(row=0, slot=0, bid=99_999.5, ask=100_000.5, cost_rate=0.0005)


def hedging(aim: float, urgent: float = 3.0, patience_s: float = 10.0) -> Hedging:
    return Hedging(("beta",), {}, {}, {}, aim, patience_s, urgent, 5.0)


@given(st.floats(1e-3, 100.0), st.floats(-1.0, 1.0), st.floats(0, 1), st.floats(0, 60))
def test_inside_the_band_nothing_is_done(band, part, aim, patience_s):
    state = UnderlyingHedge(band=band)
    assert decide_hedge(hedging(aim, patience_s=patience_s), state, ROW, part * band, 5.0, None, NS_PER_SECOND) is None


@given(st.floats(1e-3, 100.0), st.floats(1.001, 50.0), st.sampled_from([1, -1]), st.floats(0, 1))
def test_outside_the_band_delta_is_brought_to_the_aim(band, multiple, direction, aim):
    gap = direction * multiple * band
    wish = decide_hedge(hedging(aim), UnderlyingHedge(band=band), ROW, gap, 1e9, None, NS_PER_SECOND)
    assert wish is not None
    left = gap + wish.side * wish.coins
    assert left == pytest.approx(direction * aim * band, abs=1e-9 * abs(gap))
    assert wish.side is (SELL if gap > 0 else BUY)


@given(st.floats(1.1, 100.0), st.floats(0.0, 20.0))
def test_one_order_is_never_larger_than_the_largest(gap, largest):
    wish = decide_hedge(hedging(0.5), UnderlyingHedge(band=1.0), ROW, gap, largest, None, NS_PER_SECOND)
    assert wish is not None
    assert wish.coins == pytest.approx(min(gap - 0.5, largest))


@pytest.mark.parametrize(("gap", "side", "price"), [(2.0, SELL, ROW.ask), (-2.0, BUY, ROW.bid)])
def test_with_patience_the_hedge_rests_at_the_touch(policy, state, row, gap, side, price):
    wish = decide_hedge(policy(), state, row, gap, 5.0, None, NS_PER_SECOND)
    assert (wish.action, wish.side, wish.price) == ("rest", side, price)


@pytest.mark.parametrize(("gap", "price"), [(2.0, 99_999.5 * 0.9995), (-2.0, 100_000.5 * 1.0005)])
def test_without_patience_it_crosses_as_far_as_slippage_allows(policy, state, row, gap, price):
    wish = decide_hedge(policy(patience_s=0.0), state, row, gap, 5.0, None, NS_PER_SECOND)
    assert (wish.action, wish.price) == ("cross", pytest.approx(price))


def test_an_urgent_breach_crosses_whatever_the_patience(policy, state, row):
    wish = decide_hedge(policy(urgent=3.0), state, row, 3.5, 5.0, None, NS_PER_SECOND)
    assert wish.action == "cross"
    assert wish.reason == "delta is 3.5 coins from target, band 1, urgent"


def test_a_resting_hedge_follows_the_touch_and_never_runs_ahead_of_it(policy, state, row):
    state.resting_since_ns = NS_PER_SECOND
    behind = decide_hedge(policy(), state, row, 2.0, 5.0, row.ask + 10.0, 2 * NS_PER_SECOND)
    assert (behind.action, behind.price) == ("move", row.ask)
    for price in (row.ask, row.ask - 0.5):
        assert decide_hedge(policy(), state, row, 2.0, 5.0, price, 2 * NS_PER_SECOND) is None


def test_when_patience_is_spent_it_is_cancelled_and_the_next_one_crosses(policy, state, row):
    late = 12 * NS_PER_SECOND
    assert decide_hedge(policy(), state, row, 2.0, 5.0, row.ask, late).action == "cancel"
    wish = decide_hedge(policy(), state, row, 2.0, 5.0, None, late)
    assert wish.action == "cross"


def test_when_a_resting_hedge_turns_urgent_it_is_cancelled_for_one_that_crosses(policy, state, row):
    state.resting_since_ns = NS_PER_SECOND
    assert decide_hedge(policy(), state, row, 3.5, 5.0, row.ask, NS_PER_SECOND).action == "cancel"
    assert state.cross_next


def test_a_resting_hedge_that_is_no_longer_wanted_is_cancelled(policy, state, row):
    wish = decide_hedge(policy(), state, row, 0.9, 5.0, row.ask, NS_PER_SECOND)
    assert (wish.action, wish.reason) == ("cancel", "delta is back in its band")


def test_impatience_is_forgotten_once_delta_is_back_in_its_band(policy, state, row):
    state.cross_next = True
    assert decide_hedge(policy(), state, row, 0.5, 5.0, None, NS_PER_SECOND) is None
    assert decide_hedge(policy(), state, row, 2.0, 5.0, None, NS_PER_SECOND).action == "rest"


def test_after_a_refusal_the_same_hedge_is_not_asked_for_again_at_once(policy, state, row):
    hold_off(state, NS_PER_SECOND)
    state.cross_next = True
    assert decide_hedge(policy(), state, row, 2.0, 5.0, None, NS_PER_SECOND + 10**8) is None
    assert state.cross_next
    assert decide_hedge(policy(), state, row, 2.0, 5.0, None, NS_PER_SECOND + 3 * 10**8) is not None
