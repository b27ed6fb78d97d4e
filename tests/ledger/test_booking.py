"""Trades, funding, deliveries and deposits, and the cash they leave behind."""

from decimal import Decimal

import pytest

from flatbook.basics import ZERO

# Each line: what is traded at what price, then the position, the open notional and the cash after it.
FUTURES = {
    "linear": """
        +2  at 100 | +2 | -200 | 0
        +2  at 110 | +4 | -420 | 0
        -1  at 120 | +3 | -315 | 15
        -5  at 100 | -2 | +200 | 0
        +2  at  90 | 0  | 0    | 20
    """,
    "inverse": """
        +10000 at 50000 | +10000 | +0.2 | 0
        +10000 at 40000 | +20000 | +0.45 | 0
        -10000 at 50000 | +10000 | +0.225 | 0.025
        -30000 at 40000 | -20000 | -0.5 | 0
        +20000 at 32000 | 0      | 0    | 0.125
    """,
}


def rows_of(table: str) -> list[list[str]]:
    return [line.replace(" at ", " | ").split("|") for line in table.strip().splitlines()]


@pytest.mark.parametrize("kind", FUTURES)
def test_a_future_realises_at_average_cost_when_its_position_shrinks(books, contracts, kind):
    contract = getattr(contracts, kind)
    for signed, price, held, notional, cash in rows_of(FUTURES[kind]):
        books.trade(contract, signed.strip(), price.strip())
        found = books.held(contract), books.open(contract), books.cash(contract)
        assert found == (Decimal(held.strip()), Decimal(notional.strip()), Decimal(cash.strip()))


def test_an_option_pays_its_premium_and_receives_its_payoff_in_cash(books, contracts):
    """The reference case: a 10,000 call bought at 0.05 and delivered at 12,500 pays 0.2 coins."""
    option = contracts.coin_option
    books.trade(option, "2", "0.05", fee="0.0006")
    assert (books.held(option), books.open(option), books.cash(option)) == (2, ZERO, Decimal("-0.1006"))
    books.trade(option, "-1", "0.08")
    assert books.cash(option) == Decimal("-0.0206")
    books.deliver(option, "1", "0.2", fee="0.00015")
    assert (books.held(option), books.cash(option)) == (ZERO, Decimal("0.17925"))


def test_a_worthless_option_is_delivered_for_nothing(books, contracts):
    books.trade(contracts.dollar_option, "-3", "50")
    books.deliver(contracts.dollar_option, "-3", "0")
    assert books.held(contracts.dollar_option) == ZERO
    assert books.cash(contracts.dollar_option) == 150


def test_spot_moves_both_balances(books, contracts):
    books.trade(contracts.spot, "0.5", "90000", fee="0.0005", fee_asset="BTC")
    assert books.worth("BTC") == Decimal("0.4995")
    assert books.worth("USDT") == -45_000
    assert books.held(contracts.spot) == ZERO


def test_a_future_is_delivered_at_the_index_average_and_leaves_nothing_open(books, contracts):
    books.trade(contracts.future, "-10000", "50000")
    books.deliver(contracts.future, "-10000", "40000", fee="0.00001")
    assert books.held(contracts.future) == books.open(contracts.future) == ZERO
    assert books.cash(contracts.future) == Decimal("0.04999"), "10000 dollars bought back with coins worth less"


def test_a_future_delivered_in_part_keeps_the_rest_for_reconciliation(books, contracts):
    books.trade(contracts.future, "30000", "50000")
    books.deliver(contracts.future, "10000", "50000")
    assert (books.held(contracts.future), books.open(contracts.future)) == (20_000, Decimal("0.4"))


def test_funding_received_is_cash(books, contracts):
    books.fund(contracts.linear, "1.25")
    books.fund(contracts.linear, "-3")
    assert books.cash(contracts.linear) == Decimal("-1.75")


def test_a_rebate_is_received_and_a_fee_in_another_asset_is_paid_there(books, contracts):
    books.trade(contracts.linear, "1", "100", fee="-0.02")
    assert books.cash(contracts.linear) == Decimal("0.02")
    books.trade(contracts.linear, "1", "100", fee="0.3", fee_asset="BNB")
    assert books.worth("BNB") == Decimal("-0.3")


def test_the_houses_worth_counts_wallets_and_open_futures(books, contracts):
    books.deposit("hyper", "USDC", "1000")
    books.trade(contracts.linear, "2", "100")
    assert books.worth("USDC") == 800, "1000 in cash less 200 owed on the position"
    books.deposit("hyper", "USDC", "-400")
    assert (books.worth("USDC"), books.cash(contracts.linear)) == (400, 600)


def test_a_fact_is_booked_once(books, contracts):
    once = [
        lambda: books.trade(contracts.linear, "1", "100", fill_id="f"),
        lambda: books.fund(contracts.linear, "1", funding_id="f"),
        lambda: books.deliver(contracts.future, "0", "100", delivery_id="f"),
        lambda: books.deposit("hyper", "USDC", "1", transfer_id="f"),
    ]
    assert [book().number for book in once] == [1, 2, 3, 4], "the same id of another kind is another fact"
    before = {account: dict(assets) for account, assets in books.ledger.balances.items()}
    assert [book() for book in once] == [None] * 4
    assert books.ledger.balances == before


def test_two_venues_may_use_the_same_fill_id(books, contracts):
    assert books.trade(contracts.linear, "1", "100", fill_id="7") is not None
    assert books.trade(contracts.inverse, "100", "100", fill_id="7") is not None


def test_a_transaction_tells_what_it_was(books, contracts):
    transaction = books.trade(contracts.linear, "1", "100", fee="0.05", fill_id="F9")
    assert (transaction.kind, transaction.reference, transaction.number) == ("fill", "F9", 1)
    told = [(posting.account, posting.asset, str(posting.amount.normalize())) for posting in transaction.postings]
    assert told == [
        ("market/hyper", "hyper:BTC-USDC", "-1"),
        ("hyper/contracts", "hyper:BTC-USDC", "1"),
        ("market/hyper", "USDC", "1E+2"),
        ("hyper/open/BTC-USDC", "USDC", "-1E+2"),
        ("hyper/cash", "USDC", "-0.05"),
        ("expense/fees/hyper", "USDC", "0.05"),
    ]


def test_closing_by_thirds_leaves_no_dust(books, contracts):
    books.trade(contracts.inverse, "30", "70000")
    for _ in range(3):
        books.trade(contracts.inverse, "-10", "70000")
    assert books.open(contracts.inverse) == ZERO
    assert books.cash(contracts.inverse) == books.worth("BTC")
    assert abs(books.cash(contracts.inverse)) <= Decimal("2e-12")
