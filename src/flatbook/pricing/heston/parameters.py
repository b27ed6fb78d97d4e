"""The five numbers of the Heston model, and the variance they lead one to expect."""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import NOT_NEGATIVE, check


@dataclass(frozen=True, slots=True)
class HestonParameters:
    """A variance that reverts to a mean and moves with the price: dv = kappa (theta - v) dt + sigma sqrt(v) dW.

    The forward moves as dF = F sqrt(v) dB with dB dW = rho dt. `v0` is the variance now and `theta` its long-run mean
    (annual, 0.04 is a vol of 20%), `kappa` the speed of reversion per year, `sigma` the vol of variance (0 makes it
    deterministic), `rho` the correlation, between -1 and 1, both excluded. The others are finite and not negative;
    ValueError names the one that is not. Source: Heston (1993), under the forward's own measure.
    """

    v0: float
    kappa: float
    theta: float
    sigma: float
    rho: float

    def __post_init__(self) -> None:
        for name in ("v0", "kappa", "theta", "sigma", "rho"):
            value = getattr(self, name)
            check(name, value, None if name == "rho" else NOT_NEGATIVE)
            if np.ndim(value) != 0:
                raise ValueError(f"{name} must be one number, for all options alike; it is an array of shape {np.shape(value)}")
            object.__setattr__(self, name, float(value))

    @property
    def feller(self) -> bool:
        """Whether the variance never touches zero, 2 kappa theta >= sigma^2; markets often imply that it does."""
        return 2.0 * self.kappa * self.theta >= self.sigma * self.sigma

    def column(self) -> Floats:
        """v0, kappa, theta, sigma, rho as an array of five."""
        return np.array(astuple(self))


def total_variance(parameters: HestonParameters, years: ArrayLike) -> Floats:
    """The expected sum of variance until expiry, E of the integral of v: Black-76's w = vol^2 years when sigma is 0."""
    t = np.asarray(years, dtype=np.float64)
    x = parameters.kappa * t
    # t - (1 - e^-x)/kappa loses its digits when x is small; its series does not.
    small = x < 1e-3
    safe = np.where(small, 1.0, x)
    faded = np.where(small, 1.0 - x * (0.5 - x * (1.0 / 6.0 - x / 24.0)), -np.expm1(-safe) / safe)
    gained = np.where(small, x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0 - x / 120.0))), 1.0 + np.expm1(-safe) / safe)
    return t * (parameters.v0 * faded + parameters.theta * gained)
