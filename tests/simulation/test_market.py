"""The simulated market looks like one, and is the same each time."""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, NS_PER_MS, NS_PER_SECOND, InputFault, format_utc, parse_utc
from flatbook.events import Depth, FundingRate, Index, Listed, Ticker, Top, Trade
from flatbook.instruments import Future, Option, Perpetual, Spot, contract_key, expiry_of, price_on_tick
from flatbook.simulation import MarketParameters, SimulatedMarket, simulated_venues
from flatbook.simulation.listing import future_expiries, option_expiries, strikes_around

SECOND = NS_PER_SECOND


def listed(events):
    return {event.row: event.contract for event in events if isinstance(event, Listed)}


def test_rows_come_in_order_without_a_hole(tape):
    rows = [event.row for event in tape[1] if isinstance(event, Listed)]
    assert rows == list(range(len(rows)))


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_each_coin_has_every_kind_of_contract(tape, coin):
    contracts = [contract for contract in listed(tape[1]).values() if contract.underlying == coin]
    kinds = Counter(
        (contract.venue, type(contract), contract.inverse) for contract in contracts if not isinstance(contract, Option)
    )
    assert kinds == {
        ("spot", Spot, False): 1,
        ("alpha", Perpetual, True): 1,
        ("beta", Perpetual, False): 1,
        ("alpha", Future, True): 2,
        ("beta", Future, False): 2,
    }
    assert {contract.venue for contract in contracts} <= {venue.name for venue in simulated_venues()}


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_each_coin_has_eight_expiries_of_twenty_five_strikes(tape, coin):
    strikes = defaultdict(set)
    for contract in listed(tape[1]).values():
        if isinstance(contract, Option) and contract.underlying == coin:
            strikes[contract.expiry_ns, contract.sign].add(contract.strike)
    assert len(strikes) >= 2 * 8
    assert all(len(found) >= 25 for found in strikes.values())


def test_events_come_in_order_of_time_at_a_lively_rate(tape):
    instants, events = tape
    assert all(earlier <= later for earlier, later in pairwise(instants))
    assert 300 <= len(events) / 240 <= 600
    assert all(not hasattr(event, "exchange_ns") or event.exchange_ns == ns for ns, event in zip(*tape, strict=True))


def test_nothing_is_said_about_a_row_before_it_is_listed(tape):
    known = set()
    for event in tape[1]:
        if isinstance(event, Listed):
            known.add(event.row)
        elif hasattr(event, "row"):
            assert event.row in known


def test_no_book_is_crossed_and_all_prices_are_on_tick(tape):
    contracts = listed(tape[1])
    for event in tape[1]:
        if isinstance(event, Top | Ticker):
            assert isnan(event.bid) or 0 < event.bid < event.ask
            assert isnan(event.bid) == (event.bid_size == 0)
            for price in (event.bid, event.ask):
                assert isnan(price) or float(price_on_tick(contracts[event.row], price)) == price
        elif isinstance(event, Depth):
            assert list(event.bids) == sorted(set(event.bids), reverse=True)
            assert list(event.asks) == sorted(set(event.asks))
            assert event.bids[0] < event.asks[0]
            assert 5 <= len(event.bids) == len(event.bid_sizes) <= 10


def test_every_size_is_a_whole_number_of_lots(tape):
    contracts = listed(tape[1])
    for event in tape[1]:
        if isinstance(event, Trade):
            assert Decimal(str(event.quantity)) % contracts[event.row].lot == 0


def test_the_market_quotes_around_what_an_option_is_worth(start_ns):
    market = SimulatedMarket(7, start_ns)
    for ns, event in zip(*market.take(start_ns + 10 * SECOND), strict=True):
        if isinstance(event, Ticker):
            worth = market.fair(event.row, ns)
            assert event.ask >= worth.fair
            assert isnan(event.bid) or event.bid <= worth.fair
            assert abs(event.mark - worth.fair) <= 1e-6


def test_surfaces_have_positive_variance_and_calls_fall_with_the_strike(start_ns):
    market = SimulatedMarket(3, start_ns)
    _, events = market.take(start_ns + 5 * SECOND)
    contracts = listed(events)
    assert all(event.mark_vol > 0.05 for event in events if isinstance(event, Ticker))
    curves = defaultdict(list)
    for row, contract in contracts.items():
        worth = market.fair(row, start_ns + SECOND)
        if isinstance(contract, Option):
            curves[contract.underlying, contract.expiry_ns, contract.sign].append((contract.strike, contract.sign * worth.fair))
    for curve in curves.values():
        values = [value for _, value in sorted(curve)]
        assert all(higher <= lower + 1e-12 for lower, higher in pairwise(values))


def test_spot_is_lively_and_the_coins_move_together(start_ns):
    market = SimulatedMarket(11, start_ns)
    path = [market._path.at(start_ns + number * SECOND).coins for number in range(3600)]
    moves = {coin: [b[coin].spot / a[coin].spot - 1 for a, b in pairwise(path)] for coin in ("BTC", "ETH")}
    cross = sum(x * y for x, y in zip(moves["BTC"], moves["ETH"], strict=True))
    squares = {coin: sum(x * x for x in found) for coin, found in moves.items()}
    assert 0.6 < cross / (squares["BTC"] * squares["ETH"]) ** 0.5 < 0.9
    annual_vol = (squares["BTC"] * 8760) ** 0.5
    assert 0.15 < annual_vol < 1.5


def test_funding_and_indices_are_published(tape):
    assert {event.asset for event in tape[1] if isinstance(event, Index)} == {"BTC", "ETH", "USDC"}
    assert all(abs(event.price - 1) < 0.01 for event in tape[1] if isinstance(event, Index) and event.asset == "USDC")
    rates = Counter(event.row for event in tape[1] if isinstance(event, FundingRate))
    assert len(rates) == 4
    assert all(count >= 4 for count in rates.values())


def test_what_expires_falls_silent_and_a_new_day_is_listed(tape, start_ns):
    expiry_ns = parse_utc("2026-01-07T08:00:00Z")
    contracts = listed(tape[1])
    late = [event.contract for ns, event in zip(*tape, strict=True) if ns >= expiry_ns and isinstance(event, Listed)]
    assert {format_utc(contract.expiry_ns)[:10] for contract in late} == {"2026-01-10"}
    assert len(late) == 2 * 2 * 25
    for ns, event in zip(*tape, strict=True):
        if isinstance(event, Ticker | Top):
            assert not 0 < expiry_of(contracts[event.row]) <= ns


@settings(max_examples=10)
@given(st.lists(st.integers(1, 5000).map(lambda ms: ms * NS_PER_MS), max_size=8), st.integers(0, 5))
def test_the_same_seed_gives_the_same_events_however_they_are_taken(cuts, seed):
    start_ns, end_ns = NS_PER_DAY, NS_PER_DAY + 5 * SECOND
    whole = SimulatedMarket(seed, start_ns).take(end_ns)
    market, instants, events = SimulatedMarket(seed, start_ns), [], []
    for cut in sorted({*cuts, 5 * SECOND}):
        market.next_ns()
        market.fair(0, start_ns + cut)
        taken = market.take(start_ns + cut)
        instants += taken[0]
        events += taken[1]
    assert instants == whole[0]
    assert [repr(event) for event in events] == [repr(event) for event in whole[1]]


def test_two_seeds_are_two_markets(start_ns):
    one, two = (SimulatedMarket(seed, start_ns).take(start_ns + SECOND)[1] for seed in (1, 2))
    assert repr(one) != repr(two)


def test_a_market_that_comes_back_keeps_its_rows(tape, start_ns):
    before = list(listed(tape[1]).values())
    later_ns = start_ns + NS_PER_DAY + NS_PER_HOUR
    market = SimulatedMarket(8, later_ns, known=before, spots={"BTC": 80_000.0, "ETH": 3_000.0})
    _, events = market.take(later_ns + SECOND)
    after = listed(events)
    assert all(before[row] == contract for row, contract in after.items() if row < len(before))
    assert sorted(row for row in after if row >= len(before)) == list(range(len(before), max(after) + 1))
    assert all(not 0 < expiry_of(contract) <= later_ns for contract in after.values())
    assert next(event.price for event in events if isinstance(event, Index) and event.asset == "BTC") == 80_000.0
    keys = [contract_key(contract) for contract in after.values()]
    assert len(keys) == len(set(keys))


def test_a_row_with_other_terms_is_a_users_fault(tape, start_ns):
    before = [type(contract)(**{**_fields(contract), "lot": Decimal(3)}) for contract in listed(tape[1]).values()]
    with pytest.raises(InputFault, match="was listed with other terms before"):
        SimulatedMarket(8, start_ns, known=before).next_ns()


def _fields(contract):
    return {name: getattr(contract, name) for name in contract.__struct_fields__}


def test_there_are_always_eight_expiries_and_two_futures():
    for day in range(0, 800, 3):
        ns = day * NS_PER_DAY + 5 * NS_PER_HOUR
        assert len(option_expiries(ns)) >= 8
        assert len(future_expiries(ns)) == 2
        assert all(expiry_ns > ns and expiry_ns % NS_PER_DAY == 8 * NS_PER_HOUR for expiry_ns in option_expiries(ns))


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1.5))
def test_strikes_are_positive_rise_evenly_and_surround_the_spot(spot, years_deviation):
    strikes = strikes_around(spot, spot * years_deviation, 25)
    assert len(strikes) == 25
    assert len({higher - lower for lower, higher in pairwise(strikes)}) == 1
    assert 0 < strikes[0] < Decimal(spot) < strikes[-1]


def test_the_market_can_be_made_small(start_ns):
    parameters = MarketParameters(coins=MarketParameters().coins[:1], strikes=5)
    _, events = SimulatedMarket(1, start_ns, parameters=parameters).take(start_ns + NS_PER_MINUTE)
    assert {contract.underlying for contract in listed(events).values()} == {"BTC"}
