"""The no-trade band, against Whalley and Wilmott and against common sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.hedging import half_band

AMOUNTS = st.floats(1e-3, 1e9)
RATES = st.floats(1e-6, 0.05)
AVERSIONS = st.floats(1e-9, 1.0)


def test_the_reference_half_band_of_whalley_and_wilmott():
    # S=K=100 T=1 r=.05 v=.3 lambda=.01 gamma=1. Ours has no rates: the discount e^-r goes into the cost.
    gamma = 0.3989422804014327 * 2.718281828459045 ** (-0.5 * (0.095 / 0.3) ** 2) / 30.0
    discounted_rate = 0.01 * 2.718281828459045**-0.05
    gamma_cash = gamma * 100.0**2 / 100.0
    assert half_band(gamma_cash, 100.0, discounted_rate, 1.0, 0.0) == pytest.approx(0.0611131529667, rel=1e-11)


@given(AMOUNTS, AMOUNTS, RATES, AVERSIONS)
def test_more_gamma_needs_more_room_whichever_way_it_is_held(gamma, more, rate, aversion):
    near, far = (half_band(held, 50_000.0, rate, aversion, 0.0) for held in (gamma, gamma + more))
    assert near < far or far == pytest.approx(near, rel=1e-9)
    assert half_band(-gamma, 50_000.0, rate, aversion, 0.0) == near


@given(AMOUNTS, RATES, RATES, AVERSIONS)
def test_dearer_trading_needs_more_room_and_more_fear_less(gamma, rate, more, aversion):
    base = half_band(gamma, 50_000.0, rate, aversion, 0.0)
    assert half_band(gamma, 50_000.0, rate + more, aversion, 0.0) >= base
    assert half_band(gamma, 50_000.0, rate, aversion * 8.0, 0.0) == pytest.approx(base / 2.0)


@given(
    st.floats(-1e9, 1e9), st.just(0.0) | st.floats(1e-4, 1e6), st.floats(-0.01, 0.05), st.floats(0, 1.0), st.floats(1e-3, 10.0)
)
def test_the_band_is_never_below_the_least_and_always_a_number(gamma, spot, rate, aversion, least):
    assert half_band(gamma, spot, rate, aversion, least) >= least


def test_being_paid_to_take_leaves_the_least_band():
    assert half_band(10_000.0, 100_000.0, -0.0001, 1e-6, 0.2) == 0.2
