"""Dear work, once a batch: what is marked, what moved the profit, and when the desk must stop."""

from decimal import Decimal

import msgspec
import pytest

from flatbook import pnl
from flatbook.basics import BUY, NS_PER_HOUR, SELL
from flatbook.engine import equity_usd, tie_out
from flatbook.events import Beat, Index, Listed, Resume, Top
from flatbook.instruments import Perpetual
from flatbook.limits import Mode

CALL, PERPETUAL = "BTC-30D-100000-C", "BTC_USDC-PERPETUAL"


def terms(desk) -> dict[str, float]:
    return pnl.terms_total(desk.state.pnl)


@pytest.fixture
def with_ether(running):
    """Another underlying beside bitcoin."""
    contract = Perpetual("beta", "ETH_USDC-PERPETUAL", "ETH", "USDC", "USDC", Decimal("0.05"), Decimal("0.01"))
    row = len(running.state.universe)
    running.feed(Listed(row, contract), Index("ETH", 3_000.0, running.ns))
    running.rows[contract.symbol] = row
    running.feed(running.top(contract.symbol, 2_999.9, 3_000.1))
    return running


def test_only_the_underlying_that_moved_is_marked_again(with_ether):
    bitcoin, ether = with_ether.state.risk.underlyings
    marked_ns = bitcoin.marked_ns
    with_ether.feed(with_ether.top("ETH_USDC-PERPETUAL", 3_010.0, 3_010.2))
    assert bitcoin.marked_ns == marked_ns
    assert ether.marked_ns == with_ether.ns
    assert ether.forward[0] == pytest.approx(3_010.1)


def test_a_stablecoin_that_moves_touches_every_underlying(with_ether):
    with_ether.feed(Index("USDC", 0.999, with_ether.ns))
    assert {entry.marked_ns for entry in with_ether.state.risk.underlyings} == {with_ether.ns}


def test_a_row_that_goes_stale_in_silence_is_noticed_without_an_event_of_its_own(with_ether):
    with_ether.feed(*with_ether.market())
    with_ether.feed(Index("BTC", 100_000.0, with_ether.ns), after_ms=1_000)
    with_ether.feed(with_ether.top("ETH_USDC-PERPETUAL", 3_000.0, 3_000.2), after_ms=4_100)
    bitcoin = with_ether.state.market.underlyings[0]
    assert not bitcoin.trusted[with_ether.state.universe.slot_of[with_ether.rows[PERPETUAL]]]
    assert bitcoin.trusted[with_ether.state.universe.slot_of[with_ether.rows[CALL]]], "options may be quiet for longer"


def test_time_alone_costs_theta_and_nothing_else(running):
    running.feed(running.hit(CALL, BUY))
    before, day = terms(running), running.state.risk.underlyings[0].exposure.theta_cash
    assert day < 0.0
    running.feed(Beat(), after_ms=NS_PER_HOUR // 1_000_000)
    moved = {name: value - before[name] for name, value in terms(running).items() if value != before[name]}
    assert moved["theta"] == pytest.approx(day / 24.0, rel=0.01)
    assert abs(moved.pop("residual", 0.0)) < 0.01 * abs(moved["theta"])
    assert set(moved) == {"theta"}


def test_a_move_of_the_coin_is_explained_by_delta_and_gamma(running):
    running.feed(running.hit(CALL, BUY))
    before = terms(running)
    running.feed(*running.market(100_300.0))
    moved = {name: value - before[name] for name, value in terms(running).items()}
    assert moved["delta"] > 10.0
    assert moved["gamma"] > 0.0
    assert abs(moved["residual"]) < 0.02 * moved["delta"]


def test_what_the_target_holding_gains_is_capital(running):
    running.feed(*running.market(101_000.0))
    assert terms(running)["capital"] == pytest.approx(10 * 1_000.0)
    assert pnl.total(running.state.pnl) == pytest.approx(10 * 1_000.0)


def test_a_vol_that_rises_pays_whoever_is_long_of_it(running):
    running.feed(running.hit(CALL, BUY))
    before, vega = terms(running)["vega"], running.state.risk.underlyings[0].exposure.vega_cash
    running.feed(*running.market(vol=0.51))
    assert terms(running)["vega"] - before == pytest.approx(vega, rel=0.01)


def test_a_stablecoin_that_slips_is_explained_with_all_that_is_settled_in_it(running):
    running.feed(running.fill(PERPETUAL, BUY, "100000", "0.1"))
    running.feed(*running.market(104_000.0))
    before = terms(running)["delta"]
    running.feed(Index("USDC", 0.98, running.ns))
    held = 1_000_000 + 0.1 * 4_000
    assert terms(running)["delta"] - before == pytest.approx(-0.02 * held)
    assert abs(tie_out(running.state)) < 0.01


def test_losing_more_than_the_limit_trips_the_breaker(make_desk):
    desk = make_desk()
    limits = msgspec.structs.replace(desk.state.parameters.limits, largest_loss=1_000.0)
    desk = make_desk(limits=limits)
    desk.settle(desk.open())
    effects = desk.feed(desk.fill(PERPETUAL, BUY, "105000", "0.21"))
    assert desk.state.breaker.mode is Mode.REDUCE_ONLY
    assert "lost $1,050, more than the limit of $1,000" in desk.told(effects, "critical")


def test_an_operator_who_resumes_starts_the_loss_anew(make_desk):
    limits = msgspec.structs.replace(make_desk().state.parameters.limits, largest_loss=1_000.0)
    desk = make_desk(limits=limits)
    desk.settle(desk.open())
    desk.settle(desk.feed(desk.fill(PERPETUAL, BUY, "105000", "0.21")))
    desk.settle(desk.feed(Resume("ann", "seen")))
    assert desk.state.breaker.mode is Mode.RUNNING
    desk.feed(desk.fill(PERPETUAL, BUY, "105000", "0.21"))
    assert desk.state.breaker.mode is Mode.REDUCE_ONLY


def test_the_coins_one_chose_to_own_are_no_trading_loss(make_desk):
    desk = make_desk()
    limits = msgspec.structs.replace(desk.state.parameters.limits, largest_loss=1_000.0)
    desk = make_desk(limits=limits)
    desk.settle(desk.open())
    desk.feed(*desk.market(90_000.0))
    assert equity_usd(desk.state) == pytest.approx(1_900_000.0)
    assert desk.state.breaker.mode is Mode.RUNNING


def test_a_coin_that_has_no_price_yet_has_no_marks_no_risk_and_no_quotes(make_desk):
    desk = make_desk()
    desk.open()
    contract = Perpetual("alpha", "SOL-PERPETUAL", "SOL", "USD", "SOL", Decimal("0.01"), Decimal(10), inverse=True)
    effects = desk.feed(Listed(len(desk.state.universe), contract))
    assert desk.quotes(effects) == []
    assert desk.state.risk.underlyings[1].exposure.delta_cash == 0.0
    row = desk.state.universe.rows["alpha:SOL-PERPETUAL"]
    desk.feed(Top(row, 150.0, 150.1, 1.0, 1.0, desk.ns))
    assert desk.state.market.underlyings[1].spot == pytest.approx(150.05), "its lead is a price"


def test_selling_and_buying_back_leaves_only_what_was_earned(running):
    running.feed(running.hit(CALL, SELL, "0.1"))
    running.settle(running.feed(*running.market()))
    running.feed(running.hit(CALL, BUY, "0.1"))
    running.feed(*running.market(95_000.0, 0.8))
    earned = terms(running)["spread"]
    assert earned > 0.0
    held = terms(running)["capital"]
    assert pnl.total(running.state.pnl) - held == pytest.approx(earned, rel=0.1)
