"""Fitting: the truth is found again, and what cannot be known is said."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.pricing.heston import HestonFit, HestonParameters, heston_calibrate, heston_price
from flatbook.pricing.heston.parameters import total_variance

EQUITY = HestonParameters(0.04, 1.5, 0.06, 0.6, -0.7)
CRYPTO = HestonParameters(0.3, 6.0, 0.5, 3.0, -0.3)
ELSEWHERE = HestonParameters(0.1, 1.0, 0.1, 0.5, 0.0)
EXPIRIES = [7 / 365, 1 / 12, 0.25, 0.5, 1.0, 2.0]

Columns = dict[str, np.ndarray]


def chain(
    parameters: HestonParameters, expiries: list[float], deviations: np.ndarray | None = None, discount: float = 1.0
) -> Columns:
    """Exact out-of-the-money quotes on a forward of 100."""
    z = np.linspace(-2.0, 2.0, 9) if deviations is None else deviations
    years = np.repeat(expiries, z.size)
    strike = 100.0 * np.exp(np.tile(z, len(expiries)) * np.sqrt(total_variance(parameters, years)))
    sign = np.where(strike >= 100.0, 1.0, -1.0)
    price = heston_price(100.0, strike, years, sign, parameters, discount).price
    forward, factor = np.full(years.size, 100.0), np.full(years.size, discount)
    return {"forward": forward, "strike": strike, "years": years, "sign": sign, "price": price, "discount": factor}


def about(fit: HestonFit, *words: str) -> bool:
    """Whether some one warning has all of the words."""
    return any(all(word in warning for word in words) for warning in fit.warnings)


@pytest.mark.parametrize("start", [None, ELSEWHERE, HestonParameters(0.5, 10.0, 0.02, 3.0, 0.8)])
def test_the_sample_columns_are_refitted(start: HestonParameters | None) -> None:
    truth = HestonParameters(0.04, 4.0, 0.25, 1.0, -0.5)
    years, strike = (each.T for each in np.meshgrid([0.25, 0.5, 1.0, 2.0], [80.0, 90.0, 100.0, 110.0, 120.0]))
    forward, discount = 100.0 * np.exp(-0.01 * years), np.exp(-0.01 * years)
    price = heston_price(forward, strike, years, -1, truth, discount).price
    fit = heston_calibrate(forward, strike, years, -1, price, discount, start=start)
    assert np.max(np.abs(fit.price_error)) < 1e-6
    assert fit.price.shape == fit.vol_error.shape == (4, 5)
    np.testing.assert_allclose(fit.parameters.column(), truth.column(), rtol=1e-5)
    assert fit.converged
    assert fit.warnings == ()


@pytest.mark.parametrize("truth", [EQUITY, CRYPTO])
@pytest.mark.parametrize("start", [None, ELSEWHERE])
def test_the_truth_is_found_from_a_generic_start_with_expiries_of_a_day(
    truth: HestonParameters, start: HestonParameters | None
) -> None:
    fit = heston_calibrate(**chain(truth, [1 / 365, *EXPIRIES]), start=start)
    assert not truth.feller
    np.testing.assert_allclose(fit.parameters.column(), truth.column(), rtol=1e-5)
    assert fit.rmse < 1e-6
    assert fit.vol_rmse < 1e-7
    assert fit.has_vol.all()


@settings(max_examples=25, deadline=None)
@given(
    v0=st.floats(0.005, 1.0),
    mean=st.floats(0.3, 3.0),
    kappa=st.floats(0.5, 15.0),
    sigma=st.floats(0.5, 6.0),
    rho=st.floats(-0.95, 0.95),
)
def test_prices_of_any_ordinary_model_are_refitted(v0: float, mean: float, kappa: float, sigma: float, rho: float) -> None:
    truth = HestonParameters(v0, kappa, v0 * mean, sigma * np.sqrt(v0 * mean), rho)
    fit = heston_calibrate(**chain(truth, EXPIRIES))
    assert np.max(np.abs(fit.price_error)) < 1e-5


def test_errors_are_those_of_the_exact_pricer() -> None:
    quotes = chain(EQUITY, EXPIRIES, discount=0.95)
    quotes["price"] = quotes["price"] * (1.0 + 0.02 * np.sin(np.arange(quotes["price"].size)))
    fit = heston_calibrate(**quotes)
    exact = heston_price(100.0, quotes["strike"], quotes["years"], quotes["sign"], fit.parameters, 0.95).price
    np.testing.assert_array_equal(fit.price, exact)
    np.testing.assert_array_equal(fit.price_error, exact - quotes["price"])
    assert fit.rmse == pytest.approx(np.sqrt(np.mean(fit.price_error**2)))
    assert fit.vol_rmse == pytest.approx(np.sqrt(np.mean(fit.vol_error**2)))
    assert fit.converged


def test_standard_errors_cover_what_noise_does() -> None:
    quotes = chain(EQUITY, EXPIRIES)
    rng = np.random.Generator(np.random.PCG64(11))
    exact, misses = quotes["price"], []
    for _ in range(30):
        quotes["price"] = exact * (1.0 + 0.005 * rng.standard_normal(exact.size))
        fit = heston_calibrate(**quotes, weight=1.0 / exact)
        misses.append((fit.parameters.column() - EQUITY.column()) / fit.standard_errors)
    # In units of their own standard error the misses have about unit size.
    assert np.all(np.abs(np.sqrt(np.mean(np.square(misses), axis=0)) - 1.0) < 0.5)


def test_weights_say_which_quotes_count() -> None:
    quotes = chain(EQUITY, EXPIRIES)
    wrong = np.arange(quotes["price"].size) == 20
    quotes["price"] = np.where(wrong, 1.1 * quotes["price"], quotes["price"])
    fit = heston_calibrate(**quotes, weight=np.where(wrong, 0.0, 1.0))
    np.testing.assert_allclose(fit.parameters.column(), EQUITY.column(), rtol=1e-4)
    assert fit.price_error[20] == pytest.approx(-quotes["price"][20] / 11.0, rel=1e-3)


def test_a_fit_is_the_same_every_time_and_calls_or_puts_make_no_difference() -> None:
    quotes = chain(CRYPTO, EXPIRIES)
    quotes["price"] = quotes["price"] * (1.0 + 0.01 * np.cos(np.arange(quotes["price"].size)))
    first, again = heston_calibrate(**quotes), heston_calibrate(**quotes)
    assert first.parameters == again.parameters
    assert first.iterations == again.iterations
    other = {**quotes, "sign": -quotes["sign"], "price": quotes["price"] - quotes["sign"] * (100.0 - quotes["strike"])}
    np.testing.assert_allclose(heston_calibrate(**other).parameters.column(), first.parameters.column(), rtol=1e-5)


def test_one_expiry_cannot_tell_the_levels_apart() -> None:
    fit = heston_calibrate(**chain(EQUITY, [0.5]))
    assert fit.rmse < 1e-6
    assert about(fit, "kappa and theta", "not identified")


def test_short_expiries_say_nothing_of_the_mean() -> None:
    fit = heston_calibrate(**chain(EQUITY, [1 / 365, 2 / 365, 3 / 365]))
    assert fit.parameters.v0 == pytest.approx(0.04, rel=1e-4)
    assert about(fit, "theta", "not identified")


def test_without_wings_the_sign_of_the_lean_is_open() -> None:
    fit = heston_calibrate(**chain(EQUITY, [0.05, 0.1, 0.25, 0.5, 1.0, 2.0], np.zeros(1)))
    assert fit.rmse < 1e-6
    assert about(fit, "sign of rho", "not identified")


def test_noise_drowns_what_narrow_wings_say() -> None:
    quotes = chain(EQUITY, [0.25, 0.5, 1.0], np.array([-0.05, 0.0, 0.05]))
    quotes["price"] = quotes["price"] * (1.0 + 0.003 * np.sin(7.0 * np.arange(9.0)))
    fit = heston_calibrate(**quotes)
    assert about(fit, "not identified")
    assert np.max(fit.standard_errors / np.abs(fit.parameters.column())) > 0.2


def test_a_whole_surface_leaves_nothing_open() -> None:
    assert heston_calibrate(**chain(EQUITY, EXPIRIES)).warnings == ()


def test_fewer_quotes_than_parameters_are_fitted_and_the_rest_is_said() -> None:
    fit = heston_calibrate(100.0, [95.0, 105.0], 0.5, [-1, 1], [3.0, 3.2])
    assert np.max(np.abs(fit.price_error)) < 1e-6
    assert about(fit, "2 quotes cannot identify")
    assert np.isinf(fit.standard_errors).all()
    single = heston_calibrate(100.0, 100.0, 0.5, 1, 5.0)
    assert np.ndim(single.price) == 0
    assert float(single.price) == pytest.approx(5.0, abs=1e-6)


def test_a_fit_at_a_bound_says_which() -> None:
    fit = heston_calibrate(**chain(HestonParameters(0.0, 2.0, 0.1, 0.5, -0.5), EXPIRIES))
    assert fit.parameters.v0 == pytest.approx(1e-6)
    assert about(fit, "v0 stopped at its lower bound, 1e-06")
    assert fit.reason.endswith("within the bounds")
    assert np.isinf(fit.standard_errors).tolist() == [True, False, False, False, False]
    assert fit.vol_rmse < 1e-4


def test_lognormal_prices_are_fitted_without_vol_of_variance() -> None:
    fit = heston_calibrate(**chain(HestonParameters(0.09, 1.0, 0.09, 1e-6, 0.0), EXPIRIES))
    assert fit.vol_rmse < 1e-6
    # A wide flat valley: the last bits decide whether it stops at the bound or before it, and either way it must say so.
    assert about(fit, "sigma stopped at its lower bound") or about(fit, "kappa", "sigma", "not identified")
    assert any("kappa" in warning and "not identified" in warning for warning in fit.warnings)


def test_a_lean_near_one_is_fitted_or_the_grid_owns_up() -> None:
    fit = heston_calibrate(**chain(HestonParameters(0.04, 1.5, 0.06, 0.6, -0.99999), EXPIRIES))
    assert fit.parameters.rho < -0.99
    assert np.max(np.abs(fit.price_error)) < 1e-2
    assert fit.warnings


def test_a_quote_without_a_vol_has_an_error_in_price_alone() -> None:
    quotes = chain(EQUITY, EXPIRIES)
    quotes["price"][0] = 0.0
    fit = heston_calibrate(**quotes, weight=np.arange(quotes["price"].size) > 0)
    assert fit.has_vol.tolist() == [False] + [True] * (quotes["price"].size - 1)
    assert fit.vol_error[0] == 0.0
    assert np.isfinite(fit.vol_rmse)
    np.testing.assert_allclose(fit.parameters.column(), EQUITY.column(), rtol=1e-4)
    fit = heston_calibrate(**quotes)
    assert np.isfinite(fit.price_error).all()
    assert fit.price_error[0] == fit.price[0] > 0.0


GOOD = {"forward": 100.0, "strike": 100.0, "years": 1.0, "sign": 1, "price": 8.0, "discount": 1.0, "weight": 1.0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("forward", -1.0),
        ("strike", 0.0),
        ("years", 0.0),
        ("sign", 0.5),
        ("price", -1e-3),
        ("price", np.nan),
        ("discount", np.inf),
        ("weight", -1.0),
        ("weight", np.nan),
    ],
)
def test_bad_arguments_are_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be"):
        heston_calibrate(**{**GOOD, name: value})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"price": np.empty(0), "strike": np.empty(0)}, "price must hold at least one quote to fit"),
        ({"weight": 0.0}, "weight must be positive for at least one quote"),
        ({"price": 0.0}, "price must lie between intrinsic value and the upper bound"),
        ({"price": 150.0}, "price must lie between intrinsic value and the upper bound"),
        ({"strike": np.ones(2), "years": np.ones(3)}, "do not broadcast"),
    ],
)
def test_quotes_that_cannot_be_fitted_are_refused(change: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        heston_calibrate(**{**GOOD, **change})


def test_a_grid_too_coarse_is_refined(monkeypatch: pytest.MonkeyPatch) -> None:
    from flatbook.pricing.heston import search

    hard = HestonParameters(0.02, 1.0, 0.1, 2.0, -0.9)  # its moments fade slowly at short expiries
    asked: list[int] = []
    original: Callable = search.quadrature

    def watched(quotes: object, fineness: search.Fineness) -> object:
        asked.append(fineness.points)
        return original(quotes, fineness)

    monkeypatch.setattr(search, "quadrature", watched)
    fit = heston_calibrate(**chain(hard, EXPIRIES))
    assert len(asked) > 1
    assert np.max(np.abs(fit.price_error)) < 1e-6
    monkeypatch.setattr(search, "FINENESSES", search.FINENESSES[:1])
    assert about(heston_calibrate(**chain(hard, EXPIRIES)), "a better fit may exist")
