"""Gatheral's SVI slice: the total variance of one expiry as a hyperbola in log-moneyness."""

import math
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import POSITIVE, columns, shaped
from flatbook.pricing.smiles.forms import JumpWings, Natural, Raw, jump_wings_of, natural_of, raw_of_jump_wings, raw_of_natural

if TYPE_CHECKING:
    from flatbook.pricing.surface.single import SVIFit

# What rounding may leave of a least variance of 0, as a part of the two terms that cancel in it.
_ROUNDING = 4.0 * np.finfo(np.float64).eps


class SVI(msgspec.Struct, frozen=True):
    """A slice in raw form: w(k) = a + b {rho (k - m) + sqrt((k - m)^2 + sigma^2)}, with k = ln(strike / forward).

    w is total variance, vol^2 x years. Raises ValueError, naming the parameter, unless all are finite, b >= 0,
    |rho| < 1, sigma > 0 and the least variance, a + b sigma sqrt(1 - rho^2), is not negative. A correlation of 1 is
    left out because such a slice has a flat wing that never reaches its least variance, and no natural form.
    Source: Gatheral (2004); Gatheral and Jacquier (2014), section 3.
    """

    a: float
    b: float
    rho: float
    m: float
    sigma: float

    def __post_init__(self) -> None:
        a, b, rho, m, sigma = self.raw
        # Plain comparisons: a fit makes thousands of these. Each is also false for a NaN.
        sound = -math.inf < a < math.inf and 0.0 <= b < math.inf and -1.0 < rho < 1.0
        if not (sound and -math.inf < m < math.inf and 0.0 < sigma < math.inf):
            raise ValueError(_fault(self.raw))
        depth = b * sigma * math.sqrt((1.0 - rho) * (1.0 + rho))
        if not -_ROUNDING * depth <= a + depth < math.inf:
            raise ValueError(
                f"a must be at least -b sigma sqrt(1 - rho^2), {-depth!r}, or variance would be negative; a is {a!r}"
            )

    @property
    def raw(self) -> Raw:
        """The five numbers as a tuple: a, b, rho, m, sigma."""
        return Raw(self.a, self.b, self.rho, self.m, self.sigma)

    @classmethod
    def from_natural(cls, delta: float, mu: float, rho: float, omega: float, zeta: float) -> Self:
        """The slice delta + omega/2 {1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2)}."""
        return cls(*raw_of_natural(Natural(delta, mu, rho, omega, zeta)))

    @classmethod
    def from_jump_wings(cls, v: float, psi: float, p: float, c: float, v_tilde: float, years: float) -> Self:
        """The slice with these observables at `years` to expiry; see `JumpWings` for their meaning.

        Raises ValueError where no slice has them, or, at psi = 0, where they leave the curvature open.
        """
        return cls(*raw_of_jump_wings(JumpWings(v, psi, p, c, v_tilde), years))

    @staticmethod
    def fit(
        k: ArrayLike, bid_vol: ArrayLike, ask_vol: ArrayLike, years: float, *, weight: ArrayLike = 1.0,
        earlier: "SVI | None" = None, previous: "SVI | None" = None,
    ) -> "SVIFit":  # fmt: skip
        """A slice fitted to bids and asks of vol: `surface.fit_svi`, found where one looks for it."""
        from flatbook.pricing.surface.single import fit_svi  # the fit stands on the slice, and not the other way round

        return fit_svi(k, bid_vol, ask_vol, years, weight=weight, earlier=earlier, previous=previous)

    def natural(self) -> Natural:
        """The natural form: delta, mu, rho, omega, zeta."""
        return natural_of(self.raw)

    def jump_wings(self, years: float) -> JumpWings:
        """The jump-wings form at `years` to expiry: v and v_tilde are variances per year."""
        return jump_wings_of(self.raw, years)

    @property
    def least_variance(self) -> float:
        """The least total variance at any strike: a + b sigma sqrt(1 - rho^2)."""
        return max(self.a + self.b * self.sigma * math.sqrt((1.0 - self.rho) * (1.0 + self.rho)), 0.0)

    @property
    def wing_slopes(self) -> tuple[float, float]:
        """How fast total variance rises with |k| far out: of puts, b (1 - rho), and of calls, b (1 + rho)."""
        return self.b * (1.0 - self.rho), self.b * (1.0 + self.rho)

    def total_variance(self, k: ArrayLike) -> Any:
        """w(k), vol^2 x years, never negative: an array in the shape of `k`, or a number for a number."""
        shape, (column,) = columns(k=k)
        return shaped(self._variance(column), shape)

    def slope(self, k: ArrayLike) -> Any:
        """dw/dk in the shape of `k`."""
        shape, (column,) = columns(k=k)
        return shaped(self._slope(column), shape)

    def curvature(self, k: ArrayLike) -> Any:
        """d2w/dk2 in the shape of `k`; never negative."""
        shape, (column,) = columns(k=k)
        return shaped(self._curvature(column), shape)

    def vol(self, k: ArrayLike, years: ArrayLike) -> Any:
        """Annual vol sqrt(w(k) / years), in the shape that `k` and `years` take together; years must be positive."""
        shape, (column, terms) = columns({"years": POSITIVE}, k=k, years=years)
        return shaped(np.sqrt(self._variance(column) / terms), shape)

    def durrleman(self, k: ArrayLike) -> Any:
        """g(k) = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2, in the shape of `k`.

        The density of ln(S/F) is g times a positive factor, so g < 0 is butterfly arbitrage (Durrleman 2005). Raises
        ValueError for a slice that has a strike without variance: g is not defined there.
        """
        if self.least_variance <= 0.0:
            raise ValueError("a must leave every strike some variance: this slice's least total variance is 0")
        shape, (column,) = columns(k=k)
        w, slope = self._variance(column), self._slope(column)
        lean = 1.0 - 0.5 * column * slope / w
        return shaped(lean * lean - 0.25 * slope * slope * (1.0 / w + 0.25) + 0.5 * self._curvature(column), shape)

    def _variance(self, k: Floats) -> Floats:
        # From the least variance up: a and b sigma may nearly cancel there, and nothing else does.
        y = k - self.m
        reach, bend = np.hypot(y, self.sigma), self.sigma * math.sqrt((1.0 - self.rho) * (1.0 + self.rho))
        lift = y + self.rho * reach
        return self.least_variance + self.b * lift * lift / (reach + self.rho * y + bend)

    def _slope(self, k: Floats) -> Floats:
        y = k - self.m
        return self.b * (self.rho + y / np.hypot(y, self.sigma))

    def _curvature(self, k: Floats) -> Floats:
        reach = np.hypot((k - self.m) / self.sigma, 1.0)
        return self.b / (self.sigma * reach * reach * reach)


def _fault(raw: Raw) -> str:
    """The sentence for the first parameter of `raw` that will not do."""
    if not 0.0 <= raw.b < math.inf:
        return f"b, the steepness of the wings, must be a finite number, not negative; b is {raw.b!r}"
    if not -1.0 < raw.rho < 1.0:
        return f"rho must be between -1 and 1, both excluded; rho is {raw.rho!r}"
    if not 0.0 < raw.sigma < math.inf:
        return f"sigma, the width of the bend, must be a positive finite number; sigma is {raw.sigma!r}"
    name = "m" if math.isfinite(raw.a) else "a"
    return f"{name} must be a finite number; {name} is {getattr(raw, name)!r}"
