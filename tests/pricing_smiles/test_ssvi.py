"""SSVI: its formula, its slices, its two theorems."""

import itertools
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.smiles import SSVI, BoundedPowerLaw, HestonLike, PowerLaw, butterfly, calendar

K = np.linspace(-2.0, 2.0, 81)
rhos = st.floats(-0.95, 0.95)
thetas = st.floats(1e-4, 4.0)
curves = st.one_of(
    st.builds(PowerLaw, st.floats(0.05, 3.0), st.floats(0.0, 1.0)),
    st.builds(BoundedPowerLaw, st.floats(0.05, 3.0), st.floats(0.0, 1.0)),
    st.builds(HestonLike, st.floats(1e-3, 10.0)),
)


@given(rhos, curves, thetas)
def test_a_slice_is_the_surface_at_its_theta(rho: float, curve: PowerLaw, theta: float) -> None:
    surface = SSVI(rho, curve)
    phi = float(curve.phi(np.array([theta]))[0])
    printed = 0.5 * theta * (1.0 + rho * phi * K + np.sqrt((phi * K + rho) ** 2 + 1.0 - rho * rho))
    assert surface.total_variance(K, theta) == pytest.approx(printed, rel=1e-13)
    assert surface.slice(theta).total_variance(K) == pytest.approx(printed, rel=1e-11)
    assert surface.total_variance(0.0, theta) == pytest.approx(theta, rel=1e-15)


@given(rhos, curves, thetas)
def test_the_sufficient_conditions_suffice(rho: float, curve: PowerLaw, theta: float) -> None:
    surface = SSVI(rho, curve)
    phi = float(curve.phi(np.array([theta]))[0])
    steep = theta * phi * (1.0 + abs(rho))
    assert surface.butterfly_free(theta) == (steep < 4.0 and steep * phi <= 4.0)
    if surface.butterfly_free(theta):
        assert butterfly(surface.slice(theta)).free


@given(rhos, curves, st.lists(thetas, min_size=2, max_size=5))
def test_a_calendar_free_surface_has_slices_one_above_the_other(rho: float, curve: PowerLaw, given_thetas: list[float]) -> None:
    surface, rising = SSVI(rho, curve), sorted(given_thetas)
    assert surface.calendar_free(rising)
    slices = [surface.slice(theta) for theta in rising]
    assert all(calendar(early, late).free for early, late in itertools.pairwise(slices))
    assert surface.calendar_free(rising[::-1]) == (rising == rising[::-1])


@given(curves, st.floats(1e-3, 4.0))
def test_growth_is_the_derivative_of_theta_phi(curve: PowerLaw, theta: float) -> None:
    step = 1e-5 * theta
    around = np.array([theta - step, theta, theta + step])
    low, _, high = around * curve.phi(around)
    expected = (high - low) / (2 * step) / float(curve.phi(around)[1])
    assert curve.growth(around)[1] == pytest.approx(expected, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("x", [1e-300, 1e-12, 1e-4, 0.0999999999, 0.1, 0.3, 5.0, 1000.0])
def test_the_heston_like_curve_keeps_its_digits(x: float) -> None:
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(700):
        y = mpmath.mpf(x)
        phi = (1 - (1 - mpmath.exp(-y)) / y) / y
        growth = (1 - mpmath.exp(-y) - y * mpmath.exp(-y)) / y**2 / phi
        curve = HestonLike(2.0)
        assert curve.phi(np.array([x / 2]))[0] == pytest.approx(float(phi), rel=1e-13)
        assert curve.growth(np.array([x / 2]))[0] == pytest.approx(float(growth), rel=1e-13)


def test_known_bounds() -> None:
    # Gatheral and Jacquier, section 4: eta (1 + |rho|) <= 2, or here the closer eta^2 (1 + |rho|) <= 4, and
    # lambda >= (1 + |rho|)/4, free every theta.
    every = np.logspace(-8, 8, 200)
    assert np.all(SSVI(-0.6, BoundedPowerLaw(2.0 / 1.6, 0.5)).butterfly_free(every))
    assert np.all(SSVI(-0.6, BoundedPowerLaw(1.99 / math.sqrt(1.6), 0.5)).butterfly_free(every))
    assert np.all(SSVI(-0.6, HestonLike(0.4)).butterfly_free(every))
    assert not np.all(SSVI(-0.6, BoundedPowerLaw(2.01 / math.sqrt(1.6), 0.5)).butterfly_free(every))
    assert not np.all(SSVI(-0.6, HestonLike(0.39)).butterfly_free(every))
    assert not SSVI(-0.6, PowerLaw(1.0, 0.5)).butterfly_free(100.0)


def test_shapes_and_reading_from_text() -> None:
    surface = SSVI(-0.3, PowerLaw(1.0, 0.5))
    assert surface.total_variance([[0.0], [0.1]], [0.1, 0.2, 0.3]).shape == (2, 3)
    assert isinstance(surface.total_variance(0.0, 0.1), float)
    assert surface.total_variance([], 0.1).shape == (0,)
    assert surface.butterfly_free([0.1, 0.2]).tolist() == [True, True]
    assert surface.butterfly_free([]).shape == (0,)
    assert surface.calendar_free([])
    assert msgspec.json.decode(msgspec.json.encode(surface), type=SSVI) == surface


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SSVI(1.0, HestonLike(1.0)), "rho must be between -1 and 1"),
        (lambda: PowerLaw(0.0, 0.5), "eta must be a positive"),
        (lambda: PowerLaw(1.0, 1.5), "gamma must be between 0 and 1"),
        (lambda: BoundedPowerLaw(1.0, math.nan), "gamma must be between 0 and 1"),
        (lambda: HestonLike(-1.0), "decay must be a positive"),
        (lambda: SSVI(0.0, HestonLike(1.0)).total_variance(0.0, 0.0), "theta must be a positive"),
        (lambda: SSVI(0.0, HestonLike(1.0)).slice(math.inf), "theta must be a positive"),
        (lambda: SSVI(0.0, HestonLike(1.0)).calendar_free([0.1, -0.1]), r"thetas must be a positive .*thetas\[1\]"),
    ],
)
def test_bad_input_is_named(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
