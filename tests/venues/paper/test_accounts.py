"""The venue's own arithmetic of cash, positions and average entries."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import BUY, SELL
from flatbook.events import Deposited, Fill, FundingPaid, Listed
from flatbook.instruments import CALL, Option, Perpetual, Spot
from flatbook.venues.paper import PaperAccounts, folded_accounts

D = Decimal
INVERSE = Perpetual("alpha", "BTC-PERPETUAL", "BTC", "USD", "BTC", D("0.5"), D(10), inverse=True)
LINEAR = Perpetual("beta", "BTC-PERP", "BTC", "USDC", "USDC", D("0.5"), D("0.001"))
SPOT = Spot("spot", "BTC_USDC", "BTC", "USDC", D("0.5"), D("0.001"))
CALL_50K = Option("alpha", "BTC-C", "BTC", "USD", "BTC", D("0.0001"), D("0.1"), 10**18, D(50_000), CALL, inverse=True)


def fill(contract, side, price, quantity, number=1, fee="0"):
    return Fill(f"{contract.venue}-{number}", 1, 0, side, D(price), D(quantity), D(fee), contract.settlement, True, 0)


def after(contract, *trades):
    accounts = PaperAccounts()
    for number, (side, price, quantity) in enumerate(trades, start=1):
        accounts.fill(fill(contract, side, price, quantity, number), contract)
    return accounts


def test_an_inverse_position_enters_at_the_harmonic_average():
    accounts = after(INVERSE, (BUY, 50_000, 10_000), (BUY, 40_000, 20_000))
    assert accounts.positions[0].entry.quantize(D("0.000001")) == D("42857.142857")
    assert accounts.balance("alpha", "BTC") == 0


def test_a_linear_position_enters_at_the_arithmetic_average():
    assert after(LINEAR, (BUY, 100, 1), (BUY, 130, 2)).positions[0].entry == 120


def test_reducing_realises_and_leaves_the_entry_alone():
    accounts = after(LINEAR, (SELL, 100, 3), (BUY, 90, 1))
    assert accounts.balance("beta", "USDC") == 10
    assert accounts.positions[0].entry == 100
    assert accounts.position(0) == -2


def test_going_through_zero_realises_the_old_and_enters_the_new():
    accounts = after(LINEAR, (BUY, 100, 1), (SELL, 110, 3))
    assert accounts.balance("beta", "USDC") == 10
    assert (accounts.position(0), accounts.positions[0].entry) == (-2, 110)


def test_an_inverse_short_earns_coins_as_the_price_falls():
    accounts = after(INVERSE, (SELL, 50_000, 10_000), (BUY, 40_000, 10_000))
    assert accounts.balance("alpha", "BTC") == D("0.05")


def test_an_options_premium_is_cash_at_once():
    accounts = after(CALL_50K, (SELL, "0.05", 2))
    assert accounts.balance("alpha", "BTC") == D("0.1")
    assert accounts.position(0) == -2


def test_spot_moves_both_balances_and_no_position():
    accounts = PaperAccounts()
    accounts.fill(fill(SPOT, BUY, 50_000, 2, fee="100"), SPOT)
    assert accounts.balance("spot", "BTC") == 2
    assert accounts.balance("spot", "USDC") == -100_100
    assert accounts.positions == {}


@pytest.mark.parametrize("contract", [INVERSE, LINEAR, CALL_50K])
def test_accounts_survive_being_written_down(contract):
    accounts = after(contract, (BUY, "0.5", 10), (SELL, "0.25", 20))
    assert msgspec.json.decode(msgspec.json.encode(accounts), type=PaperAccounts) == accounts


def test_the_journals_account_events_rebuild_the_account():
    trades = [fill(INVERSE, BUY, 50_000, 10_000, 1, "0.001"), fill(INVERSE, SELL, 60_000, 4_000, 2, "0.001")]
    direct = PaperAccounts()
    direct.deposit(Deposited("deposit-1", "alpha", "BTC", D(3)))
    for trade in trades:
        direct.next_fill_id("alpha")
        direct.fill(trade, INVERSE)
    paid = FundingPaid("f", 0, D("-0.01"), "BTC", 0)
    direct.funding(paid, INVERSE)
    events = [Deposited("deposit-1", "alpha", "BTC", D(3)), Listed(0, INVERSE), *trades, paid]
    assert folded_accounts(events) == direct
    assert folded_accounts(events).next_fill_id("alpha") == "alpha-3"


prices = st.integers(min_value=80_000, max_value=120_000).map(lambda ticks: D(ticks) / 2)
trades = st.lists(st.tuples(st.sampled_from([BUY, SELL]), prices, st.integers(1, 50)), min_size=1, max_size=20)


@given(trades, st.sampled_from([INVERSE, LINEAR]))
def test_the_fills_sum_to_the_position_and_realised_plus_open_is_what_the_trades_earned(trades, contract):
    accounts = after(contract, *trades)
    held = accounts.positions[0]
    assert held.quantity == sum(side * quantity for side, _, quantity in trades)

    def worth(quantity, entry, leaving):
        return quantity * (1 / entry - 1 / leaving if contract.inverse else leaving - entry)

    mark = D(47_000)
    open_profit = worth(held.quantity, held.entry, mark) if held.quantity else 0
    cash = accounts.balance(contract.venue, contract.settlement)
    assert abs(cash + open_profit - sum(worth(side * quantity, price, mark) for side, price, quantity in trades)) < D("1e-9")
