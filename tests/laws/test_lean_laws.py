"""The lean is the gradient of the holding cost, and in one asset it is Avellaneda and Stoikov's."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.instruments import Option, Perpetual
from flatbook.pricing import DELTA, VALUE
from flatbook.quoting.record import CURVATURE, FAIR, INTENSITY, LEAN
from flatbook.risk import covariance, holding_cost

OPTIONS = [f"BTC-{days}D-{strike}-{letter}" for days in (7, 30) for strike in (90_000, 100_000, 110_000) for letter in "CP"]
ROWS = ["BTC-PERP", "BTC-INVERSE", "BTC-90D", *OPTIONS]
BOOKS = st.dictionaries(st.sampled_from(["BTC-PERP", *OPTIONS]), st.floats(-50.0, 50.0), max_size=4)
MODELS = st.fixed_dictionaries(
    {
        "risk_aversion": st.floats(1e-8, 1e-5),
        "horizon_s": st.floats(60.0, 86_400.0),
        "spot_vol_correlation": st.floats(-0.95, 0.95),
        "vol_of_vol": st.floats(0.1, 3.0),
    }
)


def cost_over_horizon(world, model) -> float:
    """What the book costs to hold over the horizon, in dollars."""
    exposure = world.exposure()
    together = covariance(model, np.array([world.at_the_money_vol]))
    rate = holding_cost(model, together, np.array([exposure.delta_cash]), np.array([exposure.vega_level])).rate
    return rate * model.horizon_years


def filled(world, symbol: str, quantity: float) -> None:
    """Trade at fair: what is bought in coin is paid for in coin."""
    slot = world.slot(symbol)
    world.held[symbol] = world.held.get(symbol, 0.0) + quantity
    if world.block.inverse[slot] > 0.0:
        world.coins -= quantity * world.marks.greeks[VALUE, slot]


def leant_dollars(world, symbol: str) -> float:
    """The lean of a row in dollars per contract unit, positive when it lowers the price."""
    slot = world.slot(symbol)
    unit = world.btc.unit_price[slot] * (
        1.0 if isinstance(world.universe.contracts[slot], Option) else world.marks.greeks[DELTA, slot]
    )
    return -world.quoted.parts[LEAN, slot] * unit


@given(BOOKS, MODELS, st.sampled_from(ROWS), st.floats(-5.0, 5.0))
def test_the_lean_is_what_one_more_unit_adds_to_the_cost_of_the_book(
    make_world, quoting_policy, factor_model, book, figures, symbol, coins
):
    world, model = make_world(), factor_model(**figures)
    world.held, world.coins = dict(book), coins
    world.quote(quoting_policy(), model)
    lean = leant_dollars(world, symbol)
    step = 1e4 if world.slot(symbol) in (world.slot("BTC-INVERSE"), world.slot("BTC-90D")) else 1.0
    filled(world, symbol, step)
    above = cost_over_horizon(world, model)
    filled(world, symbol, -2 * step)
    below = cost_over_horizon(world, model)
    # The cost is quadratic, so the central difference is exact but for rounding.
    assert (above - below) / (2 * step) == pytest.approx(lean, rel=1e-6, abs=1e-11 * (above + below) / step + 1e-12)


@given(st.sampled_from(OPTIONS), st.floats(0.5, 50.0), st.sampled_from([1.0, -1.0]))
def test_a_filled_call_or_put_leans_its_neighbours_against_it_and_the_perpetual_too(
    make_world, quoting_policy, factor_model, symbol, size, side
):
    world = make_world()
    filled(world, symbol, side * size)
    world.quote(quoting_policy(), factor_model(spot_vol_correlation=0.0))
    kind = symbol[-1]
    for neighbour in OPTIONS:
        if neighbour[-1] == kind:
            assert side * world.quoted.parts[LEAN, world.slot(neighbour)] < 0.0
    # Bought calls and sold puts are long the coin: the perpetual is shaded down.
    long_the_coin = side if kind == "C" else -side
    for line in ("BTC-PERP", "BTC-INVERSE", "BTC-90D"):
        assert long_the_coin * world.quoted.parts[LEAN, world.slot(line)] < 0.0


@given(st.floats(0.1, 200.0))
def test_long_risk_lowers_both_sides_of_everything_that_would_add_to_it(make_world, quoting_policy, factor_model, size):
    policy, model = quoting_policy(), factor_model(spot_vol_correlation=0.0, risk_aversion=1e-5)
    flat, long = make_world(), make_world()
    flat.quote(policy, model)
    filled(long, "BTC-30D-100000-C", size)
    long.quote(policy, model)
    for symbol in ["BTC-PERP", "BTC-INVERSE", *(name for name in OPTIONS if name.endswith("C"))]:
        for one, other in ((long.bid(symbol), flat.bid(symbol)), (long.ask(symbol), flat.ask(symbol))):
            assert one <= other or math.isnan(one)


@given(st.floats(-100.0, 100.0), MODELS)
def test_leans_add_up_as_books_do(make_world, quoting_policy, factor_model, size, figures):
    world, model = make_world(), factor_model(**figures)
    leans = []
    for book in ({"BTC-PERP": size}, {"BTC-30D-90000-P": 7.0}, {"BTC-PERP": size, "BTC-30D-90000-P": 7.0}):
        world.held = book
        world.quote(quoting_policy(), model)
        leans.append(world.quoted.parts[LEAN, : world.block.size].copy())
    assert leans[0] + leans[1] == pytest.approx(leans[2], rel=1e-9, abs=1e-9)


def alone(make_world, spot: float):
    """A world of one linear perpetual on a fine grid."""
    perp = Perpetual("beta", "BTC-ALONE", "BTC", "USDC", "USDC", Decimal("0.000001"), Decimal("0.001"))
    return make_world(perp, spot=spot)


@given(st.floats(-100.0, 100.0), st.floats(0.05, 2.0), st.floats(1e-8, 1e-5), st.floats(60.0, 86_400.0))
def test_with_one_asset_the_reservation_price_is_gamma_variance_time_inventory_below_fair(
    make_world, quoting_policy, factor_model, inventory, vol, aversion, horizon_s
):
    world = alone(make_world, 50_000.0)
    world.held = {"BTC-ALONE": inventory}
    world.quote(quoting_policy(), factor_model(risk_aversion=aversion, horizon_s=horizon_s, spot_vol_floor=vol))
    dollar_vol, years = vol * 50_000.0, horizon_s / (365 * 86_400)
    assert world.quoted.parts[LEAN, 0] == pytest.approx(-aversion * dollar_vol**2 * years * inventory, rel=1e-9, abs=1e-12)


def test_the_reference_case_of_avellaneda_and_stoikov_to_the_last_digit(make_world, quoting_policy, factor_model):
    # s=100, v=2 dollars, T-t=.5, gamma=.1, k=1.5, q=3: reservation price 99.4 and spread 1.4907704227514234.
    world = alone(make_world, 100.0)
    world.held = {"BTC-ALONE": 3.0}
    policy = quoting_policy(size_coins={"BTC": 1.0}, edge_bps=1e4 / 1.5 / 100.0, stale_bps=0.0, hedge_share=0.0)
    world.quote(policy, factor_model(risk_aversion=0.1, horizon_s=0.5 * 365 * 86_400, spot_vol_floor=0.02))
    parts = world.quoted.parts[:, 0]
    assert parts[FAIR] + parts[LEAN] == pytest.approx(99.4, rel=1e-14)
    assert 2 * (parts[INTENSITY] + parts[CURVATURE]) == pytest.approx(1.4907704227514234, rel=1e-13)


@given(st.floats(1e4, 1e7), st.floats(0.1, 2.0))
def test_the_inverse_perpetual_leans_by_as_much_as_the_linear_one(make_world, quoting_policy, factor_model, dollars, vol):
    world = make_world(vol=vol)
    world.held, world.coins = {"BTC-INVERSE": dollars}, dollars / 100_000.0
    world.quote(quoting_policy(), factor_model(spot_vol_correlation=0.0))
    linear, inverse = (world.quoted.parts[LEAN, world.slot(symbol)] for symbol in ("BTC-PERP", "BTC-INVERSE"))
    assert inverse == pytest.approx(linear, rel=1e-9)
