"""What the ledger says when asked, and what must always be true of it."""

from decimal import Decimal

from flatbook.basics import ZERO
from flatbook.events import BalanceStatement
from flatbook.instruments import Contract, contract_key
from flatbook.ledger.accounts import cash_account, contracts_account, open_account
from flatbook.ledger.record import Ledger, balance, total_by_asset

# Venues divide and round by their own arithmetic: what is less than a hundred-millionth of an asset is rounding, not money.
DUST = Decimal("1e-8")


def cash(ledger: Ledger, venue: str, asset: str) -> Decimal:
    """What the wallet holds of the asset."""
    return balance(ledger, cash_account(venue), asset)


def open_notional_of(ledger: Ledger, contract: Contract) -> Decimal:
    """What the open position cost, signed against it, in the settlement asset; zero for options and spot."""
    return balance(ledger, open_account(contract), contract.settlement)


def booked_position(ledger: Ledger, contract: Contract) -> Decimal:
    """The signed position as the ledger counts it; must equal the inventory's."""
    return balance(ledger, contracts_account(contract.venue), contract_key(contract))


def average_entry(ledger: Ledger, contract: Contract) -> Decimal | None:
    """The price the open future was entered at on average (harmonic when inverse); None when flat or no future."""
    held, cost = booked_position(ledger, contract), open_notional_of(ledger, contract)
    if not held or not cost:
        return None
    return held / cost if contract.inverse else -cost / held


def asset_total(ledger: Ledger, asset: str) -> Decimal:
    """The house's worth in the asset, positions' marks aside: all wallets and all open futures."""
    return ledger.house.get(asset, ZERO)


def statement_difference(ledger: Ledger, statement: BalanceStatement) -> Decimal:
    """What the venue says is in the wallet beyond what we believe; zero when both agree to the dust of rounding."""
    difference = statement.amount - cash(ledger, statement.venue, statement.asset)
    return difference if abs(difference) >= DUST else ZERO


def validate(ledger: Ledger) -> None:
    """Assert that all accounts together hold nothing of anything, and that the running house totals are right."""
    assert not total_by_asset(ledger, house_only=False), "the ledger does not sum to zero in every asset"
    assert total_by_asset(ledger, house_only=True) == ledger.house, "the house's running totals have come apart"
    assert len(ledger.seen) == ledger.count, "every transaction has its own fact"
