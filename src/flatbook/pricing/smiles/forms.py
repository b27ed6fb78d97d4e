"""The three ways of writing an SVI slice, and the way from each to the raw form (Gatheral and Jacquier 2014, section 3)."""

import math
from typing import NamedTuple

from flatbook.pricing.arguments import CORRELATION, FINITE, NOT_NEGATIVE, POSITIVE, check


class Raw(NamedTuple):
    """w(k) = a + b {rho (k - m) + sqrt((k - m)^2 + sigma^2)}."""

    a: float
    b: float
    rho: float
    m: float
    sigma: float


class Natural(NamedTuple):
    """w(k) = delta + omega/2 {1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2)}; w(mu) = delta + omega."""

    delta: float
    mu: float
    rho: float
    omega: float
    zeta: float


class JumpWings(NamedTuple):
    """What a trader sees: variances are per year, slopes are of vol sqrt(years) and nearly the same at every expiry."""

    v: float  # variance at the money
    psi: float  # skew at the money: d(vol sqrt(years))/dk
    p: float  # slope of the put wing of w, over sqrt(w(0))
    c: float  # slope of the call wing
    v_tilde: float  # least variance


def natural_of(raw: Raw) -> Natural:
    """The natural form of a raw slice."""
    root = math.sqrt((1.0 - raw.rho) * (1.0 + raw.rho))
    omega = 2.0 * raw.b * raw.sigma / root
    delta = raw.a - raw.b * raw.sigma * root
    return Natural(delta, raw.m + raw.rho * raw.sigma / root, raw.rho, omega, root / raw.sigma)


def raw_of_natural(natural: Natural) -> Raw:
    """The raw form of a natural slice."""
    delta, mu, rho, omega, zeta = natural
    if not (-1.0 < rho < 1.0 and 0.0 <= omega < math.inf and 0.0 < zeta < math.inf):
        check("rho", rho, CORRELATION)
        check("omega", omega, NOT_NEGATIVE)
        check("zeta", zeta, POSITIVE)
    square = (1.0 - rho) * (1.0 + rho)
    return Raw(delta + 0.5 * omega * square, 0.5 * omega * zeta, rho, mu - rho / zeta, math.sqrt(square) / zeta)


def jump_wings_of(raw: Raw, years: float) -> JumpWings:
    """The jump-wings form of a raw slice. Raises ValueError where the variance at the money is 0: slopes are over its root."""
    if not 0.0 < years < math.inf:
        check("years", years, POSITIVE)
    a, b, rho, m, sigma = raw
    reach = math.hypot(m, sigma)
    money = a + b * (reach - rho * m)
    if money <= 0.0:
        raise ValueError("a slice without variance at the money has no jump-wings form; use its raw or natural form")
    root = math.sqrt(money)
    least = max(a + b * sigma * math.sqrt((1.0 - rho) * (1.0 + rho)), 0.0)
    wings = b * (1.0 - rho) / root, b * (1.0 + rho) / root
    return JumpWings(money / years, 0.5 * b * (rho - m / reach) / root, *wings, min(least, money) / years)


def raw_of_jump_wings(wings: JumpWings, years: float) -> Raw:
    """The raw form of a slice in jump-wings.

    With beta = m / sqrt(m^2 + sigma^2), the skew gives beta and the two variances sqrt(m^2 + sigma^2); in this form m = 0
    is a case like any other. Raises ValueError where no slice, or more than one, has these five numbers.
    """
    v, psi, p, c, v_tilde = _checked(wings, years)
    money, above = v * years, (v - v_tilde) * years
    root = math.sqrt(money)
    if p == 0.0 and c == 0.0:
        return _flat(psi, above, money)
    if p == 0.0 or c == 0.0:
        raise ValueError("p and c must both be positive, or both 0: an SVI slice has two rising wings or none")
    b = 0.5 * root * (c + p)
    rho = (c - p) / (c + p)
    tilt = 2.0 * psi * root / b  # rho - beta
    beta = rho - tilt
    if not -p < 2.0 * psi < c or abs(beta) >= 1.0:
        raise ValueError(
            f"psi must lie between -p/2 and c/2, both excluded: the skew is between the wings' slopes; psi is {psi!r}"
        )
    if (tilt == 0.0) != (above == 0.0):
        raise ValueError(
            "v_tilde must be below v, unless psi is 0; then they are equal: the least variance is where the skew is 0"
        )
    if tilt == 0.0:
        raise ValueError("psi of 0 leaves the slice's curvature open in jump-wings; use its raw or natural form")
    # 1 - rho beta - sqrt((1-rho^2)(1-beta^2)) is tilt^2 over the same with a plus: nothing cancels.
    other = (1.0 - beta) * (1.0 + beta)
    square = 4.0 * p * c / (c + p) ** 2  # 1 - rho^2
    reach = above * (1.0 - rho * beta + math.sqrt(square * other)) / (b * tilt * tilt)
    sigma = reach * math.sqrt(other)
    return Raw(v_tilde * years - b * sigma * math.sqrt(square), b, rho, beta * reach, sigma)


def _checked(wings: JumpWings, years: float) -> JumpWings:
    v, psi, p, c, v_tilde = wings
    # Plain comparisons first, since a search makes thousands of these; each is also false for a NaN.
    sound = 0.0 < v < math.inf and -math.inf < psi < math.inf and 0.0 <= p < math.inf and 0.0 <= c < math.inf
    if not (sound and 0.0 <= v_tilde <= v and 0.0 < years < math.inf):
        for name, value, rule in (("v", v, POSITIVE), ("psi", psi, FINITE), ("p", p, NOT_NEGATIVE), ("c", c, NOT_NEGATIVE)):
            check(name, value, rule)
        check("v_tilde", v_tilde, NOT_NEGATIVE)
        check("years", years, POSITIVE)
        raise ValueError(f"v_tilde, the least variance, must not be above v, at the money; they are {v_tilde!r} and {v!r}")
    return wings


def _flat(psi: float, above: float, money: float) -> Raw:
    """A smile without wings: the place and the width of its bend mean nothing, and are 0 and 1."""
    if psi != 0.0 or above != 0.0:
        raise ValueError("p and c of 0 are a flat smile: psi must be 0 and v_tilde equal to v")
    return Raw(money, 0.0, 0.0, 0.0, 1.0)
