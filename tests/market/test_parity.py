"""The forward that calls and puts agree on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.market.parity import parity_forward
from flatbook.pricing import option_value_and_greeks

STRIKES = np.array([90_000.0, 100_000.0, 110_000.0])


def chain(forward: float, coin: bool, half_spread: tuple[float, ...] = (0.0, 0.0, 0.0), vol: float = 0.6):
    """Puts and calls of three strikes, sorted as a tenor's slots are, quoted about Black's value."""
    strike, sign = np.repeat(STRIKES, 2), np.tile([-1.0, 1.0], 3)
    inverse = np.full(6, float(coin))
    value = option_value_and_greeks(forward, strike, 0.1, vol, sign, inverse)[0]
    half = np.repeat(half_spread, 2)
    return strike, sign, inverse, np.full(6, 100_000.0), np.full(6, 7), value - half, value + half


def says(strike, sign, inverse, reference, told_ns, bid, ask) -> float:
    """The forward in dollars, at the reference of 100,000 that all were told at."""
    ratio, _ = parity_forward(strike, sign, inverse, reference, told_ns, bid, ask)
    return 100_000.0 * ratio


@given(st.floats(50_000, 200_000), st.booleans())
def test_it_is_the_forward_that_priced_them_whatever_they_settle_in(forward, coin):
    assert says(*chain(forward, coin)) == pytest.approx(forward, rel=1e-10)


def test_the_narrowest_pairs_speak_loudest():
    strike, sign, inverse, reference, told, bid, ask = chain(100_000.0, False, (5.0, 200.0, 5.0))
    ask[2:4] += (0.0, 400.0)  # the middle call's offer is off, and its spread says so
    assert says(strike, sign, inverse, reference, told, bid, ask) == pytest.approx(100_000.0, abs=5.0)


def test_a_pair_that_lacks_a_side_says_nothing():
    strike, sign, inverse, reference, told, bid, ask = chain(100_000.0, True, (0.001,) * 3)
    bid[[0, 3, 4]] = math.nan
    assert math.isnan(says(strike, sign, inverse, reference, told, bid, ask))


def test_a_crossed_pair_says_nothing():
    strike, sign, inverse, reference, told, bid, ask = chain(100_000.0, True, (-0.001,) * 3)
    assert math.isnan(says(strike, sign, inverse, reference, told, bid, ask))


def test_a_strike_with_only_a_call_or_two_that_settle_otherwise_is_no_pair():
    strike, sign, inverse, reference, told, bid, ask = chain(100_000.0, False)
    assert math.isnan(says(*(each[1::2] for each in (strike, sign, inverse, reference, told, bid, ask))))
    inverse[1::2] = 1.0
    assert math.isnan(says(strike, sign, inverse, reference, told, bid, ask))


def test_no_options_no_forward():
    none = np.zeros(0)
    assert math.isnan(says(none, none, none, none, none.astype(np.int64), none, none))


def test_legs_told_at_other_references_are_no_pair_and_the_older_leg_is_the_pairs_age():
    strike, sign, inverse, reference, told, bid, ask = chain(100_000.0, True)
    reference[[0, 1]], told[[2, 3]] = (99_000.0, 100_000.0), (3, 9)
    told[[4, 5]] = 0
    ratio, told_ns = parity_forward(strike, sign, inverse, reference, told, bid, ask)
    assert ratio == pytest.approx(1.0)
    assert told_ns == 3
