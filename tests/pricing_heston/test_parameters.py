"""The five numbers: what they may be, and the variance they lead one to expect."""

from dataclasses import FrozenInstanceError

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.heston import HestonParameters
from flatbook.pricing.heston.parameters import total_variance

GOOD = {"v0": 0.04, "kappa": 1.5, "theta": 0.06, "sigma": 0.6, "rho": -0.7}


@pytest.mark.parametrize("name", ["v0", "kappa", "theta", "sigma"])
@pytest.mark.parametrize("value", [-0.01, np.nan, np.inf, "much", None])
def test_what_is_negative_or_no_number_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be a"):
        HestonParameters(**{**GOOD, name: value})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("value", [1.0, -1.0, 2.0, np.nan])
def test_a_correlation_of_one_or_more_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="rho must be between -1 and 1"):
        HestonParameters(**{**GOOD, "rho": value})


def test_one_set_of_parameters_serves_all_options() -> None:
    with pytest.raises(ValueError, match=r"kappa must be one number.*shape \(2,\)"):
        HestonParameters(**{**GOOD, "kappa": np.array([1.0, 2.0])})  # pyright: ignore[reportArgumentType]


def test_zero_is_allowed_and_numbers_become_floats() -> None:
    still = HestonParameters(0, 0, 0, 0, 0)
    assert still == HestonParameters(0.0, 0.0, 0.0, 0.0, 0.0)
    assert type(HestonParameters(np.float64(0.1), 1, 1, 1, 0).v0) is float


def test_parameters_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        HestonParameters(**GOOD).v0 = 0.1  # type: ignore[misc]


def test_feller_says_whether_variance_can_touch_zero() -> None:
    assert HestonParameters(0.04, 2.0, 0.09, 0.6, 0.0).feller  # 2 kappa theta = sigma^2 just suffices
    assert not HestonParameters(**GOOD).feller


@given(
    st.floats(0.0, 4.0),
    st.sampled_from([0.0, 1e-12, 1e-6, 1e-3, 0.1, 2.0, 50.0]),
    st.floats(0.0, 4.0),
    st.sampled_from([0.0, 1e-9, 1 / 365, 0.5, 1.0, 30.0]),
)
def test_total_variance_is_the_integral_of_the_mean(v0: float, kappa: float, theta: float, years: float) -> None:
    with mpmath.workdps(40):
        k, t = mpmath.mpf(kappa), mpmath.mpf(years)
        faded = -mpmath.expm1(-k * t) / k if kappa else t
        exact = float(theta * (t - faded) + mpmath.mpf(v0) * faded)
    assert total_variance(HestonParameters(v0, kappa, theta, 0.5, 0.0), years) == pytest.approx(exact, rel=2e-13, abs=1e-300)
