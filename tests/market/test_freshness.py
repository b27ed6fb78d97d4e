"""Which rows may be trusted, and for how long."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_SECOND
from flatbook.events import Depth, Gap, Index, Ticker, Top
from flatbook.instruments import CALL, Option
from flatbook.market import refresh_trust
from flatbook.market.freshness import Freshness, is_fresh

NAN = math.nan
MONTH = "BTC-30D-100000-C"


def keep_alive(world, *symbols: str) -> None:
    """The world repeats itself, but for the symbols."""
    world.tell(*world.says(quiet=symbols))


def test_a_whole_fresh_market_is_trusted(world):
    assert all(world.trusts(contract.symbol) for contract in world.universe.contracts)


@pytest.mark.parametrize(("symbol", "limit_s"), [("BTC-INVERSE", 5), ("BTC/USDC", 5), ("BTC-90D", 5), (MONTH, 30)])
def test_a_row_is_trusted_to_its_last_second_and_not_beyond(make_world, symbol, limit_s):
    world = make_world()
    for _ in range(limit_s):
        world.ns += NS_PER_SECOND
        keep_alive(world, symbol)
    world.settle()
    assert world.trusts(symbol)
    world.ns += 1
    world.settle()
    assert not world.trusts(symbol)
    assert world.trusts("BTC-PERP")


@pytest.mark.parametrize(
    ("bid", "ask", "trusted"),
    [
        (100_000.0, 100_001.0, True),
        (100_000.0, 100_000.0, True),  # locked: two people about to trade, not a broken feed
        (100_000.5, 100_000.0, False),
        (NAN, 100_000.0, False),
        (100_000.0, NAN, False),
        (0.0, 100_000.0, False),
        (100_000.0, math.inf, False),
    ],
)
def test_a_delta_one_row_needs_two_sides_that_are_not_crossed(world, bid, ask, trusted):
    world.tell(world.top("BTC-INVERSE", bid, ask))
    world.settle()
    assert world.trusts("BTC-INVERSE") is trusted


@pytest.mark.parametrize(
    ("bid", "ask", "trusted"),
    [(0.05, 0.06, True), (0.05, 0.05, True), (NAN, 0.06, True), (0.05, NAN, True), (NAN, NAN, True), (0.06, 0.05, False)],
)
def test_an_option_may_lack_a_side_but_not_be_crossed(world, bid, ask, trusted):
    world.tell(Top(world.row(MONTH), bid, ask, 1.0, 1.0, world.ns))
    world.settle()
    assert world.trusts(MONTH) is trusted


def test_a_gap_costs_a_venue_its_word_until_each_row_speaks_again(world):
    world.tell(Gap("alpha"))
    world.settle()
    trusted = {contract.symbol for contract in world.universe.contracts if world.trusts(contract.symbol)}
    assert trusted == {contract.symbol for contract in world.universe.contracts if contract.venue != "alpha"}
    world.tell(world.top("BTC-INVERSE", 99_999.5, 100_000.5))
    world.settle()
    assert world.trusts("BTC-INVERSE")
    assert not world.trusts(MONTH)


def test_a_row_that_never_spoke_is_not_trusted(make_world):
    world = make_world(quiet=("BTC-INVERSE", MONTH))
    assert not world.trusts("BTC-INVERSE")
    assert not world.trusts(MONTH)
    assert world.trusts("BTC-30D-95000-C")


def test_an_expiry_without_forward_or_vol_is_not_trusted(make_world):
    lone = Option("beta", "LONE", "BTC", "USDC", "USDC", Decimal(5), Decimal(1), 2 * 10**18, Decimal(100_000), CALL)
    world = make_world(lone, quiet=("LONE",))
    for vol, forward, trusted in ((NAN, NAN, False), (0.5, NAN, False), (0.5, 101_000.0, True)):
        world.tell(Ticker(0, 1.0, 2.0, 1.0, 1.0, 1.5, vol, forward, world.ns))
        world.settle()
        assert world.trusts("LONE") is trusted


def test_without_lead_and_index_nothing_is_trusted(world):
    world.settle(after_s=31.0)
    assert not world.btc.trusted.any()


def test_a_crossed_lead_and_a_silent_index_leave_nobody_to_believe(make_world):
    world = make_world()
    for _ in range(31):
        world.ns += NS_PER_SECOND
        world.tell(*(event for event in world.says(quiet=("BTC-PERP",)) if not isinstance(event, Index)))
        world.tell(world.top("BTC-PERP", 100_001.0, 100_000.0))
    world.settle()
    assert not world.btc.trusted.any()


def test_what_is_withdrawn_is_no_longer_trusted(world):
    world.universe.withdraw(world.row(MONTH))
    world.settle()
    assert not world.trusts(MONTH)


@given(st.lists(st.tuples(st.sampled_from(["BTC-PERP", "BTC-INVERSE", MONTH, "BTC-7D-100000-C", "index"]), st.integers(0, 9))))
def test_trust_holds_until_the_instant_it_was_given_for_and_something_falls_right_after(make_world, told):
    world = make_world()
    for symbol, seconds in told:
        world.ns += seconds * NS_PER_SECOND
        if symbol == "index":
            world.tell(Index("BTC", 100_000.0, world.ns))
        elif symbol in ("BTC-PERP", "BTC-INVERSE"):
            world.tell(world.top(symbol, 99_999.5, 100_000.5))
        else:
            world.tell(Top(world.row(symbol), NAN, NAN, 0.0, 0.0, world.ns))
    world.settle()
    before = world.btc.trusted.copy()
    until_ns = world.btc.trust_until_ns
    if not before.any():
        return
    freshness = Freshness(top_s=5.0, option_s=30.0, index_s=30.0)
    refresh_trust(world.market, world.universe, 0, freshness, until_ns)
    assert (world.btc.trusted == before).all()
    refresh_trust(world.market, world.universe, 0, freshness, until_ns + 1)
    assert world.btc.trusted.sum() < before.sum()


def test_an_expiry_whose_forward_went_silent_is_noticed_though_its_tops_go_on(make_world):
    world = make_world()
    world.ns += 20 * NS_PER_SECOND
    for contract in world.universe.contracts:  # tops without forwards; the tickers' forwards are 20 s old
        if contract.symbol.startswith("BTC-30D"):
            world.tell(Top(world.row(contract.symbol), NAN, NAN, 0.0, 0.0, world.ns))
    world.tell(*world.says(quiet=tuple(c.symbol for c in world.universe.contracts if c.symbol.startswith("BTC-30D"))))
    world.settle()
    assert world.trusts(MONTH)
    patient = Freshness(top_s=1e4, option_s=30.0, index_s=1e4)  # so that only options can go stale
    refresh_trust(world.market, world.universe, 0, patient, world.ns)
    assert world.btc.trust_until_ns == world.ns + 10 * NS_PER_SECOND
    world.ns += 10 * NS_PER_SECOND + 1
    keep_alive(world, *(c.symbol for c in world.universe.contracts if c.symbol.startswith("BTC-30D")))
    world.settle()
    assert not world.trusts(MONTH)
    assert world.trusts("BTC-7D-100000-C")


@pytest.mark.parametrize(("told_ns", "now_ns", "fresh"), [(0, 0, False), (1, 1, True), (1, 11, True), (1, 12, False)])
def test_never_told_is_never_fresh(told_ns, now_ns, fresh):
    assert is_fresh(told_ns, 10, now_ns) is fresh


def test_age_limits_are_given_in_seconds():
    freshness = Freshness(top_s=0.25, option_s=30.0, index_s=60.0)
    assert (freshness.top_ns, freshness.option_ns, freshness.index_ns) == (250_000_000, 30 * NS_PER_SECOND, 60 * NS_PER_SECOND)


def test_of_a_book_its_first_level_is_the_top(world):
    levels = (100_010.0, 100_009.0), (1.0, 2.0), (100_011.0, 100_012.0), (3.0, 4.0)
    world.tell(Depth(world.row("BTC-INVERSE"), *levels, world.ns))
    slot = world.slot("BTC-INVERSE")
    seen = (world.btc.bid[slot], world.btc.bid_size[slot], world.btc.ask[slot], world.btc.ask_size[slot])
    assert seen == (100_010.0, 1.0, 100_011.0, 3.0)


def test_an_empty_side_of_a_book_is_an_absent_side(world):
    world.tell(Depth(world.row("BTC-INVERSE"), (), (), (100_011.0,), (3.0,), world.ns))
    world.settle()
    assert math.isnan(world.btc.bid[world.slot("BTC-INVERSE")])
    assert not world.trusts("BTC-INVERSE")
