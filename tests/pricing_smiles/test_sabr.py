"""Hagan's formula against its own definition in 50 digits, against QuantLib, and at its limits."""

import math

import mpmath
import numpy as np
import pytest
import QuantLib as ql  # noqa: N813
from hypothesis import assume, given
from hypothesis import strategies as st

from flatbook.pricing.smiles import sabr_vol

rhos = st.floats(-0.999, 0.999)
alphas, betas = st.floats(0.01, 2.0), st.floats(0.0, 1.0)
nus = st.one_of(st.just(0.0), st.floats(1e-9, 2.0))  # below, the oracle's 50 digits do not hold z/chi(z)
strikes, terms = st.floats(0.3, 3.0), st.floats(0.0, 2.0)


def exact(strike: float, forward: float, years: float, alpha: float, beta: float, rho: float, nu: float) -> float:
    """Equation 2.17a as it is printed, in 50 digits; at the money its limit."""
    mpmath.mp.dps = 50
    k, f, t, a, b, r, n = (mpmath.mpf(float(x)) for x in (strike, forward, years, alpha, beta, rho, nu))
    logs, power, level = mpmath.log(f / k), 1 - b, (f * k) ** ((1 - b) / 2)
    z = n / a * level * logs
    chi = mpmath.log((mpmath.sqrt(1 - 2 * r * z + z * z) + z - r) / (1 - r))
    ratio = z / chi if z != 0 else mpmath.mpf(1)
    spread = 1 + power**2 / 24 * logs**2 + power**4 / 1920 * logs**4
    drift = power**2 / 24 * a**2 / level**2 + r * b * n * a / (4 * level) + (2 - 3 * r**2) / 24 * n**2
    return float(a / (level * spread) * ratio * (1 + drift * t))


def test_the_reference_number() -> None:
    assert sabr_vol(0.03, 0.039, 1.0, 0.3, 0.6, 0.01, 0.02) == pytest.approx(1.1672583732153095, rel=1e-14)


@given(strikes, terms, alphas, betas, rhos, nus)
def test_the_printed_formula_to_rounding(strike: float, years: float, alpha: float, beta: float, rho: float, nu: float) -> None:
    expected = exact(strike, 1.0, years, alpha, beta, rho, nu)
    assume(expected > 1e-3 * alpha)  # not where the correction cancels the vol
    assert sabr_vol(strike, 1.0, years, alpha, beta, rho, nu) == pytest.approx(expected, rel=1e-11)


@given(rhos, st.floats(-15.0, 0.0), st.sampled_from([-1.0, 1.0]))
def test_nothing_is_lost_next_to_the_money(rho: float, power: float, side: float) -> None:
    strike = 1.0 + side * 0.5 * 10.0**power
    vol = sabr_vol(strike, 1.0, 0.1, 0.2, 0.5, rho, 0.8)
    assert vol == pytest.approx(exact(strike, 1.0, 0.1, 0.2, 0.5, rho, 0.8), rel=2e-14)


@given(strikes, st.floats(0.01, 2.0), st.floats(0.05, 0.6), betas, st.floats(-0.9, 0.9), st.floats(1e-3, 1.0))
def test_quantlib_agrees(strike: float, years: float, alpha: float, beta: float, rho: float, nu: float) -> None:
    theirs = ql.sabrVolatility(strike, 1.1, years, alpha, beta, nu, rho)
    # QuantLib switches to a series near the money, worth some 1e-10; ours is the one that the test above holds to 1e-11.
    assert sabr_vol(strike, 1.1, years, alpha, beta, rho, nu) == pytest.approx(theirs, rel=1e-8)


def test_limits() -> None:
    assert sabr_vol(80.0, 100.0, 1.0, 0.3, 1.0, 0.0, 0.0) == pytest.approx(0.3, rel=1e-15)  # Black
    assert sabr_vol(100.0, 100.0, 0.0, 5.0, 0.0, 0.0, 0.0) == pytest.approx(0.05, rel=1e-14)  # Bachelier at the money
    assert sabr_vol(1.0, 1.0, 1.0, 0.3, 0.5, -0.9, 0.8) == pytest.approx(
        sabr_vol(1.0 + 1e-14, 1.0, 1.0, 0.3, 0.5, -0.9, 0.8), rel=1e-13
    )


def test_shapes() -> None:
    vols = sabr_vol([[90.0], [110.0]], 100.0, [0.1, 0.2, 0.3], 0.3, 1.0, -0.3, 0.5)
    assert vols.shape == (2, 3)
    assert vols[1, 2] == sabr_vol(110.0, 100.0, 0.3, 0.3, 1.0, -0.3, 0.5)
    assert isinstance(sabr_vol(1.0, 1.0, 1.0, 0.3, 0.5, 0.0, 0.1), float)
    assert sabr_vol([], 1.0, 1.0, 0.3, 0.5, 0.0, 0.1).shape == (0,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strike", 0.0), ("forward", -1.0), ("years", math.nan), ("years", -1.0), ("alpha", 0.0), ("beta", 1.1), ("beta", -0.1),
        ("rho", 1.0), ("nu", -0.1), ("nu", math.inf),
    ],
)  # fmt: skip
def test_a_bad_argument_is_named(name: str, value: float) -> None:
    good = {"strike": 1.0, "forward": 1.0, "years": 1.0, "alpha": 0.3, "beta": 0.5, "rho": 0.0, "nu": 0.2}
    with pytest.raises(ValueError, match=f"{name} must be"):
        sabr_vol(**(good | {name: np.array([good[name], value])}))


def test_where_the_expansion_fails_it_says_where() -> None:
    with pytest.raises(ValueError, match=r"no positive vol at strike 1\.0, forward 1\.0, years 50\.0"):
        sabr_vol(1.0, 1.0, [1.0, 50.0], 0.3, 0.5, -0.95, 3.0)
    with pytest.raises(ValueError, match="no positive vol"):
        sabr_vol(1e-300, 1e-300, 1.0, 1e300, 0.0, 0.0, 0.1)
