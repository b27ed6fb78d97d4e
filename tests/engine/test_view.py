"""What a screen sees: every number is the state's, and the parts sum to the whole."""

import msgspec
import pytest

from flatbook import pnl
from flatbook.basics import BUY, SELL
from flatbook.engine import Snapshot, equity_usd, snapshot
from flatbook.events import Gap, OrderAccepted, Pause

CALL, PERPETUAL = "BTC-30D-100000-C", "BTC_USDC-PERPETUAL"


@pytest.fixture
def trading(running):
    """A desk with a few positions, one of them hedged, after a move of the market."""
    running.settle(running.feed(running.hit(CALL, BUY), running.hit("BTC-30D-110000-C", SELL)))
    (hedge,) = running.hedges(running.feed(running.fill("BTC-PERPETUAL", BUY, "100010", "60000", fee="0.0003")))
    running.feed(OrderAccepted(hedge.order_id, "v1"), running.fill_of(hedge, "99999.5", fee="32"))
    running.settle(running.feed(*running.market(100_700.0, 0.52)))
    return running


def test_equity_is_what_was_deposited_and_what_was_earned(trading):
    shown = snapshot(trading.state)
    assert shown.equity_usd == equity_usd(trading.state)
    assert shown.pnl_usd == pytest.approx(shown.equity_usd - trading.state.pnl.deposits_usd, abs=0.01)
    assert shown.pnl_usd == pytest.approx(sum(shown.pnl_terms.values()), abs=1e-6)
    assert shown.pnl_terms == pnl.terms_total(trading.state.pnl)


def test_balances_and_positions_sum_to_equity(trading):
    shown = snapshot(trading.state)
    opened = sum(
        float(amount) * (100_700.0 if asset == "BTC" else 1.0)
        for account, assets in trading.state.ledger.balances.items()
        if "/open/" in account
        for asset, amount in assets.items()
    )
    together = sum(balance.value_usd for balance in shown.balances) + sum(held.value_usd for held in shown.positions) + opened
    assert together == pytest.approx(shown.equity_usd, abs=0.01)


def test_the_ladder_and_the_positions_sum_to_the_same_greeks(trading):
    shown = snapshot(trading.state)
    (bitcoin,) = shown.underlyings
    for name in ("gamma_cash", "vega_cash", "theta_cash"):
        total = getattr(bitcoin, name)
        assert sum(getattr(cell, name) for cell in shown.ladder) == pytest.approx(total, abs=1e-6)
        assert sum(getattr(held, name) for held in shown.positions) == pytest.approx(total, abs=1e-6)
    collateral = trading.state.risk.underlyings[0].exposure.coin_equity * bitcoin.spot
    assert sum(held.delta_cash for held in shown.positions) + collateral == pytest.approx(bitcoin.delta_cash)


def test_an_underlying_is_seen_as_it_stands(trading):
    (bitcoin,) = snapshot(trading.state).underlyings
    exposure = trading.state.risk.underlyings[0].exposure
    assert (bitcoin.spot, bitcoin.delta, bitcoin.target) == (100_700.0, exposure.delta, 10.0)
    assert bitcoin.delta_cash == pytest.approx(bitcoin.delta * bitcoin.spot)
    assert bitcoin.band_low < bitcoin.target < bitcoin.band_high
    assert bitcoin.at_the_money_vol == pytest.approx(0.52)
    assert (bitcoin.trusted_rows, bitcoin.untrusted_rows) == (17, 0)


def test_untrusted_rows_are_counted_and_their_doubt_is_shown(trading):
    trading.feed(Gap("alpha"))
    shown = snapshot(trading.state)
    assert shown.underlyings[0].untrusted_rows == 15
    assert shown.underlyings[0].uncertainty_cash > 0.0
    assert [held.key for held in shown.positions if held.trusted] == [f"beta:{PERPETUAL}"]
    assert all(held.age_s == -1.0 for held in shown.positions if not held.trusted)


def test_a_quote_says_why_it_stands_where_it_stands(trading):
    quotes = snapshot(trading.state).quotes
    assert len(quotes) == trading.quotes_working()
    for quote in quotes:
        assert sum(quote.parts.values()) == pytest.approx(quote.price, rel=1e-12)
    assert [quote.side for quote in quotes if quote.key == f"alpha:{CALL}"] == ["buy", "sell"]


def test_the_time_line_leaves_out_quotes_and_smiles_and_nothing_else(trading):
    whole, lean = snapshot(trading.state), snapshot(trading.state, with_quotes=False)
    assert lean.quotes == lean.smiles == []
    assert msgspec.structs.replace(lean, quotes=whole.quotes, smiles=whole.smiles) == whole


def test_fills_come_latest_first_and_say_what_they_earned(trading):
    shown = snapshot(trading.state)
    assert [fill.fill_id for fill in shown.fills] == ["f4", "f3", "f2", "f1"]
    assert shown.fills_booked == 4
    assert sum(fill.spread_usd for fill in shown.fills) == pytest.approx(shown.pnl_terms["spread"])
    assert sum(fill.fee_usd for fill in shown.fills) == pytest.approx(-shown.pnl_terms["fees"])
    assert [fill.purpose for fill in shown.fills] == ["hedge", "unknown", "quote", "quote"]


def test_a_hedge_says_what_it_was_for_and_what_it_cost(trading):
    hedge, *_ = snapshot(trading.state).hedges
    fill = snapshot(trading.state).fills[0]
    assert (hedge.status, hedge.side, hedge.filled) == ("filled", "sell", hedge.quantity)
    assert "coins from target" in hedge.reason
    assert hedge.cost_usd == pytest.approx(fill.fee_usd - fill.spread_usd)


def test_limits_show_how_much_of_them_is_used(trading):
    limits = {limit.name: limit for limit in snapshot(trading.state).limits}
    assert set(limits) == {"BTC delta", "BTC gamma", "BTC vega", "loss", "working orders"}
    assert limits["working orders"].usage == len(trading.state.orders.open)
    assert all(limit.fraction == pytest.approx(limit.usage / limit.limit) for limit in limits.values())


def test_mode_and_alerts_are_what_people_were_told(trading):
    trading.feed(Pause("ann", "lunch"))
    shown = snapshot(trading.state)
    assert (shown.mode, shown.mode_reason) == ("paused", "ann: lunch")
    assert shown.alerts[0].text == "ann set the desk to paused: lunch"
    assert (shown.sequence, shown.now_ns) == (trading.state.sequence, trading.ns)


def test_a_snapshot_travels_without_a_number_that_is_none(trading):
    shown = snapshot(trading.state)
    told = msgspec.json.encode(shown)
    assert b"null" not in told, "JSON would turn a NaN into null"
    assert msgspec.json.decode(told, type=Snapshot) == shown


def test_a_desk_that_has_seen_nothing_can_be_shown(make_desk):
    shown = snapshot(make_desk().state)
    assert (shown.sequence, shown.equity_usd, shown.underlyings, shown.quotes) == (0, 0.0, [], [])


def test_looking_changes_nothing(trading):
    assert snapshot(trading.state) == snapshot(trading.state)
