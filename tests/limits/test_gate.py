"""What the gate approves, what it refuses, and the sentence it gives."""

import math

import msgspec
import pytest

from flatbook.limits import Breaker, Impact, Mode, refusal


def test_a_wish_within_every_limit_passes(make_gate, impact):
    assert refusal(make_gate(), impact(1e6, 1e5, 5e4)) is None


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"delta": 1_000_001.0}, "delta would be $1,000,001, the limit is $1,000,000"),
        ({"delta": -1_000_001.0}, "delta would be $1,000,001, the limit is $1,000,000"),
        ({"gamma": -100_001.0}, "gamma would be $100,001, the limit is $100,000"),
        ({"vega": 50_001.0}, "vega would be $50,001, the limit is $50,000"),
    ],
)
def test_a_wish_beyond_a_limit_is_refused_with_the_number_and_the_limit(make_gate, impact, wish, reason):
    assert refusal(make_gate(), impact(**wish)) == reason


def test_the_limit_on_delta_is_measured_from_the_target(make_gate, impact):
    assert refusal(make_gate(target=5e6), impact(9e5)) is None
    assert refusal(make_gate(now=(2e5, 0.0, 0.0), target=5e6), impact(9e5)) is not None


def test_doubt_uses_up_the_limit(make_gate, impact):
    gate = make_gate(now=(8e5, 0.0, 0.0), doubt=(1.5e5, 0.0, 0.0))
    assert refusal(gate, impact(1e5)) == "delta would be $1,050,000, the limit is $1,000,000"
    assert refusal(gate, impact(4e4)) is None


def test_what_brings_a_broken_limit_down_passes_though_it_stays_broken(make_gate, impact):
    assert refusal(make_gate(now=(3e6, 0.0, 0.0)), impact(-1e6)) is None
    assert refusal(make_gate(now=(3e6, 0.0, 0.0)), impact(1.0)) is not None
    assert refusal(make_gate(now=(3e6, 0.0, 0.0)), impact(-6.5e6)) is not None


@pytest.mark.parametrize("now", [(5e5, 2e5, 0.0), (5e5, 0.0, -9e4)])
def test_a_delta_hedge_passes_while_gamma_or_vega_is_broken_for_it_adds_none(make_gate, impact, now):
    assert refusal(make_gate(now=now), impact(-4e5, hedging=True)) is None
    assert refusal(make_gate(now=now), impact(-4e5, gamma=1e-12, hedging=True)) is None  # an inverse perpetual's rounding
    assert refusal(make_gate(now=now), impact(-4e5, gamma=10.0, vega=-10.0, hedging=True)) is not None


def test_doubt_about_vega_does_not_stop_a_delta_hedge(make_gate, impact):
    assert refusal(make_gate(now=(5e5, 0.0, 0.0), doubt=(0.0, 0.0, 1e6)), impact(-4e5, hedging=True)) is None


def test_an_order_too_large_is_refused_whatever_it_does_to_risk(make_gate, make_limits, impact):
    gate = make_gate(now=(9e5, 0.0, 0.0), limits=make_limits(order_notional=1e5))
    assert refusal(gate, impact(-2e5)) == "order of $200,000 is above the limit of $100,000"


@pytest.mark.parametrize("field", ["delta", "gamma", "vega", "notional"])
def test_a_wish_that_is_not_a_number_never_passes(make_gate, impact, field):
    assert refusal(make_gate(), impact(**{field: math.nan})) is not None


def test_an_underlying_without_limits_is_not_traded(make_gate):
    reason = refusal(make_gate(), Impact("DOGE", 1.0, 0.0, 0.0, 1.0, False))
    assert reason == "DOGE has no limits; set them before trading it"


def test_so_many_orders_and_no_more(make_gate, make_limits, impact):
    gate = make_gate(limits=make_limits(working_orders=3), open_orders=1)
    reasons = [refusal(gate, impact(1.0)) for _ in range(3)]
    assert reasons == [None, None, "3 orders are open, the limit is 3"]


def test_an_amend_needs_no_place_and_a_refused_one_frees_none(make_gate, make_limits, impact):
    gate = make_gate(limits=make_limits(working_orders=3), open_orders=3)
    assert refusal(gate, msgspec.structs.replace(impact(1.0), opens=False)) is None
    assert refusal(gate, msgspec.structs.replace(impact(2e6), opens=False)) is not None
    assert refusal(gate, impact(1.0)) == "3 orders are open, the limit is 3"


def test_an_approved_hedge_counts_against_the_next_and_a_quote_does_not(make_gate, impact):
    gate = make_gate()
    assert refusal(gate, impact(9e5)) is None
    assert refusal(gate, impact(9e5, hedging=True)) is None
    assert refusal(gate, impact(9e5, hedging=True)) == "delta would be $1,800,000, the limit is $1,000,000"


def test_a_refused_wish_leaves_no_trace(make_gate, impact):
    gate = make_gate()
    assert refusal(gate, impact(2e6, hedging=True)) is not None
    assert (gate.working_orders, gate.pending_delta) == (0, {"BTC": 0.0})


@pytest.mark.parametrize(
    ("mode", "flattening", "hedging", "passes"),
    [
        (Mode.RUNNING, False, False, True),
        (Mode.PAUSED, False, False, False),
        (Mode.PAUSED, False, True, False),
        (Mode.PAUSED, True, True, True),
        (Mode.PAUSED, True, False, False),
    ],
)
def test_a_pause_lets_nothing_through_but_the_hedges_of_a_flattening(make_gate, impact, mode, flattening, hedging, passes):
    gate = make_gate(now=(1e5, 0.0, 0.0), breaker=Breaker(mode, "lunch", flattening))
    reason = refusal(gate, impact(-1e5, hedging=hedging))
    assert reason == (None if passes else "paused: lunch")


@pytest.mark.parametrize(
    ("now", "wish", "passes"),
    [
        ((5e5, 0.0, 0.0), {"delta": -1e5}, True),
        ((5e5, 0.0, 0.0), {"delta": 1e5}, False),
        ((5e5, 0.0, 0.0), {"delta": -1e6}, False),  # through zero and out as far on the other side
        ((0.0, 0.0, 0.0), {"delta": 1.0}, False),
        ((5e5, 0.0, 2e4), {"vega": -1e4}, True),
        ((5e5, 0.0, 2e4), {"vega": -1e4, "delta": 1e5}, False),  # half of delta's limit is the most used: it may not grow
        ((2e5, 0.0, 4e4), {"vega": -1e4, "delta": 1e5}, True),
        ((2e5, 0.0, 4e4), {"vega": -1e4, "delta": 3e5}, False),
    ],
)
def test_reduce_only_lets_through_what_brings_usage_down(make_gate, impact, now, wish, passes):
    reason = refusal(make_gate(now=now, breaker=Breaker(Mode.REDUCE_ONLY, "books")), impact(**wish))
    assert reason == (None if passes else "reduce-only: books")


def test_in_reduce_only_two_hedges_do_not_overshoot_together(make_gate, impact):
    gate = make_gate(now=(5e5, 0.0, 0.0), breaker=Breaker(Mode.REDUCE_ONLY, "books"))
    assert refusal(gate, impact(-4e5, hedging=True)) is None
    assert refusal(gate, impact(-4e5, hedging=True)) == "reduce-only: books"


def test_a_hedge_finds_a_place_when_quotes_have_taken_all(make_gate, make_limits, impact):
    gate = make_gate(limits=make_limits(working_orders=3), open_orders=3)
    assert refusal(gate, impact(1.0, hedging=True)) is None


def test_the_rounding_of_a_gamma_that_cancels_does_not_stop_a_reducing_hedge(make_gate, impact):
    gate = make_gate((500_000.0, 99_000.0, 0.0), breaker=Breaker(Mode.REDUCE_ONLY))
    assert refusal(gate, impact(-400_000.0, gamma=1e-9, hedging=True)) is None
