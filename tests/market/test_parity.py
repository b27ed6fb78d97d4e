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
    return strike, sign, inverse, value - half, value + half


@given(st.floats(50_000, 200_000), st.booleans())
def test_it_is_the_forward_that_priced_them_whatever_they_settle_in(forward, coin):
    assert parity_forward(*chain(forward, coin)) == pytest.approx(forward, rel=1e-10)


def test_the_narrowest_pairs_speak_loudest():
    strike, sign, inverse, bid, ask = chain(100_000.0, False, (5.0, 200.0, 5.0))
    ask[2:4] += (0.0, 400.0)  # the middle call's offer is off, and its spread says so
    assert parity_forward(strike, sign, inverse, bid, ask) == pytest.approx(100_000.0, abs=5.0)


def test_a_pair_that_lacks_a_side_says_nothing():
    strike, sign, inverse, bid, ask = chain(100_000.0, True, (0.001,) * 3)
    bid[[0, 3, 4]] = math.nan
    assert math.isnan(parity_forward(strike, sign, inverse, bid, ask))


def test_a_crossed_pair_says_nothing():
    strike, sign, inverse, bid, ask = chain(100_000.0, True, (-0.001,) * 3)
    assert math.isnan(parity_forward(strike, sign, inverse, bid, ask))


def test_a_strike_with_only_a_call_or_two_that_settle_otherwise_is_no_pair():
    strike, sign, inverse, bid, ask = chain(100_000.0, False)
    assert math.isnan(parity_forward(strike[1::2], sign[1::2], inverse[1::2], bid[1::2], ask[1::2]))
    inverse[1::2] = 1.0
    assert math.isnan(parity_forward(strike, sign, inverse, bid, ask))


def test_no_options_no_forward():
    none = np.zeros(0)
    assert math.isnan(parity_forward(none, none, none, none, none))
