"""What moves spot, forwards and vols, and when the index takes over from the tape."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_YEAR
from flatbook.events import Gap, Index, Ticker, Top
from flatbook.instruments import CALL, Future, Option, Perpetual, Spot
from flatbook.market import asset_price, choose_lead

NAN = math.nan
MONTH, WEEK = "BTC-30D-100000-C", "BTC-7D-100000-C"


def forward(world, symbol):
    return world.btc.forward.item(world.slot(symbol))


def vol(world, symbol):
    return world.btc.vol.item(world.slot(symbol))


def test_spot_is_the_index_and_the_first_perpetual_leads(world):
    assert world.btc.spot == 100_000.0
    assert world.btc.lead_slot == world.slot("BTC-PERP")


@given(st.floats(20_000, 400_000))
def test_the_tape_moves_spot_and_every_forward_in_ratio(make_world, price):
    world = make_world()
    before = [forward(world, symbol) for symbol in (MONTH, WEEK, "BTC/USDC")]
    world.tell(world.top("BTC-PERP", price - 0.5, price + 0.5))
    world.settle()
    after = [forward(world, symbol) for symbol in (MONTH, WEEK, "BTC/USDC")]
    assert after == pytest.approx([number * price / 100_000 for number in before], rel=1e-12)
    assert world.btc.spot == pytest.approx(price, rel=1e-12)


def test_a_basis_between_tape_and_index_is_kept_until_the_index_speaks_again(world):
    world.tell(Index("BTC", 99_900.0, world.ns))
    world.settle()
    assert world.btc.spot == pytest.approx(99_900.0)
    world.tell(world.top("BTC-PERP", 100_999.5, 101_000.5))
    world.settle()
    assert world.btc.spot == pytest.approx(99_900.0 * 1.01)


def test_a_stated_forward_is_believed_to_the_cent_and_only_for_its_expiry(world):
    bid, ask = world.btc.bid[world.slot(MONTH)], world.btc.ask[world.slot(MONTH)]
    week = forward(world, WEEK)
    world.tell(Ticker(world.row(MONTH), bid, ask, 1.0, 1.0, 0.06, 0.5, 101_234.5, world.ns))
    world.settle()
    assert forward(world, MONTH) == pytest.approx(101_234.5, rel=1e-14)
    assert forward(world, "BTC-30D-80000-P") == pytest.approx(101_234.5, rel=1e-14)
    assert forward(world, WEEK) == week


def test_futures_and_perpetuals_stand_at_their_own_mid_and_spot_at_the_index(world):
    world.tell(world.top("BTC-INVERSE", 100_020.0, 100_030.0), world.top("BTC-90D", 101_500.0, 101_510.0))
    world.tell(world.top("BTC/USDC", 99_000.0, 99_001.0))
    world.settle()
    assert forward(world, "BTC-INVERSE") == 100_025.0
    assert forward(world, "BTC-90D") == 101_505.0
    assert forward(world, "BTC/USDC") == 100_000.0


def test_a_stale_lead_hands_over_to_the_index(world):
    world.settle(after_s=4.0)
    world.tell(Index("BTC", 90_000.0, world.ns))
    world.settle(after_s=2.0)  # the lead's last word is six seconds old, its limit is five
    assert world.btc.reference == world.btc.spot == 90_000.0
    assert world.trusts(MONTH)
    assert not world.trusts("BTC-PERP")


def test_a_crossed_lead_hands_over_to_the_index_that_speaks_next(world):
    world.tell(world.top("BTC-PERP", 110_001.0, 110_000.0))
    world.settle()
    assert world.btc.reference == 100_000.0
    assert not world.btc.trusted.any()  # nobody has said anything since the lead lost its sense
    world.ns += 1
    world.tell(Index("BTC", 99_000.0, world.ns))
    world.settle()
    assert world.btc.reference == world.btc.spot == 99_000.0
    assert world.trusts(MONTH)


def test_an_index_older_than_the_leads_last_word_is_no_news(world):
    world.ns += 1
    world.tell(world.top("BTC-PERP", 104_999.5, 105_000.5))
    world.settle()
    world.settle(after_s=6.0)
    assert world.btc.reference == 105_000.0
    assert not world.btc.trusted.any()


def test_the_lead_takes_over_again_when_it_speaks(world):
    world.settle(after_s=6.0)
    world.tell(Index("BTC", 90_000.0, world.ns))
    world.settle()
    world.tell(world.top("BTC-PERP", 91_999.5, 92_000.5))
    world.settle()
    assert world.btc.reference == 92_000.0


def test_another_row_may_lead(world):
    choose_lead(world.market, world.universe, world.row("BTC-INVERSE"))
    world.tell(world.top("BTC-INVERSE", 101_999.5, 102_000.5))
    world.settle()
    assert world.btc.reference == 102_000.0


def test_every_strike_is_marked_with_the_vol_it_was_given(world):
    # Both sides of a strike are told the same vol here, so each is a node of its smile and must come back exactly.
    for event in world.says():
        if isinstance(event, Ticker):
            assert world.btc.vol.item(world.universe.slot_of[event.row]) == pytest.approx(event.mark_vol, rel=1e-14)


def test_the_side_out_of_the_money_gives_a_strike_its_vol(world):
    call, put = world.row("BTC-30D-120000-C"), world.row("BTC-30D-120000-P")
    world.tell(*(Ticker(row, NAN, 0.3, 0.0, 1.0, NAN, told, NAN, world.ns) for row, told in ((call, 0.61), (put, 0.99))))
    world.settle()
    assert vol(world, "BTC-30D-120000-C") == vol(world, "BTC-30D-120000-P") == pytest.approx(0.61, rel=1e-14)


def test_a_strike_that_was_told_no_vol_lies_between_its_neighbours_in_total_variance(make_world):
    world = make_world(quiet=("BTC-30D-100000-C", "BTC-30D-100000-P"))
    below, above = vol(world, "BTC-30D-95000-C"), vol(world, "BTC-30D-105000-C")
    share = math.log(100_000 / 95_000) / math.log(105_000 / 95_000)
    assert vol(world, MONTH) == pytest.approx(math.sqrt((1 - share) * below**2 + share * above**2), rel=1e-12)


def test_beyond_the_last_strike_told_the_smile_is_flat(make_world):
    world = make_world(quiet=("BTC-30D-120000-C", "BTC-30D-120000-P"))
    assert vol(world, "BTC-30D-120000-C") == pytest.approx(vol(world, "BTC-30D-110000-C"), rel=1e-12)


@given(st.floats(50_000, 200_000))
def test_between_two_statements_vol_sticks_to_the_strike(make_world, price):
    world = make_world()
    before = world.btc.vol[: world.block.size].copy()
    world.tell(world.top("BTC-PERP", price - 0.5, price + 0.5))
    world.settle()
    assert np.array_equal(world.btc.vol[: world.block.size], before)


def test_one_new_vol_moves_its_own_strike_and_no_other_that_was_told(world):
    before = {strike: vol(world, f"BTC-30D-{strike}-C") for strike in (80_000, 95_000, 105_000)}
    world.tell(Ticker(world.row(MONTH), 0.05, 0.07, 1.0, 1.0, 0.06, 0.75, NAN, world.ns))
    world.tell(Ticker(world.row("BTC-30D-100000-P"), 0.05, 0.07, 1.0, 1.0, 0.06, 0.75, NAN, world.ns))
    world.settle()
    assert vol(world, MONTH) == pytest.approx(0.75)
    assert {strike: vol(world, f"BTC-30D-{strike}-C") for strike in before} == pytest.approx(before, rel=1e-12)


def option(strike: int, settlement: str = "USDC") -> Option:
    return Option("beta", f"{strike}", "BTC", settlement, settlement, Decimal(5), Decimal(1), 10**18 * 2, Decimal(strike), CALL)


def perpetual(settlement: str) -> Perpetual:
    return Perpetual("beta", f"P-{settlement}", "BTC", settlement, settlement, Decimal("0.5"), Decimal(1))


def test_a_vol_told_before_its_forward_waits_for_it(make_world):
    world = make_world(option(100_000), quiet=("100000",))
    world.tell(Ticker(0, 100.0, 200.0, 1.0, 1.0, 150.0, 0.5, NAN, world.ns))
    world.settle()
    assert not world.trusts("100000")
    world.tell(Ticker(0, 100.0, 200.0, 1.0, 1.0, 150.0, NAN, 101_000.0, world.ns))
    world.settle()
    assert world.trusts("100000")
    assert world.btc.vol[0] == pytest.approx(0.5)


def test_coin_settled_rows_are_counted_at_spot_and_the_rest_at_their_peg(world):
    world.tell(Index("USDC", 0.97, world.ns))
    world.settle()
    unit = {symbol: world.btc.unit_price[world.slot(symbol)] for symbol in ("BTC-INVERSE", MONTH, "BTC-PERP", WEEK)}
    assert unit == pytest.approx({"BTC-INVERSE": 100_000.0, MONTH: 100_000.0, "BTC-PERP": 0.97, WEEK: 0.97})


@pytest.mark.parametrize("assets", [("USDC", "USDT"), ("USDT", "USDC"), ("USDC", "USDT", "USDE")])
def test_each_stablecoin_has_its_own_peg_even_where_nothing_settles_in_the_coin(make_world, assets):
    world = make_world(*(perpetual(asset) for asset in assets))
    world.tell(Index("USDT", 0.95, world.ns))
    world.settle()
    pegs = {asset: world.btc.unit_price[world.slot(f"P-{asset}")] for asset in assets}
    assert pegs == {asset: 0.95 if asset == "USDT" else 1.0 for asset in assets}


def test_an_asset_has_a_price_when_it_is_a_priced_coin_or_a_stablecoin(world):
    assert asset_price(world.market, world.universe, "BTC") == 100_000.0
    assert asset_price(world.market, world.universe, "USDE") == 1.0
    world.announce(Spot("spot", "ETH/USDC", "ETH", "USDC", Decimal("0.01"), Decimal("0.01")))
    assert asset_price(world.market, world.universe, "ETH") == 0.0


def test_an_expiry_without_options_has_its_futures_mid_for_a_forward(make_world):
    expiry_ns = 2 * 10**18
    future = Future("beta", "F", "BTC", "USDC", "USDC", Decimal("0.5"), Decimal(1), expiry_ns)
    world = make_world(perpetual("USDC"), future)
    world.tell(world.top("F", 102_000.0, 102_001.0))
    world.settle()
    assert world.btc.tenor_ratio[1] == pytest.approx(1.020005)


def test_before_anybody_spoke_a_row_carries_neutral_numbers_and_no_trust(world):
    silent = type(world)()
    silent.announce(perpetual("USDC"), option(100_000))
    silent.settle()
    assert silent.btc.spot == 0.0
    assert not silent.btc.trusted.any()
    assert silent.btc.vol[0] > 0.0


WILD = st.one_of(st.floats(1e-3, 1e6), st.sampled_from([0.0, -0.0, -1.0, NAN, math.inf, -math.inf]))


@given(st.lists(st.tuples(st.sampled_from(["top", "ticker", "index", "peg"]), *[WILD] * 4), max_size=8))
def test_whatever_the_world_says_no_number_that_leaves_the_market_is_not_a_number(make_world, told):
    world = make_world()
    for kind, first, second, third, fourth in told:
        events = {
            "top": Top(world.row("BTC-PERP"), first, second, 1.0, 1.0, world.ns),
            "ticker": Ticker(world.row(MONTH), first, second, 1.0, 1.0, third, fourth, third, world.ns),
            "index": Index("BTC", first, world.ns),
            "peg": Index("USDC", second, world.ns),
        }
        world.tell(events[kind])
        world.settle(after_s=1.0)
    size = world.block.size
    for column in (world.btc.forward, world.btc.vol, world.btc.unit_price):
        assert np.isfinite(column[:size]).all()
        assert (column[:size] > 0.0).all()
    assert 0.0 < world.btc.spot < math.inf


def test_years_are_act_365_of_what_is_left(world):
    slot = world.slot(MONTH)
    assert world.marks.years[slot] == (world.block.expiries[world.block.tenor[slot]] - world.ns) / NS_PER_YEAR == 30 / 365


def test_a_gap_in_the_leads_feed_does_not_bring_an_older_index_back(world):
    world.settle(after_s=1.0)
    world.tell(world.top("BTC-PERP", 102_999.5, 103_000.5))
    world.settle()
    world.tell(Gap("beta"))
    world.settle()
    assert world.btc.spot == pytest.approx(103_000.0)
    assert not world.btc.trusted.any(), "nobody has said since what the coin is worth"
    world.tell(Index("BTC", 103_010.0, world.ns))
    world.settle()
    assert world.btc.spot == pytest.approx(103_010.0)
