"""Raw, natural and jump-wings: there and back, and where there is no way."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flatbook.pricing.smiles import SVI

K = np.linspace(-1.5, 1.5, 31)


@st.composite
def slices(draw: st.DrawFn) -> SVI:
    b, rho = draw(st.floats(0.01, 1.0)), draw(st.floats(-0.95, 0.95))
    m, sigma = draw(st.floats(-0.5, 0.5)), draw(st.floats(0.02, 1.0))
    least = draw(st.floats(1e-3, 0.5))
    return SVI(least - b * sigma * math.sqrt(1.0 - rho * rho), b, rho, m, sigma)


@given(slices())
def test_there_and_back_by_the_natural_form(svi: SVI) -> None:
    natural = svi.natural()
    assert SVI.from_natural(*natural).raw == pytest.approx(svi.raw, rel=1e-12, abs=1e-12)
    delta, mu, rho, omega, zeta = natural
    lean = zeta * (K - mu)
    theirs = delta + 0.5 * omega * (1.0 + rho * lean + np.sqrt((lean + rho) ** 2 + 1.0 - rho * rho))
    assert theirs == pytest.approx(svi.total_variance(K), rel=1e-12, abs=1e-13)


@given(slices(), st.floats(0.003, 3.0))
def test_there_and_back_by_jump_wings(svi: SVI, years: float) -> None:
    wings = svi.jump_wings(years)
    # The curvature is in v - v_tilde: what that difference loses to rounding, no way back can find again.
    lost = 1.0 / (1.0 - wings.v_tilde / wings.v) if wings.v > wings.v_tilde else math.inf
    assume(lost < 100.0)
    back = SVI.from_jump_wings(*wings, years)
    assert back.jump_wings(years) == pytest.approx(wings, rel=1e-12, abs=1e-12)
    assert back.total_variance(K) == pytest.approx(svi.total_variance(K), rel=1e-11)


def test_jump_wings_are_what_a_trader_sees(plain: SVI) -> None:
    years, step = 0.08, 1e-5
    v, psi, p, c, v_tilde = plain.jump_wings(years)
    assert v == pytest.approx(plain.vol(0.0, years) ** 2, rel=1e-14)
    deviation = np.sqrt(plain.total_variance([-step, step]))
    assert psi == pytest.approx((deviation[1] - deviation[0]) / (2 * step), rel=1e-8)
    assert (p, c) == pytest.approx(np.array(plain.wing_slopes) / math.sqrt(v * years), rel=1e-14)
    assert v_tilde == pytest.approx(np.min(plain.vol(np.linspace(-1, 1, 200_001), years)) ** 2, rel=1e-9)


def test_vogts_slice_has_the_jump_wings_in_the_paper(vogt: SVI) -> None:
    assert vogt.jump_wings(1.0) == pytest.approx((0.01742625, -0.1752111, 0.6997381, 1.316798, 0.0116249), rel=4e-7)


@pytest.mark.parametrize(
    "svi",
    [
        SVI(0.02, 0.2, 0.3, 0.0, 0.4),  # m = 0: the paper's formulas need a case of their own
        SVI(0.02, 0.2, 0.0, 0.3, 0.4),  # no tilt
        SVI(0.02, 0.2, 0.6, 0.3, 0.38),  # the skew at the money is small, and of either sign
        SVI(0.02, 0.2, 0.6, 0.3, 0.42),
        SVI(0.02, 0.2, -0.4, -0.3, 1e-3),  # a kink
        SVI(0.02, 0.2, 0.999, -0.3, 0.1),
    ],
)
def test_special_places_are_no_special_cases(svi: SVI) -> None:
    assert SVI.from_jump_wings(*svi.jump_wings(0.5), 0.5).raw == pytest.approx(svi.raw, rel=1e-9, abs=1e-12)


def test_a_flat_smile_is_flat_in_every_form() -> None:
    flat = SVI(0.04, 0.0, 0.3, 0.1, 0.2)
    assert flat.jump_wings(0.5) == (0.08, 0.0, 0.0, 0.0, 0.08)
    assert SVI.from_jump_wings(*flat.jump_wings(0.5), 0.5).total_variance(K) == pytest.approx(0.04)
    assert SVI.from_natural(*flat.natural()).total_variance(K) == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("wings", "message"),
    [
        ((0.0, 0.0, 0.5, 0.5, 0.0), "v must be a positive"),
        ((0.04, math.nan, 0.5, 0.5, 0.03), "psi must be a finite"),
        ((0.04, -0.1, -0.5, 0.5, 0.03), "p must be a finite number, not negative"),
        ((0.04, -0.1, 0.5, math.inf, 0.03), "c must be a finite number, not negative"),
        ((0.04, -0.1, 0.5, 0.5, -0.01), "v_tilde must be a finite number, not negative"),
        ((0.04, -0.1, 0.5, 0.5, 0.05), "must not be above v"),
        ((0.04, -0.3, 0.5, 0.5, 0.03), "psi must lie between -p/2 and c/2"),
        ((0.04, 0.25, 0.5, 0.5, 0.03), "psi must lie between -p/2 and c/2"),
        ((0.04, -0.1, 0.5, 0.5, 0.04), "v_tilde must be below v"),
        ((0.04, 0.0, 0.5, 0.5, 0.03), "v_tilde must be below v"),
        ((0.04, 0.0, 0.5, 0.5, 0.04), "leaves the slice's curvature open"),
        ((0.04, 0.0, 0.0, 0.5, 0.03), "p and c must both be positive"),
        ((0.04, 0.1, 0.0, 0.0, 0.04), "psi must be 0"),
    ],
)
def test_jump_wings_of_no_slice_are_refused(wings: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SVI.from_jump_wings(*wings, years=0.5)


def test_what_has_no_such_form_says_so(vogt: SVI) -> None:
    with pytest.raises(ValueError, match="no jump-wings form"):
        SVI(0.0, 0.0, 0.0, 0.0, 1.0).jump_wings(1.0)
    with pytest.raises(ValueError, match="years must be a positive"):
        vogt.jump_wings(0.0)
    with pytest.raises(ValueError, match="years must be a positive"):
        SVI.from_jump_wings(*vogt.jump_wings(1.0), years=-1.0)
    with pytest.raises(ValueError, match="omega must be"):
        SVI.from_natural(0.0, 0.0, 0.1, -1.0, 1.0)
    with pytest.raises(ValueError, match="zeta must be"):
        SVI.from_natural(0.0, 0.0, 0.1, 1.0, 0.0)
    with pytest.raises(ValueError, match="a must be at least"):
        SVI.from_natural(-2.0, 0.0, 0.1, 1.0, 1.0)
