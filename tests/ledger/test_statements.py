"""What the ledger answers when asked."""

from flatbook.basics import ZERO
from flatbook.ledger import cash_account, contracts_account, open_account
from flatbook.ledger.accounts import fees_account, funding_account, is_house, market_account


def test_an_untouched_ledger_answers_zero(books, contracts):
    assert books.cash(contracts.linear) == books.held(contracts.linear) == books.open(contracts.linear) == ZERO
    assert books.worth("BTC") == ZERO
    assert books.entry(contracts.linear) is None


def test_a_venue_that_disagrees_is_measured_and_not_believed(books, contracts):
    books.deposit("deribit", "BTC", "10")
    assert books.difference("deribit", "BTC", "10") == ZERO
    assert books.difference("deribit", "BTC", "9.75") * 4 == -1
    assert books.cash(contracts.inverse) == 10


def test_an_option_has_no_average_entry(books, contracts):
    books.trade(contracts.coin_option, "1", "0.05")
    assert books.entry(contracts.coin_option) is None


def test_the_house_owns_wallets_and_open_futures_only(contracts):
    owned = [cash_account("deribit"), open_account(contracts.inverse)]
    others = [contracts_account("deribit"), market_account("deribit"), fees_account("deribit"), funding_account("deribit")]
    assert all(is_house(account) for account in owned)
    assert not any(is_house(account) for account in [*others, "equity/deposits"])
