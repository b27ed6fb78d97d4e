"""Heston prices: samples, forty digits, QuantLib, the limits that have formulas, and laws that hold for any model."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flatbook.pricing import VALUE, option_value_and_greeks
from flatbook.pricing.heston import HestonParameters, HestonPrice, heston_price
from flatbook.pricing.heston import price as price_module
from flatbook.pricing.heston.parameters import total_variance

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import QuantLib as ql  # noqa: N813

EQUITY = HestonParameters(0.04, 1.5, 0.06, 0.6, -0.7)
CRYPTO = HestonParameters(0.3, 6.0, 0.5, 3.0, -0.3)

parameters_of_all_kinds = st.builds(
    HestonParameters,
    v0=st.one_of(st.just(0.0), st.floats(1e-4, 1.0)),
    kappa=st.floats(1e-3, 20.0),
    theta=st.floats(1e-3, 1.0),
    sigma=st.one_of(st.floats(1e-6, 1e-2), st.floats(0.01, 10.0)),
    rho=st.floats(-0.9999, 0.9999),
)
maturities = st.one_of(st.just(1 / 365), st.floats(1 / 365, 30.0))


def test_the_sample_of_the_reference() -> None:
    parameters = HestonParameters(0.04, 4.0, 0.25, 1.0, -0.5)
    spot, rate, carry, years = 100.0, 0.01, 0.02, 1.0
    forward, discount = spot * np.exp((rate - carry) * years), np.exp(-rate * years)
    puts = heston_price(forward, np.array([80.0, 90.0, 100.0, 110.0, 120.0]), years, -1, parameters, discount)
    exact = [7.9588781132567683, 12.017966707346305, 17.055270961270109, 23.017825898442801, 29.811026202682472]
    np.testing.assert_allclose(puts.price, exact, rtol=1e-14)
    assert puts.accurate.all()


def test_the_fang_oosterlee_value_but_for_its_last_digits() -> None:
    parameters = HestonParameters(0.0175, 1.5768, 0.0398, 0.5751, -0.5711)
    price = float(heston_price(100.0, 100.0, 1.0, 1, parameters).price)
    assert price == pytest.approx(5.785155450 - 1.6e-8, abs=1e-9)


def test_forty_digits_agree_to_the_last_digits_of_a_double(exact_rows: list) -> None:
    for five, years, strike, exact in exact_rows:
        found = heston_price(100.0, strike, years, 1 if strike >= 100 else -1, HestonParameters(*five))
        assert float(found.price) == pytest.approx(exact, rel=5e-12), (five, years, strike)
        assert bool(found.accurate)


@pytest.mark.parametrize("row", [1, 9, 10, 18])
def test_the_frozen_digits_are_what_the_oracle_gives(row: int, exact_rows: list, exact_price: Callable[..., float]) -> None:
    five, years, strike, frozen = exact_rows[row]
    assert exact_price(five, years, strike) == frozen


def quantlib_prices(m: HestonParameters, days: int, strikes: np.ndarray, signs: np.ndarray) -> list[float]:
    today, counter = ql.Date(2, 1, 2026), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, counter))
    spot = ql.QuoteHandle(ql.SimpleQuote(100.0))
    model = ql.HestonModel(ql.HestonProcess(flat, flat, spot, m.v0, m.kappa, m.theta, m.sigma, m.rho))
    integration = ql.FourierIntegration.expSinh(1e-14)
    engine = ql.AnalyticHestonEngine(model, ql.AnalyticHestonEngine.AngledContour, integration, 1e-14)
    out = []
    for strike, sign in zip(strikes.tolist(), signs.tolist(), strict=True):
        kind = ql.Option.Call if sign > 0 else ql.Option.Put
        option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), ql.EuropeanExercise(today + days))
        option.setPricingEngine(engine)
        out.append(option.NPV())
    return out


@pytest.mark.parametrize("parameters", [EQUITY, CRYPTO, HestonParameters(0.0654, 0.6067, 0.0707, 0.2928, -0.7571)])
@pytest.mark.parametrize("days", [7, 30, 365, 3650])
def test_quantlib_agrees(parameters: HestonParameters, days: int) -> None:
    years = days / 365
    deviation = np.sqrt(float(total_variance(parameters, years)))
    strikes = 100.0 * np.exp(deviation * np.linspace(-2.0, 2.0, 7))
    signs = np.where(strikes < 100.0, -1.0, 1.0)
    ours = heston_price(100.0, strikes, years, signs, parameters).price
    np.testing.assert_allclose(ours, quantlib_prices(parameters, days, strikes, signs), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("sigma", [0.0, 1e-12, 1e-7])
@pytest.mark.parametrize("years", [1 / 365, 1.0, 30.0])
def test_without_vol_of_variance_it_is_black_at_the_average_variance(sigma: float, years: float) -> None:
    parameters = HestonParameters(0.09, 2.0, 0.04, sigma, -0.6)
    deviation = np.sqrt(float(total_variance(parameters, years)))
    strikes = 100.0 * np.exp(deviation * np.linspace(-6.0, 6.0, 13))
    sign = np.where(strikes < 100.0, -1.0, 1.0)
    black = option_value_and_greeks(100.0, strikes, years, deviation / np.sqrt(years), sign)[VALUE]
    # The skew is of the order of sigma: what is left of it grows with the wings.
    found = heston_price(100.0, strikes, years, sign, parameters)
    np.testing.assert_allclose(found.price, black, rtol=1e-11 + 100.0 * sigma)
    assert found.accurate.all()


def test_without_reversion_or_correlation_prices_average_black_over_variance() -> None:
    # With rho 0 a price is a mixture of Black prices, so at the money it is below Black at the mean variance.
    parameters = HestonParameters(0.04, 0.0, 0.0, 0.5, 0.0)
    price = float(heston_price(100.0, 100.0, 1.0, 1, parameters).price)
    black = float(option_value_and_greeks(100.0, 100.0, 1.0, 0.2, 1)[VALUE])
    assert 0.8 * black < price < black


def test_at_expiry_or_without_variance_an_option_pays_what_it_would_now() -> None:
    dead = heston_price(100.0, np.array([90.0, 100.0, 110.0]), 0.0, 1, EQUITY, 0.9)
    np.testing.assert_array_equal(dead.price, [9.0, 0.0, 0.0])
    still = heston_price(100.0, np.array([90.0, 110.0]), 1.0, -1, HestonParameters(0.0, 1.0, 0.0, 0.5, 0.0))
    np.testing.assert_array_equal(still.price, [0.0, 10.0])
    assert dead.accurate.all()
    assert still.accurate.all()


def test_a_price_below_every_double_is_zero() -> None:
    found = heston_price(100.0, 1e6, 1 / 365, 1, HestonParameters(0.01, 1.0, 0.01, 0.01, 0.0))
    assert found == HestonPrice(0.0, 0.0, True)


def test_prices_of_1e_100_still_have_their_digits() -> None:
    # No oracle reaches here, but the true logarithm is smooth in strike: lost digits would show in its differences.
    parameters = HestonParameters(0.04, 2.0, 0.04, 0.2, -0.3)
    found = heston_price(1.0, np.exp(1.2 + np.arange(8) * 1e-3), 1 / 52, 1, parameters)
    assert found.price[0] < 1e-250
    assert found.accurate.all()
    assert np.max(np.abs(np.diff(np.log(found.price), 5))) < 1e-10


@settings(max_examples=60, deadline=None)
@given(parameters_of_all_kinds, maturities)
def test_prices_fall_and_bend_with_strike_within_their_bounds(parameters: HestonParameters, years: float) -> None:
    deviation = np.sqrt(float(total_variance(parameters, years)))
    strike = 100.0 * np.exp(deviation * np.linspace(-4.0, 4.0, 25))
    call = heston_price(100.0, strike, years, 1, parameters)
    # A deviation of less than a thousandth of a per cent, on a variance that starts at nothing, may be flagged: it is not silent.
    assume(deviation > 1e-5)
    assert call.accurate.all()
    assert np.all(call.price <= 100.0)
    assert np.all(call.price >= np.maximum(100.0 - strike, 0.0))
    slope = np.diff(call.price) / np.diff(strike)
    assert np.all(slope <= 1e-12 / np.diff(strike))
    assert np.all(slope >= -1.0 - 1e-12 / np.diff(strike))
    assert np.all(np.diff(slope) >= -1e-11 / np.min(np.diff(strike)))


@settings(max_examples=60, deadline=None)
@given(parameters_of_all_kinds, maturities, st.floats(-4.0, 4.0))
def test_the_other_side_of_the_trade_sees_the_same_price(parameters: HestonParameters, years: float, distance: float) -> None:
    # A call on F struck at K is K/F puts on 1/F struck at 1/K, whose variance reverts at kappa - rho sigma: other contours.
    m = parameters
    reverting = m.kappa - m.rho * m.sigma
    if reverting <= 1e-3:
        return
    mirror = HestonParameters(m.v0, reverting, m.kappa * m.theta / reverting, m.sigma, -m.rho)
    strike = float(np.exp(distance * np.sqrt(total_variance(m, years))))
    sign = 1.0 if strike >= 1.0 else -1.0
    here, there = heston_price(1.0, strike, years, sign, m), heston_price(1.0, 1.0 / strike, years, -sign, mirror)
    assert float(here.price) == pytest.approx(strike * float(there.price), rel=1e-9, abs=1e-250)


@given(st.floats(50.0, 200.0), st.floats(0.5, 1.0))
def test_calls_and_puts_differ_by_the_forward(strike: float, discount: float) -> None:
    call, put = (float(heston_price(100.0, strike, 0.5, sign, EQUITY, discount).price) for sign in (1, -1))
    assert call - put == pytest.approx(discount * (100.0 - strike), abs=1e-12)


@given(st.floats(1e-6, 1e6))
def test_prices_scale_with_the_forward(scale: float) -> None:
    one, scaled = heston_price(1.0, 1.1, 0.5, 1, EQUITY), heston_price(scale, 1.1 * scale, 0.5, 1, EQUITY)
    assert float(scaled.price) == pytest.approx(scale * float(one.price), rel=1e-12)


def test_shapes_broadcast_and_rows_do_not_depend_on_their_company() -> None:
    strikes, years = np.array([80.0, 100.0, 125.0]), np.array([[1 / 365], [0.5], [30.0]])
    together = heston_price(100.0, strikes, years, 1, CRYPTO)
    assert all(column.shape == (3, 3) for column in together)
    for i in range(3):
        alone = heston_price(100.0, strikes[i], years[i, 0], 1, CRYPTO)
        assert np.ndim(alone.price) == 0
        assert float(together.price[i, i]) == pytest.approx(float(alone.price), rel=1e-12)


def test_many_rows_go_through_in_blocks() -> None:
    strikes = np.linspace(60.0, 160.0, 5_001)
    prices = heston_price(100.0, strikes, 0.25, 1, EQUITY).price
    np.testing.assert_allclose(prices[::1000], heston_price(100.0, strikes[::1000], 0.25, 1, EQUITY).price, rtol=1e-12)


def test_empty_columns_give_empty_columns() -> None:
    found = heston_price(np.empty((0, 3)), 100.0, 1.0, 1, EQUITY)
    assert [column.shape for column in found] == [(0, 3)] * 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("forward", 0.0),
        ("forward", np.nan),
        ("strike", -1.0),
        ("strike", np.inf),
        ("years", -1e-9),
        ("sign", 0),
        ("discount", 0.0),
        ("discount", "one"),
    ],
)
def test_bad_arguments_are_named(name: str, value: object) -> None:
    good = {"forward": 100.0, "strike": 100.0, "years": 1.0, "sign": 1, "parameters": EQUITY, "discount": 1.0}
    with pytest.raises(ValueError, match=f"^{name} must be"):
        heston_price(**{**good, name: value})


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"strike \(2,\), years \(3,\)"):
        heston_price(100.0, np.ones(2), np.ones(3), 1, EQUITY)


def test_a_row_that_does_not_converge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_module, "_FIRST_POINTS", 4)
    monkeypatch.setattr(price_module, "_MOST_POINTS", 8)
    found = heston_price(100.0, np.array([70.0, 100.0, 140.0]), 1.0, -1, EQUITY)
    assert not found.accurate.any()
    monkeypatch.undo()
    exact = heston_price(100.0, np.array([70.0, 100.0, 140.0]), 1.0, -1, EQUITY)
    assert exact.accurate.all()
    assert np.all(np.abs(found.price - exact.price) < found.error)


def test_the_stated_error_covers_the_true_one(exact_rows: list) -> None:
    for five, years, strike, exact in exact_rows:
        found = heston_price(100.0, strike, years, 1 if strike >= 100 else -1, HestonParameters(*five))
        rounded = 1e-11 * exact  # of the arguments themselves, which the oracle takes as they are
        assert abs(float(found.price) - exact) <= float(found.error) + rounded
