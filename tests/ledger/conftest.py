"""One contract of each kind, and short words for the facts that are booked on them."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from flatbook import ledger as room
from flatbook.basics import BUY, SELL
from flatbook.events import BalanceStatement, Delivered, Deposited, Fill, FundingPaid
from flatbook.instruments import CALL, Contract, Future, Option, Perpetual, Spot
from flatbook.ledger import Ledger

TICK, LOT, EXPIRY = Decimal("0.0001"), Decimal("0.1"), 10**18

CONTRACTS = SimpleNamespace(
    spot=Spot("kraken", "BTCUSDT", "BTC", "USDT", TICK, LOT),
    linear=Perpetual("hyper", "BTC-USDC", "BTC", "USDC", "USDC", TICK, LOT),
    inverse=Perpetual("deribit", "BTC-PERPETUAL", "BTC", "USD", "BTC", TICK, LOT, inverse=True),
    future=Future("deribit", "BTC-27MAR26", "BTC", "USD", "BTC", TICK, LOT, EXPIRY, inverse=True),
    coin_option=Option("deribit", "BTC-10000-C", "BTC", "USD", "BTC", TICK, LOT, EXPIRY, Decimal(10_000), CALL, inverse=True),
    dollar_option=Option("derive", "ETH-2000-C", "ETH", "USDC", "USDC", TICK, LOT, EXPIRY, Decimal(2000), CALL),
)


class Books:
    """A ledger and the desk's words; it validates after every one of them."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.told = 0

    def trade(self, contract: Contract, signed, price, fee="0", fee_asset: str | None = None, fill_id: str | None = None):
        signed = Decimal(signed)
        side = BUY if signed > 0 else SELL
        asset = fee_asset or contract.settlement
        fill = Fill(fill_id or self._id(), 1, 0, side, Decimal(price), abs(signed), Decimal(fee), asset, True, 0)
        return self._checked(room.book_fill(self.ledger, contract, fill, 0))

    def fund(self, contract: Contract, amount, funding_id: str | None = None):
        paid = FundingPaid(funding_id or self._id(), 0, Decimal(amount), contract.settlement, 0)
        return self._checked(room.book_funding(self.ledger, contract, paid, 0))

    def deliver(self, contract: Contract, quantity, price, fee="0", delivery_id: str | None = None):
        price = Decimal(price)
        reference = delivery_id or self._id()
        delivered = Delivered(reference, 0, Decimal(quantity), price, price, Decimal(fee), contract.settlement, 0)
        return self._checked(room.book_delivery(self.ledger, contract, delivered, 0))

    def deposit(self, venue: str, asset: str, amount, transfer_id: str | None = None):
        deposited = Deposited(transfer_id or self._id(), venue, asset, Decimal(amount))
        return self._checked(room.book_deposit(self.ledger, deposited, 0))

    def cash(self, contract: Contract) -> Decimal:
        return room.cash(self.ledger, contract.venue, contract.settlement)

    def held(self, contract: Contract) -> Decimal:
        return room.booked_position(self.ledger, contract)

    def open(self, contract: Contract) -> Decimal:
        return room.open_notional_of(self.ledger, contract)

    def worth(self, asset: str) -> Decimal:
        return room.asset_total(self.ledger, asset)

    def entry(self, contract: Contract) -> Decimal | None:
        return room.average_entry(self.ledger, contract)

    def difference(self, venue: str, asset: str, amount) -> Decimal:
        return room.statement_difference(self.ledger, BalanceStatement(venue, asset, Decimal(amount)))

    def _id(self) -> str:
        self.told += 1
        return f"fact-{self.told}"

    def _checked(self, transaction):
        room.validate(self.ledger)
        return transaction


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def contracts() -> SimpleNamespace:
    return CONTRACTS
