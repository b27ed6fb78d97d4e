"""What a smile does when the forward moves: signs, sizes, and delta against bumps."""

import math

import numpy as np
import pytest

from flatbook.pricing import DELTA, VALUE, option_value_and_greeks
from flatbook.pricing.smiles import SVI
from flatbook.pricing.surface import STICKINESS, moved_vols, smile_delta, stickiness, vol_slope

YEARS, FORWARD = 0.25, 60_000.0
STRIKES = FORWARD * np.exp(np.linspace(-0.5, 0.5, 11))
SKEWED = SVI(0.01, 0.12, -0.5, 0.02, 0.15)  # puts dear: vol falls as strikes rise, near the money
NAMES = ("sticky_strike", "sticky_delta", "sticky_local")


def at_money_vol(dynamics: str, forward: float) -> float:
    return float(moved_vols(SKEWED, YEARS, forward, FORWARD, forward, dynamics))


def test_sticky_strike_leaves_every_strike_its_vol():
    assert not np.any(vol_slope(SKEWED, YEARS, STRIKES, FORWARD, "sticky_strike"))
    before, after = (moved_vols(SKEWED, YEARS, STRIKES, FORWARD, to, "sticky_strike") for to in (FORWARD, 70_000.0))
    np.testing.assert_array_equal(before, after)


def test_sticky_delta_leaves_every_moneyness_its_vol():
    after = moved_vols(SKEWED, YEARS, STRIKES * 1.1, FORWARD, FORWARD * 1.1, "sticky_delta")
    np.testing.assert_allclose(after, SKEWED.vol(np.log(STRIKES / FORWARD), YEARS), rtol=1e-12)


def test_with_puts_dear_vols_rise_under_sticky_delta_and_fall_under_sticky_local_as_the_forward_rises():
    assert vol_slope(SKEWED, YEARS, FORWARD, FORWARD, "sticky_delta") > 0.0
    assert vol_slope(SKEWED, YEARS, FORWARD, FORWARD, "sticky_local") < 0.0


@pytest.mark.parametrize("dynamics", NAMES)
def test_the_slope_is_what_a_bump_of_the_forward_shows(dynamics):
    up, down = (moved_vols(SKEWED, YEARS, STRIKES, FORWARD, FORWARD * math.exp(h), dynamics) for h in (1e-5, -1e-5))
    np.testing.assert_allclose(vol_slope(SKEWED, YEARS, STRIKES, FORWARD, dynamics), (up - down) / 2e-5, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("dynamics", "ratio"), [("sticky_delta", 0.0), ("sticky_strike", 1.0), ("sticky_local", 2.0)])
def test_the_skew_stickiness_ratio_is_bergomis(dynamics, ratio):
    h = 1e-5
    skew = float(SKEWED.vol(h, YEARS) - SKEWED.vol(-h, YEARS)) / (2.0 * h)
    moved = (at_money_vol(dynamics, FORWARD * math.exp(h)) - at_money_vol(dynamics, FORWARD * math.exp(-h))) / (2.0 * h)
    assert moved / skew == pytest.approx(ratio, abs=1e-5)
    assert stickiness(dynamics) == STICKINESS[dynamics] == ratio


@pytest.mark.parametrize("dynamics", NAMES)
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_smile_delta_is_the_derivative_of_the_options_value(dynamics, inverse, sign):
    def value(forward: float) -> np.ndarray:
        vol = moved_vols(SKEWED, YEARS, STRIKES, FORWARD, forward, dynamics)
        return option_value_and_greeks(forward, STRIKES, YEARS, vol, sign, inverse)[VALUE]

    bump = 1e-5 * FORWARD
    bumped = (value(FORWARD + bump) - value(FORWARD - bump)) / (2.0 * bump)
    found = smile_delta(SKEWED, YEARS, STRIKES, FORWARD, sign, dynamics, inverse=inverse)
    np.testing.assert_allclose(found, bumped, rtol=1e-6, atol=1e-8 / (FORWARD if inverse else 1.0))


def test_under_sticky_strike_smile_delta_is_blacks():
    vol = SKEWED.vol(np.log(STRIKES / FORWARD), YEARS)
    black = option_value_and_greeks(FORWARD, STRIKES, YEARS, vol, 1.0)[DELTA]
    np.testing.assert_allclose(smile_delta(SKEWED, YEARS, STRIKES, FORWARD, 1.0, "sticky_strike"), black, rtol=1e-14)


def test_with_puts_dear_deltas_are_ordered():
    local, strike, delta = (
        smile_delta(SKEWED, YEARS, FORWARD, FORWARD, 1.0, name) for name in ("sticky_local", "sticky_strike", "sticky_delta")
    )
    assert local < strike < delta


def test_moving_there_and_back_changes_nothing_to_first_order():
    there = moved_vols(SKEWED, YEARS, STRIKES, FORWARD, FORWARD, "sticky_local")
    np.testing.assert_array_equal(there, SKEWED.vol(np.log(STRIKES / FORWARD), YEARS))


def test_shapes_scalars_and_empty_arrays():
    assert isinstance(smile_delta(SKEWED, YEARS, FORWARD, FORWARD, 1.0, "sticky_delta"), float)
    assert smile_delta(SKEWED, YEARS, STRIKES[:, None], FORWARD, [1.0, -1.0], "sticky_delta").shape == (11, 2)
    assert vol_slope(SKEWED, YEARS, [], FORWARD, "sticky_local").shape == (0,)
    assert moved_vols(SKEWED, YEARS, [], FORWARD, FORWARD, "sticky_local").shape == (0,)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("strike", lambda: vol_slope(SKEWED, YEARS, 0.0, FORWARD, "sticky_delta")),
        ("years", lambda: vol_slope(SKEWED, 0.0, 1.0, FORWARD, "sticky_delta")),
        ("forward_after", lambda: moved_vols(SKEWED, YEARS, 1.0, FORWARD, -1.0, "sticky_delta")),
        ("sign", lambda: smile_delta(SKEWED, YEARS, 1.0, FORWARD, 2.0, "sticky_delta")),
        ("dynamics", lambda: smile_delta(SKEWED, YEARS, 1.0, FORWARD, 1.0, "sticky_gamma")),
        ("dynamics", lambda: vol_slope(SKEWED, YEARS, 1.0, FORWARD, "")),
    ],
)
def test_bad_input_is_named(name, call):
    with pytest.raises(ValueError, match=name):
        call()
