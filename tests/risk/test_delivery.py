"""Options whose settlement average has begun: their marks, deltas and scenarios through the last half hour."""

from decimal import Decimal

import numpy as np
import pytest

from flatbook.basics import NS_PER_MINUTE, NS_PER_SECOND, parse_utc
from flatbook.events import Index, Ticker
from flatbook.instruments import CALL, PUT, Option, Perpetual
from flatbook.pricing import DELTA, GAMMA, THETA, VALUE, VEGA

EXPIRY_NS = parse_utc("2026-01-06T09:00:00Z")  # an hour after a test world begins
CALL_SYMBOL, PUT_SYMBOL, LINEAR = "BTC-90000-C", "BTC-90000-P", "BTC-90000-C-USDC"
PERP = "BTC-PERP"


@pytest.fixture
def world(make_world):
    """Coin-settled options struck at 90,000 and a dollar-settled one, an hour before they expire; spot 100,000."""
    coin = {"underlying": "BTC", "quote": "USD", "settlement": "BTC", "inverse": True}
    dollar = {"underlying": "BTC", "quote": "USDC", "settlement": "USDC"}
    terms = {"tick": Decimal("0.0001"), "lot": Decimal("0.1"), "expiry_ns": EXPIRY_NS, "strike": Decimal(90_000)}
    return make_world(
        Perpetual("beta", PERP, "BTC", "USDC", "USDC", Decimal("0.5"), Decimal("0.001")),
        Option(venue="alpha", symbol=CALL_SYMBOL, sign=CALL, **terms, **coin),
        Option(venue="alpha", symbol=PUT_SYMBOL, sign=PUT, **terms, **coin),
        Option(venue="beta", symbol=LINEAR, sign=CALL, **terms, **dollar),
    )


def walk(world, until_ns: int, spot: float) -> None:
    """Every five seconds the index and the tape repeat `spot`, and the options their vol; the forward is the index."""
    while world.ns < until_ns:
        world.ns += 5 * NS_PER_SECOND
        world.tell(Index("BTC", spot, world.ns), world.top(PERP, spot - 0.5, spot + 0.5))
        for symbol in (CALL_SYMBOL, PUT_SYMBOL, LINEAR):
            world.tell(Ticker(world.row(symbol), 0.01, 0.9, 1.0, 1.0, 0.1, 0.5, spot, world.ns))
        world.settle()


def greek(world, symbol: str, which: int) -> float:
    return world.marks.greeks.item(which, world.slot(symbol))


def test_far_in_the_money_net_delta_and_its_premium_decay_linearly(world):
    """Deribit's example: delta 1 and mark .1 make .9 net; half-way through the window .45 is left."""
    walk(world, EXPIRY_NS - 31 * NS_PER_MINUTE, 100_000.0)
    assert greek(world, CALL_SYMBOL, VALUE) == pytest.approx(0.1, rel=1e-6)
    assert greek(world, CALL_SYMBOL, DELTA) * 100_000 == pytest.approx(0.9, rel=1e-5)
    walk(world, EXPIRY_NS - 15 * NS_PER_MINUTE, 100_000.0)
    assert greek(world, CALL_SYMBOL, VALUE) == pytest.approx(0.1, rel=1e-6)
    assert greek(world, CALL_SYMBOL, DELTA) * 100_000 == pytest.approx(0.45, rel=1e-3)
    assert greek(world, LINEAR, DELTA) == pytest.approx(0.5, rel=1e-3)


def test_what_was_averaged_cannot_be_lost_again(world):
    """The index stood at 100,000 for twenty of thirty minutes and falls to 80,000: the average is still above the strike."""
    walk(world, EXPIRY_NS - 10 * NS_PER_MINUTE, 100_000.0)
    walk(world, EXPIRY_NS - 10 * NS_PER_MINUTE + 5 * NS_PER_SECOND, 80_000.0)
    heard_s = 20 * 60 + 5  # the old price stood until the new one was told
    expected = (heard_s * 100_000 + (1800 - heard_s) * 80_000) / 1800
    assert greek(world, LINEAR, VALUE) == pytest.approx(expected - 90_000, rel=1e-6)


def test_certain_exercise_has_no_curvature_and_keeps_its_open_part_of_delta(world):
    walk(world, EXPIRY_NS - 2 * NS_PER_MINUTE, 100_000.0)
    walk(world, EXPIRY_NS - 2 * NS_PER_MINUTE + 5 * NS_PER_SECOND, 60_000.0)
    assert greek(world, LINEAR, VALUE) == pytest.approx((1685 * 100_000 + 115 * 60_000) / 1800 - 90_000, rel=1e-9)
    assert greek(world, LINEAR, GAMMA) == greek(world, LINEAR, VEGA) == 0.0
    assert greek(world, LINEAR, DELTA) == pytest.approx(115 / 1800, rel=1e-6)


def test_after_expiry_it_is_worth_what_the_average_pays(world):
    walk(world, EXPIRY_NS - 10 * NS_PER_MINUTE, 100_000.0)
    walk(world, EXPIRY_NS + 5 * NS_PER_SECOND, 94_000.0)
    average = (20 * 100_000 + 10 * 94_000) / 30
    assert greek(world, CALL_SYMBOL, VALUE) == pytest.approx((average - 90_000) / average, rel=2e-3)
    assert greek(world, CALL_SYMBOL, DELTA) == greek(world, CALL_SYMBOL, THETA) == 0.0
    assert greek(world, PUT_SYMBOL, VALUE) == 0.0


def test_marks_move_without_a_jump_where_the_window_opens(world):
    walk(world, EXPIRY_NS - 30 * NS_PER_MINUTE, 91_000.0)
    before = world.marks.greeks[:, world.slot(LINEAR)].copy()
    walk(world, EXPIRY_NS - 30 * NS_PER_MINUTE + 5 * NS_PER_SECOND, 91_000.0)
    after = world.marks.greeks[:, world.slot(LINEAR)]
    # Five seconds of ten minutes of variance, three deviations out of the money.
    assert after[[VALUE, DELTA, GAMMA, VEGA]] == pytest.approx(before[[VALUE, DELTA, GAMMA, VEGA]], rel=0.05)


def test_a_scenario_moves_only_what_is_still_open(world):
    walk(world, EXPIRY_NS - 15 * NS_PER_MINUTE, 100_000.0)
    world.held = {LINEAR: 2.0}
    up, down = world.gains([0.01, -0.01], [0.0])[:, 0]
    assert up == pytest.approx(2.0 * 0.5 * 1_000, rel=1e-3)
    assert down == pytest.approx(-up, rel=1e-3)


def test_a_gap_in_the_window_takes_the_trust_away(world):
    walk(world, EXPIRY_NS - 25 * NS_PER_MINUTE, 100_000.0)
    assert world.trusts(LINEAR)
    world.ns += 10 * NS_PER_MINUTE
    walk(world, world.ns + 5 * NS_PER_SECOND, 100_000.0)
    assert not world.trusts(LINEAR)
    assert np.isfinite(world.marks.greeks).all()
