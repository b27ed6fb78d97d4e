"""Repairs: Vogt's slice as in the paper, and every other slice made free."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.pricing.smiles import SVI, butterfly, calendar, distance, lifted, repaired


@st.composite
def slices(draw: st.DrawFn) -> SVI:
    b, rho = math.exp(draw(st.floats(-7.0, 1.0))), math.tanh(draw(st.floats(-3.0, 3.0)))
    m, sigma = draw(st.floats(-0.8, 0.8)), math.exp(draw(st.floats(-8.0, 0.5)))
    least = draw(st.one_of(st.just(0.0), st.floats(-14.0, 0.5).map(math.exp)))
    return SVI(least - b * sigma * math.sqrt((1.0 - rho) * (1.0 + rho)), b, rho, m, sigma)


# Vogt's slice


def test_vogts_slice_is_repaired_as_in_the_paper(vogt: SVI) -> None:
    """Example 5.1: (c, v_tilde) moves towards (0.3493158, 0.01548182), and the optimum leaves v_tilde where it was.

    The paper's optimum, c = 0.8564763, is of an unstated set of strikes and a penalty that keeps g well above 0 (0.008). The
    nearest free slice with the same v_tilde is on the bound itself, c = 0.92175, and nearer by our measure and any like it.
    """
    found = repaired(vogt, 1.0)
    v, psi, p, c, v_tilde = vogt.jump_wings(1.0)
    assert found.svi.jump_wings(1.0)[:3] == pytest.approx((v, psi, p), rel=1e-12)
    assert found.svi.jump_wings(1.0).v_tilde == pytest.approx(0.0116249, rel=1e-5)
    assert 0.8564763 < found.svi.jump_wings(1.0).c < c
    assert 0.0 <= butterfly(found.svi).least < 1e-9
    theirs = SVI.from_jump_wings(v, psi, p, 0.8564763, v_tilde, 1.0)
    assert butterfly(theirs).free
    assert found.distance < distance(vogt, theirs)
    assert "density is negative for k from 0.642408 to 1.25691" in found.reason
    assert "call wing from 1.3168 to 0.92" in found.reason


def test_the_partner_of_vogts_slice_is_the_papers(vogt: SVI) -> None:
    v, psi, p, _, _ = vogt.jump_wings(1.0)
    c = p + 2.0 * psi
    v_tilde = 4.0 * v * p * c / (p + c) ** 2
    assert (c, v_tilde) == pytest.approx((0.3493158, 0.01548182), rel=1e-6)
    assert butterfly(SVI.from_jump_wings(v, psi, p, c, v_tilde, 1.0)).free


def test_no_slice_of_the_family_is_nearer(vogt: SVI) -> None:
    v, psi, p, c, v_tilde = vogt.jump_wings(1.0)
    best = repaired(vogt, 1.0).distance
    for wing in np.linspace(0.3493158, c, 25):
        for least in v_tilde + (0.01548182 - v_tilde) * np.linspace(0.0, 1.0, 9) ** 3:
            other = SVI.from_jump_wings(v, psi, p, float(wing), float(least), 1.0)
            assert not butterfly(other).free or distance(vogt, other) >= best


@pytest.mark.parametrize(
    "svi",
    [
        SVI(-0.0321800643405499, 0.0442205913918053, -0.4518938008721252, 0.0332045704105, 0.8181018386779),
        SVI(-0.0039902296508149, 0.1319536766420067, -0.5305014197117737, -0.2279057919007, 0.0947392403602),
        SVI(-0.0061893878908013, 0.0147668122972967, -0.6523089319449634, -0.2072714234841, 0.5664930573180),
    ],
)
def test_both_parameters_move_where_that_is_nearer(svi: SVI) -> None:
    """Slices whose nearest free one is inside the square: against a brute search of it."""
    found = repaired(svi, 1.0)
    own, ours = svi.jump_wings(1.0), found.svi.jump_wings(1.0)
    c = own.p + 2.0 * own.psi
    v_tilde = 4.0 * own.v * own.p * c / (own.p + c) ** 2
    grid = [
        SVI.from_jump_wings(*own[:3], own.c + x * (c - own.c), own.v_tilde + y * (v_tilde - own.v_tilde), 1.0)
        for x in np.linspace(0.0, 1.0, 13)
        for y in np.linspace(0.0, 1.0, 13)
        if (x, y) != (0.0, 0.0)
    ]
    assert found.distance <= 1.001 * min(distance(svi, each) for each in grid if butterfly(each).free)
    assert ours[:3] == pytest.approx(own[:3], rel=1e-8)


# Every slice


@settings(max_examples=80)
@given(slices())
def test_a_repaired_slice_is_free_and_a_free_one_unchanged(svi: SVI) -> None:
    found = repaired(svi, 0.1)
    assert butterfly(found.svi).free
    if butterfly(svi).free:
        assert found == (svi, "", 0.0)
    else:
        assert ";" in found.reason
        assert found.distance == pytest.approx(distance(svi, found.svi))
        if svi.total_variance(0.0) > 1e-9:
            assert found.svi.total_variance(0.0) == pytest.approx(svi.total_variance(0.0), rel=1e-6)


def test_years_only_put_the_words(vogt: SVI) -> None:
    year, week = repaired(vogt, 1.0), repaired(vogt, 7 / 365)
    assert year.svi == week.svi
    assert "least variance from 0.0116249 " in year.reason
    assert "least variance from 0.606" in week.reason


def test_a_put_wing_too_steep_for_any_partner_is_flattened() -> None:
    found = repaired(SVI(0.5, 1.6, -0.5, 0.0, 0.5), 1.0)
    assert butterfly(found.svi).free
    assert "flattened to an SSVI slice of the same variance at the money" in found.reason
    assert found.svi.total_variance(0.0) == pytest.approx(1.3, rel=1e-12)
    assert butterfly(found.svi).least < 1e-6  # no flatter than it must be


def test_a_symmetric_slice_has_no_jump_wings_and_is_repaired_all_the_same() -> None:
    """Its skew at the money is 0, so v_tilde = v whatever the curvature: the way to the partner is another."""
    svi = SVI(-0.0299, 0.1, 0.0, 0.0, 0.3)
    assert not butterfly(svi).free
    found = repaired(svi, 1.0)
    assert butterfly(found.svi).free
    assert found.svi.total_variance(0.0) == pytest.approx(svi.total_variance(0.0), rel=1e-12)


def test_a_slice_without_variance_at_the_money_is_raised() -> None:
    found = repaired(SVI(-0.03, 0.1, 0.0, 0.0, 0.3), 1.0)
    assert butterfly(found.svi).free
    assert "no variance at the money" in found.reason


def test_years_must_be_positive(vogt: SVI) -> None:
    with pytest.raises(ValueError, match="years must be a positive"):
        repaired(vogt, 0.0)


# Lifting


@settings(max_examples=80)
@given(slices(), slices())
def test_a_lifted_slice_passes_both_tests(first: SVI, second: SVI) -> None:
    earlier = repaired(first, 0.1).svi
    found = lifted(second, earlier)
    assert butterfly(found.svi).free
    assert calendar(earlier, found.svi).free
    if butterfly(second).free and calendar(earlier, second).free:
        assert found == (second, "", 0.0)
    else:
        assert found.reason


def test_the_least_raise_is_the_depth(plain: SVI) -> None:
    earlier = SVI(0.01, 0.08, -0.1, 0.0, 0.1)
    low = SVI(plain.a - 0.005, *plain.raw[1:])
    found = lifted(low, earlier)
    assert found.svi.raw[1:] == low.raw[1:]
    assert found.svi.a - low.a == pytest.approx(calendar(earlier, low).depth, rel=1e-12)
    assert "below the earlier slice by" in found.reason
    assert "lifted above it" in found.reason


def test_a_slower_wing_gets_the_earlier_slope_and_keeps_the_money(plain: SVI) -> None:
    earlier = SVI(0.001, 0.12, -0.15, 0.02, 0.02)
    found = lifted(plain, earlier)
    assert found.svi.wing_slopes == pytest.approx(earlier.wing_slopes, rel=1e-12)
    assert found.svi.total_variance(0.0) == pytest.approx(plain.total_variance(0.0), rel=0.2)
    assert "below the earlier slice in a wing" in found.reason


def test_a_flat_slice_takes_the_bend_of_the_earlier(plain: SVI) -> None:
    found = lifted(SVI(0.02, 0.0, 0.0, 0.0, 1.0), plain)
    assert (found.svi.m, found.svi.sigma) == (plain.m, plain.sigma)
    assert butterfly(found.svi).free
    assert calendar(plain, found.svi).free


def test_above_a_wing_beyond_lees_bound_there_is_nothing(plain: SVI) -> None:
    with pytest.raises(ValueError, match="earlier must have wings below Lee's bound"):
        lifted(plain, SVI(0.5, 1.3, 0.6, 0.0, 0.5))


def test_distance_is_nothing_to_itself_and_a_vol_point_is_its_vega(plain: SVI) -> None:
    assert distance(plain, plain) == 0.0
    flat, higher = SVI(0.04, 0.0, 0.0, 0.0, 1.0), SVI(0.0441, 0.0, 0.0, 0.0, 1.0)
    k = np.linspace(-1.0, 1.0, 41)
    vega = np.exp(-0.5 * (0.1 - k / 0.2) ** 2) / math.sqrt(2.0 * math.pi)
    assert distance(flat, higher) == pytest.approx(0.01 * math.sqrt(np.mean(vega**2)), rel=1e-12)
