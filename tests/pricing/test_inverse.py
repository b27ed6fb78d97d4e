"""Coin-settled options in coin: the dollar option counted in its own forward, net of the premium that is coin itself."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.greeks import black76
from flatbook.pricing.inverse import inverse

CALL, PUT = 1.0, -1.0

forwards = st.floats(0.01, 1e6)
widths = st.floats(-5.0, 5.0)
terms = st.floats(1e-4, 3.0)
vols = st.floats(0.05, 3.0)
signs = st.sampled_from([CALL, PUT])


def strike_at(forward: float, width: float, years: float, vol: float) -> float:
    return forward * math.exp(width * vol * math.sqrt(years))


# Reference numbers


def test_the_venues_call_pays_a_fifth_of_a_coin() -> None:
    assert inverse(12_500.0, 10_000.0, 0.0, 0.5, CALL).price == pytest.approx(0.2, rel=1e-15)


def test_the_venues_put_pays_a_whole_coin() -> None:
    assert inverse(5_000.0, 10_000.0, 0.0, 0.5, PUT).price == pytest.approx(1.0, rel=1e-15)


def test_a_live_deribit_row_is_marked_as_published_and_its_delta_is_net() -> None:
    years = (1_727_424_000_000 - 1_699_593_511_632) / (365 * 86_400_000)  # BTC-27SEP24-40000-C
    coin = inverse(39165.86, 40000.0, years, 0.6086, CALL)
    assert coin.price == pytest.approx(0.2169, abs=0.5e-4)
    # The published delta, .59833, is not premium-adjusted: it is the net one and the premium.
    assert coin.delta + coin.price == pytest.approx(0.59833, abs=1.5e-5)
    assert coin.vega * 39165.86 / 100 == pytest.approx(142.30124, abs=2e-3)
    assert coin.theta * 39165.86 / 365 == pytest.approx(-13.4441, abs=2e-3)


@pytest.mark.parametrize("sign", [CALL, PUT])
@pytest.mark.parametrize("width", [-6.0, -1.0, 0.0, 0.7, 2.0, 8.0])
def test_every_number_is_a_derivative_of_the_exact_coin_price(width: float, sign: float) -> None:
    forward, years, vol = 60_000.0, 0.1, 0.7
    strike = strike_at(forward, width, years, vol)
    coin = inverse(forward, strike, years, vol, sign)

    def price(f, t, v):
        deviation = v * mpmath.sqrt(t)
        d1 = mpmath.log(f / strike) / deviation + deviation / 2
        upto = [mpmath.erfc(-sign * d / mpmath.sqrt(2)) / 2 for d in (d1, d1 - deviation)]
        return sign * (f * upto[0] - strike * upto[1]) / f

    with mpmath.workdps(60):
        at = tuple(mpmath.mpf(number) for number in (forward, years, vol))
        exact = {
            "price": price(*at),
            "delta": at[0] * mpmath.diff(price, at, (1, 0, 0)),
            "gamma": mpmath.diff(price, at, (2, 0, 0)),
            "vega": mpmath.diff(price, at, (0, 0, 1)),
            "theta": -mpmath.diff(price, at, (0, 1, 0)),
        }
        # Gamma is a difference of these two, and has their rounding.
        gamma_terms = abs(exact["gamma"] + 2 * exact["delta"] / at[0] ** 2) + 2 * abs(exact["delta"]) / at[0] ** 2
    for name, number in exact.items():
        slack = 1e-12 * float(gamma_terms) if name == "gamma" else 0.0
        assert getattr(coin, name) == pytest.approx(float(number), rel=1e-12, abs=slack), name


# Laws


@given(forwards, widths, terms, vols, signs)
def test_the_coin_option_is_the_dollar_option_in_units_of_its_forward(
    forward: float, width: float, years: float, vol: float, sign: float
) -> None:
    strike = strike_at(forward, width, years, vol)
    coin, dollars = inverse(forward, strike, years, vol, sign), black76(forward, strike, years, vol, sign)
    net = dollars.delta - dollars.price / forward
    assert coin.price == pytest.approx(dollars.price / forward, rel=1e-13)
    assert coin.delta == pytest.approx(net, rel=1e-9, abs=1e-14 * (abs(dollars.delta) + coin.price))
    gamma = dollars.gamma / forward - 2.0 * net / forward**2
    terms_of_gamma = dollars.gamma / forward + 2.0 * (abs(dollars.delta) + coin.price) / forward**2
    assert coin.gamma == pytest.approx(gamma, rel=1e-9, abs=1e-13 * terms_of_gamma)
    assert coin.vega == pytest.approx(dollars.vega / forward, rel=1e-13)
    assert coin.theta == pytest.approx(dollars.theta / forward, rel=1e-12)


@given(forwards, widths, terms, vols)
def test_net_deltas_of_a_call_and_a_put_differ_by_strike_over_forward(
    forward: float, width: float, years: float, vol: float
) -> None:
    strike = strike_at(forward, width, years, vol)
    call, put = inverse(forward, strike, years, vol, [CALL, PUT]).delta
    assert call - put == pytest.approx(strike / forward, rel=1e-13)


@given(forwards, widths, terms, vols)
def test_a_coin_call_is_never_worth_a_coin_and_its_net_delta_no_more_than_what_is_left_of_it(
    forward: float, width: float, years: float, vol: float
) -> None:
    call = inverse(forward, strike_at(forward, width, years, vol), years, vol, CALL)
    assert 0.0 <= call.price <= 1.0
    assert 0.0 <= call.delta <= (1.0 - call.price) * (1 + 1e-12) + 1e-15


@given(st.floats(1e-3, 1e9), st.floats(-40.0, 40.0), st.floats(0.0, 20.0), st.floats(0.0, 20.0), signs)
def test_no_sound_input_ever_gives_a_nan(forward: float, moneyness: float, years: float, vol: float, sign: float) -> None:
    assert np.all(np.isfinite(inverse(forward, forward * math.exp(moneyness), years, vol, sign)))


# The last instant


@pytest.mark.parametrize(("years", "vol"), [(0.0, 0.5), (0.3, 0.0)])
@pytest.mark.parametrize("sign", [CALL, PUT])
@pytest.mark.parametrize(("strike", "in_the_money"), [(50_000.0, 1.0), (60_000.0, 0.5), (70_000.0, 0.0)])
def test_at_the_limit_the_pay_off_in_coin_still_bends(
    strike: float, in_the_money: float, sign: float, years: float, vol: float
) -> None:
    forward = 60_000.0
    coin, share = inverse(forward, strike, years, vol, sign), in_the_money if sign > 0 else 1.0 - in_the_money
    assert coin.price == pytest.approx(max(sign * (forward - strike), 0.0) / forward, rel=1e-15)
    assert coin.delta == pytest.approx(sign * share * strike / forward, rel=1e-14, abs=1e-300)
    assert coin.gamma == pytest.approx(-sign * share * 2.0 * strike / forward**3, rel=1e-14, abs=1e-300)
    assert (coin.vega, coin.theta) == (0.0, 0.0)


# Shape and bad input


def test_scalars_give_scalars_arrays_their_broadcast_shape_and_nothing_nothing() -> None:
    assert all(isinstance(number, float) for number in inverse(100, 100, 1, 0.2, CALL))
    assert all(number.shape == (2, 3) for number in inverse(100.0, [[90.0], [100.0]], 1.0, [0.2, 0.3, 0.4], PUT))
    assert all(number.shape == (0,) for number in inverse([], 100.0, 1.0, 0.2, CALL))


SOUND = {"forward": 100.0, "strike": 100.0, "years": 1.0, "vol": 0.2, "sign": CALL}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((name, number) for name in ("forward", "strike") for number in (0.0, -1.0, math.nan, math.inf)),
        *((name, number) for name in ("years", "vol") for number in (-1e-9, math.nan, math.inf)),
        *(("sign", number) for number in (0.0, -2.0, math.nan)),
    ],
)
def test_an_argument_that_makes_no_sense_is_named(name: str, number: float) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be .*; {name} is "):
        inverse(**{**SOUND, name: number})


def test_numbers_beyond_doubles_are_refused_and_never_nan() -> None:
    with pytest.raises(ValueError, match=r"too large or too small for an answer in double precision.*; forward is 1e-200"):
        inverse(1e-200, 1e-200, 1.0, 0.2, CALL)
