"""The moments of the forward: against the textbook form, against their own differential equations, and where they end."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from flatbook.pricing.heston import HestonParameters
from flatbook.pricing.heston.characteristic import log_moment, moment_strip

SETS = [
    HestonParameters(0.04, 1.5, 0.06, 0.6, -0.7),
    HestonParameters(0.04, 4.0, 0.25, 1.0, -0.5),
    HestonParameters(0.0, 1.0, 0.1, 2.0, -0.9),
    HestonParameters(0.3, 0.3, 0.4, 3.0, 0.9),
    HestonParameters(0.09, 0.001, 0.2, 0.05, 0.0),
]


def at(power: complex | np.ndarray, years: float, parameters: HestonParameters) -> np.ndarray:
    return log_moment(np.asarray(power, dtype=np.complex128), np.asarray(years), parameters)


def by_riccati(power: complex, years: float, m: HestonParameters) -> complex:
    """ln of the moment by integrating D' = p(p-1)/2 - beta D + sigma^2 D^2/2 and C' = kappa theta D: no logarithm at all."""
    beta = m.kappa - m.rho * m.sigma * power

    def slope(_: float, y: np.ndarray) -> list[complex]:
        d = y[0]
        return [0.5 * power * (power - 1) - beta * d + 0.5 * m.sigma**2 * d * d, m.kappa * m.theta * d]

    d, c = solve_ivp(slope, (0.0, years), [0j, 0j], method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
    return m.v0 * d + c


@pytest.mark.parametrize("parameters", SETS)
@pytest.mark.parametrize("years", [1 / 365, 1.0, 30.0])
@pytest.mark.parametrize("power", [0.5 + 0.3j, 0.5 + 7j, 0.2 + 60j, 0.9 - 3j])
def test_the_moment_solves_its_equations_at_every_maturity(parameters: HestonParameters, years: float, power: complex) -> None:
    # The equations know nothing of branches, so agreement of ln M, not only of M, is what shows there is no jump.
    assert at(power, years, parameters) == pytest.approx(by_riccati(power, years, parameters), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("parameters", SETS)
@pytest.mark.parametrize("years", [1 / 365, 1.0, 30.0])
def test_the_moment_is_continuous_far_out_and_sideways(parameters: HestonParameters, years: float) -> None:
    along = np.exp(np.linspace(-3.0, 9.0, 20_001))
    for angle in (np.pi / 2, np.pi / 2 - 0.4, np.pi / 2 + 0.4):
        value = at(0.5 + along * np.exp(1j * angle), years, parameters)
        # A jump of a branch is 4 pi kappa theta / sigma^2 all at once; on a smooth curve a step is near its neighbours' mean.
        bend = np.abs(np.diff(value, 2))
        assert np.max(bend / (1.0 + np.abs(value[1:-1]))) < 1e-4


def test_the_moment_is_the_textbook_one(log_moment_in_40_digits: Callable[..., complex]) -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    for _ in range(200):
        five = (*(10.0 ** rng.uniform(-3, 0.5, 3)), 10.0 ** rng.uniform(-6, 0.5), rng.uniform(-0.9999, 0.9999))
        years, power = 10.0 ** rng.uniform(-2.5, 1.5), rng.uniform(0.05, 0.95) + 1j * 10.0 ** rng.uniform(-2, 3)
        with mpmath.workdps(40):
            exact = complex(log_moment_in_40_digits(mpmath.mpmathify(power), years, five))
        assert abs(at(power, years, HestonParameters(*five)) - exact) <= 1e-12 * max(1.0, abs(exact))


def test_without_vol_of_variance_the_moment_is_lognormal() -> None:
    # Variance fades from 0.09 to 0.04 with speed 2; over one year it sums to 0.04 + 0.05 (1 - e^-2)/2.
    total = 0.04 - 0.05 * np.expm1(-2.0) / 2.0
    power = 1.7 + 3j
    for sigma in (0.0, 1e-200, 1e-9):
        value = at(power, 1.0, HestonParameters(0.09, 2.0, 0.04, sigma, -0.5))
        assert value == pytest.approx(0.5 * total * power * (power - 1.0), rel=1e-8)
    assert at(power, 2.0, HestonParameters(0.09, 0.0, 0.04, 0.0, 0.0)) == pytest.approx(0.09 * power * (power - 1.0))


def test_the_forward_is_a_martingale() -> None:
    for parameters in SETS:
        for years in (1 / 365, 1.0, 30.0):
            assert np.allclose(at(np.array([0.0, 1.0]), years, parameters), 0.0, atol=1e-14)


@pytest.mark.parametrize("parameters", SETS[:4])
@pytest.mark.parametrize("years", [7 / 365, 1.0])
def test_moments_end_where_their_equation_explodes(parameters: HestonParameters, years: float) -> None:
    below, above = (float(room[0]) for room in moment_strip(np.array([years]), parameters))
    for power in (-below, 1.0 + above):
        inside, outside = (
            _explodes(0.5 + (power - 0.5) * 0.9999, years, parameters),
            _explodes(0.5 + (power - 0.5) * 1.0001, years, parameters),
        )
        assert (inside, outside) == (False, True)


def _explodes(power: float, years: float, m: HestonParameters) -> bool:
    """Whether D reaches infinity by `years`; followed as 1/D once it is large, so that infinity is a zero."""
    beta, pull = m.kappa - m.rho * m.sigma * power, 0.5 * power * (power - 1.0)

    def slope(_: float, y: np.ndarray) -> list[float]:
        return [pull - beta * y[0] + 0.5 * m.sigma**2 * y[0] ** 2]

    def large(_: float, y: np.ndarray) -> float:
        return y[0] - 1e12 * pull

    large.terminal = True  # type: ignore[attr-defined]
    return solve_ivp(slope, (0.0, years), [0.0], events=large, rtol=1e-9, atol=1e-9).status != 0


def test_the_strip_is_as_wide_as_it_goes_where_no_moment_explodes() -> None:
    below, above = moment_strip(np.array([1.0]), HestonParameters(0.04, 1.0, 0.04, 0.0, 0.0))
    assert below[0] > 1e20
    assert above[0] > 1e20


def test_a_strip_far_narrower_than_the_doubles_near_one_is_still_positive() -> None:
    _, above = moment_strip(np.array([30.0]), HestonParameters(0.04, 0.1, 0.1, 2.0, 0.9))
    assert 0.0 < above[0] < 1e-15
