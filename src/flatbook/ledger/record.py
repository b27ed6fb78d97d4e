"""Postings, transactions and balances: the only place where a balance changes."""

from decimal import Context, Decimal, Inexact

import msgspec

from flatbook.basics import ZERO
from flatbook.ledger.accounts import is_house

RECENT_KEPT = 256

# Sixty digits hold any amount a desk can meet, and a sum that would round anyway is a bug that stops us.
_SUMS = Context(prec=60, traps=[Inexact])


class Posting(msgspec.Struct, frozen=True):
    """`amount` of `asset` into `account`; negative is out of it."""

    account: str
    asset: str
    amount: Decimal


class Transaction(msgspec.Struct, frozen=True):
    """One fact, booked. `kind` is fill, funding, delivery or deposit; `reference` the venue's id of the fact."""

    number: int
    now_ns: int
    kind: str
    reference: str
    postings: tuple[Posting, ...]


class Ledger(msgspec.Struct):
    """All balances. `balances[account][asset]` never holds a zero; `count` transactions were booked so far.

    `recent` keeps the last of them. `seen` maps the id of every booked fact to its transaction's number. `house` is
    the sum by asset over wallets and open futures, kept up at every booking so that reading it is one look-up.
    """

    balances: dict[str, dict[str, Decimal]] = {}
    count: int = 0
    recent: list[Transaction] = []
    seen: dict[str, int] = {}
    house: dict[str, Decimal] = {}


def is_booked(ledger: Ledger, kind: str, venue: str, reference: str) -> bool:
    """Whether the fact with this id is in the ledger already. Ids are unique by kind and venue."""
    return _fact(kind, venue, reference) in ledger.seen


def book(ledger: Ledger, kind: str, venue: str, reference: str, now_ns: int, postings: list[Posting]) -> Transaction:
    """Write the postings, which must sum to zero in every asset, as one transaction."""
    kept = tuple(posting for posting in postings if posting.amount)
    assert_zero_sum(kept)
    ledger.count += 1
    transaction = Transaction(ledger.count, now_ns, kind, reference, kept)
    for posting in kept:
        _post(ledger, posting)
    ledger.seen[_fact(kind, venue, reference)] = transaction.number
    ledger.recent.append(transaction)
    if len(ledger.recent) > RECENT_KEPT:
        del ledger.recent[0]
    return transaction


def assert_zero_sum(postings: tuple[Posting, ...]) -> None:
    """Nothing appears and nothing vanishes, in any asset."""
    sums: dict[str, Decimal] = {}
    for posting in postings:
        _add(sums, posting.asset, posting.amount)
    assert not sums, f"postings do not sum to zero: {sums} is left over"


def balance(ledger: Ledger, account: str, asset: str) -> Decimal:
    """What stands in the account; zero where nothing was ever booked."""
    assets = ledger.balances.get(account)
    return ZERO if assets is None else assets.get(asset, ZERO)


def total_by_asset(ledger: Ledger, *, house_only: bool) -> dict[str, Decimal]:
    """The sum over all accounts, or over the house's alone, by asset; zeros are left out."""
    sums: dict[str, Decimal] = {}
    for account, assets in ledger.balances.items():
        if not house_only or is_house(account):
            for asset, amount in assets.items():
                _add(sums, asset, amount)
    return sums


def _fact(kind: str, venue: str, reference: str) -> str:
    return f"{kind}:{venue}:{reference}"


def _post(ledger: Ledger, posting: Posting) -> None:
    _add(ledger.balances.setdefault(posting.account, {}), posting.asset, posting.amount)
    if is_house(posting.account):
        _add(ledger.house, posting.asset, posting.amount)


def _add(sums: dict[str, Decimal], asset: str, amount: Decimal) -> None:
    """Add exactly, and keep no zero, so that what is flat leaves no trace."""
    total = _SUMS.add(sums.get(asset, ZERO), amount)
    if total:
        sums[asset] = total
    else:
        sums.pop(asset, None)
