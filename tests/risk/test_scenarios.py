"""What the book gains in a jump."""

import numpy as np
import pytest

MOVES = [-0.2, -0.1, 0.0, 0.1, 0.2]


def test_no_move_is_no_gain_whatever_is_held(world):
    world.held = {"BTC-30D-100000-C": 3.0, "BTC-7D-95000-P": -2.0, "BTC-INVERSE": 10_000.0}
    world.coins = 4.0
    assert world.gains([0.0], [0.0]).item() == 0.0


def test_a_linear_position_gains_its_delta_times_the_move_at_any_vol(world):
    world.held = {"BTC-PERP": 2.0}
    gains = world.gains(MOVES, [-0.1, 0.0, 0.1])
    assert gains == pytest.approx(np.outer([move * 200_000.0 for move in MOVES], np.ones(3)))


def test_coins_gain_with_spot_in_every_column(world):
    world.coins = 3.0
    assert world.gains(MOVES, [0.0, 0.2]) == pytest.approx(np.outer([move * 300_000.0 for move in MOVES], np.ones(2)))


def test_an_inverse_perpetual_gains_dollars_by_the_move_once_its_entry_is_counted(world):
    world.held, world.coins = {"BTC-INVERSE": 100_000.0}, 1.0
    assert world.gains(MOVES, [0.0])[:, 0] == pytest.approx([100_000.0 * move for move in MOVES])


def test_a_straddle_gains_on_either_side_and_more_when_vol_rises(world):
    world.held = {"BTC-7D-100000-C": 1.0, "BTC-7D-100000-P": 1.0}
    gains = world.gains(MOVES, [0.0, 0.3])
    assert gains[0, 0] > gains[1, 0] > gains[2, 0] == 0.0 < gains[3, 0] < gains[4, 0]
    assert (gains[:, 1] > gains[:, 0]).all()


def test_selling_what_was_bought_gains_the_opposite_in_every_cell(world):
    world.held = {"BTC-30D-90000-P": 5.0, "BTC-7D-110000-C": 2.0}
    long = world.gains(MOVES, [-0.1, 0.1])
    world.held = {symbol: -held for symbol, held in world.held.items()}
    assert world.gains(MOVES, [-0.1, 0.1]) == pytest.approx(-long)


def test_no_vol_shock_can_make_a_long_dollar_option_worth_less_than_nothing(world):
    world.held = {"BTC-7D-120000-C": 1.0}
    value = world.marks.greeks[0, world.slot("BTC-7D-120000-C")]
    assert (world.gains([-0.9, 0.0], [-5.0]) >= -value - 1e-9).all()
