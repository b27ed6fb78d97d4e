"""Butterfly arbitrage: where the density of a slice is negative, to the last digit."""

import itertools
import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flatbook.pricing.smiles import SVI, butterfly

Exact = Callable[[SVI, object], mpmath.mpf]
Dense = Callable[[SVI], np.ndarray]


@st.composite
def slices(draw: st.DrawFn, least: float = 1e-7, narrowest: float = -12.0) -> SVI:
    """Of every sort: kinked and wide, flat and too steep, high above zero and nearly touching it."""
    b, rho = math.exp(draw(st.floats(-8.0, 1.0))), math.tanh(draw(st.floats(-4.0, 4.0)))
    m, sigma = draw(st.floats(-1.0, 1.0)), math.exp(draw(st.floats(narrowest, 1.0)))
    bottom = math.exp(draw(st.floats(math.log(least), 1.0)))
    return SVI(bottom - b * sigma * math.sqrt(1.0 - rho * rho), b, rho, m, sigma)


def terms_of_g(svi: SVI, k: np.ndarray) -> np.ndarray:
    w, slope = svi.total_variance(k), svi.slope(k)
    return (1.0 + np.abs(k * slope / (2.0 * w))) ** 2 + slope**2 * (1.0 / w + 0.25) / 4.0 + svi.curvature(k) / 2.0


# Vogt's slice


def test_vogts_interval_is_found(vogt: SVI) -> None:
    verdict = butterfly(vogt)
    assert not verdict.free
    assert verdict.intervals == (pytest.approx((0.642407877869381, 1.256912991932129), abs=1e-12),)
    assert "the density is negative for k from 0.642408 to 1.25691" in verdict.reason


def test_vogts_least_g_is_where_its_derivative_is_nothing(vogt: SVI, exact_g: Exact) -> None:
    verdict = butterfly(vogt)
    at = mpmath.findroot(lambda k: mpmath.diff(lambda x: exact_g(vogt, x), k), mpmath.mpf("0.88"))
    assert verdict.at == pytest.approx(float(at), rel=1e-7)
    assert verdict.least == pytest.approx(float(exact_g(vogt, at)), rel=1e-12)


# Against other ways of knowing


@given(slices(narrowest=-6.0))
def test_every_boundary_is_a_zero_of_g(exact_g: Exact, svi: SVI) -> None:
    for edge in (edge for interval in butterfly(svi).intervals for edge in interval if math.isfinite(edge)):
        width = 1e-9 * (1.0 + abs(edge))
        assert exact_g(svi, edge - width) * exact_g(svi, edge + width) < 0 or abs(exact_g(svi, edge)) < 1e-11 * terms_of_g(
            svi, edge
        )


@given(slices())
def test_a_dense_grid_finds_nothing_else(dense: Dense, svi: SVI) -> None:
    verdict = butterfly(svi)
    k = dense(svi)
    g, rounding = svi.durrleman(k), 1e-10 * terms_of_g(svi, k)
    inside = np.zeros(k.shape, dtype=bool)
    for start, end in verdict.intervals:
        inside |= (k >= start) & (k <= end)
    assert not np.any((g < -rounding) & ~inside)
    assert not np.any((g > rounding) & inside)
    assert np.all(g >= verdict.least - rounding)


@settings(max_examples=15)
@given(slices(narrowest=-3.0))
def test_a_companion_matrix_finds_the_same_zeros(exact_g: Exact, svi: SVI) -> None:
    """g's numerator by interpolation in 50 digits, and its roots by mpmath: nothing shared with the code but k(u)."""
    m, sigma = mpmath.mpf(svi.m), mpmath.mpf(svi.sigma)

    def numerator(u: mpmath.mpf) -> mpmath.mpf:
        k = m + sigma * (u - 1 / u) / 2
        y = k - m
        w = mpmath.mpf(svi.a) + mpmath.mpf(svi.b) * (mpmath.mpf(svi.rho) * y + mpmath.sqrt(y * y + sigma * sigma))
        return exact_g(svi, k) * (w * u) ** 2 * (u * u + 1) ** 3

    nodes = [mpmath.mpf(i + 1) / 4 for i in range(11)]
    system = mpmath.matrix([[node**power for power in range(11)] for node in nodes])
    powers = mpmath.lu_solve(system, mpmath.matrix([numerator(node) for node in nodes]))
    coefficients = [powers[i] for i in range(11)]
    assume(abs(coefficients[10]) > 1e-20 * max(abs(each) for each in coefficients))
    roots = mpmath.polyroots(coefficients, maxsteps=500, extraprec=300, asc=True)
    zeros = sorted(
        float(m + sigma * (u.real - 1 / u.real) / 2)
        for u in map(mpmath.mpc, roots)
        if u.real > 0 and abs(u.imag) < 1e-18 * abs(u)
    )
    assume(all(b - a > 1e-5 for a, b in itertools.pairwise(zeros)))  # not a touching, which is counted as free
    edges = [edge for interval in butterfly(svi).intervals for edge in interval if math.isfinite(edge)]
    assert edges == pytest.approx(zeros, rel=1e-9, abs=1e-11)


@given(slices(least=0.01, narrowest=-3.0))
def test_a_free_slice_is_a_density(svi: SVI) -> None:
    assume(butterfly(svi).free and max(svi.wing_slopes) < 1.0)
    bend = svi.m + svi.sigma * np.sinh(np.linspace(-9.0, 9.0, 20_001))
    k = np.sort(np.concatenate([np.linspace(-60.0, 60.0, 20_001), bend[np.abs(bend) < 60.0]]))
    w = svi.total_variance(k)
    d2 = -k / np.sqrt(w) - np.sqrt(w) / 2.0
    density = svi.durrleman(k) * np.exp(-0.5 * d2 * d2) / np.sqrt(2.0 * math.pi * w)
    assert np.all(density >= -1e-12)
    assert np.trapezoid(density, k) == pytest.approx(1.0, abs=2e-4)
    assert np.trapezoid(density * np.exp(k), k) == pytest.approx(1.0, abs=2e-4)  # a martingale: the mean is the forward


# Wings


@pytest.mark.parametrize(("rho", "wing"), [(0.6, "call"), (-0.6, "put")])
def test_a_wing_above_lees_bound_is_arbitrage_to_its_end(rho: float, wing: str) -> None:
    verdict = butterfly(SVI(0.5, 1.3, rho, 0.0, 0.5))
    assert not verdict.free
    start, end = verdict.intervals[-1 if rho > 0 else 0]
    assert end == math.inf if rho > 0 else start == -math.inf
    assert f"the {wing} wing's slope 2.08" in verdict.reason


def test_calls_need_a_wing_below_the_bound_and_puts_one_not_above() -> None:
    # At a slope of 2 calls tend to half the forward and not to nothing; puts to half the strike, which is a default.
    high = SVI(3.0, 1.25, 0.6, 0.0, 0.5)
    assert math.isclose(high.wing_slopes[1], 2.0)
    assert not butterfly(high).free
    assert butterfly(SVI(3.0, 1.25, -0.6, 0.0, 0.5)).free
    assert butterfly(SVI(3.0, 1.2499, 0.6, 0.0, 0.5)).free


def test_the_least_g_may_be_the_limit_in_a_wing(plain: SVI) -> None:
    verdict = butterfly(SVI(0.04, 0.1, -0.3, 0.02, 0.2))
    assert verdict.at == -math.inf
    assert verdict.least == pytest.approx(0.25 - 0.13**2 / 16.0, rel=1e-14)
    assert butterfly(plain).free


# Edges


def test_a_flat_smile_is_free() -> None:
    assert butterfly(SVI(0.04, 0.0, 0.0, 0.0, 1.0)) == (True, (), 1.0, 0.0, "")
    assert butterfly(SVI(0.0, 0.0, 0.0, 0.0, 1.0)).free
    assert butterfly(SVI(0.04, 1e-300, 0.3, 0.1, 0.2)).free


def test_a_strike_without_variance_is_arbitrage() -> None:
    verdict = butterfly(SVI(-0.03, 0.1, 0.0, 0.2, 0.3))
    assert not verdict.free
    assert verdict.intervals == ((0.2, 0.2),)
    assert verdict.least == -math.inf
    assert verdict.reason == "there is no variance at k = 0.2"


def test_touching_zero_is_free_and_crossing_it_is_not(vogt: SVI) -> None:
    # Raising the slice to where its g just touches zero: between neighbours in a, the verdict turns once.
    low, high = vogt.a, vogt.a + 0.05
    while (middle := 0.5 * (low + high)) not in (low, high):
        free = butterfly(SVI(middle, *vogt.raw[1:])).free
        low, high = (low, middle) if free else (middle, high)
    touching = butterfly(SVI(high, *vogt.raw[1:]))
    assert -1e-11 < touching.least <= 0.0
    assert butterfly(SVI(high + 1e-6, *vogt.raw[1:])).free
    assert not butterfly(SVI(high - 1e-6, *vogt.raw[1:])).free


def test_a_slice_beyond_all_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1e-60 and 1e60"):
        butterfly(SVI(1e70, 1.0, 0.0, 0.0, 1.0))
    with pytest.raises(ValueError, match="between 1e-60 and 1e60"):
        butterfly(SVI(1.0, 1.0, 0.0, 0.0, 1e-70))
