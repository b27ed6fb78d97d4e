"""Others' implied vols: Jaeckel's own algorithm and QuantLib's, and the exchange's own vols for its own marks."""

import math
import warnings

import numpy as np
import polars as pl
import pytest

from flatbook.pricing.black import VALUE, option_value_and_greeks
from flatbook.pricing.implied import BELOW_INTRINSIC, OK, implied_total_vol, implied_vol
from flatbook.pricing.normalised import normalised_black

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package announces its successor on import
    import QuantLib
    from py_lets_be_rational import normalised_black_call, normalised_implied_volatility_from_a_transformed_rational_guess
    from vollib.black.implied_volatility import implied_volatility as vollib_implied

HALF_MARK_TICK = 0.5e-6  # the mark is published to six places of a coin
HALF_VOL_TICK = 0.5e-4  # the mark vol to a hundredth of a point
BASIS_POINT = 1e-4


@pytest.mark.parametrize("s", [0.001, 0.03, 0.2, 0.49, 0.51, 0.9, 2.0, 6.0])
def test_jaeckels_normalised_price_and_its_inverse_agree_with_ours(s: float) -> None:
    for deviations_out in (0.0, 0.01, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0):
        x = -deviations_out * s
        b = normalised_black(x, s)
        assert b == pytest.approx(normalised_black_call(x, s), rel=1e-12)
        theirs = normalised_implied_volatility_from_a_transformed_rational_guess(b, x, 1.0)
        vega = math.exp(-0.5 * ((x / s) ** 2 + s * s / 4)) / math.sqrt(2 * math.pi)
        assert implied_total_vol(b, x).total_vol == pytest.approx(theirs, rel=1e-13 + 4e-16 * b / (s * vega))


def test_vollib_finds_the_same_vols(book: dict[str, np.ndarray]) -> None:
    forward, strike, years, vol = (book[name] for name in ("forward", "strike", "years", "vol"))
    sign = np.where(strike >= forward, 1.0, -1.0)
    price = option_value_and_greeks(forward, strike, years, vol, sign)[VALUE]
    back, status = implied_vol(price, forward, strike, years, sign)
    assert np.all(status == OK)
    for i in range(0, price.size, 3):
        theirs = vollib_implied(price[i], forward[i], strike[i], 0.0, years[i], "c" if sign[i] > 0 else "p")
        assert back[i] == pytest.approx(theirs, rel=1e-11)


def test_vollib_finds_the_same_vols_behind_a_discount() -> None:
    value = option_value_and_greeks(100.0, 120.0, 2.0, 0.4, 1.0)[VALUE]
    discount = math.exp(-0.05 * 2.0)
    theirs = vollib_implied(discount * value, 100.0, 120.0, 0.05, 2.0, "c")
    assert implied_vol(discount * value, 100.0, 120.0, 2.0, 1.0, discount).vol == pytest.approx(theirs, rel=1e-12)


def test_quantlib_finds_the_same_vols(book: dict[str, np.ndarray]) -> None:
    forward, strike, years, vol, sign = (book[name] for name in ("forward", "strike", "years", "vol", "sign"))
    price = option_value_and_greeks(forward, strike, years, vol, sign)[VALUE]
    back, status = implied_vol(price, forward, strike, years, sign)
    compared = 0
    for i in np.nonzero((status == OK) & (np.abs(np.log(strike / forward)) < 2.0 * vol * np.sqrt(years)))[0].tolist():
        kind = QuantLib.Option.Call if sign[i] > 0 else QuantLib.Option.Put
        theirs = QuantLib.blackFormulaImpliedStdDev(kind, strike[i], forward[i], price[i], 1.0, 0.0, vol[i], 1e-14, 1000)
        assert back[i] * math.sqrt(years[i]) == pytest.approx(theirs, rel=1e-8)
        compared += 1
    assert compared > 150


def test_every_price_quantlib_makes_gives_its_deviation_back() -> None:
    for strike in (50.0, 80.0, 99.9, 100.0, 130.0, 400.0):
        for deviation in (0.05, 0.3, 0.6, 1.5, 4.0):
            kind, sign = (QuantLib.Option.Call, 1.0) if strike >= 100.0 else (QuantLib.Option.Put, -1.0)
            price = QuantLib.blackFormula(kind, strike, 100.0, deviation)
            if price > 1e-6:  # QuantLib subtracts whole probabilities
                vol, status = implied_vol(price, 100.0, strike, 1.0, sign)
                assert (vol, status) == (pytest.approx(deviation, rel=1e-8), OK)


@pytest.mark.real
def test_the_exchanges_marks_give_its_own_vols_back_within_its_rounding(deribit_snapshot: pl.DataFrame) -> None:
    names = ("underlying", "strike", "years", "implied_volatility", "sign", "mark_price")
    forward, strike, years, published, sign, mark = (deribit_snapshot[name].cast(pl.Float64).to_numpy() for name in names)
    quoted = (sign * (strike - forward) > 0.0) & (mark > 0.0)

    def share_within(forward_off: float) -> float:
        """The share of marks whose published vol lies among those that the mark's and the forward's rounding allow."""
        vols = []
        for moved in (forward * (1.0 - forward_off), forward * (1.0 + forward_off)):
            for tick in (-HALF_MARK_TICK, HALF_MARK_TICK):
                vol, status = implied_vol((mark + tick) * moved, moved, strike, years, sign)
                assert np.all((status == OK) | (status == BELOW_INTRINSIC) | ~quoted)
                vols.append(vol)
        least, most = np.min(vols, axis=0) - HALF_VOL_TICK, np.max(vols, axis=0) + HALF_VOL_TICK
        return float(np.mean(((least <= published) & (published <= most))[quoted]))

    assert np.count_nonzero(quoted) > 600
    # The forward is published a moment apart from the mark: two basis points of it are seconds of BTC.
    assert share_within(0.0) > 0.8
    assert share_within(1.0 * BASIS_POINT) > 0.99
    assert share_within(2.0 * BASIS_POINT) == 1.0
