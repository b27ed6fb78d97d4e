"""Numbers the ledger must reproduce."""

from decimal import Decimal

from flatbook.basics import quantised

LOTS = [("1", "10000"), ("1", "12000"), ("2", "11000"), ("-1.5", "13000"), ("1", "9000"), ("-2", "9500")]


def test_the_average_entry_of_an_inverse_position_is_harmonic(books, contracts):
    books.trade(contracts.inverse, "10000", "50000")
    books.trade(contracts.inverse, "20000", "40000")
    assert round(books.entry(contracts.inverse), 6) == Decimal("42857.142857")


def test_the_average_entry_of_a_linear_position_is_weighted(books, contracts):
    books.trade(contracts.linear, "1", "10000")
    books.trade(contracts.linear, "3", "12000")
    assert books.entry(contracts.linear) == 11_500
    books.trade(contracts.linear, "-4", "9000")
    assert books.entry(contracts.linear) is None


def test_the_lots_of_the_reference_realise_and_leave_1250_by_average_cost(books, contracts):
    for signed, price in LOTS:
        books.trade(contracts.linear, signed, price)
    realised = books.cash(contracts.linear)
    unrealised = books.held(contracts.linear) * 10_500 + books.open(contracts.linear)
    assert abs(realised - Decimal("1142.857142857141")) < Decimal("1e-9")
    assert realised + unrealised == 1250, "exactly: what averaging rounds in one it returns in the other"


def test_an_inverse_profit_is_counted_in_coins(books, contracts):
    books.trade(contracts.inverse, "10000", "50000")
    books.trade(contracts.inverse, "-10000", "60000")
    assert books.cash(contracts.inverse) == quantised(10_000 * (Decimal(1) / 50_000 - Decimal(1) / 60_000))
