"""The kernel: one expiry's slice from its bids and asks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.pricing.smiles import SVI, butterfly, calendar
from flatbook.pricing.surface import ABSENT, CROSSED, OUTLIER, THIN, USED, fit_slice
from flatbook.pricing.surface.slice_fit import FAILED, FITTED

YEARS = 30.0 / 365.0
K = np.linspace(-3.0, 3.0, 25) * 0.6 * math.sqrt(YEARS)


@pytest.mark.parametrize("years", [1.0 / (24 * 365), 3.0 / (24 * 365), 1.0 / 365, 30.0 / 365, 1.0, 3.0])
@pytest.mark.parametrize("shape", [(0.8, 0.7, 0.5, 0.1, 1.5), (0.9, 0.3, 1.0, -0.4, 0.8), (0.6, 1.0, 0.4, 0.7, 2.5)])
def test_exact_quotes_give_their_smile_back(smile, fit, years, shape):
    truth = smile(years, 0.55, shape)
    k = np.linspace(-3.0, 3.0, 17) * 0.55 * math.sqrt(years)
    vol = truth.vol(k, years)
    found = fit(k, vol, vol, years)
    assert found.status == FITTED
    assert not found.flags.any()
    np.testing.assert_allclose(found.svi.vol(k, years), vol, rtol=1e-8)
    np.testing.assert_allclose(found.raw, truth.raw, rtol=1e-8)


@settings(max_examples=60)
@given(
    st.floats(0.5, 0.95), st.floats(0.2, 1.1), st.floats(0.2, 1.1), st.floats(-0.8, 0.8), st.floats(0.4, 2.5),
    st.floats(-6.0, 0.5), st.integers(9, 40),
)  # fmt: skip
def test_any_smile_quoted_exactly_is_met(smile, fit, height, left, right, middle, bend, log_years, strikes):
    years = math.exp(log_years)
    truth = smile(years, 0.7, (height, left, right, middle, bend))
    k = np.linspace(-3.0, 3.0, strikes) * 0.7 * math.sqrt(years)
    vol = truth.vol(k, years)
    # A smile that can be arbitraged, or nearly, must not be given back.
    if not butterfly(truth).free or butterfly(truth).least < 0.01:
        return
    found = fit(k, vol, vol, years)
    assert found.status == FITTED
    np.testing.assert_allclose(found.svi.vol(k, years), vol, rtol=1e-5)


def test_noise_within_the_spread_leaves_the_smile_within_the_spread(smile, fit):
    truth, rng = smile(YEARS), np.random.Generator(np.random.PCG64(3))
    true_vol = truth.vol(K, YEARS)
    for _ in range(20):
        mid = true_vol + rng.uniform(-0.006, 0.006, K.size)
        found = fit(K, mid - 0.01, mid + 0.01, YEARS)
        vol = found.svi.vol(K, YEARS)
        assert np.all((mid - 0.01 <= vol) & (vol <= mid + 0.01))
        assert np.abs(vol - true_vol).max() < 0.008


def test_the_smile_goes_where_the_tight_quotes_are(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    mid, half = vol.copy(), np.full(K.size, 0.002)
    mid[::2] += 0.02
    half[::2] = 0.03
    found = fit(K, mid - half, mid + half, YEARS)
    assert np.abs(found.svi.vol(K, YEARS) - vol).max() < 0.002


def test_a_weight_of_zero_leaves_a_quote_out(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    mid, weight = vol.copy(), np.ones(K.size)
    mid[5] += 0.3
    weight[5] = 0.0
    found = fit(K, mid, mid, YEARS, weight=weight)
    assert found.flags[5] == ABSENT
    np.testing.assert_allclose(found.svi.vol(K, YEARS), vol, rtol=1e-8)


@pytest.mark.parametrize("planted", [[12], [0], [24], [3, 17], [2, 9, 15, 21]])
@pytest.mark.parametrize("off", [0.15, -0.15])
def test_planted_outliers_are_marked_and_only_they(smile, fit, planted, off):
    rng = np.random.Generator(np.random.PCG64(11))
    vol = smile(YEARS).vol(K, YEARS)
    mid = vol + rng.uniform(-0.003, 0.003, K.size)
    mid[planted] += off
    found = fit(K, mid - 0.005, mid + 0.005, YEARS)
    assert np.flatnonzero(found.flags == OUTLIER).tolist() == planted
    np.testing.assert_allclose(found.svi.vol(K, YEARS), vol, atol=0.004)


def test_a_wide_quote_is_no_outlier_however_far_its_mid(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    bid, ask = vol - 0.005, vol + 0.005
    ask[20] = 3.0
    found = fit(K, bid, ask, YEARS)
    assert not found.flags.any()
    np.testing.assert_allclose(found.svi.vol(K, YEARS), vol, atol=0.002)


def test_one_sided_quotes_bound_the_smile_and_pull_it_nowhere(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    bid, ask = vol - 0.005, vol + 0.005
    bid[:4], ask[:4] = np.nan, 2.0
    ask[-4:], bid[-4:] = np.nan, 0.01
    found = fit(K, bid, ask, YEARS)
    assert found.status == FITTED
    assert not found.flags.any()
    np.testing.assert_allclose(found.svi.vol(K, YEARS)[4:-4], vol[4:-4], atol=1e-3)


@pytest.mark.parametrize(("side", "sign"), [("bid", 1.0), ("ask", -1.0)])
def test_a_one_sided_quote_that_binds_moves_the_wing(smile, fit, side, sign):
    vol = smile(YEARS).vol(K, YEARS)
    bid, ask = vol - 0.02, vol + 0.02
    bid[-5:], ask[-5:] = np.nan, np.nan
    free = fit(K, bid, ask, YEARS).svi.vol(K, YEARS)
    bound = free[-3:] + sign * 0.02
    if side == "bid":
        bid[-3:] = bound
    else:
        ask[-3:] = bound
    held = fit(K, bid, ask, YEARS).svi.vol(K, YEARS)
    assert np.all(sign * (held[-3:] - free[-3:]) > 0.005)


def test_zero_counts_as_absent(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    bid, ask = vol - 0.01, vol + 0.01
    bid[3], ask[4], bid[5], ask[5] = 0.0, 0.0, 0.0, 0.0
    without = bid.copy(), ask.copy()
    for each in without:
        each[each == 0.0] = np.nan
    one, other = fit(K, bid, ask, YEARS), fit(K, *without, YEARS)
    assert one.flags[5] == ABSENT
    assert one.raw.tobytes() == other.raw.tobytes()


def test_crossed_quotes_are_marked_and_left_out(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    bid, ask = vol.copy(), vol.copy()
    bid[7], ask[7] = 0.9, 0.2
    found = fit(K, bid, ask, YEARS)
    assert found.flags[7] == CROSSED
    np.testing.assert_allclose(found.svi.vol(K, YEARS), vol, rtol=1e-8)


def test_a_locked_quote_is_a_quote(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    assert fit(K, vol, vol, YEARS).flags.tolist() == [USED] * K.size


@pytest.mark.parametrize("strikes", [0, 1, 4])
def test_too_few_strikes_are_thin_and_leave_the_parameters_alone(smile, fit, strikes):
    start = np.array(smile(YEARS).raw)
    k = K[:strikes]
    found = fit(k, np.full(strikes, 0.5), np.full(strikes, 0.6), YEARS, start=start)
    assert found.status == THIN
    assert found.raw.tobytes() == start.tobytes()


def test_ten_quotes_at_four_strikes_are_thin(fit):
    k = np.repeat(K[[2, 8, 14, 20]], 3)
    assert fit(k, np.full(12, 0.5), np.full(12, 0.6), YEARS).status == THIN


def test_several_quotes_of_a_strike_are_all_heard(smile, fit):
    k = np.repeat(K, 2)
    vol = smile(YEARS).vol(k, YEARS)
    found = fit(k, vol, vol, YEARS)
    np.testing.assert_allclose(found.svi.vol(k, YEARS), vol, rtol=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_quotes_that_contradict_each_other_fail(fit, seed):
    mid = np.random.Generator(np.random.PCG64(seed)).uniform(0.2, 2.0, K.size)
    found = fit(K, mid - 1e-3, mid + 1e-3, YEARS)
    assert found.status == FAILED
    assert SVI(*found.raw.tolist()).least_variance > 0.0


def test_wide_quotes_contradict_nobody(fit):
    mid = np.random.Generator(np.random.PCG64(1)).uniform(0.5, 1.0, K.size)
    assert fit(K, mid - 0.4, mid + 0.4, YEARS).status == FITTED


@pytest.mark.parametrize("years", [0.0, -1.0, math.nan, math.inf])
def test_no_time_left_is_no_slice(fit, years):
    assert fit(K, np.full(K.size, 0.5), np.full(K.size, 0.6), years).status == THIN


def test_numbers_that_are_none_are_absent_quotes(smile, fit):
    vol = smile(YEARS).vol(K, YEARS)
    k, bid, ask, weight = K.copy(), vol.copy(), vol.copy(), np.ones(K.size)
    bid[0] = ask[0] = np.inf
    bid[1], ask[1] = -0.5, -0.4
    weight[2], weight[3] = np.nan, -1.0
    bid[4] = ask[4] = np.nan
    found = fit(k, bid, ask, YEARS, weight=weight)
    assert found.flags[:5].tolist() == [ABSENT] * 5
    np.testing.assert_allclose(found.svi.vol(K, YEARS), vol, rtol=1e-8)


def test_the_same_columns_give_the_same_bits_and_are_left_alone(smile):
    rng = np.random.Generator(np.random.PCG64(2))
    mid = smile(YEARS).vol(K, YEARS) + 0.01 * rng.standard_normal(K.size)
    given_columns = [K.copy(), mid - 0.01, mid + 0.01, np.ones(K.size)]
    before = [each.tobytes() for each in given_columns]
    found = []
    for _ in range(2):
        raw, flags = np.zeros(5), np.zeros(K.size, dtype=np.int64)
        fit_slice(*given_columns, YEARS, raw, np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2)), flags)
        found.append(raw.tobytes() + flags.tobytes())
    assert found[0] == found[1]
    assert [each.tobytes() for each in given_columns] == before


def test_a_warm_start_finds_the_same_smile(smile, fit):
    rng = np.random.Generator(np.random.PCG64(9))
    mid = smile(YEARS).vol(K, YEARS) + 0.004 * rng.standard_normal(K.size)
    cold = fit(K, mid - 0.01, mid + 0.01, YEARS)
    for start in (smile(YEARS, 0.9), smile(YEARS, 0.4, (0.9, 0.3, 0.9, -0.5, 0.7))):
        warm = fit(K, mid - 0.01, mid + 0.01, YEARS, start=np.array(start.raw))
        np.testing.assert_allclose(warm.svi.vol(K, YEARS), cold.svi.vol(K, YEARS), atol=2e-4)


def test_a_slice_stays_above_the_earlier_one(smile, fit):
    earlier = smile(YEARS, 0.6)
    vol = earlier.vol(K, YEARS) * 0.9  # dearer before than after: a calendar spread for nothing
    found = fit(K, vol - 0.01, vol + 0.01, YEARS, earlier=np.array(earlier.raw))
    assert calendar(earlier, found.svi).free
    assert butterfly(found.svi).free
    assert np.all(found.svi.vol(K, YEARS) < 1.02 * earlier.vol(K, YEARS))


def test_beyond_its_own_quotes_a_slice_stays_below_a_later_one_where_that_is_quoted(smile, fit):
    later, steep = smile(YEARS, 0.6), smile(YEARS, 0.55, (0.8, 1.2, 0.9, 0.0, 1.0))
    inner, outer = K[9:16], K[[*range(4), *range(21, 25)]]
    vol = steep.vol(inner, YEARS)
    free = fit(inner, vol - 0.002, vol + 0.002, YEARS)
    held = fit(inner, vol - 0.002, vol + 0.002, YEARS, later=np.array([later.raw]), ends=np.array([[K[0], K[-1]]]))
    assert np.all(free.svi.vol(outer, YEARS) > 1.02 * later.vol(outer, YEARS))
    assert np.all(held.svi.vol(outer, YEARS) < 1.01 * later.vol(outer, YEARS))
    np.testing.assert_allclose(held.svi.vol(inner, YEARS), vol, atol=0.01)


def test_beyond_its_ends_a_later_slice_says_nothing(smile, fit):
    vol = smile(YEARS, 0.7).vol(K, YEARS)
    later, ends = np.array([smile(YEARS, 0.4).raw]), np.array([[9.0, 10.0]])
    assert fit(K, vol, vol, YEARS, later=later, ends=ends).raw.tobytes() == fit(K, vol, vol, YEARS).raw.tobytes()


def test_where_neither_is_quoted_a_slice_gives_way_if_its_quotes_hardly_mind(smile, fit):
    later, inner = smile(YEARS, 0.6), K[8:17]
    vol = smile(YEARS, 0.55, (0.8, 1.2, 0.9, 0.0, 1.0)).vol(inner, YEARS)
    bid, ask, far = vol - 0.02, vol + 0.02, np.array([4.0 * K[0], 4.0 * K[-1]])
    free = fit(inner, bid, ask, YEARS)
    ends = np.array([[-np.inf, inner[0]], [inner[-1], np.inf]])
    held = fit(inner, bid, ask, YEARS, later=np.array([later.raw, later.raw]), ends=ends)
    over = [each.svi.vol(far, YEARS) - later.vol(far, YEARS) for each in (free, held)]
    assert np.all(over[0] > 0.0)
    assert np.all(over[1] < over[0])
    assert np.all((bid <= held.svi.vol(inner, YEARS)) & (held.svi.vol(inner, YEARS) <= ask))


def test_where_neither_is_quoted_a_slice_that_its_quotes_hold_stays(smile, fit):
    steep = smile(YEARS, 0.7)
    vol, ends = steep.vol(K, YEARS), np.array([[-np.inf, K[0]], [K[-1], np.inf]])
    held = fit(K, vol, vol, YEARS, later=np.array([smile(YEARS, 0.6).raw] * 2), ends=ends)
    np.testing.assert_allclose(held.svi.vol(K, YEARS), vol, atol=1e-3)


def test_a_one_sided_quote_among_wide_ones_moves_the_smile_less(smile, fit):
    """Its side is as uncertain as its neighbours' quotes are wide, and not as the usual quote."""
    vol = smile(YEARS).vol(K, YEARS)
    moved = []
    for half in (0.005, 0.05):
        halves = np.where(np.arange(K.size) < 6, half, 0.005)
        bid, ask = vol - halves, vol + halves
        bid[3], ask[3] = np.nan, vol[3] - 0.03
        moved.append(abs(fit(K, bid, ask, YEARS).svi.vol(K[5:], YEARS) - vol[5:]).max())
    assert moved[1] < moved[0]


def test_where_both_are_quoted_and_cross_they_meet_between(smile, fit):
    later = smile(YEARS, 0.6)
    vol = later.vol(K, YEARS) * 1.1
    found = fit(K, vol - 0.01, vol + 0.01, YEARS, later=np.array([later.raw]), ends=np.array([[K[0], K[-1]]]))
    ratio = found.svi.vol(K, YEARS) / later.vol(K, YEARS)
    assert np.all((ratio > 1.005) & (ratio < 1.095))


def test_above_wins_where_neighbours_leave_no_room(smile, fit):
    earlier, later = smile(YEARS, 0.7), smile(YEARS, 0.5)
    vol = smile(YEARS, 0.6).vol(K, YEARS)
    ends = np.array([[K[0], K[-1]]])
    found = fit(K, vol, vol, YEARS, earlier=np.array(earlier.raw), later=np.array([later.raw]), ends=ends)
    assert np.all(found.svi.vol(K, YEARS) >= earlier.vol(K, YEARS) * (1.0 - 1e-3))


def test_vogts_slice_quoted_exactly_comes_back_without_its_butterfly(fit):
    vogt = SVI(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)
    assert not butterfly(vogt).free
    k = np.linspace(-1.5, 1.5, 31)
    vol = vogt.vol(k, 1.0)
    found = fit(k, vol - 0.005, vol + 0.005, 1.0)
    assert butterfly(found.svi).free
    np.testing.assert_allclose(found.svi.vol(k, 1.0), vol, atol=0.02)


number = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(0.0, 3.0))


@settings(max_examples=150)
@given(st.lists(st.tuples(st.floats(-2.0, 2.0), number, number, number), max_size=12), number)
def test_whatever_the_columns_hold_the_answer_is_a_slice_or_a_word(rows, years):
    rows.sort(key=lambda row: row[0])
    columns = [np.array([row[i] for row in rows], dtype=np.float64) for i in range(4)]
    raw, flags = np.zeros(5), np.full(len(rows), -1)
    status = fit_slice(*columns, years, raw, np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2)), flags)
    assert np.all((flags >= USED) & (flags <= ABSENT))
    if status == THIN:
        assert not raw.any()
    else:
        assert SVI(*raw.tolist()).least_variance >= 0.0


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.2), st.floats(-7.0, 0.5))
def test_random_quotes_give_no_butterfly(seed, noise, log_years):
    rng, years = np.random.Generator(np.random.PCG64(seed)), math.exp(log_years)
    k = np.sort(rng.uniform(-4.0, 4.0, 15)) * 0.6 * math.sqrt(years)
    mid = np.maximum(0.6 + noise * rng.standard_normal(15), 0.05)
    raw, flags = np.zeros(5), np.zeros(15, dtype=np.int64)
    fit_slice(k, mid * 0.99, mid * 1.01, np.ones(15), years, raw, np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2)), flags)
    verdict = butterfly(SVI(*raw.tolist()))
    assert verdict.least > -0.05  # the exact tests have the last word: see `fit_surface`
