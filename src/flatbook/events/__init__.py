"""Everything that can happen to the desk, and the batch it arrives in.

An event is an immutable fact. Market events say what the world quotes and trades; account events say what
happened to our orders and our money, in Decimal; operator events are a person's commands; system events are the
shell's. A batch is the events that arrived since the last step, numbered, with the only clock the core ever
sees. Prices are in the contract's quote unit (coins for an inverse option), quantities in the venue's unit.
`exchange_ns` is the venue's own stamp; NaN says that a number is absent.
"""

from flatbook.events.account import (
    BalanceStatement,
    Delivered,
    Deposited,
    Fill,
    FundingPaid,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderRejected,
    PositionStatement,
    RequestRefused,
)
from flatbook.events.batch import Batch, Event
from flatbook.events.market import Delisted, Depth, FundingRate, Gap, Index, Listed, Ticker, Top, Trade
from flatbook.events.operator import Flatten, Pause, ReduceOnly, Resume
from flatbook.events.system import Beat, Configured, Recovered

__all__ = [
    "BalanceStatement",
    "Batch",
    "Beat",
    "Configured",
    "Delisted",
    "Delivered",
    "Deposited",
    "Depth",
    "Event",
    "Fill",
    "Flatten",
    "FundingPaid",
    "FundingRate",
    "Gap",
    "Index",
    "Listed",
    "OrderAccepted",
    "OrderAmended",
    "OrderCancelled",
    "OrderRejected",
    "Pause",
    "PositionStatement",
    "Recovered",
    "ReduceOnly",
    "RequestRefused",
    "Resume",
    "Ticker",
    "Top",
    "Trade",
]
