"""The gradient: of the moments against forty digits, of prices against the exact pricer, and what the grid is worth."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from flatbook.pricing.heston import HestonParameters, heston_price
from flatbook.pricing.heston.gradient import log_moment_and_gradient
from flatbook.pricing.heston.parameters import total_variance
from flatbook.pricing.heston.quadrature import FINENESSES, prices_and_gradient, quadrature
from flatbook.pricing.heston.quotes import Quotes, read_quotes

SETS = [(0.04, 1.5, 0.06, 0.6, -0.7), (0.3, 6.0, 0.5, 3.0, -0.3), (0.01, 0.2, 0.3, 2.0, 0.9), (0.2, 20.0, 0.1, 0.05, 0.1)]


@pytest.mark.parametrize("five", SETS)
@pytest.mark.parametrize("years", [1 / 365, 1.0, 30.0])
@pytest.mark.parametrize("power", [0.5 + 0.2j, 0.4 + 9j, 0.7 - 80j])
def test_the_gradient_is_the_derivative(
    five: tuple, years: float, power: complex, log_moment_in_40_digits: Callable[..., mpmath.mpc]
) -> None:
    found = log_moment_and_gradient(np.array([power]), np.array([years]), np.array(five))[:, 0]
    with mpmath.workdps(40):
        p = mpmath.mpmathify(power)
        exact = [log_moment_in_40_digits(p, years, five)]
        for i in range(5):

            def along(x: mpmath.mpf, i: int = i) -> mpmath.mpc:
                return log_moment_in_40_digits(p, years, (*five[:i], x, *five[i + 1 :]))

            exact.append(mpmath.diff(along, mpmath.mpf(five[i]), h=mpmath.mpf("1e-12")))
    # The derivative by sigma is a difference of terms as large as kappa theta / sigma^3.
    rounding = 1e-14 + 1e-14 * five[1] * five[2] / five[3] ** 3
    for ours, theirs in zip(found, exact, strict=True):
        assert abs(ours - complex(theirs)) <= 1e-9 * abs(complex(theirs)) + rounding


def chain(five: tuple, years: list[float], width: float = 2.0) -> Quotes:
    parameters = HestonParameters(*five)
    t = np.repeat(years, 9)
    k = np.tile(np.linspace(-width, width, 9), len(years)) * np.sqrt(total_variance(parameters, t))
    sign = np.where(k >= 0, 1.0, -1.0)
    price = heston_price(100.0, 100.0 * np.exp(k), t, sign, parameters, 0.97).price
    return read_quotes(100.0, 100.0 * np.exp(k), t, sign, price, 0.97, None)


@pytest.mark.parametrize("five", SETS[:2])
def test_the_coarsest_grid_serves_ordinary_smiles(five: tuple) -> None:
    quotes = chain(five, [1 / 365, 7 / 365, 1 / 12, 0.25, 1.0, 2.0])
    found = prices_and_gradient(quadrature(quotes, FINENESSES[0]), np.array(five))[:, 0]
    assert np.max(np.abs(found - quotes.price)) < 1e-8


@pytest.mark.parametrize("five", SETS)
def test_finer_grids_serve_hard_ones(five: tuple) -> None:
    quotes = chain(five, [1 / 365, 0.25, 5.0])
    found = prices_and_gradient(quadrature(quotes, FINENESSES[2]), np.array(five))[:, 0]
    assert np.max(np.abs(found - quotes.price)) < 1e-7


@pytest.mark.parametrize("rho", [-0.998, 0.998])
def test_the_finest_grid_serves_correlations_near_one(rho: float) -> None:
    five = (0.04, 2.0, 0.05, 0.8, rho)
    quotes = chain(five, [0.02, 0.1, 1.0], width=1.0)
    found = prices_and_gradient(quadrature(quotes, FINENESSES[2]), np.array(five))[:, 0]
    assert np.max(np.abs(found - quotes.price)) < 1e-5


@pytest.mark.parametrize("five", SETS[:2])
def test_prices_differentiate_as_the_exact_pricer_does(five: tuple) -> None:
    quotes = chain(five, [7 / 365, 0.5, 2.0])
    found = prices_and_gradient(quadrature(quotes, FINENESSES[1]), np.array(five))[:, 1:]
    for i in range(5):
        step = 1e-5 * max(abs(five[i]), 0.1)
        up, down = (
            heston_price(
                100.0,
                quotes.strike,
                quotes.years,
                quotes.sign,
                HestonParameters(*(x + side * step * (j == i) for j, x in enumerate(five))),
                0.97,
            ).price
            for side in (1, -1)
        )
        difference = (up - down) / (2.0 * step)
        np.testing.assert_allclose(found[:, i], difference, rtol=1e-6, atol=1e-6 * np.max(np.abs(difference)))


def test_a_grid_serves_in_the_money_and_repeated_quotes_in_any_order() -> None:
    parameters = HestonParameters(*SETS[0])
    strike = np.array([90.0, 120.0, 90.0, 100.0, 120.0])
    years, sign = np.array([1.0, 0.5, 1.0, 0.5, 0.5]), np.array([1.0, -1.0, -1.0, 1.0, 1.0])
    price = heston_price(100.0, strike, years, sign, parameters).price
    quotes = read_quotes(100.0, strike, years, sign, price, 1.0, None)
    found = prices_and_gradient(quadrature(quotes, FINENESSES[0]), np.array(SETS[0]))[:, 0]
    np.testing.assert_allclose(found, price, atol=1e-8)
