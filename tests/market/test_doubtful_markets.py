"""Markets that tell half of it, late, or twice: no wrong vol or forward is trusted, and nothing stops the desk."""

import math
from decimal import Decimal

import numpy as np
import pytest

from flatbook.basics import NS_PER_DAY, NS_PER_SECOND, NS_PER_YEAR, parse_utc
from flatbook.events import Gap, Index, Ticker, Top
from flatbook.instruments import CALL, PUT, Future, Option, Perpetual
from flatbook.market import FORWARD_SOURCES, SMILE_STATES, Delivery, Freshness, Rules, Smiles, move_forwards
from flatbook.pricing import option_value_and_greeks

FRESHNESS = Freshness(top_s=5.0, option_s=30.0, index_s=30.0)
STRIKES = range(70_000, 135_000, 5_000)
START_NS = parse_utc("2026-01-06T08:00:00Z")
NAN = math.nan
S = NS_PER_SECOND
COIN = {"underlying": "BTC", "quote": "USD", "settlement": "BTC", "inverse": True}
DOLLAR = {"underlying": "BTC", "quote": "USDC", "settlement": "USDC"}
PERP = Perpetual("beta", "BTC-PERP", "BTC", "USDC", "USDC", Decimal("0.5"), Decimal("0.001"))


def rules(source="quotes", dynamics="sticky_strike", refit_s=0.0, average_min=30.0):
    return Rules(FRESHNESS, Smiles(source, dynamics, refit_s), Delivery(average_min))


def options(days, venue="alpha", terms=COIN, tag="", strikes=STRIKES):
    return [
        Option(
            venue=venue,
            symbol=f"{days}D{tag}-{k}-{'C' if s > 0 else 'P'}",
            tick=Decimal("0.0001"),
            lot=Decimal("0.1"),
            expiry_ns=START_NS + round(days * NS_PER_DAY),
            strike=Decimal(k),
            sign=s,
            **terms,
        )
        for k in strikes
        for s in (CALL, PUT)
    ]


def make(make_world, *contracts, **kw):
    made = make_world(PERP, *contracts, quiet=tuple(c.symbol for c in contracts))
    made.rules = rules(**kw)
    return made


def smile(strike, years, level=0.5, skew=-0.3, forward=100_000.0):
    dev = level * math.sqrt(years)
    k = math.log(strike / forward) / dev
    return level * math.sqrt(1.0 + 0.2 * (skew * k + math.sqrt(k * k + 1.0) - 1.0))


def tell(world, days, *, half_spread=0.004, forward=100_000.0, only=None, bids=True, mark=NAN, tag="", stated=None, **shape):
    years = (START_NS + round(days * NS_PER_DAY) - world.ns) / NS_PER_YEAR
    for row, c in enumerate(world.universe.contracts):
        if not c.symbol.startswith(f"{days}D{tag}-") or not isinstance(c, Option):
            continue
        if only is not None and float(c.strike) not in only:
            continue
        k = float(c.strike)
        vol = smile(k, years, **shape)
        bid, ask = (
            float(option_value_and_greeks(forward, k, years, v, c.sign, bool(c.inverse))[0])
            for v in (vol - half_spread, vol + half_spread)
        )
        world.tell(Ticker(row, bid if bids else NAN, ask, 1.0, 1.0, NAN, mark, forward if stated is None else stated, world.ns))


def tape(world, mid):
    world.tell(Index("BTC", mid, world.ns), world.top("BTC-PERP", mid - 0.5, mid + 0.5))


def state(world, tenor):
    return SMILE_STATES[int(world.btc.surface.state[tenor])]


def slots(world, tenor):
    return world.btc.tenor_slots[tenor]


def atm(world, tenor, at=100_000.0):
    s = slots(world, tenor)
    return world.btc.vol.item(int(s[np.argmin(np.abs(world.block.strike[s] - at))]))


# --- the desk falls over -------------------------------------------------------------------------------------------
def test_a_gap_while_a_refit_waits_does_not_stop_the_desk(make_world):
    """Told, throttled, gap, due: the fit has no fresh quote, borrows, and takes the max of nothing."""
    world = make(make_world, *options(7), *options(30, venue="gamma"), refit_s=1.0)
    tell(world, 7)
    tell(world, 30)
    world.settle()
    world.ns += S // 2
    tell(world, 7)
    world.settle()
    world.tell(Gap("alpha"))
    tape(world, 100_000.0)
    world.settle(after_s=1.0)


def test_a_delisting_while_a_refit_waits_does_not_stop_the_desk(make_world):
    world = make(make_world, *options(7), *options(30), refit_s=1.0)
    tell(world, 7)
    tell(world, 30)
    world.settle()
    world.ns += S // 2
    tell(world, 7)
    world.settle()
    for row, c in enumerate(world.universe.contracts):
        if c.symbol.startswith("7D"):
            world.universe.withdraw(row)
    tape(world, 100_000.0)
    world.settle(after_s=1.0)


def test_a_ticker_of_a_dated_future_does_not_stop_the_desk(make_world):
    """Exchanges send tickers of futures as well; that tenor has no options."""
    future = Future(
        venue="alpha", symbol="BTC-90D", tick=Decimal("0.5"), lot=Decimal(10), expiry_ns=START_NS + 90 * NS_PER_DAY, **COIN
    )
    world = make(make_world, *options(7), future)
    tell(world, 7)
    world.settle()
    world.tell(Ticker(world.row("BTC-90D"), 100_000.0, 100_001.0, 1.0, 1.0, 100_000.5, NAN, 100_000.0, world.ns))
    world.settle()


# --- forwards ------------------------------------------------------------------------------------------------------
def with_future(make_world, *more):
    future = Future(
        venue="alpha", symbol="BTC-30D", tick=Decimal("0.5"), lot=Decimal(10), expiry_ns=START_NS + 30 * NS_PER_DAY, **COIN
    )
    world = make(make_world, *options(30), future, *more)
    tell(world, 30, forward=100_500.0)
    world.tell(world.top("BTC-30D", 100_499.5, 100_500.5))
    world.settle()
    return world


@pytest.mark.parametrize(("bid", "ask"), [(101_500.0, 100_500.0), (100_500.0, NAN), (NAN, NAN)])
def test_a_future_that_is_crossed_or_lacks_a_side_does_not_move_the_forward(make_world, bid, ask):
    """It is believed for what it was one step ago, and then its new top is read."""
    world = with_future(make_world)
    world.ns += S
    tape(world, 100_000.0)
    world.tell(world.top("BTC-30D", 100_499.5, 100_500.5))
    world.settle()
    world.ns += S
    tape(world, 100_000.0)
    world.tell(Top(world.row("BTC-30D"), bid, ask, 1.0, 1.0, world.ns))
    world.settle()
    assert world.btc.forward[world.slot("30D-100000-C")] == pytest.approx(100_500.0, rel=1e-5)
    assert world.trusts("30D-100000-C")


def test_two_futures_of_one_expiry_do_not_throw_the_forward_about(make_world):
    """alpha's inverse and beta's linear future stand 20 bp apart (desk.toml has both); nothing moves."""
    linear = Future(
        venue="beta",
        symbol="BTC_USDC-30D",
        tick=Decimal("0.5"),
        lot=Decimal("0.001"),
        expiry_ns=START_NS + 30 * NS_PER_DAY,
        **DOLLAR,
    )
    world = with_future(make_world, linear)
    seen = []
    for turn in range(8):
        world.ns += S
        tape(world, 100_000.0)
        world.tell(world.top("BTC-30D", 100_499.5, 100_500.5) if turn % 2 else world.top("BTC_USDC-30D", 100_699.5, 100_700.5))
        world.settle()
        seen.append(world.btc.forward.item(world.slot("30D-100000-C")))
    assert max(seen[2:]) / min(seen[2:]) - 1.0 < 2e-4, seen


def test_two_venues_stated_underlyings_do_not_throw_the_forward_about(make_world):
    world = make(make_world, *options(30), *options(30, venue="beta", terms=DOLLAR, tag="L"))
    seen = []
    for turn in range(8):
        world.ns += S
        tape(world, 100_000.0)
        tell(world, 30, tag="L" if turn % 2 else "", forward=100_500.0 * (1.002 if turn % 2 else 1.0))
        world.settle()
        seen.append(world.btc.forward.item(world.slot("30D-100000-C")))
    assert max(seen[2:]) / min(seen[2:]) - 1.0 < 2e-4, seen


def test_parity_of_old_quotes_is_not_a_forward_of_now(make_world):
    """Quoted at 100,000; 20 s later the tape is at 95,000 and one option, on its own, speaks again."""
    world = make(make_world, *options(30))
    tell(world, 30, stated=NAN)
    world.settle()
    assert world.btc.forward[world.slot("30D-100000-C")] == pytest.approx(100_000.0, rel=1e-4)
    world.ns += 20 * S
    tape(world, 95_000.0)
    world.settle()
    assert world.btc.forward[world.slot("30D-100000-C")] == pytest.approx(95_000.0, rel=1e-4)
    tell(world, 30, only=(130_000.0,), bids=False, stated=NAN, forward=95_000.0)
    world.settle()
    assert world.btc.forward[world.slot("30D-100000-C")] == pytest.approx(95_000.0, rel=1e-3)


def test_parity_hears_a_strike_that_two_venues_list(make_world):
    world = make(make_world, *options(30), *options(30, venue="beta", terms=DOLLAR, tag="L"))
    tell(world, 30, stated=NAN, forward=100_800.0)
    tell(world, 30, tag="L", stated=NAN, forward=100_800.0)
    world.settle()
    assert world.btc.forwards.source[1] == FORWARD_SOURCES.index("parity")


def test_a_forward_stated_before_there_was_a_reference_is_not_set_against_a_later_one(make_world):

    world = type(make_world())()
    world.announce(PERP, *options(30))
    world.rules = rules()
    tell(world, 30, forward=100_000.0)
    world.settle()
    world.ns += 20 * S
    tape(world, 105_000.0)
    world.settle()
    slot = world.slot("30D-100000-C")
    assert not world.trusts("30D-100000-C") or world.btc.forward[slot] == pytest.approx(105_000.0, rel=1e-3), world.btc.forward[
        slot
    ]


def test_a_forward_stated_while_the_reference_was_dead_is_not_multiplied_by_its_return(make_world):
    """The tape falls silent at 100,000, the exchange states 103,000, the tape returns at 103,000."""
    world = make(make_world, *options(30))
    tell(world, 30)
    world.settle()
    world.ns += 40 * S
    tell(world, 30, forward=103_000.0)
    world.settle()
    assert not world.trusts("30D-100000-C")
    world.ns += S
    world.tell(world.top("BTC-PERP", 102_999.5, 103_000.5))
    world.settle()
    slot = world.slot("30D-100000-C")
    assert not world.trusts("30D-100000-C") or world.btc.forward[slot] == pytest.approx(103_000.0, rel=1e-3), world.btc.forward[
        slot
    ]


def test_parity_does_not_pin_itself_to_a_ratio_of_hours_ago(make_world):
    """The exchange's last word is ten hours old; puts and calls now agree on 1% more, and are trusted at the old ratio."""
    world = make(make_world, *options(30))
    tell(world, 30)
    world.settle()
    world.ns += 36_000 * S
    tape(world, 100_000.0)
    tell(world, 30, forward=101_000.0, stated=NAN)
    world.settle()
    assert not world.trusts("30D-100000-C") or world.btc.forward[world.slot("30D-100000-C")] == pytest.approx(101_000.0, rel=1e-3)


def test_a_gap_takes_the_lost_futures_word_away(make_world):
    """alpha's future rules beta's options; alpha loses messages; its word of before stays in force and trusted."""
    future = Future(
        venue="alpha", symbol="BTC-30D", tick=Decimal("0.5"), lot=Decimal(10), expiry_ns=START_NS + 30 * NS_PER_DAY, **COIN
    )
    world = make(make_world, *options(30, venue="beta", terms=DOLLAR), future)
    world.tell(world.top("BTC-30D", 100_499.5, 100_500.5))
    world.settle()
    world.ns += S
    tape(world, 100_000.0)
    world.tell(world.top("BTC-30D", 100_499.5, 100_500.5))
    tell(world, 30, forward=100_500.0, stated=NAN)
    world.settle()
    assert world.trusts("30D-100000-C")
    assert FORWARD_SOURCES[int(world.btc.forwards.source[1])] == "future"
    world.ns += S
    world.tell(Gap("alpha"))
    tape(world, 100_000.0)
    tell(world, 30, forward=100_900.0, stated=NAN)
    world.settle()
    assert world.btc.forward[world.slot("30D-100000-C")] != pytest.approx(100_500.0, rel=1e-5) or not world.trusts("30D-100000-C")


def test_a_stated_forward_far_from_everything_is_not_trusted(make_world):
    world = with_future(make_world)
    world.ns += S
    tape(world, 100_000.0)
    tell(world, 30, only=(100_000.0,), forward=100_500.0, stated=10_050.0)
    world.settle()
    assert not world.trusts("30D-100000-C") or world.btc.forward[world.slot("30D-100000-C")] > 90_000.0, world.btc.forward[
        world.slot("30D-100000-C")
    ]


# --- vols ----------------------------------------------------------------------------------------------------------
def test_a_neighbour_that_has_long_been_silent_does_not_lift_fresh_quotes(make_world):
    """7D was quoted at 90 and fell silent an hour ago; 30D is quoted at 40 now."""
    world = make(make_world, *options(7), *options(30))
    tell(world, 7, level=0.9)
    world.settle()
    world.ns += 3600 * S
    tape(world, 100_000.0)
    tell(world, 30, level=0.4)
    world.settle()
    assert atm(world, 2) == pytest.approx(0.4, abs=0.005), (state(world, 2), world.btc.surface.reason)


def test_a_neighbour_that_has_long_been_silent_lends_no_shape(make_world):
    world = make(make_world, *options(7), *options(30))
    tell(world, 7, level=0.9)
    world.settle()
    world.ns += 3600 * S
    tape(world, 100_000.0)
    tell(world, 30, bids=False, level=1.5)
    world.settle()
    assert not world.trusts("30D-100000-C"), (state(world, 2), atm(world, 2))


def test_two_expiries_without_bids_do_not_live_on_each_others_old_shapes(make_world):
    """The bids are pulled everywhere for ten minutes: nothing two-sided is quoted, nobody told a mark."""
    world = make(make_world, *options(7), *options(30))
    tell(world, 7)
    tell(world, 30)
    world.settle()
    for _ in range(60):
        world.ns += 10 * S
        tape(world, 100_000.0)
        tell(world, 7, bids=False, level=1.5)
        tell(world, 30, bids=False, level=1.5)
        world.settle()
    assert not world.trusts("30D-100000-C"), (state(world, 2), atm(world, 2))


def test_quotes_told_at_another_forward_keep_the_vol_they_stood_for(make_world):
    """Quoted at 50 on a forward of 100,000; the tape goes to 101,000 and one strike is quoted again, at the same vol."""
    world = make(make_world, *options(7))
    tell(world, 7)
    world.settle()
    atm(world, 1)
    world.ns += 5 * S
    tape(world, 101_000.0)
    (START_NS + 7 * NS_PER_DAY - world.ns) / NS_PER_YEAR
    old = {k: atm(world, 1, k) for k in range(90_000, 115_000, 5_000)}
    tell(world, 7, only=(125_000.0,), forward=101_000.0)
    world.settle()
    moved = {k: round(100 * (atm(world, 1, k) - vol), 1) for k, vol in old.items()}
    assert max(map(abs, moved.values())) < 1.0, (moved, state(world, 1), world.trusts("7D-100000-C"), world.btc.surface.inside[1])


def test_a_crash_is_not_held_down_by_the_last_seconds_later_smile(make_world):
    """Vols of both expiries jump from 40 to 120 in one batch; the later one's old slice must not cap the earlier one."""
    world = make(make_world, *options(7), *options(30), refit_s=1.0)
    tell(world, 7, level=0.4)
    tell(world, 30, level=0.4)
    world.settle()
    world.ns += S
    tape(world, 100_000.0)
    tell(world, 7, level=1.2)
    tell(world, 30, level=1.2)
    world.settle()
    assert atm(world, 1) == pytest.approx(1.2, abs=0.02), (state(world, 1), atm(world, 1), atm(world, 2))


def test_a_calm_is_not_held_up_by_the_last_batchs_earlier_smile(make_world):
    """Vols fall from 120 to 40; the later expiry is told first, the earlier one 100 ms after; nothing more for 3 s."""
    world = make(make_world, *options(7), *options(30), refit_s=1.0)
    tell(world, 7, level=1.2)
    tell(world, 30, level=1.2)
    world.settle()
    world.ns += S
    tape(world, 100_000.0)
    tell(world, 30, level=0.4)
    world.settle()
    world.ns += S // 10
    tape(world, 100_000.0)
    tell(world, 7, level=0.4)
    world.settle()
    for _ in range(3):
        world.ns += S
        tape(world, 100_000.0)
        world.settle()
    assert atm(world, 2) == pytest.approx(0.4, abs=0.02), (
        state(world, 2),
        atm(world, 2),
        world.btc.surface.reason,
        world.trusts("30D-100000-C"),
    )


def test_a_top_of_an_option_is_news_for_its_smile(make_world):
    """Venues also tell options by tops and books; the smile must follow them, or the row must not be trusted."""
    world = make(make_world, *options(7))
    tell(world, 7)
    world.settle()
    world.ns += S
    tape(world, 100_000.0)
    years = (START_NS + 7 * NS_PER_DAY - world.ns) / NS_PER_YEAR
    for row, c in enumerate(world.universe.contracts):
        if not isinstance(c, Option):
            continue
        vol = smile(float(c.strike), years, level=0.8)
        bid, ask = (
            float(option_value_and_greeks(100_000.0, float(c.strike), years, v, c.sign, True)[0])
            for v in (vol - 0.004, vol + 0.004)
        )
        world.tell(Top(row, bid, ask, 1.0, 1.0, world.ns))
    world.settle()
    assert not world.trusts("7D-100000-C") or atm(world, 1) == pytest.approx(0.8, abs=0.02), atm(world, 1)


def test_a_mark_of_an_hour_ago_is_no_mark_of_now(make_world):
    world = make(make_world, *options(7))
    tell(world, 7, mark=0.4)
    world.settle()
    world.ns += 3600 * S
    tape(world, 100_000.0)
    tell(world, 7, bids=False, level=1.2)
    world.settle()
    assert not world.trusts("7D-100000-C"), (state(world, 1), atm(world, 1))


def test_two_venues_a_little_apart_still_show_a_smile(make_world):
    """Inverse options at 50, linear ones of the same strikes at 52, each 0.8 wide: their best bid and ask cross everywhere."""
    world = make(make_world, *options(30), *options(30, venue="beta", terms=DOLLAR, tag="L"))
    tell(world, 30, level=0.5)
    tell(world, 30, tag="L", level=0.52)
    world.settle()
    assert state(world, 1) in ("fitted", "repaired"), (state(world, 1), world.btc.surface.reason)
    assert 0.5 <= atm(world, 1) <= 0.52


def test_a_window_that_opens_on_old_vols_does_not_make_them_young(make_world):
    """The last quotes are an hour old when the settlement window opens; then a ticker comes."""
    world = make(make_world, *options(0.0833333))
    days = 0.0833333
    tell(world, days)
    world.settle()
    for _ in range(1440):
        world.ns += 5 * S
        tape(world, 100_000.0)
        world.settle() if _ % 1 == 0 else None
        if world.btc.averages.weight[1] < 1.0:
            break
    world.ns += S
    tape(world, 100_000.0)
    tell(world, days, level=1.5)
    world.settle()
    assert world.btc.averages.weight[1] < 1.0
    assert not world.trusts(f"{days}D-100000-C"), (state(world, 1), atm(world, 1))


def test_one_wing_quote_does_not_make_the_others_young(make_world):
    """All quotes are 29 s old, one wing speaks; 29 s later the smile still rests on nothing newer."""
    world = make(make_world, *options(7))
    tell(world, 7)
    world.settle()
    world.ns += 29 * S
    tape(world, 100_000.0)
    tell(world, 7, only=(130_000.0,), bids=False)
    world.settle()
    assert world.ns - world.btc.surface.vol_ns[world.slot("7D-100000-C")] >= 29 * S


def test_another_choice_of_dynamics_counts_at_once(make_world):
    from flatbook.pricing import DELTA

    world = make(make_world, *options(30), dynamics="sticky_delta")
    tell(world, 30)
    world.settle()
    world.rules = rules()
    tape(world, 100_000.0)
    world.settle()
    slot = world.slot("30D-100000-C")
    plain = option_value_and_greeks(100_000.0, 100_000.0, world.marks.years[slot], world.btc.vol[slot], 1.0, True)[DELTA]
    assert world.marks.greeks[DELTA, slot] == pytest.approx(float(plain), rel=1e-9)


def test_a_scenario_moves_vols_as_delta_says(make_world):
    world = make(make_world, *options(30), dynamics="sticky_delta")
    tell(world, 30, skew=-0.8)
    world.settle()
    world.held = {"30D-100000-C": 1.0, "30D-90000-P": 1.0}
    move = 1e-4
    up, down = world.gains([move, -move], [0.0])[:, 0]
    assert (up - down) / (2 * move) == pytest.approx(world.exposure().delta_cash, rel=1e-3)


def test_a_smile_from_marks_is_not_the_surest_of_all(make_world):
    world = make(make_world, *options(7))
    tell(world, 7, bids=False, mark=0.61)
    world.settle()
    assert (world.btc.surface.uncertainty[slots(world, 1)] > 0.0).all()


def test_an_expiry_that_is_over_waits_for_no_fit(make_world):
    world = make(make_world, *options(1), average_min=0.0)
    tell(world, 1)
    world.settle()
    world.ns += NS_PER_DAY
    tell(world, 1, only=())
    tape(world, 100_000.0)
    world.tell(Ticker(world.row("1D-100000-C"), 0.01, 0.02, 1.0, 1.0, NAN, NAN, 100_000.0, world.ns))
    world.settle()
    assert not any(world.btc.surface.dirty)


def test_a_smile_that_rests_on_quotes_again_says_so(make_world):
    world = make(make_world, *options(7))

    def news():
        return move_forwards(world.market, world.universe, 0, world.rules, world.ns)

    tell(world, 7, bids=False, mark=0.61)
    assert news()
    world.ns += 1
    tell(world, 7, mark=0.61)
    assert news(), "it was told to be marks, and nobody is told that it no longer is"


# --- settings ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("key", "line", "where"),
    [("average_min", "average_min = 1e11", "delivery.average_min"), ("refit_s", "refit_s = 3600", "smiles.refit_s")],
)
def test_figures_that_nobody_can_mean_are_refused(tmp_path, key, line, where):
    """1e11 minutes are more nanoseconds than an int64 holds; a refit rarer than quotes live leaves nothing to fit."""
    import re

    from flatbook.basics import InputFault
    from flatbook.runtime import load_config
    from flatbook.runtime.config import DESK_TOML, builtin_text

    path = tmp_path / "desk.toml"
    path.write_text(re.sub(rf"(?m)^{key} = .*$", line, builtin_text(DESK_TOML), count=1))
    with pytest.raises(InputFault, match=where):
        load_config(path)
