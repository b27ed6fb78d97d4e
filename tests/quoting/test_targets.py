"""Where our quotes stand, part by part."""

import math
from decimal import Decimal

import numpy as np
import pytest

from flatbook.events import Ticker, Top
from flatbook.instruments import Perpetual
from flatbook.market import Freshness
from flatbook.pricing import VALUE, VEGA
from flatbook.quoting import ONLY_REDUCING, PART_NAMES, explain
from flatbook.quoting.record import CURVATURE, FAIR, FEE, HEDGE, INTENSITY, LEAN, STALENESS
from flatbook.quoting.targets import NO_QUOTES, Terms, set_targets

MONTH, WEEK = "BTC-30D-100000-C", "BTC-7D-100000-C"
CALM = Terms(0.0, 0.0, 0.0, 0.0, 0.0, 1e-6, 0.0, 2)


def part(world, symbol: str, which: int) -> float:
    return world.quoted.parts.item(which, world.slot(symbol))


def test_every_trusted_row_of_a_flat_book_is_quoted_around_fair(world, quoting_policy, factor_model):
    world.quote(quoting_policy(), factor_model())
    for contract in world.universe.contracts:
        fair = part(world, contract.symbol, FAIR)
        assert world.ask(contract.symbol) > fair
        assert world.bid(contract.symbol) < fair or math.isnan(world.bid(contract.symbol))
        assert part(world, contract.symbol, LEAN) == 0.0


def test_an_options_fair_is_its_value_and_anything_elses_its_own_price(world, quoting_policy, factor_model):
    world.quote(quoting_policy(), factor_model())
    assert part(world, MONTH, FAIR) == world.marks.greeks[VALUE, world.slot(MONTH)]
    assert part(world, "BTC-INVERSE", FAIR) == 100_000.0


@pytest.mark.parametrize("symbol", [MONTH, WEEK])
def test_the_intensity_part_of_an_option_is_its_edge_in_vol_points(world, quoting_policy, factor_model, symbol):
    world.quote(quoting_policy(edge_vol_points=0.8), factor_model(risk_aversion=1e-12))
    assert part(world, symbol, INTENSITY) == pytest.approx(0.008 * world.marks.greeks[VEGA, world.slot(symbol)], rel=1e-6)


@pytest.mark.parametrize("symbol", ["BTC-PERP", "BTC-INVERSE", "BTC-90D", "BTC/USDC"])
def test_the_intensity_part_of_the_rest_is_its_edge_in_basis_points_of_price(world, quoting_policy, factor_model, symbol):
    world.quote(quoting_policy(edge_bps=2.0), factor_model(risk_aversion=1e-12))
    assert part(world, symbol, INTENSITY) == pytest.approx(2e-4 * part(world, symbol, FAIR), rel=1e-6)


def test_the_hedge_part_is_what_hedging_the_expected_share_of_delta_costs(world, quoting_policy, factor_model):
    world.quote(quoting_policy(hedge_share=0.3), factor_model(), hedge_rate=0.0005)
    assert part(world, "BTC-PERP", HEDGE) == pytest.approx(0.3 * 0.0005 * 100_000.0)
    assert part(world, MONTH, HEDGE) == pytest.approx(0.3 * 0.0005 * 0.48, rel=0.05)  # half a coin of delta, premium off


@pytest.mark.parametrize(
    ("symbol", "fee"),
    [(MONTH, 0.0003), ("BTC-PERP", 0.0), ("BTC-INVERSE", 0.0), (WEEK, 0.0003 * 100_095.89)],
)
def test_the_fee_part_is_the_venues_maker_fee(world, quoting_policy, factor_model, symbol, fee):
    world.quote(quoting_policy(), factor_model())
    assert part(world, symbol, FEE) == pytest.approx(fee)


def test_the_fee_of_a_cheap_option_is_capped_at_an_eighth_of_it(world, quoting_policy, factor_model):
    world.quote(quoting_policy(), factor_model())
    cheap = "BTC-7D-120000-C"
    assert part(world, cheap, FEE) == pytest.approx(0.125 * part(world, cheap, FAIR))


def test_the_charge_for_age_grows_from_nothing_to_its_full_figure_at_the_limit(world, quoting_policy, factor_model):
    charges = []
    for _ in range(4):
        world.quote(quoting_policy(stale_vol_points=1.0), factor_model())
        charges.append(part(world, MONTH, STALENESS))
        world.ns += 10 * 10**9
    full = 0.01 * world.marks.greeks[VEGA, world.slot(MONTH)]
    assert charges == pytest.approx([0.0, full / 3, 2 * full / 3, full])


def test_curvature_charges_half_of_what_the_quoted_size_adds_to_the_cost_of_the_book(world, quoting_policy, factor_model):
    model = factor_model()
    world.quote(quoting_policy(size_coins={"BTC": 2.0}), model)
    vol = world.at_the_money_vol
    assert part(world, "BTC-PERP", CURVATURE) == pytest.approx(0.5 * 2.0 * 1e-6 * model.horizon_years * vol**2 * 100_000.0**2)


def test_prices_lie_on_the_grid_and_away_from_the_market(world, quoting_policy, factor_model):
    world.quote(quoting_policy(), factor_model())
    for contract in world.universe.contracts:
        for price, away in ((world.bid(contract.symbol), -1), (world.ask(contract.symbol), 1)):
            if math.isnan(price):
                continue
            wide = getattr(contract, "wide_above", None)
            step = float(contract.wide_tick if wide is not None and price > float(wide) else contract.tick)
            assert price / step == pytest.approx(round(price / step), abs=1e-6)
            half = sum(part(world, contract.symbol, p) for p in (INTENSITY, CURVATURE, HEDGE, FEE, STALENESS))
            assert away * (price - part(world, contract.symbol, FAIR)) >= half - 1e-9 * price


def test_a_quote_that_would_cross_steps_back_a_tick_behind_the_other_sides_best(world, quoting_policy, factor_model):
    world.tell(Ticker(world.row(MONTH), 0.03, 0.04, 1.0, 1.0, 0.06, 0.5, math.nan, world.ns))  # the market is far below our fair
    world.settle()
    world.quote(quoting_policy(), factor_model())
    assert world.bid(MONTH) == pytest.approx(0.0395)
    world.tell(Ticker(world.row(MONTH), 0.08, 0.09, 1.0, 1.0, 0.06, 0.5, math.nan, world.ns))
    world.settle()
    world.quote(quoting_policy(), factor_model())
    assert world.ask(MONTH) == pytest.approx(0.0805)


@pytest.mark.parametrize(
    ("changes", "quoted"),
    [
        ({}, True),
        ({"venues": ("beta",)}, False),
        ({"kinds": ("perpetual",)}, False),
        ({"size_coins": {}}, False),
        ({"size_coins": {"BTC": 0.0}}, False),
        ({"min_delta": 0.6}, False),
        ({"max_delta": 0.4}, False),
        ({"min_days": 31.0}, False),
        ({"max_days": 29.0}, False),
    ],
)
def test_policy_says_what_is_quoted_at_all(world, quoting_policy, factor_model, changes, quoted):
    world.quote(quoting_policy(**changes), factor_model())
    assert math.isfinite(world.bid(MONTH)) is quoted
    assert math.isfinite(world.ask(MONTH)) is quoted


def test_an_untrusted_row_is_not_quoted(world, quoting_policy, factor_model):
    world.tell(world.top("BTC-INVERSE", 100_001.0, 100_000.0))
    world.settle()
    world.quote(quoting_policy(), factor_model())
    assert math.isnan(world.bid("BTC-INVERSE"))
    assert math.isnan(world.ask("BTC-INVERSE"))
    assert math.isfinite(world.bid("BTC-PERP"))


def test_a_withdrawn_row_is_not_quoted(world, quoting_policy, factor_model):
    world.universe.withdraw(world.row(MONTH))
    world.quote(quoting_policy(), factor_model())
    assert math.isnan(world.ask(MONTH))


def test_a_desk_told_to_stop_quotes_nothing(world, quoting_policy, factor_model):
    world.quote(quoting_policy(), factor_model())
    world.quote(quoting_policy(), factor_model(), sides=NO_QUOTES)
    assert np.isnan(world.quoted.target[:, : world.block.size]).all()


def test_a_desk_that_may_only_reduce_quotes_only_the_side_that_lowers_the_cost_of_the_book(world, quoting_policy, factor_model):
    world.held = {"BTC-PERP": 3.0}
    world.quote(quoting_policy(), factor_model(spot_vol_correlation=0.0), sides=ONLY_REDUCING)
    assert math.isnan(world.bid("BTC-PERP"))
    assert math.isfinite(world.ask("BTC-PERP"))
    assert math.isnan(world.bid(MONTH))
    assert math.isnan(world.ask("BTC-30D-100000-P"))  # selling puts would buy delta
    assert math.isfinite(world.bid("BTC-30D-100000-P"))


def test_a_bid_below_one_tick_is_no_bid(world, quoting_policy, factor_model):
    world.quote(quoting_policy(edge_vol_points=50.0), factor_model())
    assert math.isnan(world.bid("BTC-7D-120000-C"))
    assert world.ask("BTC-7D-120000-C") >= 5.0


def test_a_rebate_larger_than_the_spread_never_makes_us_quote_through_ourselves(make_world, quoting_policy, factor_model):
    perp = Perpetual("beta", "P", "BTC", "USDC", "USDC", Decimal("0.5"), Decimal("0.001"))
    world = make_world(perp, quiet=("P",))
    world.tell(Top(0, 99_000.0, 101_000.0, 1.0, 1.0, world.ns))
    world.settle()
    world.quote(quoting_policy(edge_bps=0.0, stale_bps=0.0), factor_model(risk_aversion=1e-12))
    world.quoted.maker_rate[0] = -0.0005
    set_targets(
        world.quoted,
        quoting_policy(edge_bps=0.0),
        Freshness(5.0, 30.0, 30.0),
        CALM,
        world.block,
        world.btc,
        world.marks,
        world.ns,
    )
    assert part(world, "P", FEE) == pytest.approx(-50.0)
    assert world.bid("P") == 100_000.0
    assert world.ask("P") == 100_000.5


@pytest.mark.parametrize("side", [1, -1])
def test_a_quote_can_say_why_it_stands_where_it_stands(world, quoting_policy, factor_model, side):
    world.held = {MONTH: 20.0}
    world.quote(quoting_policy(), factor_model(), hedge_rate=0.0005)
    price = world.bid(MONTH) if side > 0 else world.ask(MONTH)
    why = explain(world.quoted, world.slot(MONTH), side, price)
    assert tuple(why) == PART_NAMES
    assert sum(why.values()) == pytest.approx(price, abs=1e-15)
    assert why["lean"] < 0.0
    assert side * why["intensity"] < 0.0
    assert abs(why["rounding"]) < 0.0005
