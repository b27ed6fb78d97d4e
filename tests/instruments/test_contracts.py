"""Names, ticks and lots."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import BUY, SELL
from flatbook.instruments import contract_key, expiry_of, price_on_tick, quantity_on_lot
from flatbook.instruments.contracts import tick_at


def test_a_contract_is_known_by_venue_and_symbol(option, perpetual, spot):
    assert contract_key(perpetual()) == "deribit:BTC-PERPETUAL"
    assert (spot.settlement, spot.inverse) == ("USDC", False)


def test_only_what_expires_has_an_expiry(option, future, perpetual, spot):
    assert expiry_of(perpetual()) == expiry_of(spot) == 0
    assert expiry_of(option()) == expiry_of(future()) > 0


@pytest.mark.parametrize(("price", "tick"), [("0.0001", "0.0001"), ("0.005", "0.0001"), ("0.0051", "0.0005"), ("0.2", "0.0005")])
def test_deribits_option_tick_widens_above_five_thousandths(option, price, tick):
    assert tick_at(option(), Decimal(price)) == Decimal(tick)


@pytest.mark.parametrize(
    ("price", "bid", "offer", "nearest"),
    [
        (0.00333, "0.0033", "0.0034", "0.0033"),
        (0.0050, "0.0050", "0.0050", "0.0050"),
        (0.00512, "0.0050", "0.0055", "0.0050"),
        (0.0434, "0.0430", "0.0435", "0.0435"),
        (0.00004, "0", "0.0001", "0"),
    ],
)
def test_our_prices_round_away_from_the_market(option, price, bid, offer, nearest):
    rounded = [price_on_tick(option(), price, side) for side in (BUY, SELL, None)]
    assert rounded == [Decimal(bid), Decimal(offer), Decimal(nearest)]


@given(st.floats(0.5, 1e6))
def test_a_rounded_price_is_on_the_grid_less_than_a_tick_away(perpetual, price):
    contract = perpetual()
    bid, offer = price_on_tick(contract, price, BUY), price_on_tick(contract, price, SELL)
    assert bid % contract.tick == offer % contract.tick == 0
    assert bid <= Decimal(repr(price)) <= offer
    assert offer - bid <= contract.tick


@pytest.mark.parametrize(("asked", "sent"), [(0.3, "0.3"), (0.1 + 0.2, "0.3"), (0.29, "0.2"), (0.7 - 0.4, "0.3"), (0.05, "0")])
def test_a_quantity_is_whole_lots_and_a_float_a_hair_short_of_one_is_that_lot(option, asked, sent):
    assert quantity_on_lot(option(), asked) == Decimal(sent)


@given(st.integers(0, 10**7))
def test_whole_lots_stay_whole_however_the_float_came_about(option, lots):
    assert quantity_on_lot(option(), lots * 0.1) == Decimal(lots) / 10


@given(st.floats(0, 1e7))
def test_no_more_is_sent_than_was_asked_for(perpetual, quantity):
    sent = quantity_on_lot(perpetual(), quantity)
    assert sent % 10 == 0
    assert quantity - 10 - 1e-6 <= float(sent) <= quantity + 1e-6
