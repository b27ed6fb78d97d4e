"""Where every unit of every asset came from and went to: double entry, exact.

A transaction is a set of postings that sums to zero in every asset. Accounts are named by path: `VENUE/cash` is a
wallet, `VENUE/open/SYMBOL` the other side of an open future, `VENUE/contracts` the position itself, counted in the
contract's key; `market/VENUE` is whoever was on the other side, and `expense/fees/VENUE`, `funding/VENUE` and
`equity/deposits` say what the rest was for. A positive amount is an asset we have or are owed.

Cash follows the venue's own arithmetic: deposits, profit realised at average cost when a position shrinks, option
premiums and pay-offs, fees, funding. The house's worth in an asset is cash and open accounts together; what its
positions are worth at the mark is another room's measure. A fact known by its id is booked once.
"""

from flatbook.ledger.accounts import cash_account, contracts_account, open_account
from flatbook.ledger.booking import book_delivery, book_deposit, book_fill, book_funding
from flatbook.ledger.record import Ledger, Posting, Transaction
from flatbook.ledger.statements import (
    asset_total,
    average_entry,
    booked_position,
    cash,
    open_notional_of,
    statement_difference,
    validate,
)

__all__ = [
    "Ledger",
    "Posting",
    "Transaction",
    "asset_total",
    "average_entry",
    "book_delivery",
    "book_deposit",
    "book_fill",
    "book_funding",
    "booked_position",
    "cash",
    "cash_account",
    "contracts_account",
    "open_account",
    "open_notional_of",
    "statement_difference",
    "validate",
]
