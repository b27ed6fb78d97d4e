"""The slice: its formula, its derivatives, and what it refuses to be."""

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import QuantLib as ql  # noqa: N813
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.smiles import SVI

moneynesses = st.floats(-3.0, 3.0)


@st.composite
def slices(draw: st.DrawFn) -> SVI:
    b, rho = draw(st.floats(0.0, 2.0)), draw(st.floats(-0.999, 0.999))
    m, sigma = draw(st.floats(-1.0, 1.0)), draw(st.floats(1e-3, 2.0))
    least = draw(st.floats(1e-6, 1.0))
    return SVI(least - b * sigma * math.sqrt(1.0 - rho * rho), b, rho, m, sigma)


# The formula


@given(slices(), moneynesses)
def test_variance_and_g_are_right_to_rounding(
    exact_variance: Callable[..., mpmath.mpf], exact_g: Callable[..., mpmath.mpf], svi: SVI, k: float
) -> None:
    size = abs(svi.a) + svi.b * math.hypot(k - svi.m, svi.sigma)
    w = svi.total_variance(k)
    assert abs(w - exact_variance(svi, k)) <= 1e-15 * size
    assert svi.vol(k, 0.25) == pytest.approx(math.sqrt(w / 0.25), rel=1e-15)
    # What one rounding of a leaves of the variance, g sees as often as it divides by it.
    terms = (1 + abs(k * svi.slope(k) / (2 * w))) ** 2 + svi.slope(k) ** 2 * (1 / w + 0.25) + svi.curvature(k)
    assert abs(svi.durrleman(k) - exact_g(svi, k)) <= 1e-14 * terms * (1.0 + size / w)


@given(slices(), moneynesses)
def test_derivatives_are_those_of_the_variance(exact_variance: Callable[..., mpmath.mpf], svi: SVI, k: float) -> None:
    assert svi.slope(k) == pytest.approx(float(mpmath.diff(lambda x: exact_variance(svi, x), k)), rel=1e-9, abs=1e-12)
    assert svi.curvature(k) == pytest.approx(float(mpmath.diff(lambda x: exact_variance(svi, x), k, 2)), rel=1e-9, abs=1e-12)


def test_quantlib_has_the_same_slice(plain: SVI) -> None:
    years, forward = 0.08, 60_000.0
    theirs = ql.SviSmileSection(years, forward, [plain.a, plain.b, plain.sigma, plain.rho, plain.m])
    for strike in (30_000.0, 55_000.0, 60_000.0, 90_000.0):
        assert plain.vol(math.log(strike / forward), years) == pytest.approx(theirs.volatility(strike), rel=1e-13)


@given(slices())
def test_the_least_variance_and_the_wings_are_where_they_are_said_to_be(svi: SVI) -> None:
    bottom = svi.m - svi.rho * svi.sigma / math.sqrt(1.0 - svi.rho**2)
    assert svi.total_variance(bottom) == pytest.approx(svi.least_variance, rel=1e-12)
    assert np.all(svi.total_variance(bottom + np.linspace(-2.0, 2.0, 41)) >= svi.least_variance)
    puts, calls = svi.wing_slopes
    assert svi.slope(-1e9) == pytest.approx(-puts, abs=1e-12)
    assert svi.slope(1e9) == pytest.approx(calls, abs=1e-12)


def test_a_least_variance_of_nothing_is_never_negative() -> None:
    rho, sigma = 0.37, 0.21
    svi = SVI(-0.3 * sigma * math.sqrt(1.0 - rho * rho), 0.3, rho, 0.1, sigma)
    k = np.linspace(-1.0, 1.0, 20_001)
    assert np.all(svi.total_variance(k) >= 0.0)
    assert np.all(svi.vol(k, 1.0) >= 0.0)
    with pytest.raises(ValueError, match="least total variance is 0"):
        svi.durrleman(0.0)


# Shapes


def test_numbers_give_numbers_and_arrays_their_shape(plain: SVI) -> None:
    for measure in (plain.total_variance, plain.slope, plain.curvature, plain.durrleman):
        assert isinstance(measure(0.1), float)
        assert measure([[0.1, 0.2], [0.3, 0.4]]).shape == (2, 2)
        assert measure([]).shape == (0,)
        assert measure([0.1, 0.2])[1] == measure(0.2)
    assert plain.vol([[0.0], [0.1]], [0.1, 0.2, 0.3]).shape == (2, 3)


# What cannot be


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a": math.nan}, "a must be a finite number"),
        ({"a": math.inf}, "a must be a finite number"),
        ({"b": -0.1}, "b, the steepness of the wings"),
        ({"b": math.inf}, "b, the steepness of the wings"),
        ({"rho": 1.0}, "rho must be between -1 and 1"),
        ({"rho": math.nan}, "rho must be between -1 and 1"),
        ({"m": -math.inf}, "m must be a finite number"),
        ({"sigma": 0.0}, "sigma, the width of the bend"),
        ({"sigma": math.nan}, "sigma, the width of the bend"),
        ({"a": -0.02}, "a must be at least"),
    ],
)
def test_a_parameter_that_will_not_do_is_named(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SVI(**({"a": 0.01, "b": 0.09, "rho": -0.15, "m": 0.02, "sigma": 0.12} | change))


def test_bad_arguments_are_named(plain: SVI) -> None:
    with pytest.raises(ValueError, match=r"k must be a finite number; k\[1\] is nan"):
        plain.total_variance([0.0, math.nan])
    with pytest.raises(ValueError, match="years must be a positive finite number"):
        plain.vol(0.0, 0.0)
    with pytest.raises(ValueError, match="do not broadcast"):
        plain.vol([0.0, 0.1], [1.0, 2.0, 3.0])
