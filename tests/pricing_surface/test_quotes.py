"""Vols of bids and asks: which option of a strike is heard, and what is no quote."""

import math

import numpy as np
import pytest

from flatbook.pricing import VALUE, option_value_and_greeks
from flatbook.pricing.surface import vol_quotes

YEARS, FORWARD = 0.1, 100.0
ROOT = math.sqrt(YEARS)


def price(strike, vol, sign, forward=FORWARD):
    return option_value_and_greeks(forward, strike, YEARS, vol, sign)[VALUE]


def quotes(rows, **more):
    """From rows of strike, sign, bid vol and ask vol."""
    strike, sign, bid, ask = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    prices = [np.where(np.isnan(vol), np.nan, price(strike, np.nan_to_num(vol, nan=0.5), sign)) for vol in (bid, ask)]
    return vol_quotes(0, YEARS, FORWARD, strike, sign, *prices, **more)


def test_options_out_of_the_money_speak_for_their_strikes():
    found = quotes([(120, 1, 0.5, 0.6), (120, -1, 0.3, 0.9), (80, 1, 0.2, 1.0), (80, -1, 0.55, 0.65)])
    assert found.strike.tolist() == [80.0, 120.0]
    np.testing.assert_allclose(found.bid_vol, [0.55, 0.5], rtol=1e-10)
    np.testing.assert_allclose(found.ask_vol, [0.65, 0.6], rtol=1e-10)


def test_near_the_money_the_vol_lies_in_the_overlap():
    found = quotes([(101, 1, 0.50, 0.56), (101, -1, 0.53, 0.60)])
    assert found.bid_vol[0] == pytest.approx(0.53)
    assert found.ask_vol[0] == pytest.approx(0.56)


def test_near_the_money_and_without_overlap_the_vol_lies_between():
    found = quotes([(101, 1, 0.50, 0.52), (101, -1, 0.54, 0.58)])
    assert found.bid_vol[0] == pytest.approx(0.52)
    assert found.ask_vol[0] == pytest.approx(0.54)


def test_a_wrong_forward_moves_calls_and_puts_apart_and_their_middle_little():
    strike, vol, half = 100.5, 0.55, 0.002
    signs = np.array([1.0, -1.0])
    bid, ask = price(strike, vol - half, signs), price(strike, vol + half, signs)
    wrong = FORWARD * 1.001
    alone = vol_quotes(0, YEARS, wrong, strike, 1.0, bid[0], ask[0])
    both = vol_quotes(0, YEARS, wrong, strike, signs, bid, ask)
    miss = [abs(0.5 * float(each.bid_vol[0] + each.ask_vol[0]) - vol) for each in (alone, both)]
    assert miss[1] < 0.2 * miss[0]


@pytest.mark.parametrize("other", [(120, -1, 0.3, 0.9), (120, -1, np.nan, 0.9)])
def test_the_option_in_the_money_is_heard_if_the_other_is_silent(other):
    found = quotes([(120, 1, np.nan, np.nan), other])
    np.testing.assert_allclose([found.bid_vol[0], found.ask_vol[0]], other[2:], rtol=1e-9)


def test_one_side_of_the_option_out_of_the_money_is_enough_to_silence_the_other():
    found = quotes([(120, 1, np.nan, 0.6), (120, -1, 0.3, 0.9)])
    assert math.isnan(found.bid_vol[0])
    assert found.ask_vol[0] == pytest.approx(0.6)


def test_the_best_of_several_quotes_of_one_option_counts():
    found = quotes([(120, 1, 0.5, 0.7), (120, 1, 0.55, 0.8), (120, 1, np.nan, 0.65)])
    assert found.bid_vol[0] == pytest.approx(0.55)
    assert found.ask_vol[0] == pytest.approx(0.65)


def test_coins_are_dollars_over_the_forward():
    strikes, signs = np.array([80.0, 100.0, 130.0]), np.array([-1.0, 1.0, 1.0])
    bid, ask = price(strikes, 0.5, signs), price(strikes, 0.6, signs)
    dollars = vol_quotes(0, YEARS, FORWARD, strikes, signs, bid, ask)
    coins = vol_quotes(0, YEARS, FORWARD, strikes, signs, bid / FORWARD, ask / FORWARD, inverse=True)
    np.testing.assert_allclose(coins.bid_vol, dollars.bid_vol, rtol=1e-12)
    np.testing.assert_allclose(coins.ask_vol, dollars.ask_vol, rtol=1e-12)


def test_no_price_and_a_price_of_zero_are_no_quote():
    found = vol_quotes(0, YEARS, FORWARD, 120.0, 1.0, [0.0, math.nan], [math.nan, 0.0])
    assert math.isnan(found.bid_vol[0])
    assert math.isnan(found.ask_vol[0])


def test_a_bid_that_is_no_more_than_intrinsic_is_no_bid():
    found = vol_quotes(0, YEARS, FORWARD, 80.0, 1.0, 19.5, 21.0)
    assert math.isnan(found.bid_vol[0])
    assert found.ask_vol[0] > 0.0


def test_an_ask_below_intrinsic_and_a_bid_above_all_worth_are_nonsense():
    found = vol_quotes(0, YEARS, FORWARD, [80.0, 125.0], [1.0, 1.0], [19.0, 100.5], [19.5, 101.0])
    assert np.isnan(found.bid_vol).all()
    assert np.isnan(found.ask_vol).all()


def test_an_ask_that_no_option_can_exceed_is_no_ask():
    found = vol_quotes(0, YEARS, FORWARD, 120.0, 1.0, 2.0, 500.0)
    assert found.bid_vol[0] > 0.0
    assert math.isnan(found.ask_vol[0])


def test_expiries_stay_apart_and_come_sorted():
    found = vol_quotes([7, 3, 7], [0.2, 0.1, 0.2], FORWARD, [110.0, 110.0, 105.0], 1.0, 3.0, 4.0)
    assert found.expiry.tolist() == [3, 7, 7]
    assert found.strike.tolist() == [110.0, 105.0, 110.0]


def test_the_order_of_rows_does_not_matter():
    rng = np.random.Generator(np.random.PCG64(1))
    strikes = np.repeat(np.linspace(70.0, 140.0, 15), 2)
    signs = np.tile([1.0, -1.0], 15)
    mid = price(strikes, 0.6, signs)
    order = rng.permutation(30)
    one = vol_quotes(0, YEARS, FORWARD, strikes, signs, 0.98 * mid, 1.02 * mid)
    other = vol_quotes(0, YEARS, FORWARD, strikes[order], signs[order], 0.98 * mid[order], 1.02 * mid[order])
    for name in one._fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_empty_in_empty_out():
    found = vol_quotes([], [], [], [], [], [], [])
    assert [each.size for each in found] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("years", 0.0),
        ("forward", -1.0),
        ("strike", 0.0),
        ("sign", 0.5),
        ("bid", math.inf),
        ("ask", -math.inf),
        ("expiry", math.nan),
    ],
)
def test_bad_input_is_named(name, value):
    good = {"expiry": 0, "years": YEARS, "forward": FORWARD, "strike": 100.0, "sign": 1.0, "bid": 5.0, "ask": 6.0}
    with pytest.raises(ValueError, match=name):
        vol_quotes(**{**good, name: value})
