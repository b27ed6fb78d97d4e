"""What trades cost, part by part."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import exact
from flatbook.costs import Levels, TradeCost, cost_of_making, cost_of_taking, fee_of_trade, walk
from flatbook.instruments import trade_fee

KINDS = ["spot", "linear", "inverse", "future", "coin_option", "dollar_option"]
OFFERS = Levels((101.0, 102.0, 104.0), (1.0, 2.0, 5.0))
BIDS = Levels((99.0, 98.0, 96.0), (1.0, 2.0, 5.0))


def taking(contracts, schedule, levels, quantity, kind="linear") -> TradeCost:
    return cost_of_taking(getattr(contracts, kind), schedule, levels, quantity, fair=100.0, unit_price=1.0, index=100.0)


def test_taking_the_best_price_costs_the_half_spread_and_the_fee(contracts, schedule):
    cost = taking(contracts, schedule, OFFERS, 1.0)
    assert cost == TradeCost(half_spread=1.0, fee=0.0005 * 101, impact=0.0)
    assert cost.total == pytest.approx(1.0505)


def test_walking_the_book_costs_impact_and_a_fee_at_each_price(contracts, schedule):
    cost = taking(contracts, schedule, OFFERS, 4.0)
    assert cost.half_spread == 4.0
    assert cost.impact == 2 * 1.0 + 1 * 3.0
    assert cost.fee == pytest.approx(0.0005 * (101 + 2 * 102 + 104))


def test_selling_mirrors_buying(contracts, schedule):
    bought, sold = taking(contracts, schedule, OFFERS, 4.0), taking(contracts, schedule, BIDS, -4.0)
    assert (sold.half_spread, sold.impact) == (bought.half_spread, bought.impact)


def test_beyond_what_the_book_shows_it_thins_out_evenly():
    assert walk(OFFERS, 10.0, 100.0) == [(101.0, 1.0), (102.0, 2.0), (104.0, 5.0), (104.0 + 4.0 * 2 / 16, 2.0)]
    assert walk(BIDS, 16.0, 100.0)[-1] == (96.0 - 4.0 * 8 / 16, 8.0)


def test_an_empty_level_is_stepped_over():
    assert walk(Levels((101.0, 102.0), (0.0, 3.0)), 2.0, 100.0) == [(102.0, 2.0)]


def test_no_trade_costs_nothing(contracts, schedule):
    assert taking(contracts, schedule, OFFERS, 0.0).total == 0.0


def test_an_inverse_trade_costs_coins_turned_into_dollars(contracts, schedule):
    """Buying 10,000 dollars of a perpetual at 50,100 against 50,000: the coins lost are worth almost 20 dollars."""
    offers = Levels((50_100.0,), (1e6,))
    cost = cost_of_taking(contracts.inverse, schedule, offers, 10_000.0, fair=50_000.0, unit_price=50_000.0, index=50_000.0)
    assert cost.half_spread == pytest.approx(10_000 * (1 / 50_000 - 1 / 50_100) * 50_000)
    assert cost.fee == pytest.approx(0.0005 * 10_000 / 50_100 * 50_000)


def test_a_good_quote_earns_its_half_spread_and_a_rebate(contracts, schedule):
    cost = cost_of_making(contracts.linear, schedule, 99.5, 2.0, fair=100.0, unit_price=1.0, index=100.0)
    assert cost == TradeCost(half_spread=-1.0, fee=pytest.approx(-0.0001 * 199), impact=0.0)
    sold = cost_of_making(contracts.linear, schedule, 100.5, -2.0, fair=100.0, unit_price=1.0, index=100.0)
    assert sold.half_spread == -1.0


def test_an_options_fee_is_capped_by_its_premium(contracts, schedule):
    assert fee_of_trade(schedule, contracts.coin_option, 0.05, 2.0, 90_000.0, maker=False) == pytest.approx(0.0006)
    assert fee_of_trade(schedule, contracts.coin_option, 0.001, 2.0, 90_000.0, maker=False) == pytest.approx(0.125 * 0.002)
    assert fee_of_trade(schedule, contracts.dollar_option, 5_000.0, 1.0, 90_000.0, maker=True) == pytest.approx(27.0)


def test_a_side_of_a_book_has_levels_and_a_size_at_each():
    with pytest.raises(AssertionError, match="without a level"):
        Levels((), ())
    with pytest.raises(AssertionError, match="has a size"):
        Levels((1.0,), ())


@pytest.mark.parametrize("kind", KINDS)
@given(
    price=st.decimals("0.0001", 200_000, places=4).filter(bool),
    quantity=st.decimals("0.1", 1_000_000, places=1),
    index=st.decimals(1, 200_000, places=2),
    maker=st.booleans(),
)
def test_the_fee_we_decide_with_is_the_fee_that_is_booked(contracts, schedule, kind, price, quantity, index, maker):
    contract = getattr(contracts, kind)
    booked = trade_fee(schedule, contract, price, quantity, index, maker=maker)
    decided = fee_of_trade(schedule, contract, float(price), float(quantity), float(index), maker=maker)
    assert decided == pytest.approx(float(booked), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("kind", ["linear", "inverse"])
@given(quantity=st.floats(0.01, 7.9), direction=st.sampled_from([1, -1]))
def test_the_cost_of_a_trade_is_what_its_fills_lose_against_fair(contracts, schedule, kind, quantity, direction):
    """One object for deciding, simulating and booking: the pieces a venue would fill, booked exactly, cost the same."""
    contract, levels = getattr(contracts, kind), OFFERS if direction > 0 else BIDS
    cost = taking(contracts, schedule, levels, direction * quantity, kind)
    fees = sum(
        trade_fee(schedule, contract, exact(price), exact(traded), Decimal(100), maker=False)
        for price, traded in walk(levels, quantity, 100.0)
    )
    worth = (lambda price: -1 / price) if contract.inverse else (lambda price: price)
    lost = sum(direction * traded * (worth(price) - worth(100.0)) for price, traded in walk(levels, quantity, 100.0))
    assert cost.fee == pytest.approx(float(fees), abs=1e-11)
    assert cost.half_spread + cost.impact == pytest.approx(lost, abs=1e-12)


@given(first=st.floats(0.01, 40), second=st.floats(0.01, 40))
def test_two_trades_at_once_are_never_cheaper_than_one_by_one_in_a_fresh_book(contracts, schedule, first, second):
    def paid(quantity: float) -> float:
        return taking(contracts, schedule, OFFERS, quantity).total

    assert paid(first + second) >= paid(first) + paid(second) - 1e-9
