"""What holds of every quote, whatever the book, the policy and the market."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.events import Ticker, Top
from flatbook.instruments import Option
from flatbook.quoting import BOTH_SIDES, ONLY_REDUCING, explain
from flatbook.quoting.record import LEAN

OPTIONS = [f"BTC-{days}D-{strike}-{letter}" for days in (7, 30) for strike in (80_000, 100_000, 120_000) for letter in "CP"]
LINES = ["BTC-PERP", "BTC-INVERSE", "BTC-90D", "BTC/USDC"]
BOOKS = st.dictionaries(
    st.sampled_from(["BTC-PERP", *OPTIONS]),
    st.integers(-300_000, 300_000).map(lambda thousandths: thousandths / 1000),
    max_size=4,
)
POLICIES = st.fixed_dictionaries(
    {
        "edge_vol_points": st.floats(0.0, 5.0),
        "edge_bps": st.floats(0.0, 50.0),
        "stale_vol_points": st.floats(0.0, 5.0),
        "stale_bps": st.floats(0.0, 20.0),
        "size_coins": st.fixed_dictionaries({"BTC": st.floats(0.001, 20.0)}),
        "hedge_share": st.floats(0.0, 1.0),
    }
)
MODELS = st.fixed_dictionaries({"risk_aversion": st.floats(1e-9, 1e-4), "horizon_s": st.floats(1.0, 86_400.0)})
# A market of one row: how far its mid is from our fair, as a part of it, and how wide it is; either side may be absent.
MARKETS = st.tuples(
    st.sampled_from(OPTIONS + LINES), st.floats(-0.9, 2.0), st.floats(0.0, 0.5), st.sampled_from(["both", "bid", "ask"])
)


def quoted(make_world, quoting_policy, factor_model, book, policy, figures, market, age_s, rebate, sides=BOTH_SIDES):
    """A world whose book is `book` and whose one row has the market told, quoted `age_s` seconds later."""
    world = make_world()
    symbol, off, width, shown = market
    row, slot = world.row(symbol), world.slot(symbol)
    option = isinstance(world.universe.contracts[row], Option)
    mid = (world.marks.greeks.item(0, slot) if option else world.btc.forward.item(slot)) * (1.0 + (off if option else 0.01 * off))
    bid, ask = mid * (1.0 - (width if option else 0.01 * width)), mid * (1.0 + (width if option else 0.01 * width))
    if option:
        bid, ask = (math.nan if shown == "ask" else bid), (math.nan if shown == "bid" else ask)
        world.tell(Ticker(row, bid, ask, 1.0, 1.0, mid, math.nan, math.nan, world.ns))
    else:
        world.tell(Top(row, bid, ask, 1.0, 1.0, world.ns))
    world.settle(after_s=age_s)
    world.held = book
    world.quote(quoting_policy(**policy), factor_model(**figures), hedge_rate=0.0005)
    world.quoted.maker_rate[:] -= rebate
    world.quote(quoting_policy(**policy), factor_model(**figures), hedge_rate=0.0005, sides=sides)
    return world


GIVEN = given(BOOKS, POLICIES, MODELS, MARKETS, st.floats(0.0, 4.0), st.sampled_from([0.0, 0.0005, 0.002]))


@GIVEN
def test_a_bid_is_below_the_offer_by_a_tick_at_least(
    make_world, quoting_policy, factor_model, book, policy, figures, market, age_s, rebate
):
    world = quoted(make_world, quoting_policy, factor_model, book, policy, figures, market, age_s, rebate)
    for contract in world.universe.contracts:
        bid, ask = world.bid(contract.symbol), world.ask(contract.symbol)
        if math.isfinite(bid):
            assert ask - bid > 0.99 * float(contract.tick), contract.symbol


@GIVEN
def test_a_quote_never_crosses_or_locks_the_markets_top(
    make_world, quoting_policy, factor_model, book, policy, figures, market, age_s, rebate
):
    world = quoted(make_world, quoting_policy, factor_model, book, policy, figures, market, age_s, rebate)
    for slot, contract in enumerate(world.universe.contracts):
        hair = 1e-6 * float(contract.tick)
        if math.isfinite(world.bid(contract.symbol)) and world.btc.ask[slot] > 0.0:
            assert world.bid(contract.symbol) <= world.btc.ask[slot] - float(contract.tick) + hair, contract.symbol
        if math.isfinite(world.ask(contract.symbol)) and world.btc.bid[slot] > 0.0:
            assert world.ask(contract.symbol) >= world.btc.bid[slot] + float(contract.tick) - hair, contract.symbol


@GIVEN
def test_the_parts_of_a_quote_sum_to_its_price(
    make_world, quoting_policy, factor_model, book, policy, figures, market, age_s, rebate
):
    world = quoted(make_world, quoting_policy, factor_model, book, policy, figures, market, age_s, rebate)
    for slot, contract in enumerate(world.universe.contracts):
        for side, price in ((1, world.bid(contract.symbol)), (-1, world.ask(contract.symbol))):
            if math.isfinite(price):
                why = explain(world.quoted, slot, side, price)
                assert sum(why.values()) == pytest.approx(price, rel=1e-12, abs=1e-12 * abs(why["fair"]))
                assert all(math.isfinite(number) for number in why.values())


@given(BOOKS, POLICIES, MODELS, st.sampled_from(OPTIONS + LINES[:3]), st.floats(0.0, 300.0))
def test_more_of_a_row_never_raises_its_bid_or_its_offer(
    make_world, quoting_policy, factor_model, book, policy, figures, symbol, more
):
    world = make_world()
    prices = []
    for held in (book.get(symbol, 0.0), book.get(symbol, 0.0) + more):
        world.held = book | {symbol: held}
        # What is bought in coin is paid for in coin, or the premium's own coins would be counted as inventory won.
        world.coins = -held * float(world.marks.greeks[0, world.slot(symbol)] * world.block.inverse[world.slot(symbol)])
        world.quote(quoting_policy(**policy), factor_model(**figures))
        prices.append((world.bid(symbol), world.ask(symbol)))
    (bid, ask), (bid_after, ask_after) = prices
    tiny = 1e-9 * abs(ask)
    assert math.isnan(bid_after) or bid_after <= bid + tiny
    assert ask_after <= ask + tiny


@given(BOOKS, POLICIES, MODELS, MARKETS)
def test_a_desk_that_may_only_reduce_quotes_no_side_that_adds_to_the_cost_of_the_book(
    make_world, quoting_policy, factor_model, book, policy, figures, market
):
    world = quoted(make_world, quoting_policy, factor_model, book, policy, figures, market, 0.0, 0.0, ONLY_REDUCING)
    for slot, contract in enumerate(world.universe.contracts):
        lean = world.quoted.parts[LEAN, slot]
        if math.isfinite(world.bid(contract.symbol)):
            assert lean > 0.0
        if math.isfinite(world.ask(contract.symbol)):
            assert lean < 0.0


@given(BOOKS, POLICIES, MODELS, st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_older_words_never_tighten_a_quote(make_world, quoting_policy, factor_model, book, policy, figures, age_s, more_s):
    world = make_world()
    world.held = book
    halves = []
    for seconds in (age_s, more_s):
        world.ns += round(seconds * 1e9)
        world.quote(quoting_policy(**policy), factor_model(**figures))
        halves.append(world.quoted.parts[2:, : world.block.size].sum(axis=0))
    assert (halves[1] >= halves[0] - 1e-12 * abs(halves[0])).all()
