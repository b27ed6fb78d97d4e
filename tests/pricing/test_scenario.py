"""A scenario grid is the book revalued from nothing in every cell."""

import numpy as np
import pytest

from flatbook.pricing import DELTA, GAMMA, LOWEST_VOL, VALUE, VEGA, option_value_and_greeks, scenario_values

SPOT_MOVES = np.array([-0.66, -0.16, -0.05, 0.0, 0.05, 0.16, 5.0])
VOL_MOVES = np.array([-0.3, 0.0, 0.25])
Book = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def holdings(book: Book) -> Book:
    """The seeded chain with positions, an eighth of it turned into spot, futures and perpetuals."""
    rng = np.random.Generator(np.random.PCG64(7))
    sign = np.where(np.arange(300) % 8 == 0, 0.0, book["sign"])
    quantity = np.where(np.arange(300) % 5 == 0, 0.0, rng.normal(0.0, 20.0, 300))
    unit_price = np.where(book["inverse"] > 0, 60_000.0, 1.0)
    return {**book, "sign": sign, "quantity": quantity, "unit_price": unit_price}


def gains(holdings: Book, spot_moves: np.ndarray, vol_moves: np.ndarray) -> np.ndarray:
    out = np.full((spot_moves.size, vol_moves.size), np.nan)
    scenario_values(*holdings.values(), spot_moves, vol_moves, out)
    return out


def revalued(holdings: Book, spot_move: float, vol_move: float) -> float:
    """One cell, the slow and obvious way."""
    shape = [holdings[name] for name in ("strike", "years")]
    sign, inverse, unit_price = holdings["sign"], holdings["inverse"], holdings["unit_price"]
    vol = np.maximum(holdings["vol"] + vol_move, LOWEST_VOL)
    now = option_value_and_greeks(holdings["forward"], *shape, holdings["vol"], sign, inverse)[VALUE]
    then = option_value_and_greeks(holdings["forward"] * (1 + spot_move), *shape, vol, sign, inverse)[VALUE]
    moved_price = unit_price * np.where(inverse > 0, 1 + spot_move, 1.0)
    return float(np.sum(holdings["quantity"] * (then * moved_price - now * unit_price)))


def gross(holdings: Book) -> float:
    """Dollars on both sides of the book: what rounding is measured against."""
    return float(np.sum(np.abs(holdings["quantity"]) * (holdings["forward"] + holdings["strike"])))


def test_every_cell_is_a_direct_revaluation(holdings: Book) -> None:
    grid = gains(holdings, SPOT_MOVES, VOL_MOVES)
    slow = np.array([[revalued(holdings, x, w) for w in VOL_MOVES] for x in SPOT_MOVES])
    assert grid == pytest.approx(slow, rel=1e-11, abs=1e-13 * gross(holdings))


@pytest.mark.parametrize("cells", [1, 2, 3, 7, 8, 9])
def test_no_move_is_exactly_no_gain(holdings: Book, cells: int) -> None:
    grid = gains(holdings, np.zeros(cells), np.zeros(2))
    assert not np.any(grid)


def test_small_moves_gain_what_the_greeks_say(holdings: Book) -> None:
    linear = {**holdings, "inverse": np.zeros(300), "unit_price": np.ones(300)}
    columns = [linear[name] for name in ("forward", "strike", "years", "vol", "sign", "inverse")]
    greeks, quantity, forward = option_value_and_greeks(*columns), linear["quantity"], linear["forward"]
    x, w = 1e-6, 1e-6
    spot = np.sum(quantity * (greeks[DELTA] * forward * x + greeks[GAMMA] * (forward * x) ** 2 / 2))
    vol = np.sum(quantity * greeks[VEGA] * w)
    grid = gains(linear, np.array([0.0, x]), np.array([0.0, w]))
    assert grid[1, 0] == pytest.approx(spot, rel=1e-4)
    assert grid[0, 1] == pytest.approx(vol, rel=1e-4)


def test_two_books_together_gain_what_each_gains(holdings: Book) -> None:
    first = {**holdings, "quantity": np.where(np.arange(300) < 150, holdings["quantity"], 0.0)}
    second = {**holdings, "quantity": np.where(np.arange(300) < 150, 0.0, holdings["quantity"])}
    apart = gains(first, SPOT_MOVES, VOL_MOVES) + gains(second, SPOT_MOVES, VOL_MOVES)
    assert gains(holdings, SPOT_MOVES, VOL_MOVES) == pytest.approx(apart, abs=1e-13 * gross(holdings))


def test_a_long_option_never_loses_from_more_vol(holdings: Book) -> None:
    options = {**holdings, "quantity": np.where(holdings["sign"] != 0, np.abs(holdings["quantity"]), 0.0)}
    grid = gains(options, SPOT_MOVES, np.array([0.0, 0.1, 0.2, 0.5]))
    assert np.all(np.diff(grid, axis=1) > 0)


def test_an_inverse_perpetual_alone_gains_no_dollars() -> None:
    one = np.ones(1)
    line = {"forward": 60_000 * one, "strike": 0 * one, "years": 0 * one, "vol": 0 * one, "sign": 0 * one, "inverse": one}
    out = np.full((7, 1), np.nan)
    scenario_values(*line.values(), -30_000 * one, 60_000 * one, SPOT_MOVES, np.zeros(1), out)
    assert not np.any(out)


def test_a_vol_is_never_shocked_below_one_point(holdings: Book) -> None:
    grid = gains(holdings, np.zeros(1), np.array([-5.0, -10.0]))
    assert grid[0, 0] == grid[0, 1] == pytest.approx(revalued(holdings, 0.0, -5.0), rel=1e-9)


def test_an_empty_book_gains_nothing() -> None:
    nothing = [np.empty(0)] * 8
    out = np.full((2, 2), np.nan)
    scenario_values(*nothing, np.array([-0.1, 0.1]), np.array([0.0, 0.1]), out)
    assert not np.any(out)


def test_a_row_whose_forward_is_not_known_yet_gains_nothing(holdings: Book) -> None:
    first, rest = np.arange(300) < 100, np.arange(300) >= 100
    blind = {**holdings, "forward": np.where(first, 0.0, holdings["forward"])}
    without = {**holdings, "quantity": np.where(rest, holdings["quantity"], 0.0)}
    assert gains(blind, SPOT_MOVES, VOL_MOVES).tolist() == gains(without, SPOT_MOVES, VOL_MOVES).tolist()
