"""What happened to our orders and our money, as a venue reports it. Amounts are exact."""

from decimal import Decimal

import msgspec

from flatbook.basics import Side


class OrderAccepted(msgspec.Struct, frozen=True, array_like=True, tag="accepted", gc=False):
    """The venue holds our order in its book."""

    order_id: int
    venue_order_id: str


class OrderAmended(msgspec.Struct, frozen=True, array_like=True, tag="amended", gc=False):
    """The order now stands at this price with this much still to fill."""

    order_id: int
    price: Decimal
    remaining: Decimal


class OrderCancelled(msgspec.Struct, frozen=True, array_like=True, tag="cancelled", gc=False):
    """The order is out of the book, by our request or the venue's (unfilled rest of an immediate order, expiry)."""

    order_id: int
    reason: str


class OrderRejected(msgspec.Struct, frozen=True, array_like=True, tag="rejected", gc=False):
    """The venue never took the order."""

    order_id: int
    reason: str


class RequestRefused(msgspec.Struct, frozen=True, array_like=True, tag="refused", gc=False):
    """The venue refused an amend or a cancel; the order stands as it stood, if it still stands."""

    order_id: int
    reason: str


class Fill(msgspec.Struct, frozen=True, array_like=True, tag="fill", gc=False):
    """Our order traded. `fill_id` is unique per venue: the same fill told twice is one fill.

    `quantity` is unsigned, in the row's unit; `fee` is in `fee_asset`, negative for a rebate.
    """

    fill_id: str
    order_id: int
    row: int
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    exchange_ns: int


class FundingPaid(msgspec.Struct, frozen=True, array_like=True, tag="funding_paid", gc=False):
    """Funding on a perpetual position; positive `amount` was received."""

    funding_id: str
    row: int
    amount: Decimal
    asset: str
    exchange_ns: int


class Delivered(msgspec.Struct, frozen=True, array_like=True, tag="delivered", gc=False):
    """A position was closed at expiry. `index_average` is the delivery price in dollars.

    `price` is what one unit was closed at, in the contract's price unit: an option's pay-off, a future's delivery price.
    `quantity` is the signed position closed.
    """

    delivery_id: str
    row: int
    quantity: Decimal
    index_average: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    exchange_ns: int


class Deposited(msgspec.Struct, frozen=True, array_like=True, tag="deposited", gc=False):
    """Capital came into a venue's wallet; negative is a withdrawal."""

    transfer_id: str
    venue: str
    asset: str
    amount: Decimal


class BalanceStatement(msgspec.Struct, frozen=True, array_like=True, tag="balance", gc=False):
    """The venue says: this is your cash in `asset`. An assertion about our ledger, never a correction of it."""

    venue: str
    asset: str
    amount: Decimal


class PositionStatement(msgspec.Struct, frozen=True, array_like=True, tag="position", gc=False):
    """The venue says: this is your signed position in `row`. An assertion about our inventory."""

    row: int
    quantity: Decimal
