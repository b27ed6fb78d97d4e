"""The vol comes back out of the price it went into, and where no vol exists the answer says why."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    NOT_FINITE,
    OK,
    VALUE,
    VEGA,
    implied_vol,
    implied_vol_and_status,
    option_value_and_greeks,
)

CALL, PUT = 1.0, -1.0
ULP = 2.0**-52


@pytest.mark.parametrize(
    ("x", "deviation", "normalised"),
    [
        (0.0, 0.2, 0.079655674554057963),
        (-0.1, 0.01, 7.4744685724967554e-27),
        (-4.0, 0.5, 3.6622185117102118e-17),
        (-1.0, 4.0, 0.5620788047830263),
    ],
)
def test_jaeckels_prices_give_his_deviations_back(x: float, deviation: float, normalised: float) -> None:
    forward, strike = 100.0 * math.exp(x / 2), 100.0 * math.exp(-x / 2)  # sqrt(F K) = 100
    vol, status = implied_vol_and_status(100.0 * normalised, forward, strike, 1.0, CALL)
    assert status == OK
    assert vol == pytest.approx(deviation, rel=1e-12)


@given(st.floats(0.01, 1e6), st.floats(-8.0, 8.0), st.floats(1e-4, 4.0), st.floats(0.01, 6.0), st.sampled_from([CALL, PUT]))
def test_a_vol_survives_the_round_trip_as_far_as_its_price_remembers_it(
    forward: float, distance: float, years: float, vol: float, sign: float
) -> None:
    strike = forward * math.exp(distance * vol * math.sqrt(years))
    numbers = option_value_and_greeks(forward, strike, years, vol, sign)
    value, vega = numbers[VALUE], numbers[VEGA]
    back, status = implied_vol_and_status(value, forward, strike, years, sign)
    # A price near its intrinsic value or its bound has rounded the vol away: nobody can recover it from that double.
    remembered = 8 * ULP * max(value, forward, strike) / max(vega, 1e-300) if sign * distance < 0 else 0.0
    remembered += 8 * ULP * value / max(vega, 1e-300) + 8 * ULP * forward / max(vega, 1e-300) * float(abs(distance) < 1)
    if remembered < 1e-3 * vol:
        assert status == OK
        assert back == pytest.approx(vol, rel=1e-10, abs=remembered)
    else:
        assert status in (OK, BELOW_INTRINSIC, ABOVE_BOUND)


@pytest.mark.parametrize("deviation", [1e-5, 1e-3, 0.05, 0.5, 3.0, 8.0])
@pytest.mark.parametrize("distance", [0.0, 0.5, 2.0, 6.0, 15.0, 30.0])
def test_out_of_the_money_the_vol_comes_back_to_ten_digits(distance: float, deviation: float) -> None:
    forward, strike = 60_000.0, 60_000.0 * math.exp(min(distance * deviation, 60.0))
    value = option_value_and_greeks(forward, strike, 1.0, deviation, CALL)[VALUE]
    back, status = implied_vol_and_status(value, forward, strike, 1.0, CALL)
    assert status == OK
    assert back == pytest.approx(deviation, rel=1e-10)


@given(st.floats(1e-6, 0.9999), st.floats(-20.0, 20.0))
def test_every_price_within_its_bounds_has_a_vol_that_gives_it_back(part: float, moneyness: float) -> None:
    forward, strike = 100.0, 100.0 * math.exp(moneyness)
    sign = CALL if moneyness >= 0 else PUT
    price = part * min(forward, strike)
    vol, status = implied_vol_and_status(price, forward, strike, 0.5, sign)
    assert status == OK
    assert option_value_and_greeks(forward, strike, 0.5, vol, sign)[VALUE] == pytest.approx(price, rel=1e-9)


@pytest.mark.parametrize(
    ("price", "sign", "status"),
    [
        (0.0, CALL, BELOW_INTRINSIC),
        (-1.0, CALL, BELOW_INTRINSIC),
        (10.0, CALL, BELOW_INTRINSIC),
        (9.0, CALL, BELOW_INTRINSIC),
        (0.0, PUT, BELOW_INTRINSIC),
        (110.0, CALL, ABOVE_BOUND),
        (1e9, CALL, ABOVE_BOUND),
        (100.0, PUT, ABOVE_BOUND),
        (math.nan, CALL, NOT_FINITE),
        (math.inf, CALL, NOT_FINITE),
        (-math.inf, PUT, NOT_FINITE),
    ],
)
def test_a_price_without_a_vol_is_refused_by_name(price: float, sign: float, status: int) -> None:
    vol, said = implied_vol_and_status(price, 110.0, 100.0, 1.0, sign)
    assert (vol, said) == (0.0, status)


@pytest.mark.parametrize(
    ("forward", "strike", "years"),
    [
        (0.0, 100.0, 1.0),
        (-5.0, 100.0, 1.0),
        (100.0, 0.0, 1.0),
        (100.0, 100.0, 0.0),
        (math.nan, 100.0, 1.0),
        (100.0, math.inf, 1.0),
    ],
)
def test_a_market_that_is_no_market_has_no_vol(forward: float, strike: float, years: float) -> None:
    assert implied_vol_and_status(1.0, forward, strike, years, CALL) == (0.0, NOT_FINITE)


@given(st.floats(1e-320, 1e-290), st.floats(-10.0, 10.0))
def test_a_price_at_the_edge_of_what_a_double_holds_still_ends(price: float, moneyness: float) -> None:
    sign = CALL if moneyness >= 0 else PUT
    vol, status = implied_vol_and_status(price, 1.0, math.exp(moneyness), 1.0, sign)
    assert status in (OK, BELOW_INTRINSIC)
    assert math.isfinite(vol)


def test_a_column_of_prices_keeps_its_bad_rows_to_itself() -> None:
    price = np.array([5.0, math.nan, 0.0, 5.0])
    hundred, one = np.full(4, 100.0), np.ones(4)
    vols, status = np.full(6, -7.0), np.full(6, -7, dtype=np.int64)
    implied_vol(price, hundred, hundred, one, one, vols, status)
    assert status.tolist() == [OK, NOT_FINITE, BELOW_INTRINSIC, OK, -7, -7]
    assert vols[0] == vols[3] == pytest.approx(0.12541, abs=1e-4)
    assert vols[[1, 2]].tolist() == [0.0, 0.0]


def test_vega_and_vol_agree_on_a_small_change_of_price() -> None:
    value, vega = option_value_and_greeks(100.0, 120.0, 0.5, 0.6, CALL)[[VALUE, VEGA]]
    vols, _ = implied_vol_and_status([value, value + 1e-5], 100.0, 120.0, 0.5, CALL)
    assert vols[1] - vols[0] == pytest.approx(1e-5 / vega, rel=1e-4)
