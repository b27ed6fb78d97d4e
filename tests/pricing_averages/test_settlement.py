"""The settlement average: the reference's terms, Greeks against bumps, the exact average, and the kernel's contract."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.pricing.averages import (
    HALF_HOUR,
    SETTLEMENT_TERMS,
    asian_arithmetic,
    settlement_average,
    settlement_greeks,
    settlement_terms,
)
from flatbook.pricing.black import GREEKS, option_greeks, option_value_and_greeks

WIDE = 0.25  # years: a window wide enough for every effect to show


def test_effective_years_before_the_window_are_the_references() -> None:
    for years in (HALF_HOUR, 0.01, 1.0):
        assert settlement_terms(years).effective_years == pytest.approx(years - 2 * HALF_HOUR / 3, rel=1e-14)
        for n in (1, 5, 1800):
            expected = (years - HALF_HOUR) + HALF_HOUR * (n + 1) * (2 * n + 1) / (6 * n * n)
            assert settlement_terms(years, samples=n).effective_years == pytest.approx(expected, rel=1e-12)


def test_inside_the_window_the_terms_are_those_of_the_samples_left() -> None:
    # Of 10 samples 4 are left, the next a third of an interval away; the mean's variance straight from the definition.
    interval = WIDE / 10
    times = interval * (1 / 3 + np.arange(4))
    terms = settlement_terms(times[-1], WIDE, 10, 50.0)
    assert terms.weight == pytest.approx(0.4)
    assert terms.known == pytest.approx(30.0)
    assert terms.effective_years == pytest.approx(np.minimum.outer(times, times).mean(), rel=1e-12)
    assert settlement_terms(4 * interval, WIDE, 10, 50.0).weight == pytest.approx(0.4)


def test_strike_weight_and_certain_exercise_are_the_references() -> None:
    n, m, mean, strike = 10, 6, 100.0, 90.0
    years = (n - m) * WIDE / n
    value = settlement_average(95, strike, years, 0.5, 1, WIDE, n, mean).value
    moved, life = (n * strike - m * mean) / (n - m), settlement_terms(years, WIDE, n, mean).effective_years
    assert value == pytest.approx((n - m) / n * option_value_and_greeks(95, moved, life, 0.5, 1)[0], rel=1e-12)
    sure = settlement_average(95, 55, years, 0.5, [1, -1], WIDE, n, mean)
    np.testing.assert_allclose(sure.value, [0.6 * 100 + 0.4 * 95 - 55, 0.0], rtol=1e-14)
    np.testing.assert_allclose(sure.delta, [0.4, 0.0], rtol=1e-14)
    for greek in (sure.gamma, sure.vega, sure.theta, sure.vanna, sure.volga):
        np.testing.assert_array_equal(greek, 0.0)


def test_net_delta_of_a_coin_call_decays_as_the_window_passes() -> None:
    for share in (1.0, 0.5, 0.25):
        greeks = settlement_average(10_000, 7_000, share * HALF_HOUR, 0.6, 1, average=10_000, inverse=True)
        assert greeks.value == pytest.approx(0.3, rel=1e-12)
        assert 10_000 * greeks.delta == pytest.approx(0.7 * share, rel=1e-12)


@pytest.mark.parametrize("samples", [None, 7])
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("years", [0.4, 0.22, 0.05])
def test_greeks_are_derivatives_of_the_value(years: float, sign: int, inverse: bool, samples: int | None) -> None:
    strike, vol, mean = np.array([80.0, 95.0, 101.0, 115.0]), 0.6, 97.0

    def greeks(f: float = 100.0, v: float = vol) -> np.ndarray:
        return np.array(settlement_average(f, strike, years, v, sign, WIDE, samples, mean, inverse))

    def near(found: np.ndarray, expected: np.ndarray) -> None:
        np.testing.assert_allclose(found, expected, rtol=2e-7, atol=1e-9 * np.abs(expected).max() + 1e-300)

    value, delta, gamma, vega, _, vanna, volga = range(GREEKS)
    by_forward = (greeks(100.001) - greeks(99.999)) / 0.002
    by_vol = (greeks(v=vol + 1e-5) - greeks(v=vol - 1e-5)) / 2e-5
    here = greeks()
    near(here[delta], by_forward[value])
    near(here[gamma], by_forward[delta])
    near(here[vega], by_vol[value])
    near(here[vanna], by_vol[delta])
    near(here[volga], by_vol[vega])


@pytest.mark.parametrize("samples", [None, 7])
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("years", [0.4, 0.22, 0.05])
def test_theta_is_the_change_of_value_as_fixings_at_the_forward_come_in(years: float, inverse: bool, samples: int | None) -> None:
    strike, mean, known = np.array([85.0, 99.0, 110.0]), 97.0, max(1 - years / WIDE, 0.0)

    def value(passed: float) -> np.ndarray:
        # A continuous average takes in the forward as time passes; the samples here have none between the two instants.
        share = max(1 - (years - passed) / WIDE, 0.0)
        now = (known * mean + (share - known) * 100.0) / share if share > 0.0 and samples is None else mean
        return settlement_average(100, strike, years - passed, 0.6, 1, WIDE, samples, now, inverse).value

    theta = settlement_average(100, strike, years, 0.6, 1, WIDE, samples, mean, inverse).theta
    np.testing.assert_allclose(theta, (value(1e-6) - value(-1e-6)) / 2e-6, rtol=1e-6, atol=1e-7 * np.abs(theta).max())


@pytest.mark.parametrize("samples", [None, 6])
@pytest.mark.parametrize("inverse", [False, True])
def test_nothing_jumps_at_the_windows_start_at_a_fixing_or_at_expiry(samples: int | None, inverse: bool) -> None:
    strike = np.array([90.0, 100.0, 110.0])

    def value(years: float, mean: float | None = 100.0) -> np.ndarray:
        return settlement_average(100, strike, years, 0.6, 1, WIDE, samples, mean, inverse).value

    np.testing.assert_allclose(value(WIDE * (1 - 1e-12)), value(WIDE * (1 + 1e-12)), rtol=1e-9)
    final = settlement_average(123.0, strike, 0.0, 0.6, [[1], [-1]], WIDE, samples, 104.0, inverse)
    paid = np.maximum([[1], [-1]] * (104.0 - strike), 0.0) / (104.0 if inverse else 1.0)
    np.testing.assert_allclose(final.value, paid, rtol=1e-14)
    for greek in final[1:]:
        np.testing.assert_array_equal(greek, 0.0)
    np.testing.assert_allclose(
        settlement_average(123.0, strike, 1e-13, 0.6, [[1], [-1]], WIDE, samples, 104.0, inverse).value, paid, atol=20 * WIDE / 6
    )


@pytest.mark.parametrize(("samples", "jump"), [(6, 0.03), (30, 0.007), (360, 0.001)])
def test_a_fixing_at_the_forward_moves_the_value_by_no_more_than_the_lognormal_assumption_errs(samples: int, jump: float) -> None:
    vol, strike = 0.6, 100 * np.exp(0.6 * np.sqrt(HALF_HOUR / 3) * np.linspace(-3, 3, 31))
    at_the_money = settlement_average(100, 100, HALF_HOUR, vol, 1).value
    for left in range(1, samples, max(1, samples // 10)):
        at = left * HALF_HOUR / samples
        before, after = (
            settlement_average(100, strike, at * e, vol, 1, samples=samples, average=100.0) for e in (1 + 1e-7, 1 - 1e-7)
        )
        assert np.all(np.abs(after.value - before.value) < jump * vol * np.sqrt(HALF_HOUR) * at_the_money)


def test_a_narrow_window_leaves_the_european_option() -> None:
    for inverse in (False, True):
        plain = option_value_and_greeks(100, [90, 110], 0.1, 0.6, 1, inverse)
        narrow = np.array(settlement_average(100, [90, 110], 0.1, 0.6, 1, 1e-13, inverse=inverse))
        np.testing.assert_allclose(narrow, plain, rtol=1e-10)
        one = np.array(settlement_average(100, [90, 110], 0.1, 0.6, 1, WIDE / 10, 1, inverse=inverse))
        np.testing.assert_allclose(one, plain, rtol=1e-10)


@pytest.mark.parametrize("vol", [0.2, 0.6, 1.5])
@pytest.mark.parametrize(("years", "bound"), [(1 / 365, 2e-7), (HALF_HOUR, 0.035), (HALF_HOUR / 2, 0.025)])
def test_the_cost_of_taking_the_average_for_lognormal_is_what_the_docstring_says(vol: float, years: float, bound: float) -> None:
    life = settlement_terms(years, average=100.0).effective_years
    strike = 100.0 * np.exp(vol * np.sqrt(life) * np.linspace(-2.9, 2.9, 15))
    greeks = settlement_average(100, strike, years, vol, 1, average=100.0)
    share = max(1 - years / HALF_HOUR, 0.0)
    strike_left = (100.0 * share + (1 - share) * strike) if share else strike
    greeks = settlement_average(100, strike_left, years, vol, 1, average=100.0)
    first = max(years - HALF_HOUR, 0.0)
    exact = asian_arithmetic(100, strike_left, years, vol, 1, elapsed=share, average=100.0, first=first)
    at_the_money = settlement_average(100, 100, years, vol, 1, average=100.0).value
    allowed = bound * vol * (np.sqrt(HALF_HOUR) if years <= HALF_HOUR else 1.0) * at_the_money
    assert np.all(np.abs(greeks.value - exact.price) <= allowed + exact.error)
    assert abs(greeks.value[7] - exact.price[7]) <= 1e-2 * vol**2 * HALF_HOUR * at_the_money + exact.error[7]


def test_samples_agree_with_the_exact_average_of_fixings_midway() -> None:
    # 30 samples, 12 left, the next in a quarter of an interval.
    interval = HALF_HOUR / 30
    years = 11.25 * interval
    ours = settlement_average(60_000, [59_900, 60_000, 60_050], years, 0.6, 1, HALF_HOUR, 30, 60_010)
    exact = asian_arithmetic(
        60_000, [59_900, 60_000, 60_050], years, 0.6, 1, fixings=30, elapsed=18, average=60_010, first=interval / 4
    )
    np.testing.assert_allclose(ours.value, exact.price, rtol=2e-3, atol=1e-3)


def test_coins_paid_at_the_last_price_are_worth_less_than_a_sixth_of_the_windows_variance_more(
    paths: Callable[..., np.ndarray],
) -> None:
    # The same paths for both pay-offs, so that nearly all noise cancels; at the window's start, vol high to see it.
    vol = 3.0
    prices = paths(1.0, HALF_HOUR, vol, 60, 40_000)
    average = prices.mean(axis=1)
    for strike in (0.97, 1.0, 1.02):
        payoff = np.maximum(average - strike, 0.0)
        more = payoff * (prices[:, -1] / average - 1.0)
        noise = 4 * more.std() / np.sqrt(more.size)
        assert -noise < more.mean() < vol**2 * HALF_HOUR / 6 + noise


@settings(max_examples=60, deadline=None)
@given(
    strike=st.floats(50, 200),
    years=st.floats(1e-6, 0.5),
    vol=st.floats(0.05, 2.0),
    mean=st.floats(50, 200),
    samples=st.none() | st.integers(1, 60),
    inverse=st.booleans(),
)
def test_parity_and_bounds_hold_before_and_inside_the_window(
    strike: float, years: float, vol: float, mean: float, samples: int | None, inverse: bool
) -> None:
    call, put = (settlement_average(100, strike, years, vol, s, WIDE, samples, mean, inverse) for s in (1, -1))
    terms = settlement_terms(years, WIDE, samples, mean)
    expected = terms.known + terms.weight * 100
    unit = 1 / expected if inverse else 1.0
    assert call.value - put.value == pytest.approx((expected - strike) * unit, abs=1e-11 * 100 * unit)
    slope = terms.weight * (strike / expected**2 if inverse else 1.0)
    assert call.delta - put.delta == pytest.approx(slope, rel=1e-9)
    assert call.vega == pytest.approx(put.vega, rel=1e-6, abs=1e-12)
    for greeks, sign in ((call, 1), (put, -1)):
        assert greeks.value >= max(sign * (expected - strike), 0) * unit - 1e-12
        assert np.all(np.isfinite(greeks))


@settings(max_examples=40, deadline=None)
@given(strike=st.floats(70, 140), years=st.floats(1e-4, 0.5), vol=st.floats(0.1, 1.5), mean=st.floats(80, 120))
def test_the_mapping_by_the_terms_gives_what_the_kernel_gives(strike: float, years: float, vol: float, mean: float) -> None:
    terms = settlement_terms(years, WIDE, 12, mean)
    moved, w = (strike - terms.known) / terms.weight, terms.weight
    if moved < 1.0:
        return
    plain = w * option_value_and_greeks(100, moved, terms.effective_years, vol, 1)
    linear = np.array(settlement_average(100, strike, years, vol, 1, WIDE, 12, mean))
    # Far in the tails, ln(F/K) of a strike that was moved differs in its last digits.
    scale = 1e-9 * np.abs(option_value_and_greeks(100, 100, terms.effective_years, vol, 1)) + 1e-12
    assert np.all(np.abs(linear - plain) <= 1e-8 * np.abs(plain) + scale * 10)
    x = terms.known + w * 100
    value, delta, gamma, vega, theta, vanna, volga = linear
    coin = value / x
    slope = (delta - w * coin) / x
    mapped = [coin, slope, (gamma - 2 * w * slope) / x, vega / x, theta / x, (vanna - w * vega / x) / x, volga / x]
    found = np.array(settlement_average(100, strike, years, vol, 1, WIDE, 12, mean, True))
    np.testing.assert_allclose(found, mapped, rtol=1e-8, atol=1e-12 * (1 + abs(vega)))


def test_the_kernel_stands_in_for_option_greeks_where_nothing_is_averaged() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    n = 400
    forward = np.where(rng.random(n) < 0.05, 0.0, 60_000.0)
    strike, years = 60_000 * np.exp(rng.normal(0, 0.2, n)), rng.uniform(0.0, 1.0, n)
    vol, inverse = rng.uniform(0.0, 1.5, n), np.where(rng.random(n) < 0.5, 1.0, 0.0)
    sign = rng.choice([-1.0, 0.0, 1.0], n)
    years[:20], vol[20:40] = 0.0, 0.0
    expected, found, terms = np.empty((GREEKS, n)), np.empty((GREEKS, n)), np.zeros((SETTLEMENT_TERMS, n))
    terms[0], terms[1], terms[3] = years, 1.0, 1.0
    option_greeks(forward, strike, years, vol, sign, inverse, expected)
    settlement_greeks(forward, strike, vol, sign, inverse, terms, found)
    for row in range(GREEKS):
        scale = np.where(inverse > 0, np.abs(expected[row] * inverse).max(), np.abs(expected[row] * (1 - inverse)).max())
        np.testing.assert_array_less(np.abs(found[row] - expected[row]), 1e-13 * scale + 1e-10 * np.abs(expected[row]) + 1e-300)


def test_a_future_that_settles_on_the_average_is_worth_the_average_expected() -> None:
    terms = np.array([settlement_terms(HALF_HOUR / 4, average=98.0)] * 2).T.copy()
    out = np.empty((GREEKS, 2))
    settlement_greeks(np.full(2, 102.0), np.zeros(2), np.zeros(2), np.zeros(2), np.array([0.0, 1.0]), terms, out)
    x = 0.75 * 98 + 0.25 * 102
    np.testing.assert_allclose(out[:3, 0], [x, 0.25, 0.0], rtol=1e-14)
    np.testing.assert_allclose(out[:3, 1], [-1 / x, 0.25 / x**2, -2 * 0.25**2 / x**3], rtol=1e-13)
    np.testing.assert_array_equal(out[3:], 0.0)


def test_shapes_broadcast() -> None:
    table = settlement_average(100, np.array([[90.0], [110.0]]), [HALF_HOUR, 0.1, 0.2], 0.5, 1)
    assert all(greek.shape == (2, 3) for greek in table)
    assert settlement_average([], 100, 0.1, 0.5, 1).value.shape == (0,)
    assert isinstance(settlement_average(100, 100, 0.1, 0.5, 1).theta, float)
    assert settlement_terms([0.1, HALF_HOUR / 2], average=[np.nan, 5.0]).known.tolist() == [0.0, 2.5]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"forward": 0.0}, "forward must be a positive finite number"),
        ({"strike": -1.0}, "strike must be"),
        ({"years": np.nan}, "years must be"),
        ({"vol": [0.5, -0.5]}, r"vol must be .*; vol\[1\]"),
        ({"sign": 2}, "sign must be"),
        ({"window_years": 0.0}, "window_years must be"),
        ({"samples": 1.5}, "samples must be a whole number"),
        ({"samples": 0}, "samples must be a whole number"),
        ({"average": -1.0}, "average must be"),
        ({"average": np.inf}, "average must be"),
        ({"average": None}, "average must be a positive finite number where a part of the average is fixed"),
        ({"inverse": 2}, "inverse must be"),
        ({"strike": "high"}, "strike must be a number"),
    ],
)
def test_bad_input_is_named(wrong: dict[str, object], words: str) -> None:
    good = {"forward": 100.0, "strike": 100.0, "years": HALF_HOUR / 2, "vol": 0.5, "sign": 1, "average": 100.0}
    with pytest.raises(ValueError, match=words):
        settlement_average(**(good | wrong))
