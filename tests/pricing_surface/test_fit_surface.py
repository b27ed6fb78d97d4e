"""A whole chain: every expiry a slice, no arbitrage between or within them, and a word where something was done."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.pricing.smiles import butterfly, calendar
from flatbook.pricing.surface import (
    ABSENT,
    BORROWED,
    CROSSED,
    FAILED,
    FITTED,
    OUTLIER,
    STATUS_NAMES,
    USED,
    Surface,
    fit_surface,
)


def fit(columns, **more) -> Surface:
    return fit_surface(*columns[:6], **more)


def kept(columns, chosen):
    """The columns with some quotes only."""
    return columns._replace(**{name: getattr(columns, name)[chosen] for name in ("expiry", "strike", "bid_vol", "ask_vol")})


def assert_no_arbitrage(surface: Surface) -> None:
    for svi in surface.slices:
        assert butterfly(svi).free, butterfly(svi).reason
    for earlier, later in zip(surface.slices, surface.slices[1:], strict=False):
        assert calendar(earlier, later).free, calendar(earlier, later)


def test_exact_quotes_give_the_surface_back(chain):
    columns = chain(half=0.0)
    surface = fit(columns)
    assert surface.status.tolist() == [FITTED] * 6
    assert surface.reason == ("",) * 6
    for found, truth in zip(surface.slices, columns.truth, strict=True):
        np.testing.assert_allclose(found.raw, truth.raw, rtol=1e-8)
    np.testing.assert_allclose(surface.fitted_vol, columns.bid_vol, rtol=1e-8)
    assert surface.rmse.max() < 1e-8
    assert surface.uncertainty.max() < 1e-8
    assert_no_arbitrage(surface)


def test_what_is_said_of_an_expiry_is_what_its_quotes_say(chain):
    columns = chain(noise=0.004)
    surface = fit(columns)
    mid = 0.5 * (columns.bid_vol + columns.ask_vol)
    for i in range(columns.years.size):
        own = columns.expiry == i
        off = surface.fitted_vol[own] - mid[own]
        assert surface.rmse[i] == pytest.approx(math.sqrt(np.mean(off**2)))
        assert surface.quoted[i] == own.sum()
        assert surface.inside[i] == np.mean(np.abs(off) <= 0.01)
        np.testing.assert_allclose(surface.vols(i, columns.strike[own]), surface.fitted_vol[own], rtol=1e-12)
        np.testing.assert_allclose(surface.uncertainty[own], np.hypot(0.01, off), rtol=1e-9)


def test_the_order_of_quotes_changes_no_bit(chain):
    columns = chain(noise=0.01)
    order = np.random.Generator(np.random.PCG64(1)).permutation(columns.expiry.size)
    one, other = fit(columns), fit(kept(columns, order))
    assert one.slices == other.slices
    for name in ("flag", "fitted_vol", "uncertainty"):
        assert getattr(one, name)[order].tobytes() == getattr(other, name).tobytes()
    assert fit(columns).fitted_vol.tobytes() == one.fitted_vol.tobytes()


def test_a_previous_surface_changes_the_way_and_not_the_end(chain):
    first = fit(chain(noise=0.004, seed=1))
    columns = chain(noise=0.004, seed=2)
    np.testing.assert_allclose(fit(columns, previous=first).fitted_vol, fit(columns).fitted_vol, atol=3e-4)


def test_a_previous_surface_of_other_expiries_will_do(chain):
    first = fit(chain(days=(1.0, 50.0, 400.0)))
    surface = fit(chain(half=0.0), previous=first)
    assert surface.status.tolist() == [FITTED] * 6
    assert surface.rmse.max() < 1e-7


def test_outliers_and_crossed_quotes_are_flagged_where_they_were_given(chain):
    columns = chain(half=0.004)
    bid, ask = columns.bid_vol.copy(), columns.ask_vol.copy()
    bid[30] += 0.2
    ask[30] += 0.2
    bid[70], ask[70] = 0.9, 0.3
    bid[100] = ask[100] = np.nan
    surface = fit(columns._replace(bid_vol=bid, ask_vol=ask))
    assert surface.flag[[30, 70, 100]].tolist() == [OUTLIER, CROSSED, ABSENT]
    assert (surface.flag == USED).sum() == surface.flag.size - 3
    # The outlier counts as a quote that the slice does not lie within; a crossed one cannot be.
    assert surface.inside[1] == pytest.approx(20 / 21)
    assert surface.quoted.tolist() == [21, 20, 21, 20, 20, 21]


@pytest.mark.parametrize(
    ("strikes", "words"),
    [
        ([10], "1 of the 5 strikes with both sides that a slice needs; the shape of the expiry at 0.2466 years, level its own"),
        ([6, 14], "2 of the 5 strikes"),
        ([4, 10, 16], "level and skew its own"),
        ([2, 8, 12, 18], "4 of the 5 strikes"),
    ],
)
def test_a_thin_expiry_borrows_its_neighbours_shape(chain, strikes, words):
    columns = chain(half=0.002)
    thin = (columns.expiry != 3) | np.isin(np.arange(columns.expiry.size) - 63, strikes)
    surface = fit(kept(columns, thin))
    assert surface.status.tolist() == [FITTED, FITTED, FITTED, BORROWED, FITTED, FITTED]
    assert words in surface.reason[3]
    # One shape in deviations is behind all of these: the borrowed smile is the true one.
    k = np.linspace(-2.0, 2.0, 9) * 0.6 * math.sqrt(columns.years[3])
    np.testing.assert_allclose(surface.slices[3].vol(k, columns.years[3]), columns.truth[3].vol(k, columns.years[3]), atol=0.01)
    assert_no_arbitrage(surface)


def test_a_thin_expiry_has_its_own_level(chain):
    columns = chain(days=(9.0, 30.0, 90.0), half=0.002)
    own = (columns.expiry != 1) | np.isin(np.arange(columns.expiry.size) - 21, [8, 10])
    lift = np.where(columns.expiry == 1, 0.05, 0.0)
    surface = fit(kept(columns._replace(bid_vol=columns.bid_vol + lift, ask_vol=columns.ask_vol + lift), own))
    at_money = float(columns.truth[1].vol(0.0, columns.years[1]))
    assert float(surface.slices[1].vol(0.0, columns.years[1])) == pytest.approx(at_money + 0.05, abs=0.01)
    assert_no_arbitrage(surface)


def test_an_expiry_without_quotes_lies_between_its_neighbours(chain):
    columns = chain()
    surface = fit(kept(columns, columns.expiry != 2))
    assert surface.status[2] == BORROWED
    assert surface.reason[2].startswith("no strike with both sides; the shape of the expiry at")
    assert surface.quoted[2] == 0
    assert surface.rmse[2] == 0.0
    variances = [float(svi.total_variance(0.0)) for svi in surface.slices]
    share = (columns.years[2] - columns.years[1]) / (columns.years[3] - columns.years[1])
    assert variances[2] == pytest.approx(variances[1] + share * (variances[3] - variances[1]), rel=1e-3)
    assert_no_arbitrage(surface)


@pytest.mark.parametrize("gone", [0, 5])
def test_an_outer_expiry_without_quotes_has_the_vol_of_the_next(chain, gone):
    columns = chain()
    surface = fit(kept(columns, columns.expiry != gone))
    near = 1 if gone == 0 else 4
    vols = [float(surface.slices[i].vol(0.0, columns.years[i])) for i in (gone, near)]
    assert vols[0] == pytest.approx(vols[1], rel=2e-3)
    assert_no_arbitrage(surface)


def test_an_expiry_with_asks_alone_is_held_to_them(chain):
    columns = chain(half=0.002)
    asks = np.where(columns.expiry == 2, 0.8 * columns.ask_vol, columns.ask_vol)
    bids = np.where(columns.expiry == 2, np.nan, columns.bid_vol)
    surface = fit(columns._replace(bid_vol=bids, ask_vol=asks))
    assert "level held to its bids and offers" in surface.reason[2]
    own = columns.expiry == 2
    assert np.all(surface.fitted_vol[own] < 1.05 * asks[own])
    assert_no_arbitrage(surface)


def test_without_anything_to_borrow_a_smile_is_flat(chain):
    columns = chain()
    few = kept(columns, np.array([10, 31]))
    surface = fit(few)
    assert surface.status.tolist() == [BORROWED] * 6
    assert all("flat, with none to borrow from" in reason for reason in surface.reason)
    np.testing.assert_allclose(surface.fitted_vol, 0.5 * (few.bid_vol + few.ask_vol), rtol=1e-3)
    assert_no_arbitrage(surface)


def test_with_nothing_but_a_previous_surface_that_is_borrowed_from(chain):
    columns = chain()
    first = fit(columns)
    surface = fit(kept(columns, np.zeros(columns.expiry.size, dtype=bool)), previous=first)
    assert surface.status.tolist() == [BORROWED] * 6
    assert all("as in the previous surface" in reason for reason in surface.reason)
    assert_no_arbitrage(surface)
    np.testing.assert_allclose(surface.vols(3, columns.forward[3]), first.vols(3, columns.forward[3]), rtol=1e-2)


def test_an_expiry_whose_quotes_contradict_each_other_fails_and_borrows(chain):
    columns = chain(half=0.002)
    wild = np.random.Generator(np.random.PCG64(4)).uniform(0.3, 3.0, columns.expiry.size)
    scale = np.where(columns.expiry == 2, wild, 1.0)
    surface = fit(columns._replace(bid_vol=columns.bid_vol * scale, ask_vol=columns.ask_vol * scale))
    assert surface.status.tolist() == [FITTED, FITTED, FAILED, FITTED, FITTED, FITTED]
    assert surface.reason[2].startswith("most of its quotes contradict the others; the shape of the expiry at")
    at_money = [float(svi.vol(0.0, years)) for svi, years in zip(surface.slices, columns.years.tolist(), strict=True)]
    assert at_money[2] == pytest.approx(at_money[3], rel=0.01)
    assert_no_arbitrage(surface)


def test_a_dear_early_expiry_and_a_cheap_late_one_meet_between(chain):
    columns = chain(days=(20.0, 30.0), half=0.02)
    dear = np.where(columns.expiry == 0, 1.35, 1.0)
    mid = 0.5 * (columns.bid_vol + columns.ask_vol) * dear
    surface = fit(columns._replace(bid_vol=columns.bid_vol * dear, ask_vol=columns.ask_vol * dear))
    assert_no_arbitrage(surface)
    near = np.abs(np.log(columns.strike / columns.forward[columns.expiry])) < 0.2
    assert np.all((surface.fitted_vol < mid)[near & (columns.expiry == 0)])
    assert np.all((surface.fitted_vol > mid)[near & (columns.expiry == 1)])


def test_a_narrowly_quoted_expiry_gives_way_in_the_wings(chain):
    """What a slice does beyond its own strikes says nothing about its neighbours, which are quoted there."""
    columns = chain(days=(30.0, 60.0, 90.0), half=0.002, strikes=31)
    k = np.log(columns.strike / columns.forward[columns.expiry])
    narrow = (columns.expiry != 1) | (np.abs(k) < 0.1)
    flat = np.where(columns.expiry == 1, float(columns.truth[1].vol(0.0, columns.years[1])), 0.0)
    bid = np.where(columns.expiry == 1, flat - 0.01, columns.bid_vol)
    ask = np.where(columns.expiry == 1, flat + 0.01, columns.ask_vol)
    surface = fit(kept(columns._replace(bid_vol=bid, ask_vol=ask), narrow))
    assert_no_arbitrage(surface)
    assert surface.inside[0] == surface.inside[2] == 1.0


def test_a_near_expiry_whose_unquoted_wings_cross_the_next_gives_way(chain):
    """Its few wide quotes allow of wings below the next one's: the next is not bent for what nobody quoted."""
    columns = chain(days=(30.0, 40.0), half=0.004, strikes=31)
    k = np.log(columns.strike / columns.forward[columns.expiry])
    near = columns.expiry == 0
    curl = np.where(near, 0.6 * k * k, 0.0)
    half = np.where(near, 0.01, 0.004)
    mid = 0.5 * (columns.bid_vol + columns.ask_vol) + curl
    surface = fit(kept(columns._replace(bid_vol=mid - half, ask_vol=mid + half), ~near | (np.abs(k) < 0.08)))
    assert_no_arbitrage(surface)
    assert surface.inside[0] == 1.0
    assert surface.inside[1] > 0.9


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.3), st.floats(0.0005, 0.1), st.floats(0.0, 0.9))
def test_no_chain_however_noisy_gives_arbitrage(chain, seed, noise, half, missing):
    columns = chain(noise=noise, half=half, seed=seed, strikes=13)
    rng = np.random.Generator(np.random.PCG64(seed))
    bid = np.where(rng.random(columns.expiry.size) < missing / 2, np.nan, np.maximum(columns.bid_vol, 0.0))
    ask = np.where(rng.random(columns.expiry.size) < missing / 2, np.nan, np.maximum(columns.ask_vol, 0.0))
    surface = fit(kept(columns._replace(bid_vol=bid, ask_vol=ask), rng.random(bid.size) > missing / 2))
    assert_no_arbitrage(surface)
    assert np.all(np.isfinite(surface.fitted_vol) & (surface.fitted_vol > 0.0))
    assert np.all(np.isfinite(surface.uncertainty) & (surface.uncertainty >= 0.0))
    assert np.all((surface.inside >= 0.0) & (surface.inside <= 1.0))
    assert all(bool(reason) == (status != FITTED) for status, reason in zip(surface.status, surface.reason, strict=True))


def test_no_quotes_at_all_and_no_expiries_at_all():
    nothing = np.zeros(0)
    surface = fit_surface([0.1, 0.2], 100.0, nothing, nothing, nothing, nothing)
    assert surface.status.tolist() == [BORROWED, BORROWED]
    assert surface.flag.size == 0
    assert_no_arbitrage(surface)
    none = fit_surface(nothing, nothing, nothing, nothing, nothing, nothing)
    assert none.slices == ()
    assert fit_surface([0.1], 100.0, nothing, nothing, nothing, nothing, previous=none).status.tolist() == [BORROWED]


def test_one_quote_may_be_given_as_scalars():
    surface = fit_surface(0.1, 100.0, 0, 105.0, 0.5, 0.6)
    assert surface.fitted_vol.tolist() == [pytest.approx(0.55)]
    assert STATUS_NAMES[surface.status[0]] == "borrowed"


GOOD = {
    "years": [0.1, 0.2], "forward": [100.0, 101.0], "expiry": [0, 1], "strike": [100.0, 90.0],
    "bid_vol": [0.5, 0.5], "ask_vol": [0.6, 0.6], "weight": 1.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("years", [0.1, 0.1]), ("years", [0.2, 0.1]), ("years", [0.0, 0.1]), ("years", [[0.1, 0.2]]), ("years", [0.1, math.nan]),
        ("forward", [100.0, -1.0]), ("forward", [1.0, 2.0, 3.0]), ("expiry", [0, 2]), ("expiry", [0, 0.5]), ("expiry", [-1, 0]),
        ("strike", [100.0, 0.0]), ("strike", [100.0, math.inf]), ("strike", "high"), ("bid_vol", [0.5, -0.1]),
        ("ask_vol", [0.5, math.inf]), ("weight", [-1.0, 1.0]), ("weight", math.nan), ("strike", [[100.0, 90.0]]),
        ("bid_vol", [0.5] * 3),
    ],
)  # fmt: skip
def test_bad_input_is_named(name, value):
    with pytest.raises(ValueError, match=name):
        fit_surface(**{**GOOD, name: value})
