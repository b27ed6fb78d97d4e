"""The arithmetic average against published digits, QuantLib, paths, its own limits and laws."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.pricing.averages import asian_arithmetic, asian_geometric, curran_bound
from flatbook.pricing.black import VALUE, option_value_and_greeks


@pytest.mark.parametrize(
    ("rate", "vol", "spot", "linetsky"),
    [
        (0.05, 0.5, 1.9, 0.193173790285891844),
        (0.05, 0.5, 2.1, 0.306220364794365330),
        (0.02, 0.1, 2.0, 0.0559860415440206897),
    ],
)
def test_continuous_average_has_the_digits_of_linetskys_spectral_expansion(
    rate: float, vol: float, spot: float, linetsky: float
) -> None:
    result = asian_arithmetic(spot, 2.0, 1.0, vol, 1, rate)
    assert result.price == pytest.approx(linetsky, abs=2e-13)
    assert abs(result.price - linetsky) <= result.error < 1e-12


# The rest of the table of Linetsky (2004), as published by Fu, Madan and Wang and by Dufresne: K = 2.
@pytest.mark.parametrize(
    ("rate", "vol", "years", "spot", "published"),
    [
        (0.18, 0.3, 1.0, 2.0, 0.2183875466),
        (0.0125, 0.25, 2.0, 2.0, 0.1722687410),
        (0.05, 0.5, 1.0, 2.0, 0.2464156905),
        (0.05, 0.5, 2.0, 2.0, 0.3500952190),
    ],
)
def test_continuous_average_agrees_with_the_rest_of_linetskys_table(
    rate: float, vol: float, years: float, spot: float, published: float
) -> None:
    assert asian_arithmetic(spot, 2.0, years, vol, 1, rate).price == pytest.approx(published, abs=2e-10)


def test_twelve_fixings_have_the_digits_of_the_reference() -> None:
    assert asian_arithmetic(100, 100, 1, 0.2, 1, 0.04, fixings=12).price == pytest.approx(5.891109477, abs=5e-10)


def test_continuous_average_agrees_with_quantlibs_levy_engine_to_its_accuracy(ql: Any, process: Callable[..., Any]) -> None:
    expiry = ql.Date(1, 1, 2027)
    payoff = ql.PlainVanillaPayoff(ql.Option.Call, 100.0)
    option = ql.ContinuousAveragingAsianOption(ql.Average.Arithmetic, payoff, ql.EuropeanExercise(expiry))
    none = ql.QuoteHandle(ql.SimpleQuote(0.0))
    option.setPricingEngine(ql.ContinuousArithmeticAsianLevyEngine(process(100.0, 0.05, 0.02, 0.3), none, ql.Date(1, 1, 2026)))
    assert asian_arithmetic(100, 100, 1, 0.3, 1, 0.05, 0.02).price == pytest.approx(option.NPV(), rel=1e-2)


@pytest.mark.parametrize(("done", "mean"), [(0, None), (4, 108.0)])
def test_fixings_agree_with_quantlibs_finite_differences_to_their_accuracy(
    ql: Any, process: Callable[..., Any], done: int, mean: float | None
) -> None:
    dates = [ql.Date(1, 1, 2026) + 73 * i for i in range(1, 6)]
    payoff = ql.PlainVanillaPayoff(ql.Option.Put, 100.0)
    running = 0.0 if mean is None else done * mean
    option = ql.DiscreteAveragingAsianOption(ql.Average.Arithmetic, running, done, dates, payoff, ql.EuropeanExercise(dates[-1]))
    option.setPricingEngine(ql.FdBlackScholesAsianEngine(process(100.0, 0.05, 0.02, 0.2), 200, 400, 400))
    ours = asian_arithmetic(100, 100, 1, 0.2, -1, 0.05, 0.02, 5 + done, done, mean).price
    assert ours == pytest.approx(option.NPV(), rel=1e-3)


@pytest.mark.parametrize(("vol", "strike"), [(0.3, 90.0), (0.9, 120.0)])
def test_fixings_agree_with_paths_beyond_what_the_geometric_average_explains(
    paths: Callable[..., np.ndarray], vol: float, strike: float
) -> None:
    prices = paths(100.0, 0.5, vol, 10, 40_000)
    arithmetic = np.maximum(prices.mean(axis=1) - strike, 0.0)
    geometric = np.maximum(np.exp(np.log(prices).mean(axis=1)) - strike, 0.0)
    controlled = arithmetic - geometric + asian_geometric(100.0, strike, 0.5, vol, 1, fixings=10)
    spread = controlled.std() / np.sqrt(controlled.size)
    assert asian_arithmetic(100.0, strike, 0.5, vol, 1, fixings=10).price == pytest.approx(controlled.mean(), abs=4 * spread)


def test_two_fixings_agree_with_plain_quadrature() -> None:
    # Given the first fixing, the option is Black's on the second.
    nodes, weights = np.polynomial.legendre.leggauss(400)
    z, weights = 9.0 * nodes, 9.0 * weights * np.exp(-0.5 * (9.0 * nodes) ** 2) / np.sqrt(2 * np.pi)
    vol, gap = 0.4, 0.5
    then = 100.0 * np.exp(vol * np.sqrt(gap) * z - 0.5 * vol**2 * gap)
    left = 105.0 - 0.5 * then
    alive = left > 0.0
    second = option_value_and_greeks(0.5 * then, np.where(alive, left, 1.0), gap, vol, 1)[VALUE]
    expected = weights @ np.where(alive, second, 0.5 * then - left)
    assert asian_arithmetic(100, 105, 1, vol, 1, fixings=2).price == pytest.approx(expected, abs=1e-10)


def test_one_fixing_is_the_european_option() -> None:
    strikes = np.array([60.0, 95.0, 100.0, 130.0])
    european = np.exp(-0.03) * option_value_and_greeks(100 * np.exp(0.03 - 0.01), strikes, 1.0, 0.4, -1)[VALUE]
    result = asian_arithmetic(100, strikes, 1, 0.4, -1, 0.03, 0.01, 1)
    np.testing.assert_allclose(result.price, european, rtol=1e-12)
    assert np.all(result.error < 1e-11)


def test_many_fixings_tend_to_the_continuous_average_with_error_of_order_one_over_n() -> None:
    limit = asian_arithmetic(100, 100, 1, 0.3, 1, 0.05).price
    gaps = [asian_arithmetic(100, 100, 1, 0.3, 1, 0.05, fixings=n).price - limit for n in (50, 100, 200)]
    assert gaps[0] / gaps[1] == pytest.approx(2.0, rel=0.02)
    assert gaps[1] / gaps[2] == pytest.approx(2.0, rel=0.01)


def test_the_date_of_the_first_fixing_may_pass_smoothly_from_far_to_now() -> None:
    # The two ways of integrating over the first date meet at a quarter of a spacing, here .005.
    first = np.linspace(0.0, 0.03, 31)
    prices = asian_arithmetic(100, 101, 0.3, 0.2, 1, fixings=16, first=first).price
    assert np.all(np.diff(prices) > 0.0)
    assert np.all(np.abs(np.diff(prices, 4)) < 2e-7)


def test_a_first_fixing_of_now_is_one_that_is_done() -> None:
    coming = asian_arithmetic(100, 101, 0.3, 0.2, 1, fixings=4, first=0.0).price
    done = asian_arithmetic(100, 101, 0.3, 0.2, 1, fixings=4, elapsed=1, average=100.0).price
    assert coming == pytest.approx(done, abs=1e-12)


def test_an_average_that_begins_at_the_end_is_the_price_itself() -> None:
    european = option_value_and_greeks(100, 110, 0.5, 0.3, 1)[VALUE]
    assert asian_arithmetic(100, 110, 0.5, 0.3, 1, first=0.5).price == pytest.approx(float(european), rel=1e-12)
    nearly = asian_arithmetic(100, 110, 0.5, 0.3, 1, first=0.5 - 1e-9).price
    assert nearly == pytest.approx(float(european), rel=1e-7)


def test_certain_exercise_is_the_expected_average_less_the_strike() -> None:
    call = asian_arithmetic(100, 50, 1, 0.4, 1, fixings=4, elapsed=2, average=110.0)
    put = asian_arithmetic(100, 50, 1, 0.4, -1, fixings=4, elapsed=2, average=110.0)
    assert (call.price, put.price) == (pytest.approx(0.5 * 110 + 0.5 * 100 - 50, rel=1e-14), 0.0)
    assert asian_arithmetic(100, 90, 1, 0.4, 1, 0.05, elapsed=1.0, average=95.0).price == pytest.approx(5 * np.exp(-0.05))


@pytest.mark.parametrize(("vol", "years"), [(0.0, 1.0), (0.3, 0.0)])
def test_without_vol_or_time_the_price_is_that_of_the_expected_average(vol: float, years: float) -> None:
    for fixings in (None, 3):
        result = asian_arithmetic(100, 90, years, vol, [1, -1], 0.02, 0.02, fixings)
        np.testing.assert_allclose(result.price, [10 * np.exp(-0.02 * years), 0.0], rtol=1e-12)


def test_low_variance_keeps_its_digits() -> None:
    # Where vol^2 years is nothing, the average is normal: at the money F v sqrt(T/3) / sqrt(2 pi).
    result = asian_arithmetic(100, 100, 1e-4, [0.1, 0.01, 0.001], 1)
    normal = 100 * np.array([0.1, 0.01, 0.001]) * np.sqrt(1e-4 / 3 / (2 * np.pi))
    np.testing.assert_allclose(result.price, normal, rtol=2e-7)
    assert np.all(result.error < 1e-11)


def test_the_error_estimate_grows_where_the_method_strains() -> None:
    calm, wild = asian_arithmetic(100, 100, 1, 0.5, 1), asian_arithmetic(100, 100, 10, 3.0, 1)
    assert calm.error < 1e-11 < wild.error < 1e-5


MARKET = {
    "strike": st.floats(60, 160),
    "years": st.floats(0.01, 2.0),
    "vol": st.floats(0.05, 1.0),
    "rate": st.floats(-0.05, 0.1),
    "carry": st.floats(-0.05, 0.1),
    "fixings": st.none() | st.integers(1, 30),
}


@settings(max_examples=40, deadline=None)
@given(**MARKET)
def test_parity_and_bounds_hold_in_every_market(
    strike: float, years: float, vol: float, rate: float, carry: float, fixings: int | None
) -> None:
    market = (100.0, strike, years, vol)
    call, put = (asian_arithmetic(*market, sign, rate, carry, fixings) for sign in (1, -1))
    dates = years * (np.arange(1, fixings + 1) / fixings if fixings else (np.polynomial.legendre.leggauss(20)[0] + 1) / 2)
    weights = np.full(fixings, 1 / fixings) if fixings else np.polynomial.legendre.leggauss(20)[1] / 2
    mean = weights @ (100.0 * np.exp((rate - carry) * dates))
    assert call.price - put.price == pytest.approx(np.exp(-rate * years) * (mean - strike), abs=1e-10)
    for sign, exact in ((1, call), (-1, put)):
        assert curran_bound(*market, sign, rate, carry, fixings) <= exact.price + 1e-11
    assert asian_geometric(*market, 1, rate, carry, fixings) <= call.price + 1e-11
    assert asian_geometric(*market, -1, rate, carry, fixings) >= put.price - 1e-11


@settings(max_examples=30, deadline=None)
@given(vol=st.floats(0.05, 1.0), years=st.floats(0.01, 2.0), elapsed=st.floats(0.0, 0.95), average=st.floats(80, 120))
def test_calls_fall_and_bend_upwards_in_strike_and_rise_with_vol(
    vol: float, years: float, elapsed: float, average: float
) -> None:
    strikes = np.linspace(70.0, 140.0, 15)
    prices = asian_arithmetic(100, strikes, years, vol, 1, elapsed=elapsed, average=average).price
    more = asian_arithmetic(100, strikes, years, 1.1 * vol, 1, elapsed=elapsed, average=average).price
    assert np.all(np.diff(prices) <= 1e-11)
    assert np.all(np.diff(prices, 2) >= -1e-11)
    assert np.all(more >= prices - 1e-11)


@settings(max_examples=20, deadline=None)
@given(done=st.integers(1, 9), mean=st.floats(50, 150), strike=st.floats(60, 150))
def test_a_begun_average_is_fewer_options_at_a_moved_strike(done: int, mean: float, strike: float) -> None:
    left, moved = 10 - done, (10 * strike - done * mean) / (10 - done)
    begun = asian_arithmetic(100, strike, 0.4, 0.5, 1, fixings=10, elapsed=done, average=mean).price
    if moved > 1e-3:
        assert begun == pytest.approx(left / 10 * asian_arithmetic(100, moved, 0.4, 0.5, 1, fixings=left).price, abs=1e-11)
    else:
        assert begun == pytest.approx(left / 10 * (100 - moved), abs=1e-4)


def test_shapes_broadcast_and_rows_that_differ_are_each_themselves() -> None:
    vols, strikes = np.array([[0.2], [0.6]]), np.array([90.0, 100.0, 110.0])
    table = asian_arithmetic(100, strikes, 1, vols, 1, fixings=[5, 6, 7])
    assert table.price.shape == table.error.shape == (2, 3)
    assert table.price[1, 2] == asian_arithmetic(100, 110, 1, 0.6, 1, fixings=7).price
    assert asian_arithmetic([], 100, 1, 0.2, 1).price.shape == (0,)
    assert isinstance(asian_arithmetic(100, 100, 1, 0.2, 1, fixings=3).price, float)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"spot": 0.0}, "spot must be a positive finite number; spot is 0.0"),
        ({"strike": [100.0, -1.0]}, r"strike must be .*; strike\[1\] is -1.0"),
        ({"vol": np.nan}, "vol must be"),
        ({"vol": 11.0}, r"vol \* sqrt\(years\) must be at most 10"),
        ({"years": -1.0}, "years must be"),
        ({"sign": 0}, "sign must be"),
        ({"rate": np.inf}, "rate must be"),
        ({"carry": 400.0}, r"carry \* years must be between"),
        ({"fixings": 2.5}, "fixings must be a whole number"),
        ({"fixings": 0}, "fixings must be a whole number"),
        ({"elapsed": 1.5}, "elapsed must be the share"),
        ({"elapsed": 0.5}, "average must be a positive finite number where"),
        ({"elapsed": 0.5, "average": -3.0}, "average must be"),
        ({"fixings": 3, "elapsed": 4, "average": 100.0}, "elapsed must be at most fixings; it is 4 of 3"),
        ({"first": 2.0}, "first must not lie beyond years"),
        ({"first": -0.1}, "first must be"),
        ({"strike": [1.0, 2.0], "vol": [0.1, 0.2, 0.3]}, "broadcast"),
    ],
)
def test_bad_input_is_named(wrong: dict[str, Any], words: str) -> None:
    good = {"spot": 100.0, "strike": 100.0, "years": 1.0, "vol": 0.2, "sign": 1}
    for price in (asian_arithmetic, asian_geometric, curran_bound):
        with pytest.raises(ValueError, match=words):
            price(**(good | wrong))
