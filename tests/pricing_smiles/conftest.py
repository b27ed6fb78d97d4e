"""Oracles for the smiles: SVI and Durrleman's g in 50-digit arithmetic, and the slices everybody tests with."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from flatbook.pricing.smiles import SVI


def _exact_variance(svi: SVI, k: object) -> mpmath.mpf:
    a, b, rho, m, sigma = (mpmath.mpf(float(number)) for number in svi.raw)
    y = mpmath.mpf(k) - m
    return a + b * (rho * y + mpmath.sqrt(y * y + sigma * sigma))


def _exact_g(svi: SVI, k: object) -> mpmath.mpf:
    a, b, rho, m, sigma = (mpmath.mpf(float(number)) for number in svi.raw)
    k = mpmath.mpf(k)
    reach = mpmath.sqrt((k - m) ** 2 + sigma**2)
    w = a + b * (rho * (k - m) + reach)
    slope, curvature = b * (rho + (k - m) / reach), b * sigma**2 / reach**3
    return (1 - k * slope / (2 * w)) ** 2 - slope**2 / 4 * (1 / w + mpmath.mpf(1) / 4) + curvature / 2


@pytest.fixture(scope="session")
def exact_variance() -> Callable[[SVI, object], mpmath.mpf]:
    mpmath.mp.dps = 50
    return _exact_variance


@pytest.fixture(scope="session")
def exact_g() -> Callable[[SVI, object], mpmath.mpf]:
    mpmath.mp.dps = 50
    return _exact_g


@pytest.fixture(scope="session")
def vogt() -> SVI:
    """Axel Vogt's slice at one year: a smooth smile whose density is negative (Gatheral and Jacquier 2014, example 3.1)."""
    return SVI(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153)


@pytest.fixture(scope="session")
def plain() -> SVI:
    """A month of bitcoin, roughly: nothing wrong with it."""
    return SVI(a=0.01, b=0.09, rho=-0.15, m=0.02, sigma=0.12)


@pytest.fixture(scope="session")
def dense() -> Callable[[SVI], np.ndarray]:
    """Log-moneyness closely spaced near a slice's bend and near the money, and ever more widely beyond."""

    def points(svi: SVI) -> np.ndarray:
        bend = svi.m + svi.sigma * np.sinh(np.linspace(-12.0, 12.0, 3001))
        return np.unique(np.concatenate([bend[np.abs(bend) < 1e4], np.linspace(-4.0, 4.0, 2001)]))

    return points
