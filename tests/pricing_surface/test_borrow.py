"""Borrowed smiles: a shape at another level, and with another skew."""

import math

import numpy as np
import pytest

from flatbook.pricing.smiles import SVI, butterfly
from flatbook.pricing.surface.borrow import flat, levelled, scaled, tilted

YEARS = 0.1
K = np.linspace(-0.5, 0.5, 9)


@pytest.fixture
def shape(smile) -> SVI:
    return smile(YEARS)


def test_scaling_keeps_vols_in_deviations(shape):
    other = scaled(shape, 1.3)
    np.testing.assert_allclose(other.vol(1.3 * K, YEARS), 1.3 * shape.vol(K, YEARS), rtol=1e-12)


def test_tilting_adds_a_line_to_variance(shape):
    np.testing.assert_allclose(tilted(shape, 0.02).total_variance(K), shape.total_variance(K) + 0.02 * K, rtol=1e-12)


@pytest.mark.parametrize("skew", [-50.0, 50.0])
def test_a_slice_leans_only_so_far(shape, skew):
    far = tilted(shape, skew)
    assert abs(far.rho) <= 0.95
    assert far.least_variance > 0.0


def test_a_flat_slice_is_flat():
    np.testing.assert_allclose(flat(0.5, YEARS).vol(K, YEARS), 0.5, rtol=1e-5)
    assert butterfly(flat(0.5, YEARS)).free


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("k", [-0.6, -0.1, 0.0, 0.3])
def test_one_quote_sets_the_level(shape, factor, k):
    vol = np.array([float(scaled(shape, factor).vol(k, YEARS))])
    found, words = levelled(shape, np.array([k]), vol - 0.01, vol + 0.01, YEARS)
    assert found.raw == pytest.approx(scaled(shape, factor).raw, rel=1e-9)
    assert words == "level its own"


def test_three_quotes_set_level_and_skew(shape):
    truth = tilted(scaled(shape, 1.2), -0.01)
    k = np.array([-0.2, 0.0, 0.2])
    vol = np.asarray(truth.vol(k, YEARS))
    found, words = levelled(shape, k, vol - 0.005, vol + 0.005, YEARS)
    assert words == "level and skew its own"
    np.testing.assert_allclose(found.vol(k, YEARS), vol, atol=0.004)


def test_one_wrong_quote_in_three_does_not_set_the_level(shape):
    k = np.array([-0.05, 0.0, 0.0, 0.0])  # two strikes only: no skew
    vol = np.asarray(shape.vol(k, YEARS))
    vol[1] *= 2.0
    found, _ = levelled(shape, k, vol - 0.01, vol + 0.01, YEARS)
    np.testing.assert_allclose(found.vol(K, YEARS), shape.vol(K, YEARS), rtol=1e-9)


def test_sides_without_the_other_hold_the_level(shape):
    none, at = np.array([math.nan]), np.array([0.0])
    vol = float(shape.vol(0.0, YEARS))
    lower, words = levelled(shape, at, none, np.array([0.8 * vol]), YEARS)
    assert float(lower.vol(0.0, YEARS)) == pytest.approx(0.8 * vol)
    assert words == "level held to its bids and offers"
    higher, _ = levelled(shape, at, np.array([1.2 * vol]), none, YEARS)
    assert float(higher.vol(0.0, YEARS)) == pytest.approx(1.2 * vol)
    same, words = levelled(shape, at, np.array([0.9 * vol]), none, YEARS)
    assert same == shape
    assert words == ""


def test_no_quotes_leave_the_shape(shape):
    nothing = np.zeros(0)
    assert levelled(shape, nothing, nothing, nothing, YEARS) == (shape, "")
