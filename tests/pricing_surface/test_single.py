"""One expiry fitted by itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.smiles import SVI, butterfly, calendar
from flatbook.pricing.surface import FITTED, OUTLIER, USED, fit_svi

TRUTH = SVI(0.01, 0.08, -0.3, 0.02, 0.15)
K, YEARS = np.linspace(-0.5, 0.4, 15), 0.2
VOGT = SVI(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)


def quoted(svi: SVI, half: float = 0.0, years: float = YEARS) -> tuple[np.ndarray, np.ndarray]:
    vol = np.asarray(svi.vol(K, years))
    return vol - half, vol + half


def test_exact_vols_give_the_slice_back():
    fit = SVI.fit(K, *quoted(TRUTH), YEARS)
    assert fit.svi.raw == pytest.approx(TRUTH.raw, rel=1e-6, abs=1e-9)
    assert (fit.status, fit.reason, fit.inside) == (FITTED, "", 1.0)
    assert fit.rmse < 1e-9
    assert fit.vol == pytest.approx(TRUTH.vol(K, YEARS), rel=1e-9)


def test_the_order_of_quotes_does_not_matter_and_answers_come_in_it():
    shuffled = np.random.Generator(np.random.PCG64(3)).permutation(K.size)
    bid, ask = quoted(TRUTH, 0.004)
    straight, mixed = fit_svi(K, bid, ask, YEARS), fit_svi(K[shuffled], bid[shuffled], ask[shuffled], YEARS)
    assert mixed.svi == straight.svi
    assert mixed.vol.tolist() == straight.vol[shuffled].tolist()


def test_a_planted_outlier_is_named_where_it_was_given():
    bid, ask = quoted(TRUTH, 0.004)
    bid[4] += 0.3
    ask[4] += 0.3
    fit = fit_svi(K, bid, ask, YEARS)
    assert fit.flag[4] == OUTLIER
    assert (np.delete(fit.flag, 4) == USED).all()
    assert fit.vol == pytest.approx(TRUTH.vol(K, YEARS), abs=0.004)


def test_quotes_with_butterfly_arbitrage_get_the_nearest_slice_without():
    k = np.linspace(-1.5, 1.5, 15)
    vol = np.asarray(VOGT.vol(k, 1.0))
    fit = fit_svi(k, vol - 5e-4, vol + 5e-4, 1.0)
    assert not butterfly(VOGT).free
    assert butterfly(fit.svi).free
    assert fit.rmse < 0.01


@given(st.floats(0.3, 1.2), st.floats(-0.9, 0.9))
def test_whatever_is_quoted_it_stays_above_the_earlier_slice(level, rho):
    earlier = SVI(0.02, 0.1, -0.4, 0.0, 0.2)
    later = SVI(0.01 * level, 0.08 * level, rho, 0.0, 0.15)
    fit = fit_svi(K, *quoted(later, 0.002), YEARS, earlier=earlier)
    assert butterfly(fit.svi).free
    assert calendar(earlier, fit.svi).free


def test_it_starts_from_where_it_was_and_ends_where_it_would():
    bid, ask = quoted(TRUTH, 0.003)
    cold = fit_svi(K, bid, ask, YEARS)
    warm = fit_svi(K, bid, ask, YEARS, previous=SVI(0.012, 0.07, -0.2, 0.0, 0.2))
    assert warm.vol == pytest.approx(cold.vol, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"years": 0.0}, "years must be a positive"),
        ({"years": math.nan}, "years must be a positive"),
        ({"k": [math.inf] * 15}, "k must be a finite number"),
        ({"bid_vol": -0.1}, "bid_vol must be"),
        ({"weight": -1.0}, "weight must be"),
        ({"bid_vol": math.nan}, "at least five strikes"),
        ({"k": [], "bid_vol": [], "ask_vol": []}, "at least five strikes"),
    ],
)
def test_bad_input_is_one_sentence_that_names_it(changes, words):
    bid, ask = quoted(TRUTH, 0.003)
    given = {"k": K, "bid_vol": bid, "ask_vol": ask, "years": YEARS} | changes
    with pytest.raises(ValueError, match=words):
        fit_svi(**given)
