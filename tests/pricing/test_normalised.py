"""Jaeckel's normalised Black price, to the last digits that x and s determine."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.normalised import NEAR, normalised_black

ULP = 2.0**-52


def exact(x: float, s: float) -> mp.mpf:
    with mp.workdps(80):
        x, s = mp.mpf(x), mp.mpf(s)
        upper, lower = x / s + s / 2, x / s - s / 2
        return mp.ncdf(upper) * mp.exp(x / 2) - mp.ncdf(lower) * mp.exp(-x / 2)


def off(x: float, s: float) -> float:
    """The relative error, in units of what rounding x/s and its square costs."""
    truth = exact(x, s)
    return float(abs(mp.mpf(normalised_black(x, s)) / truth - 1)) / (ULP * (1 + 0.5 * (x / s) ** 2 + 0.1 * s * s))


@pytest.mark.parametrize(
    ("x", "s", "b"),
    [
        (0.0, 0.2, 0.079655674554057963),
        (-0.1, 0.01, 7.4744685724967554e-27),
        (-4.0, 0.5, 3.6622185117102118e-17),
        (-1.0, 4.0, 0.5620788047830263),
    ],
)
def test_reference_samples(x: float, s: float, b: float) -> None:
    assert normalised_black(x, s) == pytest.approx(b, rel=1e-14)


@pytest.mark.parametrize("s", [1e-9, 1e-6, 1e-3, 0.05, 0.3, 0.4999, 0.5, 0.5001, 0.7, 1.0, 2.0, 5.0, 12.0])
@pytest.mark.parametrize("deviations", [0.0, 1e-9, 0.1, 0.25, 0.6, 1.0, 2.0, 5.0, 12.0, 30.0, 36.0])
def test_every_digit_is_right_from_a_millionth_of_a_deviation_to_the_far_wing(s: float, deviations: float) -> None:
    assert off(-deviations * s, s) < 8.0


@given(st.floats(-20.0, 0.0), st.floats(1e-3, 30.0))
def test_anywhere_out_of_the_money(x: float, s: float) -> None:
    if exact(x, s) > 1e-290:
        assert off(x, s) < 10.0


@given(st.floats(-9.0, 9.0), st.floats(0.0, 8.0))
def test_put_call_parity_and_bounds(x: float, s: float) -> None:
    call, put = normalised_black(x, s), normalised_black(-x, s)
    assert call - put == pytest.approx(2.0 * math.sinh(x / 2.0), rel=1e-13, abs=4 * ULP * max(call, put))
    slack = 1.0 + 4 * ULP
    assert max(2.0 * math.sinh(x / 2.0), 0.0) <= call * slack <= math.exp(x / 2.0) * slack * slack


@given(st.floats(-5.0, 0.0), st.floats(1e-4, 10.0))
def test_more_deviation_is_never_worth_less(x: float, s: float) -> None:
    assert normalised_black(x, s * 1.001) >= normalised_black(x, s) * (1.0 - 1e-13)


@pytest.mark.parametrize("x", [0.0, -1e-12, -0.03, -0.1, -2.0])
def test_the_series_and_the_mills_ratios_meet_without_a_step(x: float) -> None:
    below, above = normalised_black(x, [NEAR * (1.0 - ULP), NEAR])
    assert below == pytest.approx(above, rel=20 * ULP)


def test_no_deviation_is_worth_the_pay_off_and_infinitely_much_the_whole_bound() -> None:
    x = np.array([-2.0, 0.0, 2.0])
    np.testing.assert_array_equal(normalised_black(x, 0.0), np.maximum(2.0 * np.sinh(x / 2.0), 0.0))
    np.testing.assert_allclose(normalised_black(x, 1e6), np.exp(x / 2.0), rtol=4 * ULP)


def test_a_price_too_small_for_a_double_is_nothing() -> None:
    assert normalised_black(-1.0, 0.02) == 0.0
    assert normalised_black(-1400.0, 1e-300) == 0.0


def test_shapes_broadcast_and_scalars_stay_scalars() -> None:
    assert np.ndim(normalised_black(-1.0, 0.3)) == 0
    assert normalised_black(np.zeros((3, 1)), np.ones(4)).shape == (3, 4)
    assert normalised_black([], 0.3).shape == (0,)


@pytest.mark.parametrize(
    ("x", "s", "words"),
    [
        (math.nan, 0.1, r"x must be ln\(F/K\), between -1400 and 1400; x is nan"),
        (-1500.0, 0.1, r"x must be ln\(F/K\)"),
        (0.0, -0.1, "s must be a finite number, not negative; s is -0.1"),
        (0.0, [0.1, math.inf], r"s\[1\] is inf"),
        ("deep", 0.1, "x must be a number"),
        ([0.0, 0.0], [1.0, 1.0, 1.0], "do not broadcast"),
    ],
)
def test_bad_input_is_named(x: object, s: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        normalised_black(x, s)
