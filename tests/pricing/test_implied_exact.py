"""For exactly the doubles given, the vol is right to its last digits: in and out of the money, from nothing to the bound."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.black import VALUE, option_value_and_greeks
from flatbook.pricing.implied import OK, implied_vol

CALL, PUT = 1.0, -1.0
ULP = 2.0**-52


def off(price: float, forward: float, strike: float, years: float, sign: float, vol: float) -> float:
    """The relative error of `vol` as the solution for exactly these doubles, from the exact price at it."""
    with mp.workdps(60):
        f, k, v = mp.mpf(forward), mp.mpf(strike), mp.mpf(vol) * mp.sqrt(mp.mpf(years))
        d1 = mp.log(f / k) / v + v / 2
        value = sign * (f * mp.ncdf(sign * d1) - k * mp.ncdf(sign * (d1 - v)))
        return float(abs((value - mp.mpf(price)) / (f * mp.npdf(d1)) / v))


@pytest.mark.parametrize("years", [1.0, 0.003, 1e-6])
@pytest.mark.parametrize("vol", [1e-6, 1e-3, 0.1, 0.6, 2.5, 10.0])
@pytest.mark.parametrize("sign", [CALL, PUT])
def test_the_whole_chain_is_exact_for_its_own_prices(vol: float, years: float, sign: float) -> None:
    distance = np.array([-36.0, -29.0, -12.0, -4.0, -1.0, -0.1, -1e-7, 0.0, 1e-7, 0.1, 1.0, 4.0, 12.0, 29.0, 36.0])
    forward, width = 61_234.5, vol * math.sqrt(years)
    strike = forward * np.exp(distance * width)
    price = option_value_and_greeks(forward, strike, years, vol, sign)[VALUE]
    back, status = implied_vol(price, forward, strike, years, sign)
    solvable = status == OK
    assert solvable[sign * distance >= 0].all()
    rows = zip(price[solvable].tolist(), strike[solvable].tolist(), back[solvable].tolist(), strict=True)
    assert max(off(each, forward, struck, years, sign, found) for each, struck, found in rows) < 8 * ULP


@given(
    st.floats(0.01, 1e6),
    st.floats(-0.99, 0.99),
    st.floats(1e-3, 3.0),
    st.floats(1e-12, 1.0 - 1e-12),
    st.sampled_from([CALL, PUT]),
)
def test_any_price_between_intrinsic_and_bound_is_solved_exactly_in_or_out_of_the_money(
    forward: float, moved: float, years: float, part: float, sign: float
) -> None:
    strike = forward * (1.0 + moved)
    price = max(sign * (forward - strike), 0.0) + part * min(forward, strike)
    vol, status = implied_vol(price, forward, strike, years, sign)
    if status == OK:
        assert off(price, forward, strike, years, sign, float(vol)) < 8 * ULP
    else:  # rounded onto one of its ends
        assert part < 1e-9 or part > 1.0 - 1e-9 or abs(moved) > 0.5


@pytest.mark.parametrize("lost", [1e-3, 1e-8, 1e-13, 3e-16])
@pytest.mark.parametrize("strike", [100.0, 137.0, 1e4, 1e6])
def test_up_to_the_last_double_below_the_bound(lost: float, strike: float) -> None:
    price = 100.0 * (1.0 - lost)
    vol, status = implied_vol(price, 100.0, strike, 2.0, CALL)
    assert status == OK
    assert off(price, 100.0, strike, 2.0, CALL, float(vol)) < 8 * ULP


@pytest.mark.parametrize("price", [1e-4, 1e-30, 1e-100, 1e-190, 1e-290])
@pytest.mark.parametrize("strike", [100.0, 100.0 * (1 + 2 * ULP), 100.0 * (1 + 1e-12), 101.0, 300.0, 1e7, 1e150])
def test_down_to_prices_nobody_will_ever_quote(price: float, strike: float) -> None:
    vol, status = implied_vol(price, 100.0, strike, 1.0, CALL)
    assert status == OK
    with mp.workdps(400):
        assert vol > 0.0
        x = mp.log(mp.mpf(strike) / 100)
        d1 = -x / mp.mpf(vol) + mp.mpf(vol) / 2
        value = 100 * mp.ncdf(d1) - mp.mpf(strike) * mp.ncdf(d1 - mp.mpf(vol))
        assert abs(float((value - mp.mpf(price)) / (100 * mp.npdf(d1)) / mp.mpf(vol))) < 8 * ULP


@pytest.mark.parametrize(("forward", "strike"), [(1e300, 1e-300), (1e-300, 1e300), (2e200, 1.0), (1e-307, 1e-307)])
def test_absurd_markets_have_their_vols_too(forward: float, strike: float) -> None:
    sign = CALL if strike >= forward else PUT
    price = 0.25 * min(forward, strike)
    vol, status = implied_vol(price, forward, strike, 1.0, sign)
    assert status == OK
    assert off(price, forward, strike, 1.0, sign, float(vol)) < 8 * ULP
