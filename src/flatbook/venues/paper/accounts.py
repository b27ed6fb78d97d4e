"""Our account as the venues keep it: cash and positions by average entry, apart from the desk's own ledger.

Cash is deposits, plus realised profit when a position shrinks, plus option premiums, less fees, plus funding and
delivery. The unrealised profit of futures and perpetuals is not cash. Spot moves both balances.
"""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal

import msgspec

from flatbook.basics import ZERO, quantised
from flatbook.events import Delivered, Deposited, Event, Fill, FundingPaid, Listed
from flatbook.instruments import Contract, Option, Spot

_DIVISION = Context(prec=40)

Moved = list[tuple[str, str]]  # (venue, asset) of each balance that moved


class PaperPosition(msgspec.Struct):
    """Signed quantity and its average entry price: arithmetic for linear contracts, harmonic for inverse ones."""

    quantity: Decimal = ZERO
    entry: Decimal = ZERO


class PaperAccounts(msgspec.Struct):
    """Positions by row, cash by venue and asset, and how many fills each venue has numbered.

    It is a fold of account events, so that a journal's account events rebuild it.
    """

    positions: dict[int, PaperPosition] = {}
    cash: dict[str, dict[str, Decimal]] = {}
    fills: dict[str, int] = {}

    def position(self, row: int) -> Decimal:
        """The signed position in `row`."""
        held = self.positions.get(row)
        return held.quantity if held else ZERO

    def balance(self, venue: str, asset: str) -> Decimal:
        """The cash of a venue's wallet in one asset."""
        return self.cash.get(venue, {}).get(asset, ZERO)

    def next_fill_id(self, venue: str) -> str:
        """`alpha-17`: unique per venue for the life of the account."""
        self.fills[venue] = self.fills.get(venue, 0) + 1
        return f"{venue}-{self.fills[venue]}"

    def deposit(self, event: Deposited) -> Moved:
        """Capital comes in, or goes out."""
        return [self._move(event.venue, event.asset, event.amount)]

    def fill(self, event: Fill, contract: Contract) -> Moved:
        """A trade of ours: the position, the cash it realises or costs, the fee."""
        signed = event.side * event.quantity
        moved = [self._move(contract.venue, event.fee_asset, -event.fee)]
        if isinstance(contract, Spot):
            moved.append(self._move(contract.venue, contract.underlying, signed))
            moved.append(self._move(contract.venue, contract.quote, quantised(-signed * event.price)))
        elif isinstance(contract, Option):
            self._trade(event.row, contract, signed, event.price)
            self._move(contract.venue, contract.settlement, quantised(-signed * event.price))
        else:
            self._move(contract.venue, contract.settlement, self._trade(event.row, contract, signed, event.price))
        return moved

    def funding(self, event: FundingPaid, contract: Contract) -> Moved:
        """Funding is cash at once."""
        return [self._move(contract.venue, event.asset, event.amount)]

    def delivery(self, event: Delivered, contract: Contract) -> Moved:
        """A position is closed at its delivery price; an option's pay-off is cash, a future realises its profit."""
        realised = self._trade(event.row, contract, -event.quantity, event.price)
        if isinstance(contract, Option):
            realised = quantised(event.quantity * event.price)
        return [self._move(contract.venue, contract.settlement, realised - event.fee)]

    def _move(self, venue: str, asset: str, amount: Decimal) -> tuple[str, str]:
        wallet = self.cash.setdefault(venue, {})
        wallet[asset] = wallet.get(asset, ZERO) + amount
        return venue, asset

    def _trade(self, row: int, contract: Contract, signed: Decimal, price: Decimal) -> Decimal:
        """Move the position; returns the profit realised on whatever part of it was closed."""
        held = self.positions.setdefault(row, PaperPosition())
        closing = min(abs(signed), abs(held.quantity)) if held.quantity * signed < 0 else ZERO
        closed = closing if held.quantity > 0 else -closing
        realised = realised_profit(contract, held.entry, price, closed) if closed else ZERO
        rest = signed + closed
        if rest:
            held.entry = average_entry(contract, held.quantity - closed, held.entry, rest, price)
        held.quantity += signed
        if not held.quantity:
            held.entry = ZERO
        return realised


def realised_profit(contract: Contract, entry: Decimal, leaving: Decimal, closed: Decimal) -> Decimal:
    """Profit of closing signed `closed` at `leaving`: linear q(x - e), inverse q(1/e - 1/x) coins; options realise none."""
    if isinstance(contract, Option):
        return ZERO
    if contract.inverse:
        return quantised(closed * (_DIVISION.divide(Decimal(1), entry) - _DIVISION.divide(Decimal(1), leaving)))
    return quantised(closed * (leaving - entry))


def average_entry(contract: Contract, held: Decimal, entry: Decimal, added: Decimal, price: Decimal) -> Decimal:
    """The entry of `held` and `added` together, both of one sign: sums of q p over q, or q over sums of q/p if inverse."""
    if not held:
        return price
    if contract.inverse and not isinstance(contract, Option):
        coins = _DIVISION.divide(held, entry) + _DIVISION.divide(added, price)
        return _DIVISION.divide(held + added, coins)
    return _DIVISION.divide(held * entry + added * price, held + added)


def fold_account(accounts: PaperAccounts, contracts: Sequence[Contract], event: Event) -> None:
    """One account fact more. `contracts` by row."""
    match event:
        case Deposited():
            accounts.deposit(event)
        case Fill():
            contract = contracts[event.row]
            accounts.fill(event, contract)
            number = int(event.fill_id.rpartition("-")[2])
            accounts.fills[contract.venue] = max(number, accounts.fills.get(contract.venue, 0))
        case FundingPaid():
            accounts.funding(event, contracts[event.row])
        case Delivered():
            accounts.delivery(event, contracts[event.row])
        case _:
            pass


def folded_accounts(events: Iterable[Event]) -> PaperAccounts:
    """The accounts after a journal's events: how a paper venue comes back after the desk was killed."""
    accounts = PaperAccounts()
    contracts: list[Contract] = []
    for event in events:
        if isinstance(event, Listed):
            if event.row == len(contracts):
                contracts.append(event.contract)
        else:
            fold_account(accounts, contracts, event)
    return accounts
