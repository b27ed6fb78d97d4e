"""Which row of the universe each written-down position stands in, and what it has in the coin itself."""

import re
from decimal import Decimal

import msgspec

from flatbook.basics import InputFault, format_utc
from flatbook.dashboard.reports.chain import ChainMarket
from flatbook.dashboard.reports.positions import HeldPosition
from flatbook.instruments import Contract, Future, Option, Perpetual, Spot
from flatbook.market import Delivery, Freshness, Rules, Smiles, ensure, move_forwards
from flatbook.venues.importers.deribit_contracts import future_of, perpetual_of

# The chain is taken at its word, however long ago it spoke: the report says when that was.
_AT_ITS_WORD = Rules(
    Freshness(top_s=1e9, option_s=1e9, index_s=1e9), Smiles("marks", "sticky_strike", refit_s=0.0), Delivery(average_min=30.0)
)
_LINEAR_PERPETUAL = re.compile(r"([A-Z]+)[_-]?(USDC|USDT)(?:[_-]PERPETUAL|[_-]PERP)")


class Holding(msgspec.Struct, frozen=True):
    """A position and the row it stands in; `coins` is what it has in coin cash and open notional."""

    position: HeldPosition
    row: int
    contract: Contract
    coins: float


def holdings(positions: list[HeldPosition], chain: ChainMarket) -> list[Holding]:
    """Each position with its row. What the chain does not list is listed, and every forward of the market brought up to now.

    Raises InputFault, naming the line, for a symbol that the chain does not price and for one that has expired.
    """
    rows = [_row_of(position, chain) for position in positions]
    for index in range(len(chain.universe.blocks)):
        move_forwards(chain.market, chain.universe, index, _AT_ITS_WORD, chain.now_ns)
    return [_holding(position, row, chain) for position, row in zip(positions, rows, strict=True)]


def _row_of(position: HeldPosition, chain: ChainMarket) -> int:
    """The row of a position: the venue's own, else the same symbol elsewhere, else a contract that needs no quote."""
    own = chain.universe.row(position.venue, position.symbol)
    if own is not None:
        return own
    for row, contract in enumerate(chain.universe.contracts):
        if contract.symbol == position.symbol:
            return row
    row = chain.universe.list_contract(_unquoted(position, chain))
    ensure(chain.market, chain.universe, row)
    return row


def _unquoted(position: HeldPosition, chain: ChainMarket) -> Contract:
    """A coin balance, a perpetual, or a future of an expiry that the chain has a forward for."""
    symbol, universe = position.symbol, chain.universe
    where = f"{position.where}, symbol"
    if symbol in universe.underlyings:
        return Spot(position.venue, symbol, symbol, "USD", Decimal("0.01"), Decimal("0.0001"))
    linear = _LINEAR_PERPETUAL.fullmatch(symbol)
    if linear is not None and linear[1] in universe.underlyings:
        return Perpetual(position.venue, symbol, linear[1], linear[2], linear[2], Decimal("0.1"), Decimal("0.001"))
    try:
        future = perpetual_of(symbol, where) if symbol.endswith("-PERPETUAL") else future_of(symbol, where)
    except InputFault:
        future = None
    priced = future is not None and future.underlying in universe.underlyings and _has_forward(future, chain)
    if future is None or not priced:
        wrong = f"{symbol!r} is not in {chain.source} at {format_utc(chain.now_ns)[:19]}Z"
        raise InputFault(wrong, where=where, remedy="name a contract of the chain, a perpetual, or a coin such as BTC")
    return msgspec.structs.replace(future, venue=position.venue)


def _has_forward(contract: Perpetual | Future, chain: ChainMarket) -> bool:
    block = chain.universe.blocks[chain.universe.underlyings[contract.underlying]]
    return isinstance(contract, Perpetual) or contract.expiry_ns in block.expiries


def _holding(position: HeldPosition, row: int, chain: ChainMarket) -> Holding:
    """Whatever a position has in the coin itself: a balance, or the coins owed for an inverse contract's entry."""
    contract = chain.universe.contracts[row]
    expiry_ns = contract.expiry_ns if isinstance(contract, Option | Future) else chain.now_ns + 1
    if expiry_ns <= chain.now_ns:
        wrong = f"{position.symbol} expired at {format_utc(expiry_ns)[:19]}Z"
        raise InputFault(wrong, where=f"{position.where}, symbol", remedy="remove the line, or choose an earlier --at")
    coins = 0.0
    if isinstance(contract, Spot):
        coins = position.quantity
    elif contract.inverse and not isinstance(contract, Option):
        coins = position.quantity / (position.price or _forward(row, chain))
    return Holding(position, row, contract, coins)


def _forward(row: int, chain: ChainMarket) -> float:
    return float(chain.market.underlyings[chain.universe.underlying_of[row]].forward[chain.universe.slot_of[row]])
