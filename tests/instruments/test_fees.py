"""Fees with the venues' printed rates and caps."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.instruments import CALL, FeeSchedule, Rates, delivery_fee, trade_fee


def rates(maker: str, taker: str) -> Rates:
    return Rates(Decimal(maker), Decimal(taker))


# VENUES.md: options 0.03% capped at 12.5%, delivery 0.015%; perpetuals 0 / 0.05%; weekly futures -0.01% / 0.05%.
DERIBIT = FeeSchedule(
    spot=rates("0", "0"), perpetual=rates("0", "0.0005"), future=rates("-0.0001", "0.0005"), option=rates("0.0003", "0.0003")
)
BINANCE_OPTION_CAP = Decimal("0.10")
BYBIT_OPTION_CAP = Decimal("0.07")
INDEX = Decimal(100_000)


@pytest.mark.parametrize(
    ("premium", "size", "fee"),
    [
        ("0.05", "1", "0.0003"),  # three basis points of a coin
        ("0.05", "2.5", "0.00075"),
        ("0.0024", "1", "0.0003"),  # exactly where the cap begins to bind
        ("0.002", "1", "0.00025"),  # an eighth of the premium
        ("0.0001", "10", "0.000125"),
        ("0", "1", "0"),
    ],
)
def test_a_coin_option_costs_three_basis_points_of_its_coins_or_an_eighth_of_its_premium(option, premium, size, fee):
    for maker in (True, False):
        assert trade_fee(DERIBIT, option(), Decimal(premium), Decimal(size), INDEX, maker=maker) == Decimal(fee)


@pytest.mark.parametrize(
    ("premium", "maker", "fee"),
    [("2000", True, "10"), ("2000", False, "50"), ("240", False, "30"), ("240", True, "10"), ("8", True, "1")],
)
def test_a_dollar_option_pays_maker_one_and_taker_five_basis_points_of_the_index(option, premium, maker, fee):
    schedule = FeeSchedule(DERIBIT.spot, DERIBIT.perpetual, DERIBIT.future, rates("0.0001", "0.0005"))
    linear = option(100_000, CALL, inverse=False)
    assert trade_fee(schedule, linear, Decimal(premium), Decimal(1), INDEX, maker=maker) == Decimal(fee)


@pytest.mark.parametrize(("cap", "fee"), [(BINANCE_OPTION_CAP, "10"), (BYBIT_OPTION_CAP, "7")])
def test_other_venues_cap_at_other_parts_of_the_premium(option, cap, fee):
    schedule = FeeSchedule(DERIBIT.spot, DERIBIT.perpetual, DERIBIT.future, rates("0.0003", "0.0003"), cap)
    assert trade_fee(schedule, option(inverse=False), Decimal(100), Decimal(1), INDEX, maker=False) == Decimal(fee)


@pytest.mark.parametrize(("inverse", "size", "fee"), [(True, "100000", "0.0005"), (False, "1", "50")])
def test_taking_a_perpetual_costs_five_basis_points_in_what_it_settles_in(perpetual, inverse, size, fee):
    contract = perpetual(inverse=inverse)
    assert trade_fee(DERIBIT, contract, INDEX, Decimal(size), INDEX, maker=False) == Decimal(fee)
    assert trade_fee(DERIBIT, contract, INDEX, Decimal(size), INDEX, maker=True) == 0


def test_making_a_weekly_future_earns_a_basis_point(future):
    assert trade_fee(DERIBIT, future(), INDEX, INDEX, INDEX, maker=True) == Decimal("-0.0001")


def test_spot_pays_on_its_dollars(spot):
    schedule = FeeSchedule(rates("0.001", "0.002"), DERIBIT.perpetual, DERIBIT.future, DERIBIT.option)
    assert trade_fee(schedule, spot, Decimal(50_000), Decimal(2), INDEX, maker=True) == 100


def test_a_rebate_on_options_is_not_capped(option):
    schedule = FeeSchedule(DERIBIT.spot, DERIBIT.perpetual, DERIBIT.future, rates("-0.0001", "0.0003"))
    assert trade_fee(schedule, option(), Decimal("0.0001"), Decimal(1), INDEX, maker=True) == Decimal("-0.0001")


@pytest.mark.parametrize(("payoff", "fee"), [("0.2", "0.00015"), ("0.0008", "0.0001"), ("0", "0")])
def test_delivery_costs_half_a_trade_under_the_same_cap(option, payoff, fee):
    assert delivery_fee(DERIBIT, option(), Decimal(payoff), Decimal(1), INDEX) == Decimal(fee)


def test_a_future_is_delivered_on_its_notional(future):
    schedule = FeeSchedule(DERIBIT.spot, DERIBIT.perpetual, DERIBIT.future, DERIBIT.option, future_delivery=Decimal("0.00025"))
    assert delivery_fee(schedule, future(), INDEX, Decimal(100_000), INDEX) == Decimal("0.00025")
    assert delivery_fee(schedule, future(inverse=False), INDEX, Decimal(1), INDEX) == 25


@given(st.decimals("0.0001", "0.5", places=4), st.decimals("0.1", "1000", places=1))
def test_an_options_fee_is_never_above_its_rate_nor_above_its_cap(option, premium, size):
    fee = trade_fee(DERIBIT, option(), premium, size, INDEX, maker=False)
    assert 0 < fee <= min(Decimal("0.0003") * size, Decimal("0.125") * premium * size)
