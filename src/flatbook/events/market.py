"""What the world quotes and trades. Rows are the universe's numbers."""

import msgspec

from flatbook.basics import Side
from flatbook.instruments import Contract


class Listed(msgspec.Struct, frozen=True, array_like=True, tag="listed", gc=False):
    """`contract` can be traded from now on, as `row`. Rows are given in order, without a hole."""

    row: int
    contract: Contract


class Delisted(msgspec.Struct, frozen=True, array_like=True, tag="delisted", gc=False):
    """`row` no longer trades: withdrawn, or expired and about to be delivered."""

    row: int


class Top(msgspec.Struct, frozen=True, array_like=True, tag="top", gc=False):
    """The market's best bid and offer. An absent side is NaN with size 0."""

    row: int
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    exchange_ns: int


class Depth(msgspec.Struct, frozen=True, array_like=True, tag="depth", gc=False):
    """The book's levels, best first, replacing what was known. Sizes in the row's quantity unit."""

    row: int
    bids: tuple[float, ...]
    bid_sizes: tuple[float, ...]
    asks: tuple[float, ...]
    ask_sizes: tuple[float, ...]
    exchange_ns: int


class Trade(msgspec.Struct, frozen=True, array_like=True, tag="trade", gc=False):
    """Somebody traded. `side` is the taker's."""

    row: int
    price: float
    quantity: float
    side: Side
    exchange_ns: int


class Ticker(msgspec.Struct, frozen=True, array_like=True, tag="ticker", gc=False):
    """A venue's summary of one option: its top, its mark and mark volatility (decimal), and its expiry's forward."""

    row: int
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    mark: float
    mark_vol: float
    forward: float
    exchange_ns: int


class Index(msgspec.Struct, frozen=True, array_like=True, tag="index", gc=False):
    """The price of `asset` in dollars: a coin's index, or a stablecoin's peg."""

    asset: str
    price: float
    exchange_ns: int


class FundingRate(msgspec.Struct, frozen=True, array_like=True, tag="funding_rate", gc=False):
    """The running funding rate of a perpetual, per eight hours; positive is paid by longs."""

    row: int
    rate: float
    exchange_ns: int


class Gap(msgspec.Struct, frozen=True, array_like=True, tag="gap", gc=False):
    """The feed of `venue` lost messages: nothing it said before may be trusted."""

    venue: str
