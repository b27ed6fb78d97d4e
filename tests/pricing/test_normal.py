"""The polynomials stand for exp, log and the normal tail to a few units in the last place."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.normal import exponential, logarithm, normal_tail

ULP = 2.0**-52


@given(st.floats(-700.0, 700.0))
def test_exponential_agrees_with_the_library(y: float) -> None:
    assert exponential(y) == pytest.approx(math.exp(y), rel=2 * ULP)


@given(st.floats(1e-300, 1e300))
def test_logarithm_agrees_with_the_library(x: float) -> None:
    assert logarithm(x) == pytest.approx(math.log(x), rel=3 * ULP, abs=1e-300)


def test_logarithm_of_one_is_exactly_zero() -> None:
    assert logarithm(1.0) == 0.0


@given(st.floats(-1e-3, 1e-3).filter(lambda gap: gap == 0.0 or abs(gap) > 1e-12))
def test_logarithm_keeps_its_digits_beside_one(gap: float) -> None:
    x = 1.0 + gap
    assert logarithm(x) == pytest.approx(math.log(x), rel=3 * ULP)


@pytest.mark.parametrize("x", [0.0, 1e-9, 0.1, 0.5, 0.99, 1.0, 1.7, 2.5, 4.0, 5.99, 6.01, 8.0, 12.0, 20.0, 30.0, 37.0])
def test_the_tail_keeps_relative_accuracy_however_far_out(x: float, exact_tail: Callable[[float], float]) -> None:
    # One rounding of x*x/2 in the exponent costs x^2/2 units of relative error; nothing else grows.
    assert normal_tail(x) == pytest.approx(exact_tail(x), rel=(4 + x * x / 2) * ULP)


def test_the_tail_only_falls() -> None:
    tails = np.array([normal_tail(x) for x in np.linspace(0.0, 37.0, 4001)])
    assert np.all(np.diff(tails) < 0.0)


def test_both_tails_are_the_same_and_half_in_the_middle() -> None:
    assert normal_tail(0.0) == pytest.approx(0.5, rel=ULP)
    assert normal_tail(-1.3) == normal_tail(1.3)
