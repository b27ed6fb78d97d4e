"""The moments of the forward under Heston, E (F_T/F)^p for complex p, and how far they are finite.

The logarithm of the moment is v0 D + C. With beta = kappa - rho sigma p, d = sqrt(beta^2 - sigma^2 p(p-1)), Re d >= 0,
n = 1 - e^-dT and q = n / (d (2 - n) + beta n),

    D = p (p-1) q,    C = kappa theta / sigma^2 ((beta - d) T - 2 ln(1 + (beta - d) n / (2 d))).

This is the "little trap" form of Albrecher, Mayer, Schoutens and Tistaert (2007): e^-dT never grows, and the principal
logarithm is the continuous one at every maturity (Lord and Kahl 2010). It is written without the ratio g, which is 0/0
as sigma vanishes, so deterministic variance is no special case. At p = iu it is the characteristic function of ln(F_T/F).
All singularities lie on the real axis, outside the strip of finite moments (Lucic 2007), so p may leave it sideways.
"""

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.heston.parameters import HestonParameters

Complexes = np.ndarray[tuple[int, ...], np.dtype[np.complex128]]

_NO_ROOT = 1e-100  # stands for d = 0: the limits in d are then exact to the last digit
_FURTHEST_POWER = 50.0  # e^50: as far as the strip of finite moments is followed
_NEAREST_POWER = -40.0
_HALVINGS = 36


def log_moment(power: Complexes, years: Floats, parameters: HestonParameters) -> Complexes:
    """ln E (F_T/F)^p, continuous in p from 0 at p = 0 and p = 1; `power` and `years` broadcast."""
    kappa, sigma, rho = parameters.kappa, parameters.sigma, parameters.rho
    product = power * (power - 1.0)
    beta = kappa - (rho * sigma) * power
    d = _root(power, parameters)
    faded, n = np.exp(-d * years), -np.expm1(-d * years)
    # beta + d and beta - d multiply to sigma^2 p (p-1): the one that would cancel is had from the other.
    ahead = beta.real >= 0.0
    large = np.where(ahead, beta + d + _NO_ROOT, beta - d)
    small = (sigma * sigma) * (product / large)
    above, below = np.where(ahead, large, small), np.where(ahead, small, large)
    under = above - below * faded
    # (beta - d)/sigma^2, which stays when sigma vanishes.
    lag = np.where(ahead, product / large, below / max(sigma * sigma, _NO_ROOT))
    half = lag * n / (2.0 * d)
    reverting = lag * years - 2.0 * half * _log1p_over(half * (sigma * sigma), under / (2.0 * d))
    return parameters.v0 * (product * n / under) + (kappa * parameters.theta) * reverting


def moment_strip(years: Floats, parameters: HestonParameters) -> tuple[Floats, Floats]:
    """How far beyond 0 and 1 moments are finite, for each of `years`: E F_T^p is, for -below < p < 1 + above.

    Distances, because the second can be far smaller than the spacing of doubles at 1. Bisection on the time a moment
    explodes (Andersen and Piterbarg 2007, proposition 3.1); both are a little inside the true bound.
    """
    side = np.array([[-1.0], [1.0]])
    end, end_less_one = np.array([[0.0], [1.0]]), np.array([[-1.0], [0.0]])
    near, far = np.full((2, years.size), _NEAREST_POWER), np.full((2, years.size), _FURTHEST_POWER)
    for _ in range(_HALVINGS):
        middle = 0.5 * (near + far)
        reach = side * np.exp(middle)
        finite = _explosion_time(end + reach, end_less_one + reach, parameters) > years
        near, far = np.where(finite, middle, near), np.where(finite, far, middle)
    below, above = np.exp(near)
    return below, above


def _root(power: Complexes, parameters: HestonParameters) -> Complexes:
    """d, its square gathered by powers of p so that nothing cancels as |rho| nears 1."""
    kappa, sigma, rho = parameters.kappa, parameters.sigma, parameters.rho
    linear, quadratic = sigma * (sigma - 2.0 * kappa * rho), sigma * sigma * (1.0 - rho) * (1.0 + rho)
    d = np.sqrt((linear - quadratic * power) * power + kappa * kappa)
    return np.where(d == 0.0, _NO_ROOT, d)


def _log1p_over(z: Complexes, whole: Complexes) -> Complexes:
    """ln(1 + z)/z; `whole` is 1 + z, given apart for its digits where z is near -1."""
    x, y = z.real, z.imag
    squared = x * x + y * y
    near = squared < 0.25
    # Near z = 0 numpy's own complex log1p would lose the real part.
    grown = 0.5 * np.log1p(np.where(near, x * (2.0 + x) + y * y, 0.0))
    size = np.where(near, grown, 0.5 * np.log(whole.real * whole.real + whole.imag * whole.imag))
    angle = np.arctan2(np.where(near, y, whole.imag), np.where(near, 1.0 + x, whole.real))
    logarithm = size + 1j * angle
    tiny = squared < 1e-18
    return np.where(tiny, 1.0 - 0.5 * z, logarithm / np.where(tiny, 1.0, z)) if tiny.any() else logarithm / z


def _explosion_time(power: Floats, less_one: Floats, parameters: HestonParameters) -> Floats:
    """When E F_T^p becomes infinite, for real p < 0 or p > 1 (`less_one` is p - 1, given apart for its digits)."""
    kappa, sigma, rho = parameters.kappa, parameters.sigma, parameters.rho
    beta = kappa - (rho * sigma) * power
    pull = (sigma * sigma) * power * less_one
    square = beta * beta - pull
    root = np.sqrt(np.abs(square))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        straight = 2.0 * np.log((root - beta) / np.sqrt(pull)) / root
        turning = 2.0 * np.arctan2(root, -beta) / root
    return np.where(square < 0.0, turning, np.where(beta >= 0.0, np.inf, straight))
