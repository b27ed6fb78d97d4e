"""Greeks are bumps of full revaluation, netting adds up, and no choice of correlations makes a negative variance."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.inventory import Inventory, change_position
from flatbook.inventory import ensure as make_inventory_room
from flatbook.risk import covariance

LINES = ["BTC-PERP", "BTC-INVERSE", "BTC-90D"]
OPTIONS = [f"BTC-{days}D-{strike}-{letter}" for days in (7, 30) for strike in (90_000, 100_000, 110_000) for letter in "CP"]
CONTRACTS = st.floats(-50.0, 50.0)
# Inverse perpetuals and futures are counted in dollars, everything else in coins.
BOOKS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["BTC-PERP", *OPTIONS], CONTRACTS),
        **{symbol: st.floats(-5e6, 5e6) for symbol in ["BTC-INVERSE", "BTC-90D"]},
    },
)
COINS = st.floats(-50.0, 50.0)
SPOTS = st.floats(20_000.0, 300_000.0)
VOLS = st.floats(0.2, 1.5)


def gross(world) -> dict[str, float]:
    """The sizes of the rows' Greeks without netting: what a tolerance must be measured against."""
    book, coins, sizes = world.held, world.coins, dict.fromkeys(("delta", "gamma", "vega"), abs(world.coins) * world.btc.spot)
    world.coins = 0.0
    for symbol, held in book.items():
        world.held = {symbol: held}
        alone = world.exposure()
        sizes["delta"] += abs(alone.delta_cash) + abs(alone.coin_equity) * world.btc.spot
        sizes["gamma"] += abs(alone.gamma_cash)
        sizes["vega"] += abs(alone.vega_cash)
    world.held, world.coins = book, coins
    return sizes


@given(BOOKS, COINS, SPOTS, VOLS)
def test_delta_is_the_gain_per_unit_of_a_small_move_coins_and_coin_settled_rows_included(make_world, book, coins, spot, vol):
    world = make_world(spot=spot, vol=vol)
    world.held, world.coins = book, coins
    h = 1e-4
    down, up = world.gains([-h, h], [0.0])[:, 0]
    assert (up - down) / (2 * h) == pytest.approx(world.exposure().delta_cash, abs=1e-5 * gross(world)["delta"] + 1e-3)


@given(BOOKS, COINS, SPOTS, VOLS)
def test_gamma_is_the_curvature_of_the_gain_per_percent(make_world, book, coins, spot, vol):
    world = make_world(spot=spot, vol=vol)
    world.held, world.coins = book, coins
    h = 1e-3
    down, up = world.gains([-h, h], [0.0])[:, 0]
    # A fourth derivative over h^2 is left, a few parts in a thousand at 7 days and 20 vol; and the rounding of two gains.
    slack = 5e-3 * gross(world)["gamma"] + 1e-8 * gross(world)["delta"] + 1e-3
    assert 0.01 * (up + down) / h**2 == pytest.approx(world.exposure().gamma_cash, abs=slack)


@given(BOOKS, COINS, SPOTS, VOLS)
def test_vega_is_the_gain_per_point_of_all_vols_together(make_world, book, coins, spot, vol):
    world = make_world(spot=spot, vol=vol)
    world.held, world.coins = book, coins
    h = 1e-4
    ((down, up),) = world.gains([0.0], [-h, h])
    assert 0.01 * (up - down) / (2 * h) == pytest.approx(world.exposure().vega_cash, abs=1e-4 * gross(world)["vega"] + 1e-4)


@given(BOOKS, BOOKS, COINS, COINS)
def test_two_books_together_are_the_sum_of_the_two(make_world, first, second, more, less):
    world = make_world()
    parts = []
    for book, coins in ((first, more), (second, less)):
        world.held, world.coins = book, coins
        parts.append(world.exposure())
    world.held = {symbol: first.get(symbol, 0.0) + second.get(symbol, 0.0) for symbol in {**first, **second}}
    world.coins = more + less
    together, size = world.exposure(), 1e-11 * sum(gross(world).values()) + 1e-6
    for name in ("delta", "delta_cash", "gamma_cash", "vega_cash", "theta_cash", "vega_level", "coin_equity"):
        assert getattr(together, name) == pytest.approx(sum(getattr(part, name) for part in parts), rel=1e-9, abs=1e2 * size), (
            name
        )


@given(st.lists(st.tuples(st.sampled_from(LINES + OPTIONS), st.integers(-100, 100)), max_size=12), st.randoms())
def test_the_order_in_which_a_book_was_built_leaves_no_trace_in_its_risk(make_world, fills, random):
    world = make_world()
    shuffled = list(fills)
    random.shuffle(shuffled)
    seen = []
    for order in (fills, shuffled):
        book = Inventory()
        make_inventory_room(book, world.universe)
        for symbol, tenths in order:
            change_position(book, world.universe, world.row(symbol), Decimal(tenths) / 10)
        world.held = {symbol: book.quantity[0].item(world.slot(symbol)) for symbol in LINES + OPTIONS}
        seen.append(world.exposure())
    assert seen[0] == seen[1]


CORRELATIONS = st.floats(-1.0, 1.0, exclude_min=True, exclude_max=True)


@given(CORRELATIONS, CORRELATIONS, CORRELATIONS, st.floats(0.01, 5.0), st.lists(st.floats(0.0, 5.0), min_size=1, max_size=6))
def test_a_covariance_is_symmetric_and_never_negative_whatever_the_correlations(
    factor_model, spot_vol, spot, vol, vol_of_vol, spot_vols
):
    model = factor_model(spot_vol_correlation=spot_vol, spot_correlation=spot, vol_correlation=vol, vol_of_vol=vol_of_vol)
    together = covariance(model, np.array(spot_vols))
    assert together.shape == (2 * len(spot_vols), 2 * len(spot_vols))
    assert together == pytest.approx(together.T, rel=1e-12)
    assert np.linalg.eigvalsh(together).min() >= -1e-12 * together.max()
    assert (np.diag(together)[: len(spot_vols)] >= np.square(spot_vols) * (1 - 1e-12)).all()
