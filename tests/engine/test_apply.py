"""Commands, gaps and settings: cheap writes, and what the same step makes of them."""

import msgspec
import pytest

from flatbook.basics import BUY, SELL
from flatbook.engine import encode_parameters
from flatbook.events import (
    Beat,
    Configured,
    Depth,
    FundingRate,
    Gap,
    OrderAccepted,
    Pause,
    Recovered,
    ReduceOnly,
    Resume,
    Ticker,
    Trade,
)
from flatbook.limits import Mode

CALL, PERPETUAL = "BTC-30D-100000-C", "BTC_USDC-PERPETUAL"


def test_pause_pulls_every_quote_and_places_nothing(running):
    effects = running.feed(Pause("ann", "lunch"))
    assert len(running.cancels(effects)) == 30
    assert running.quotes(effects) == []
    assert running.told(effects, "info") == ["ann set the desk to paused: lunch"]
    running.settle(effects)
    assert running.quotes_working() == 0
    assert (running.state.breaker.mode, running.state.breaker.reason) == (Mode.PAUSED, "ann: lunch")


def test_a_paused_desk_watches_the_market_and_quotes_nothing(running):
    running.settle(running.feed(Pause("ann", "lunch")))
    for spot in (100_500.0, 99_000.0, 101_000.0):
        assert running.feed(*running.market(spot)) == ()
    assert running.state.market.underlyings[0].spot == 101_000.0


def test_resume_quotes_again(running):
    running.settle(running.feed(Pause("ann", "lunch")))
    effects = running.feed(Resume("ann", "back"))
    assert len(running.quotes(effects)) == 30
    assert running.state.breaker.reason == ""


def test_only_a_person_loosens_the_breaker(running):
    running.feed(ReduceOnly("ann", "careful"))
    running.settle(running.feed(Pause("bob", "very careful")))
    running.settle(running.feed(*running.market(100_100.0)))
    assert running.state.breaker.mode is Mode.PAUSED
    running.feed(ReduceOnly("ann", "less careful"))
    assert running.state.breaker.mode is Mode.REDUCE_ONLY


def test_a_gap_in_a_venues_feed_pulls_its_quotes_and_is_told(running):
    effects = running.feed(Gap("alpha"))
    assert len(running.cancels(effects)) == 30
    assert running.told(effects, "warning") == ["alpha lost messages; its rows are untrusted until they speak again"]
    running.settle(effects)
    assert len(running.quotes(running.feed(*running.market()))) == 30, "it spoke again"


def test_a_gap_widens_the_risk_of_what_is_held_there(running):
    running.feed(running.hit(CALL, BUY))
    assert running.state.risk.underlyings[0].exposure.doubt_vega_cash == 0.0
    running.feed(Gap("alpha"))
    exposure = running.state.risk.underlyings[0].exposure
    assert exposure.doubt_vega_cash == pytest.approx(0.25 * exposure.vega_cash)
    assert exposure.doubt_delta_cash > 0.0


def test_a_gap_elsewhere_is_nothing_to_these_quotes(running):
    assert running.cancels(running.feed(Gap("spot"))) == []


def test_a_crossed_market_pulls_the_quotes_on_that_row_alone(running):
    effects = running.feed(running.top("BTC-PERPETUAL", 100_010.0, 99_990.0))
    assert {cancel.row for cancel in running.cancels(effects)} == {running.rows["BTC-PERPETUAL"]}


def test_silence_is_noticed_by_the_beat_and_quotes_are_pulled(running):
    early = running.feed(Beat(), after_ms=4_000)
    assert running.cancels(early) == []
    running.settle(early)
    effects = running.feed(Beat(), after_ms=60_000)
    assert len(running.cancels(effects)) == 30
    assert running.told(effects, "warning") == ["no BTC row is trusted any more; its quotes are pulled"]


def test_an_option_without_an_offer_is_an_option_still(running):
    row, none = running.rows[CALL], float("nan")
    effects = running.feed(Ticker(row, 0.05, none, 1.0, 0.0, 0.0594, 0.5, 100_500.0, running.ns))
    assert row not in {cancel.row for cancel in running.cancels(effects)}


def test_a_book_without_a_side_is_no_market_for_a_perpetual(running):
    row = running.rows["BTC-PERPETUAL"]
    effects = running.feed(Depth(row, (99_999.0,), (1.0,), (), (), running.ns))
    assert {cancel.row for cancel in running.cancels(effects)} == {row}


def test_other_peoples_trades_and_funding_rates_move_no_mark(running):
    marked_ns = running.state.risk.underlyings[0].marked_ns
    row = running.rows[PERPETUAL]
    assert running.feed(Trade(row, 90_000.0, 5.0, SELL, running.ns), FundingRate(row, 0.0003, running.ns)) == ()
    assert running.state.risk.underlyings[0].marked_ns == marked_ns
    assert running.state.market.underlyings[0].funding_rate == {running.state.universe.slot_of[row]: 0.0003}


def test_new_settings_hold_from_the_same_step_on(running):
    quoting = msgspec.structs.replace(running.state.parameters.quoting, size_coins={"BTC": 2.0})
    settings = msgspec.structs.replace(running.state.parameters, quoting=quoting)
    effects = running.feed(Configured(encode_parameters(settings)), *running.market())
    amends = running.quotes(effects)
    assert running.state.parameters == settings
    assert len(amends) == 30
    assert {float(amend.quantity) for amend in amends if amend.row > 2} == {2.0}


def test_recovery_is_told(running):
    effects = running.feed(Recovered(17))
    assert running.told(effects, "warning") == ["the desk came back after batch 17; the venues say what stands"]


def test_an_alert_that_repeats_itself_is_told_once_in_ten_seconds(running):
    assert running.told(running.feed(Gap("alpha"))) != []
    assert running.told(running.feed(Gap("alpha"))) == []
    assert running.told(running.feed(Gap("spot"))) != [], "another venue is other news"
    assert "alpha lost messages" in running.told(running.feed(Gap("alpha"), after_ms=10_000))[0]


def test_alerts_that_never_come_again_are_forgotten(running):
    for number in range(150):
        running.feed(OrderAccepted(10_000 + number, "x"))
    assert len(running.state.quiet_until_ns) <= 101


def test_another_lead_in_new_settings_leads_from_then_on(running):
    parameters = msgspec.structs.replace(running.state.parameters, leads={"BTC": "alpha:BTC-PERPETUAL"})
    running.feed(Configured(encode_parameters(parameters)))
    running.feed(running.top("BTC-PERPETUAL", 100_999.5, 101_000.5))
    assert running.state.market.underlyings[0].reference == 101_000.0
