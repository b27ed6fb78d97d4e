"""What contracts pay, against the reference numbers and against what pay-offs must obey."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.instruments import CALL, PUT, intrinsic_value, open_notional, price_at, settlement_value, value_at
from flatbook.instruments.payoffs import delivery_value

PRICES = st.decimals(1, 1_000_000, places=2)
SIZES = st.decimals(-1_000_000, 1_000_000, places=3)
TINY = Decimal("1e-11")  # two roundings to twelve places, a coin each


@pytest.mark.parametrize(("sign", "delivered", "pays"), [(CALL, 12_500, "0.2"), (PUT, 5_000, "1"), (CALL, 9_000, "0")])
def test_the_coin_payoffs_of_deribits_own_examples(option, sign, delivered, pays):
    assert intrinsic_value(option(10_000, sign), Decimal(delivered)) == Decimal(pays)


def test_the_call_of_the_example_bought_at_five_hundredths_earns_fifteen(option):
    call = option(10_000, CALL)
    paid = open_notional(call, Decimal("0.05"), Decimal(1))
    assert settlement_value(call, intrinsic_value(call, Decimal(12_500)), Decimal(1)) + paid == Decimal("0.15")


@given(PRICES, st.integers(1, 500_000))
def test_call_less_put_is_forward_less_strike_in_either_currency(option, delivered, strike):
    for inverse in (True, False):
        call, put = (intrinsic_value(option(strike, sign, inverse=inverse), delivered) for sign in (CALL, PUT))
        worth = (delivered - strike) / delivered if inverse else delivered - strike
        assert abs((call - put) - worth) <= TINY
        assert min(call, put) == 0


@given(PRICES)
def test_a_coin_call_never_pays_more_than_its_coin(option, delivered):
    assert 0 <= intrinsic_value(option(10_000, CALL), delivered) < 1


@given(PRICES, PRICES, SIZES)
def test_a_linear_position_gains_quantity_times_the_move(perpetual, entry, mark, size):
    linear = perpetual(inverse=False)
    gained = settlement_value(linear, mark, size) + open_notional(linear, entry, size)
    assert abs(gained - size * (mark - entry)) <= TINY


@given(PRICES, PRICES, SIZES)
def test_an_inverse_position_gains_dollars_times_the_difference_of_reciprocals(perpetual, future, entry, mark, size):
    for contract in (perpetual(), future()):
        gained = settlement_value(contract, mark, size) + open_notional(contract, entry, size)
        assert abs(gained - size * (1 / entry - 1 / mark)) <= TINY


def test_an_inverse_entry_averages_harmonically(perpetual):
    # 10,000 dollars at 50,000 and 20,000 at 40,000 break even at 42,857.142857, as the reference says.
    inverse = perpetual()
    owed = open_notional(inverse, Decimal(50_000), Decimal(10_000)) + open_notional(inverse, Decimal(40_000), Decimal(20_000))
    assert Decimal(30_000) / owed == pytest.approx(Decimal("42857.142857"), abs=Decimal("1e-6"))


def test_a_long_inverse_position_gains_coins_as_the_dollar_price_rises(perpetual):
    inverse, size = perpetual(), Decimal(10_000)
    gains = [settlement_value(inverse, Decimal(p), size) + open_notional(inverse, Decimal(100), size) for p in (90, 100, 110)]
    assert gains[0] < gains[1] == 0 < gains[2]


@given(st.floats(0.01, 1e6))
def test_a_price_can_be_read_back_from_a_value(perpetual, option, future, price):
    for contract in (perpetual(), perpetual(inverse=False), option(), future()):
        assert price_at(contract, value_at(contract, price)) == pytest.approx(price, rel=1e-14)


@given(PRICES)
def test_the_measured_value_is_the_booked_one(perpetual, option, price):
    for contract in (perpetual(), perpetual(inverse=False), option()):
        assert value_at(contract, float(price)) == pytest.approx(float(settlement_value(contract, price, Decimal(1))), abs=1e-11)


def test_delivery_closes_an_option_at_its_payoff_and_a_future_at_the_average(option, future):
    average = Decimal(12_500)
    assert delivery_value(option(10_000, CALL), average) == Decimal("0.2")
    assert delivery_value(future(), average) == average


def test_a_perpetual_is_never_delivered(perpetual):
    with pytest.raises(AssertionError, match="never delivered"):
        delivery_value(perpetual(), Decimal(12_500))
