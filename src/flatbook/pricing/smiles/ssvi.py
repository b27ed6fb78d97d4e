"""SSVI: a whole surface of slices with one correlation and a function of at-the-money variance for the rest.

Source: Gatheral and Jacquier (2014), section 4.
"""

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats
from flatbook.pricing.arguments import CORRELATION, POSITIVE, Rule, check, columns, shaped
from flatbook.pricing.smiles.svi import SVI

_EXPONENT = Rule(lambda x: (x >= 0.0) & (x <= 1.0), "between 0 and 1, both included")
_BUTTERFLY = 4.0  # the bound of both sufficient conditions, Theorem 4.2
_FEW = 0.1  # below it the Heston-like curve is a series: the closed form loses digits to cancellation


class PowerLaw(msgspec.Struct, frozen=True, tag=True):
    """phi(theta) = eta theta^-gamma. Free of butterfly arbitrage only up to some theta, unless gamma is 1."""

    eta: float
    gamma: float

    def __post_init__(self) -> None:
        check("eta", self.eta, POSITIVE)
        check("gamma", self.gamma, _EXPONENT)

    def phi(self, theta: Floats) -> Floats:
        """The curve itself."""
        return self.eta * theta**-self.gamma

    def growth(self, theta: Floats) -> Floats:
        """d(theta phi)/dtheta / phi."""
        return np.full_like(theta, 1.0 - self.gamma)


class BoundedPowerLaw(msgspec.Struct, frozen=True, tag=True):
    """phi(theta) = eta theta^-gamma (1 + theta)^(gamma - 1). With gamma <= 1/2, eta (1+|rho|) <= 2 frees every theta."""

    eta: float
    gamma: float

    def __post_init__(self) -> None:
        check("eta", self.eta, POSITIVE)
        check("gamma", self.gamma, _EXPONENT)

    def phi(self, theta: Floats) -> Floats:
        """The curve itself."""
        return self.eta * theta**-self.gamma * (1.0 + theta) ** (self.gamma - 1.0)

    def growth(self, theta: Floats) -> Floats:
        """d(theta phi)/dtheta / phi."""
        return (1.0 - self.gamma) / (1.0 + theta)


class HestonLike(msgspec.Struct, frozen=True, tag=True):
    """phi(theta) = {1 - (1 - e^-x)/x}/x with x = decay theta. Every theta is free if decay >= (1+|rho|)/4."""

    decay: float

    def __post_init__(self) -> None:
        check("decay", self.decay, POSITIVE)

    def phi(self, theta: Floats) -> Floats:
        """The curve itself."""
        x = self.decay * theta
        far = np.maximum(x, _FEW)
        return np.where(x < _FEW, _series(x, 2), (far + np.expm1(-far)) / (far * far))

    def growth(self, theta: Floats) -> Floats:
        """d(theta phi)/dtheta / phi."""
        x = self.decay * theta
        far = np.maximum(x, _FEW)
        closed = (-np.expm1(-far) - far * np.exp(-far)) / (far + np.expm1(-far))
        return np.where(x < _FEW, _growth_series(x) / _series(x, 2), closed)


def _series(x: Floats, first: int) -> Floats:
    """Sum over n >= 0 of (-x)^n / (n + first)!, for small x: eleven terms are a double's worth below 0.1."""
    near = np.minimum(x, _FEW)
    return sum(((-near) ** n / math.factorial(n + first) for n in range(11)), np.zeros_like(near))


def _growth_series(x: Floats) -> Floats:
    """(1 - e^-x - x e^-x)/x^2 for small x: the sum of (n + 1) (-x)^n / (n + 2)!."""
    near = np.minimum(x, _FEW)
    return sum(((n + 1) * (-near) ** n / math.factorial(n + 2) for n in range(11)), np.zeros_like(near))


class SSVI(msgspec.Struct, frozen=True):
    """w(k, theta) = theta/2 {1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)}, phi = phi(theta).

    theta is the total variance at the money of an expiry, k = ln(strike / forward). Raises ValueError for a |rho| not
    below 1.
    """

    rho: float
    curve: PowerLaw | BoundedPowerLaw | HestonLike

    def __post_init__(self) -> None:
        check("rho", self.rho, CORRELATION)

    def total_variance(self, k: ArrayLike, theta: ArrayLike) -> Any:
        """w(k, theta) in the shape that `k` and `theta` take together; theta must be positive."""
        shape, (at, money) = columns({"theta": POSITIVE}, k=k, theta=theta)
        lean = self.curve.phi(money) * at
        reach = np.hypot(lean + self.rho, math.sqrt((1.0 - self.rho) * (1.0 + self.rho)))
        return shaped(0.5 * money * (1.0 + self.rho * lean + reach), shape)

    def slice(self, theta: float) -> SVI:
        """The raw slice with variance `theta` at the money."""
        check("theta", theta, POSITIVE)
        phi = float(self.curve.phi(np.array([theta]))[0])
        return SVI.from_natural(0.0, 0.0, self.rho, theta, phi)

    def butterfly_free(self, theta: ArrayLike) -> Any:
        """Whether theta phi (1+|rho|) < 4 and theta phi^2 (1+|rho|) <= 4, in the shape of `theta` (Theorem 4.2).

        Both together are sufficient, so True is certain; where it is False, `butterfly` of the slice decides.
        """
        shape, (money,) = columns({"theta": POSITIVE}, theta=theta)
        phi = self.curve.phi(money)
        steepness = money * phi * (1.0 + abs(self.rho))
        free: Flags = (steepness < _BUTTERFLY) & (steepness * phi <= _BUTTERFLY)
        return shaped(free, shape)

    def calendar_free(self, thetas: ArrayLike) -> bool:
        """Whether expiries with these at-the-money variances, soonest first, are free of calendar arbitrage (Theorem 4.1).

        That is so if theta never falls and 0 <= d(theta phi)/dtheta <= phi (1 + sqrt(1 - rho^2)) / rho^2. Fewer than two
        expiries are free.
        """
        _, (money,) = columns({"thetas": POSITIVE}, thetas=thetas)
        growth = self.curve.growth(money)
        most = 1.0 + math.sqrt((1.0 - self.rho) * (1.0 + self.rho))
        return bool(np.all(np.diff(money) >= 0.0) and np.all(growth >= 0.0) and np.all(growth * self.rho**2 <= most))
