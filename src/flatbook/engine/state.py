"""The state of the desk: the rooms' records side by side, written only inside a step."""

import msgspec
import numpy as np

from flatbook.basics import NS_PER_SECOND, Floats
from flatbook.engine.effects import Alert
from flatbook.engine.parameters import Parameters
from flatbook.hedging import Hedges
from flatbook.instruments import Universe, Venue
from flatbook.inventory import Inventory
from flatbook.ledger import Ledger
from flatbook.limits import Breaker
from flatbook.market import Market
from flatbook.orders import Orders
from flatbook.pnl import Pnl
from flatbook.quoting import Quotes
from flatbook.risk import Risk

ALERTS_KEPT = 256
_QUIET_NS = 10 * NS_PER_SECOND


def _no_covariance() -> Floats:
    return np.zeros((0, 0))


class RaisedAlert(msgspec.Struct, frozen=True):
    """An alert and when it was raised."""

    ns: int
    alert: Alert


class State(msgspec.Struct):
    """Everything the desk knows. Fields in the order of the rooms.

    now_ns is the last batch's clock. pegs_marked: the stablecoin prices that P&L was last explained with. covariance: of the
    factors, refreshed once a second. `touched` and `pending` live within one step: rows whose books changed, alerts to return.
    """

    parameters: Parameters
    venues: dict[str, Venue]
    sequence: int = 0
    now_ns: int = 0
    universe: Universe = msgspec.field(default_factory=Universe)
    market: Market = msgspec.field(default_factory=Market)
    orders: Orders = msgspec.field(default_factory=Orders)
    inventory: Inventory = msgspec.field(default_factory=Inventory)
    ledger: Ledger = msgspec.field(default_factory=Ledger)
    risk: Risk = msgspec.field(default_factory=Risk)
    pnl: Pnl = msgspec.field(default_factory=Pnl)
    quotes: Quotes = msgspec.field(default_factory=Quotes)
    hedges: Hedges = msgspec.field(default_factory=Hedges)
    breaker: Breaker = msgspec.field(default_factory=Breaker)
    pegs_marked: dict[str, float] = {}
    covariance: Floats = msgspec.field(default_factory=_no_covariance)
    covariance_ns: int = 0
    events_applied: int = 0
    refusals: int = 0
    alerts: list[RaisedAlert] = []
    quiet_until_ns: dict[str, int] = {}
    touched: list[int] = []
    pending: list[Alert] = []


def new_state(parameters: Parameters) -> State:
    """A desk that has seen nothing yet."""
    return State(parameters=parameters, venues=parameters.venue_by_name)


def raise_alert(state: State, level: str, key: str, text: str) -> None:
    """Tell people, once in ten seconds per key: an alert that repeats itself is not read."""
    if state.now_ns < state.quiet_until_ns.get(key, 0):
        return
    _keep_quiet(state.quiet_until_ns, key, state.now_ns)
    alert = Alert(level, key, text)
    state.pending.append(alert)
    state.alerts.append(RaisedAlert(state.now_ns, alert))
    if len(state.alerts) > ALERTS_KEPT:
        del state.alerts[0]


def _keep_quiet(quiet_until_ns: dict[str, int], key: str, now_ns: int) -> None:
    """Remember the key, last to expire, and forget those that have expired: many keys name an order and never come again."""
    quiet_until_ns.pop(key, None)
    quiet_until_ns[key] = now_ns + _QUIET_NS
    while quiet_until_ns[oldest := next(iter(quiet_until_ns))] <= now_ns:
        del quiet_until_ns[oldest]
