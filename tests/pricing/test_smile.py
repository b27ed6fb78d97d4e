"""A smile gives its nodes back, is straight in total variance between them, and flat outside."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing import smile_vol, smile_vols

NODES = np.array([-0.4, -0.1, 0.0, 0.15, 0.5])
VARIANCES = np.array([0.12, 0.06, 0.05, 0.055, 0.09])
FORWARD, YEARS = 60_000.0, 0.2


def test_a_smile_gives_its_own_nodes_back() -> None:
    vols = smile_vol(FORWARD, FORWARD * np.exp(NODES), YEARS, NODES, VARIANCES)
    assert vols**2 * YEARS == pytest.approx(VARIANCES, rel=1e-12)


@given(st.floats(-0.4, 0.5))
def test_between_nodes_total_variance_is_a_straight_line(moneyness: float) -> None:
    vol = smile_vol(FORWARD, FORWARD * math.exp(moneyness), YEARS, NODES, VARIANCES)
    assert vol**2 * YEARS == pytest.approx(np.interp(moneyness, NODES, VARIANCES), rel=1e-11)


@given(st.floats(0.5, 5.0))
def test_beyond_the_outer_nodes_the_vol_is_flat(moneyness: float) -> None:
    right = smile_vol(FORWARD, FORWARD * math.exp(moneyness), YEARS, NODES, VARIANCES)
    left = smile_vol(FORWARD, FORWARD * math.exp(-moneyness), YEARS, NODES, VARIANCES)
    assert right == pytest.approx(math.sqrt(0.09 / YEARS), rel=1e-12)
    assert left == pytest.approx(math.sqrt(0.12 / YEARS), rel=1e-12)


def test_one_node_is_a_flat_smile() -> None:
    vols = smile_vol(FORWARD, [30_000.0, 60_000.0, 120_000.0], YEARS, 0.02, 0.05)
    assert vols == pytest.approx(np.full(3, 0.5), rel=1e-14)


def test_a_smile_without_time_has_no_vol_and_says_zero() -> None:
    assert smile_vol(FORWARD, [50_000.0, 60_000.0], 0.0, NODES, VARIANCES).tolist() == [0.0, 0.0]
    assert smile_vol(FORWARD, [50_000.0, 60_000.0], -0.1, NODES, VARIANCES).tolist() == [0.0, 0.0]


def test_only_the_counted_nodes_are_read() -> None:
    out = np.full(3, -7.0)
    spare = np.append(NODES[:2], [math.nan, math.nan])
    smile_vols(FORWARD, np.array([50_000.0, 90_000.0]), YEARS, spare, np.append(VARIANCES[:2], [math.nan, math.nan]), 2, out)
    assert np.all(np.isfinite(out[:2]))
    assert out[1] == pytest.approx(math.sqrt(0.06 / YEARS))
    assert out[2] == -7.0


def test_a_smile_of_unequal_columns_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="as many variances as nodes"):
        smile_vol(FORWARD, 60_000.0, YEARS, NODES, VARIANCES[:3])
