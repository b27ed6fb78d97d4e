"""Positive roots of polynomials whose roots are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.smiles.roots import COLUMNS, LONGEST, ROOTS_PAD, positive_roots


def roots_of(powers: np.ndarray) -> np.ndarray:
    pad, out = np.zeros((ROOTS_PAD, COLUMNS)), np.empty(LONGEST)
    pad[0, : powers.size] = powers
    return np.sort(out[: positive_roots(pad, 0, powers.size, out)])


def with_roots(roots: list[complex]) -> np.ndarray:
    return np.poly(roots).real[::-1]


@given(st.lists(st.integers(-60, 60), min_size=1, max_size=6, unique=True), st.integers(0, 2))
def test_well_parted_roots_are_found_and_no_others(places: list[int], pairs: int) -> None:
    # A factor 2 between roots, over twelve decades or so; negative ones and complex pairs beside them.
    roots = [2.0 ** (place / 3) for place in places if place % 3 == 0]
    beside = [-1.0, *(z for i in range(pairs) for z in (complex(1 - i, 2 + i), complex(1 - i, -2 - i)))]
    assert roots_of(with_roots([*roots, *beside])) == pytest.approx(sorted(roots), rel=1e-6)


def test_a_root_on_the_first_cut_is_found() -> None:
    assert roots_of(np.array([-1.0, 1.0])) == pytest.approx([1.0])
    assert roots_of(np.array([-1.0, 0.0, 1.0])) == pytest.approx([1.0])
    assert roots_of(with_roots([1 / 3, 1.0, 3.0])) == pytest.approx([1 / 3, 1.0, 3.0], rel=1e-9)


def test_far_roots_keep_their_digits() -> None:
    for far in (1e-9, 1e-4, 1e5, 1e10):
        assert roots_of(np.array([-far, 1.0])) == pytest.approx([far], rel=1e-8)


@pytest.mark.parametrize("powers", [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0], [1.0, -1.0, 1.0], [0.0, 0.0, 1.0, 0.0], [5.0]])
def test_where_there_are_none_none_are_found(powers: list[float]) -> None:
    assert roots_of(np.array(powers)).size == 0


def test_the_same_place_many_times_over_ends() -> None:
    found = roots_of(with_roots([0.7] * 12))
    assert found.size <= LONGEST
    assert np.all(np.isfinite(found))


def test_rounding_alone_ends() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    for _ in range(50):
        found = roots_of(rng.normal(size=13) * 1e-17)
        assert np.all(found > 0.0)
