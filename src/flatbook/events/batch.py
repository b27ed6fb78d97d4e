"""The batch: the unit of time, of the journal and of replay."""

import msgspec

from flatbook.events import account, market, operator, system

MarketEvent = (
    market.Listed
    | market.Delisted
    | market.Top
    | market.Depth
    | market.Trade
    | market.Ticker
    | market.Index
    | market.FundingRate
    | market.Gap
)
AccountEvent = (
    account.OrderAccepted
    | account.OrderAmended
    | account.OrderCancelled
    | account.OrderRejected
    | account.RequestRefused
    | account.Fill
    | account.FundingPaid
    | account.Delivered
    | account.Deposited
    | account.BalanceStatement
    | account.PositionStatement
)
OperatorEvent = operator.Pause | operator.Resume | operator.ReduceOnly | operator.Flatten
SystemEvent = system.Beat | system.Configured | system.Recovered
Event = MarketEvent | AccountEvent | OperatorEvent | SystemEvent


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """The events that arrived since the last step. `local_ns` is the desk's clock, the only one the core sees.

    Sequences count up by one from 1; `local_ns` never goes back.
    """

    sequence: int
    local_ns: int
    events: tuple[Event, ...]
