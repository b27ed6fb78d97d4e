"""Calendar arbitrage: where a slice lies below an earlier one."""

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.smiles import SVI, calendar

Exact = Callable[[SVI, object], mpmath.mpf]
Dense = Callable[[SVI], np.ndarray]


@st.composite
def slices(draw: st.DrawFn) -> SVI:
    b, rho = draw(st.sampled_from([0.0, 0.05, 0.2])) * draw(st.floats(0.5, 2.0)), draw(st.sampled_from([0.0, -0.3, 0.6, 0.95]))
    m, sigma = draw(st.sampled_from([0.0, 0.1, -0.4])), draw(st.sampled_from([1e-4, 0.1, 0.5]))
    least = draw(st.floats(1e-5, 0.2))
    return SVI(least - b * sigma * math.sqrt(1.0 - rho * rho), b, rho, m, sigma)


def gap_and_rounding(earlier: SVI, later: SVI, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = sum(abs(each.a) + each.b * np.hypot(k - each.m, each.sigma) for each in (earlier, later))
    return later.total_variance(k) - earlier.total_variance(k), 2e-12 * size


@given(slices(), slices())
def test_a_dense_grid_finds_nothing_else(dense: Dense, earlier: SVI, later: SVI) -> None:
    verdict = calendar(earlier, later)
    k = np.union1d(dense(earlier), dense(later))
    gap, rounding = gap_and_rounding(earlier, later, k)
    inside = np.zeros(k.shape, dtype=bool)
    for start, end in verdict.intervals:
        assert start < end
        inside |= (k >= start) & (k <= end)
    assert not np.any((gap < -rounding) & ~inside)
    assert not np.any((gap > rounding) & inside)
    assert np.all(-gap <= verdict.depth + rounding)
    assert verdict.free == (not verdict.intervals)
    assert verdict.free == (verdict.depth == 0.0)


@given(slices(), slices())
def test_every_boundary_is_a_crossing(exact_variance: Exact, earlier: SVI, later: SVI) -> None:
    for edge in (edge for interval in calendar(earlier, later).intervals for edge in interval if math.isfinite(edge)):
        _, rounding = gap_and_rounding(earlier, later, np.array(edge))
        assert abs(exact_variance(later, edge) - exact_variance(earlier, edge)) <= rounding


@given(slices(), slices())
def test_one_of_two_slices_is_below_wherever_they_differ(one: SVI, other: SVI) -> None:
    ahead, back = calendar(one, other), calendar(other, one)
    edges = sorted(edge for verdict in (ahead, back) for interval in verdict.intervals for edge in interval)
    if not ahead.free and not back.free:
        assert edges[0] == -math.inf
        assert edges[-1] == math.inf
    assert calendar(one, one).free


def test_four_crossings_are_found(exact_variance: Exact) -> None:
    """As many as there can be (Gatheral and Jacquier, section 3.1): a sharper bend and flatter wings."""
    earlier, later = SVI(0.02, 0.20, 0.0, 0.0, 0.20), SVI(0.0426, 0.1705, -0.05, -0.026, 0.043)
    verdict = calendar(earlier, later)
    assert [len(verdict.intervals), verdict.intervals[0][0], verdict.intervals[-1][1]] == [3, -math.inf, math.inf]
    crossings = [edge for interval in verdict.intervals for edge in interval if math.isfinite(edge)]
    assert len(crossings) == 4
    for edge in crossings:
        true = mpmath.findroot(lambda k: exact_variance(later, k) - exact_variance(earlier, k), edge)
        assert edge == pytest.approx(float(true), abs=1e-13)


def test_parallel_slices() -> None:
    low, high = SVI(0.01, 0.2, -0.4, 0.1, 0.3), SVI(0.02, 0.2, -0.4, 0.1, 0.3)
    assert calendar(low, high).free
    verdict = calendar(high, low)
    assert verdict.intervals == ((-math.inf, math.inf),)
    assert verdict.depth == pytest.approx(0.01, rel=1e-12)


def test_a_wing_that_rises_more_slowly_is_below_in_the_end() -> None:
    verdict = calendar(SVI(0.01, 0.2, -0.4, 0.1, 0.3), SVI(0.10, 0.19, -0.4, 0.1, 0.3))
    assert [math.isinf(edge) for interval in verdict.intervals for edge in interval] == [True, False, False, True]
    assert verdict.depth == math.inf
    assert math.isinf(verdict.at)


def test_a_flat_slice_and_a_smile() -> None:
    flat, smile = SVI(0.04, 0.0, 0.0, 0.0, 1.0), SVI(0.01, 0.2, 0.5, 0.1, 0.1)
    below = calendar(flat, smile)
    bottom = 0.1 - 0.5 * 0.1 / math.sqrt(0.75)
    assert below.at == pytest.approx(bottom, abs=1e-9)
    assert below.depth == pytest.approx(0.04 - smile.least_variance, rel=1e-12)
    assert not calendar(smile, flat).free
    assert calendar(flat, SVI(0.05, 0.0, 0.3, 0.2, 0.1)).free


def test_touching_from_above_is_free(plain: SVI) -> None:
    """A later slice lowered until it touches in one place, where the slopes agree."""
    earlier = SVI(0.01, 0.08, -0.1, 0.0, 0.1)
    depth = calendar(earlier, SVI(plain.a - 0.005, *plain.raw[1:])).depth
    assert depth > 0.0
    assert calendar(earlier, SVI(plain.a - 0.005 + depth, *plain.raw[1:])).free
    assert not calendar(earlier, SVI(plain.a - 0.005 + depth * (1.0 - 1e-9), *plain.raw[1:])).free
