"""The book-keeping itself: nothing appears, nothing vanishes, nothing rounds."""

from decimal import Decimal, Inexact

import pytest

from flatbook.ledger import Ledger, Posting, validate
from flatbook.ledger.record import book


def a_deposit(ledger: Ledger, reference: str, amount: str):
    amount = Decimal(amount)
    postings = [Posting("equity/deposits", "BTC", -amount), Posting("deribit/cash", "BTC", amount)]
    return book(ledger, "deposit", "deribit", reference, 0, postings)


def test_postings_that_do_not_sum_to_zero_stop_the_desk():
    with pytest.raises(AssertionError, match="do not sum to zero"):
        book(Ledger(), "fill", "deribit", "f", 0, [Posting("deribit/cash", "BTC", Decimal(1))])


def test_assets_do_not_make_up_for_each_other():
    postings = [Posting("deribit/cash", "BTC", Decimal(1)), Posting("market/deribit", "USDC", Decimal(-1))]
    with pytest.raises(AssertionError, match="do not sum to zero"):
        book(Ledger(), "fill", "deribit", "f", 0, postings)


def test_a_sum_that_would_round_stops_the_desk():
    ledger = Ledger()
    a_deposit(ledger, "large", "1e40")
    with pytest.raises(Inexact):
        a_deposit(ledger, "small", "1e-30")


def test_a_balance_that_returns_to_zero_leaves_no_trace():
    ledger = Ledger()
    a_deposit(ledger, "in", "5.5")
    a_deposit(ledger, "out", "-5.5")
    assert all(not assets for assets in ledger.balances.values())
    assert not ledger.house
    validate(ledger)


def test_the_last_transactions_are_kept_and_all_are_known():
    ledger = Ledger()
    for number in range(300):
        a_deposit(ledger, str(number), "1")
    assert [ledger.recent[0].number, ledger.recent[-1].number, len(ledger.recent)] == [45, 300, 256]
    assert len(ledger.seen) == ledger.count == 300
    validate(ledger)


PLANTED = {
    "a balance appears": lambda ledger: ledger.balances["deribit/cash"].__setitem__("BTC", Decimal(2)),
    "the house's total drifts": lambda ledger: ledger.house.__setitem__("BTC", Decimal(2)),
    "a fact is forgotten": lambda ledger: ledger.seen.clear(),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_validation_reports_a_planted_fault(plant):
    ledger = Ledger()
    a_deposit(ledger, "in", "1")
    validate(ledger)
    plant(ledger)
    with pytest.raises(AssertionError):
        validate(ledger)
