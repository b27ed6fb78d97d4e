"""The surface between and beyond its expiries and strikes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.smiles import butterfly
from flatbook.pricing.surface import Surface, fit_surface


@pytest.fixture(scope="module")
def surface(chain) -> Surface:
    return fit_surface(*chain(noise=0.003)[:6])


def variance(surface: Surface, k: float, years: float) -> float:
    strike = float(surface.forward_at(years)) * math.exp(k)
    return float(surface.vol(strike, years)) ** 2 * years


def test_at_an_expiry_it_is_that_expirys_slice(surface):
    strikes = surface.forward[3] * np.exp(np.linspace(-0.5, 0.5, 7))
    np.testing.assert_allclose(surface.vol(strikes, surface.years[3]), surface.vols(3, strikes), rtol=1e-12)


def test_between_expiries_variance_is_linear_at_equal_moneyness(surface):
    for k in (-0.3, 0.0, 0.2):
        middle = 0.5 * (surface.years[3] + surface.years[4])
        ends = [float(surface.slices[i].total_variance(k)) for i in (3, 4)]
        assert variance(surface, k, middle) == pytest.approx(0.5 * sum(ends), rel=1e-12)


def test_before_the_first_expiry_vol_stays_at_equal_moneyness(surface):
    vol = float(surface.slices[0].vol(0.01, surface.years[0]))
    assert variance(surface, 0.01, surface.years[0] / 3.0) == pytest.approx(vol**2 * surface.years[0] / 3.0)


@given(st.floats(0.01, 1.0))
def test_before_the_first_expiry_there_is_no_butterfly(surface, part):
    first = surface.slices[0]
    assert butterfly(type(first)(first.a * part, first.b * part, first.rho, first.m, first.sigma)).free


def test_after_the_last_expiry_vol_stays_at_the_money(surface):
    last = surface.slices[-1]
    at_money = float(last.vol(0.0, surface.years[-1]))
    assert float(surface.vol(surface.forward[-1], 3.0)) == pytest.approx(at_money, rel=1e-12)
    grown = variance(surface, 0.8, 3.0) - float(last.total_variance(0.8))
    assert grown == pytest.approx((3.0 - surface.years[-1]) * at_money**2)


@given(st.floats(-2.0, 2.0), st.floats(1e-4, 3.0), st.floats(1e-4, 3.0))
def test_variance_never_falls_with_time(surface, k, one, other):
    early, late = sorted((one, other))
    assert variance(surface, k, early) <= variance(surface, k, late) * (1.0 + 1e-9)


def test_forwards_are_log_linear_between_and_flat_beyond(surface):
    middle = 0.5 * (surface.years[1] + surface.years[2])
    assert surface.forward_at(middle) == pytest.approx(math.sqrt(surface.forward[1] * surface.forward[2]), rel=1e-12)
    assert surface.forward_at(1e-5) == pytest.approx(surface.forward[0])
    assert surface.forward_at([9.0, 20.0]).tolist() == [pytest.approx(surface.forward[-1])] * 2


def test_uncertainty_between_strikes_is_between_theirs_and_beyond_grows(surface, chain):
    columns = chain(noise=0.003)
    own = columns.expiry == 3
    strikes, sure = columns.strike[own], surface.uncertainty[own]
    between = surface.uncertainties(3, np.sqrt(strikes[:-1] * strikes[1:]))
    np.testing.assert_allclose(between, 0.5 * (sure[:-1] + sure[1:]), rtol=1e-9)
    for edge, away in ((strikes[0], 0.9), (strikes[-1], 1.1)):
        beyond = surface.uncertainties(3, edge * away ** np.arange(6))
        assert np.all(np.diff(beyond) > 0.0)
        assert beyond[0] == pytest.approx(surface.uncertainties(3, edge))


def test_a_wide_quote_is_less_sure_than_a_tight_one(chain):
    columns = chain(half=0.005)
    bid, ask = columns.bid_vol.copy(), columns.ask_vol.copy()
    bid[70] -= 0.05
    ask[70] += 0.05
    surface = fit_surface(*columns._replace(bid_vol=bid, ask_vol=ask)[:6])
    assert surface.uncertainty[70] == pytest.approx(0.055, rel=0.01)
    assert np.delete(surface.uncertainty, 70).max() < 0.008


def test_a_borrowed_smile_is_doubted_everywhere(chain):
    columns = chain(half=0.005)
    keep = columns.expiry != 2
    surface = fit_surface(columns.years, columns.forward, *(each[keep] for each in columns[2:6]))
    vol = float(surface.slices[2].vol(0.0, columns.years[2]))
    assert surface.uncertainties(2, columns.forward[2]) == pytest.approx(0.1 * vol)


def test_scalars_in_scalars_out_and_shapes_are_kept(surface):
    assert isinstance(surface.vol(60_000.0, 0.1), float)
    assert surface.vol(np.full((2, 3), 60_000.0), 0.1).shape == (2, 3)
    assert surface.vols(0, []).shape == (0,)
    assert surface.vol([], 0.1).shape == (0,)
    assert surface.uncertainties(1, [[60_000.0]]).shape == (1, 1)


@pytest.mark.parametrize(
    ("strike", "years"), [(0.0, 0.1), (-5.0, 0.1), (math.nan, 0.1), (1.0, 0.0), (1.0, -1.0), (1.0, math.inf)]
)
def test_bad_input_is_named(surface, strike, years):
    with pytest.raises(ValueError, match=r"strike|years"):
        surface.vol(strike, years)


def test_a_surface_without_expiries_says_so():
    nothing = np.zeros(0)
    with pytest.raises(ValueError, match="without expiries"):
        fit_surface(nothing, nothing, nothing, nothing, nothing, nothing).vol(100.0, 0.1)
