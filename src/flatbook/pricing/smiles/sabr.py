"""Hagan's formula for the lognormal vol of the SABR model."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import NOT_NEGATIVE, POSITIVE, Rule, columns, shaped

_RULES = {
    "alpha": POSITIVE,
    "beta": Rule(lambda x: (x >= 0.0) & (x <= 1.0), "between 0 and 1, both included"),
    "nu": NOT_NEGATIVE,
}


def sabr_vol(
    strike: ArrayLike,
    forward: ArrayLike,
    years: ArrayLike,
    alpha: ArrayLike,
    beta: ArrayLike,
    rho: ArrayLike,
    nu: ArrayLike,
) -> Any:
    """The Black vol of options in the SABR model dF = A F^beta dW, dA = nu A dZ, A(0) = alpha, to first order in time.

    All arguments broadcast; vols in their shape, annual decimals. alpha > 0 is in units of F^(1-beta) per root year, beta
    from 0 to 1, |rho| < 1 the correlation of W and Z, nu >= 0. Raises ValueError naming the argument, or the place where the
    expansion has no positive vol: its correction is negative when nu^2 x years is large and |rho| high, or numbers overflow.
    Source: Hagan, Kumar, Lesniewski and Woodward (2002), equation 2.17a.
    """
    shape, given = columns(
        _RULES, strike=strike, forward=forward, years=years, alpha=alpha, beta=beta, rho=rho, nu=nu
    )  # fmt: skip
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        vols = _hagan(*given)
    bad = ~((vols > 0.0) & (vols < np.inf))
    if bad.any():
        place = [float(column[bad][0]) for column in given]
        names = ("strike", "forward", "years", "alpha", "beta", "rho", "nu")
        where = ", ".join(f"{name} {number!r}" for name, number in zip(names, place, strict=True))
        raise ValueError(f"Hagan's expansion gives no positive vol at {where}; lower years, nu or |rho| there")
    return shaped(vols, shape)


def _hagan(
    strike: Floats, forward: Floats, years: Floats, alpha: Floats, beta: Floats, rho: Floats, nu: Floats
) -> Floats:  # fmt: skip
    """Equation 2.17a on columns; not a number or infinite where it overflows."""
    moneyness = np.log(forward / strike)
    power = 1.0 - beta
    level = np.exp(0.5 * power * (np.log(forward) + np.log(strike)))  # (F K)^((1-beta)/2)
    square = (power * moneyness) ** 2
    spread = 1.0 + square / 24.0 + square * square / 1920.0
    local = alpha / level
    drift = (power * local) ** 2 / 24.0 + 0.25 * rho * beta * nu * local + (2.0 - 3.0 * rho * rho) * nu * nu / 24.0
    return local / spread * _stretch(nu / local * moneyness, rho) * (1.0 + drift * years)


def _stretch(z: Floats, rho: Floats) -> Floats:
    """z / chi(z) with chi(z) = ln((sqrt(1 - 2 rho z + z^2) + z - rho) / (1 - rho)), to full accuracy at every z.

    chi is odd in z and rho together, so z >= 0 is enough. There sqrt(..) - 1 + z, written over its conjugate for z <= 1,
    is a sum of positive terms, and chi = log1p of it over 1 - rho: nothing cancels, at the money least of all.
    """
    far, lean = np.abs(z), np.where(z < 0.0, -rho, rho)
    root = np.sqrt((1.0 - far) ** 2 + 2.0 * far * (1.0 - lean))
    near = 2.0 * far / (root + 1.0 - far)
    chi = np.log1p(np.where(far <= 1.0, near, (far - 1.0 + root) / (1.0 - lean)))
    return np.where(far > 0.0, far / np.where(far > 0.0, chi, 1.0), 1.0)
