"""The cost of a shape and its slopes, against the slice's own formulas and against bumps."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import Floats
from flatbook.pricing.smiles import SVI
from flatbook.pricing.surface.misfit import LAW_ROWS, LEAST, MOST, PLACE, QUOTE_ROWS, SHAPE, misfit, smile_along

UNIT = 0.25
SHAPES = [(0.8, 0.7, 0.5, 0.1, 1.5), (0.9, 0.2, 1.1, -0.8, 0.3), (0.5, 1.2, 0.3, 0.9, 3.0)]


def svi_of(shape: tuple[float, ...]) -> SVI:
    height, left, right, middle, bend = shape
    total = 0.5 * (left + right)
    raw = ((height - total * bend) * UNIT**2, total * UNIT, (right - left) / (right + left), middle * UNIT, bend * UNIT)
    return SVI(*raw)


def along(shape: Floats, x: float) -> tuple[float, float, Floats, Floats]:
    vol_by, g_by = np.empty(SHAPE), np.empty(SHAPE)
    v, g = smile_along(shape, x, UNIT, vol_by, g_by)
    return v, g, vol_by, g_by


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("x", [-6.0, -1.0, 0.0, 0.3, 2.0, 8.0])
def test_vol_and_density_are_those_of_the_slice(shape: tuple[float, ...], x: float) -> None:
    v, g, _, _ = along(np.array(shape), x)
    svi = svi_of(shape)
    assert v * UNIT == pytest.approx(math.sqrt(svi.total_variance(x * UNIT)), rel=1e-12)
    assert g == pytest.approx(svi.durrleman(x * UNIT), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("x", [-4.0, -0.5, 0.2, 3.0])
def test_derivatives_are_what_bumps_show(shape: tuple[float, ...], x: float) -> None:
    _, _, vol_by, g_by = along(np.array(shape), x)
    for i in range(SHAPE):
        up, down = np.array(shape), np.array(shape)
        up[i] += 1e-6
        down[i] -= 1e-6
        above, below = along(up, x), along(down, x)
        assert vol_by[i] == pytest.approx((above[0] - below[0]) / 2e-6, rel=1e-6, abs=1e-8)
        assert g_by[i] == pytest.approx((above[1] - below[1]) / 2e-6, rel=1e-6, abs=1e-8)


def test_a_variance_may_cross_zero_and_its_root_stays_smooth() -> None:
    heights = np.linspace(-2e-4, 4e-4, 601)
    vols = np.array([along(np.array([each, 1e-6, 1e-6, 0.0, 1.0]), 0.0)[0] for each in heights])
    steps = np.diff(vols)
    assert np.all(steps > 0.0)
    assert np.abs(np.diff(steps)).max() < 1e-6


def cost_of(shape: Floats, quotes: Floats, laws: Floats, gradient: Floats) -> float:
    return misfit(
        shape, quotes, laws, UNIT, 3.0, 50.0, 20.0, 0.01, np.empty(SHAPE), np.empty(SHAPE), gradient, np.empty((SHAPE, SHAPE))
    )


def random_tables(seed: int) -> tuple[Floats, Floats]:
    """Quotes of every sort, and laws that are broken by many shapes."""
    rng = np.random.Generator(np.random.PCG64(seed))
    quotes = np.empty((QUOTE_ROWS, 12))
    half = rng.uniform(0.01, 0.1, 12)
    sided = rng.integers(0, 3, 12)
    quotes[PLACE], quotes[1] = rng.uniform(-3, 3, 12), rng.uniform(0.7, 1.3, 12)
    quotes[2], quotes[3] = np.where(sided == 1, np.inf, half), np.where(sided == 2, np.inf, half)
    quotes[4], quotes[5], quotes[6] = 1.0 / half, np.where(sided == 0, 0.2, 0.0), rng.uniform(0.0, 2.0, 12)
    laws = np.empty((LAW_ROWS, 9))
    laws[PLACE], laws[LEAST], laws[MOST] = np.linspace(-8.0, 8.0, 9), rng.uniform(0.5, 1.2, 9), rng.uniform(1.2, 2.0, 9)
    return quotes, laws


@given(st.integers(0, 2**32 - 1), st.sampled_from(SHAPES))
def test_the_gradient_of_the_cost_is_what_bumps_show(seed: int, shape: tuple[float, ...]) -> None:
    quotes, laws = random_tables(seed)
    gradient, unused = np.empty(SHAPE), np.empty(SHAPE)
    cost = cost_of(np.array(shape), quotes, laws, gradient)
    assert cost >= 0.0
    for i in range(SHAPE):
        up, down = np.array(shape), np.array(shape)
        up[i] += 1e-6
        down[i] -= 1e-6
        bumped = (cost_of(up, quotes, laws, unused) - cost_of(down, quotes, laws, unused)) / 2e-6
        # Where a quote's edge or a law's bound lies within the bump, slopes on its two sides differ a little.
        assert gradient[i] == pytest.approx(bumped, rel=1e-3, abs=2e-2 * (1.0 + abs(cost)))


def test_a_quote_without_weight_costs_nothing() -> None:
    quotes, laws = random_tables(1)
    gradient = np.empty(SHAPE)
    quotes[6] = 0.0
    shape = np.array([1.0, 0.7, 0.7, 0.0, 2.0])  # the usual one
    assert cost_of(shape, quotes, laws[:, :0].copy(), gradient) == 0.0
    assert not gradient.any()
