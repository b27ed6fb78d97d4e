"""Cash Greeks of a book, in a trader's round numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing import DELTA, GAMMA, VALUE
from flatbook.risk import convexity

MONTH, WEEK = "BTC-30D-100000-C", "BTC-7D-100000-C"


def test_one_coin_of_linear_perpetual_is_its_price_of_delta_and_nothing_else(world):
    world.held = {"BTC-PERP": 1.0}
    exposure = world.exposure()
    assert exposure.delta_cash == pytest.approx(100_000.0)
    assert exposure.delta == pytest.approx(1.0)
    assert (exposure.gamma_cash, exposure.vega_cash, exposure.coin_equity) == (0.0, 0.0, 0.0)


def test_coins_in_the_wallet_are_inventory_like_any_other(world):
    world.coins = 2.5
    assert world.exposure().delta == pytest.approx(2.5)
    assert world.exposure().gamma_cash == 0.0


def test_an_inverse_perpetual_just_bought_is_dollars_of_delta_and_no_gamma(world):
    world.held = {"BTC-INVERSE": 50_000.0}
    world.coins = 50_000.0 / 100_000.0  # the open notional of buying at 100,000
    exposure = world.exposure()
    assert exposure.delta_cash == pytest.approx(50_000.0)
    assert exposure.coin_equity == pytest.approx(0.0)
    assert exposure.gamma_cash == pytest.approx(0.0, abs=1e-9)


def test_short_the_inverse_perpetual_against_ones_own_coin_is_flat_in_dollars(world):
    # One coin of capital, less the open notional of selling 100,000 dollars at 100,000.
    world.held, world.coins = {"BTC-INVERSE": -100_000.0}, 1.0 - 1.0
    assert world.exposure().coin_equity == pytest.approx(1.0)
    assert world.exposure().delta_cash == pytest.approx(0.0, abs=1e-6)


def test_a_coin_options_delta_is_net_of_its_premium_until_the_premium_is_counted(world):
    world.held = {MONTH: 1.0}
    slot = world.slot(MONTH)
    coin_delta = world.marks.greeks[DELTA, slot] * world.btc.forward[slot]
    premium = world.marks.greeks[VALUE, slot]
    exposure = world.exposure()
    assert exposure.delta == pytest.approx(coin_delta + premium)  # as a linear call, once its coins are counted
    assert 0.5 < exposure.delta < 0.6
    world.coins = -premium  # it was paid for in coin
    assert world.exposure().delta == pytest.approx(coin_delta)


def test_the_same_call_in_coin_or_dollars_has_the_same_dollar_greeks(make_world):
    # Only the coin's premium differs: it is held in coin, and so is delta of its own.
    world = make_world()
    world.held = {WEEK: 1.0}
    linear = world.exposure()
    slot = world.slot(WEEK)
    value, delta, gamma = (world.marks.greeks[greek, slot] for greek in (VALUE, DELTA, GAMMA))
    forward, spot = world.btc.forward[slot], world.btc.spot
    assert linear.delta_cash == pytest.approx(delta * forward)
    coin_delta, coin_gamma = (delta - value / forward) / forward, (gamma - 2 * (delta - value / forward) / forward) / forward
    assert spot * convexity(coin_delta, coin_gamma, forward, 1.0) == pytest.approx(gamma * forward * spot)


def test_vega_of_a_longer_expiry_counts_less_on_the_level_of_vol(world):
    weight = {symbol: world.marks.vega_weight[world.slot(symbol)] for symbol in (WEEK, MONTH, "BTC-90D", "BTC-PERP")}
    assert weight[WEEK] == weight[MONTH] == weight["BTC-PERP"] == 1.0
    assert weight["BTC-90D"] == pytest.approx(np.sqrt(30 / 90))
    world.held = {MONTH: 3.0}
    assert world.exposure().vega_level == pytest.approx(100.0 * world.exposure().vega_cash)


def test_a_long_option_pays_time_and_a_short_one_earns_it(world):
    world.held = {MONTH: 1.0}
    long = world.exposure().theta_cash
    world.held = {MONTH: -1.0}
    assert long == -world.exposure().theta_cash < 0.0


@given(st.floats(0.0, 2.0), st.floats(-10.0, 10.0), st.floats(-10.0, 10.0))
def test_ignorance_of_a_row_is_doubt_by_its_gross_greeks_and_trusting_it_again_takes_it_away(make_world, widening, calls, puts):
    world = make_world()
    world.held = {MONTH: calls, "BTC-30D-100000-P": puts, WEEK: 5.0}
    sure = world.exposure(widening)
    assert (sure.doubt_delta_cash, sure.doubt_gamma_cash, sure.doubt_vega_cash) == (0.0, 0.0, 0.0)
    world.btc.trusted[[world.slot(MONTH), world.slot("BTC-30D-100000-P")]] = False
    unsure = world.exposure(widening)
    gross = dict.fromkeys(("delta", "gamma", "vega"), 0.0)
    for symbol, held in ((MONTH, calls), ("BTC-30D-100000-P", puts)):
        slot, dollars = world.slot(symbol), abs(held) * world.btc.spot
        forward, greeks = world.btc.forward[slot], world.marks.greeks[:, slot]
        gross["delta"] += dollars * abs(greeks[DELTA]) * forward
        gross["vega"] += 0.01 * dollars * greeks[3]
    assert unsure.doubt_delta_cash == pytest.approx(widening * gross["delta"])
    assert unsure.doubt_vega_cash == pytest.approx(widening * gross["vega"])
    assert (unsure.delta_cash, unsure.vega_cash) == (sure.delta_cash, sure.vega_cash)


def test_an_expired_row_has_no_time_left_and_no_less(world):
    world.settle(after_s=8 * 86_400.0)
    assert world.marks.years[world.slot(WEEK)] == 0.0
    world.held = {WEEK: 1.0}
    assert world.exposure().vega_cash == 0.0


def test_marks_remember_the_market_they_were_made_with(world):
    size = world.block.size
    assert np.array_equal(world.marks.forward[:size], world.btc.forward[:size])
    assert np.array_equal(world.marks.vol[:size], world.btc.vol[:size])
    assert (world.marks.spot, world.marks.marked_ns) == (world.btc.spot, world.ns)
