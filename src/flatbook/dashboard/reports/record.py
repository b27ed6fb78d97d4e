"""What a run leaves behind for its report: a plain record, complete in itself, that can be stored and read again."""

import msgspec

from flatbook.basics import NS_PER_SECOND
from flatbook.engine.snapshot import AlertView, FillView, HedgeView, Snapshot
from flatbook.pnl import TERMS

CENT = 0.01


class UnderlyingPoint(msgspec.Struct, frozen=True, array_like=True):
    """One underlying at one instant: deltas in coins, cash figures in dollars as in a snapshot's UnderlyingView."""

    spot: float
    delta: float
    target: float
    delta_cash: float
    gamma_cash: float
    vega_cash: float
    theta_cash: float
    uncertainty_cash: float


class TimelinePoint(msgspec.Struct, frozen=True, array_like=True):
    """The desk at one instant. `pnl_terms` are dollars since the start and sum to `pnl_usd`."""

    ns: int
    equity_usd: float
    pnl_usd: float
    pnl_terms: dict[str, float]
    underlyings: dict[str, UnderlyingPoint]
    quotes_working: int

    @property
    def trading_usd(self) -> float:
        """P&L without what the target holding itself gained: what quoting and hedging made of the day."""
        return self.pnl_usd - self.pnl_terms.get("capital", 0.0)


class Counts(msgspec.Struct, frozen=True):
    """How much happened: events taken, batches stepped, requests sent, wishes the gate refused."""

    events: int
    batches: int
    requests: int
    refusals: int


class TieOut(msgspec.Struct, frozen=True):
    """Three roads to the same equity at the end, in dollars, and how often they were compared on the way (comparisons).

    ledger_usd: balances of the double-entry ledger, positions at their marks. inventory_usd: deposits and what inventory
    made of them. explained_usd: deposits plus the sum of the P&L terms. `differences` are sentences about anything else
    that did not agree (a position, an asset's sum), empty when all did.
    """

    ledger_usd: float
    inventory_usd: float
    explained_usd: float
    comparisons: int
    differences: list[str] = []

    @property
    def gap_usd(self) -> float:
        """The widest gap between two of the three roads."""
        roads = (self.ledger_usd, self.inventory_usd, self.explained_usd)
        return max(roads) - min(roads)

    @property
    def holds(self) -> bool:
        """Whether all agree to the cent."""
        return self.gap_usd < CENT and not self.differences


class RunRecord(msgspec.Struct, frozen=True):
    """A whole run, in the order it happened. Times are the core's clock in ns; `wall_s` is what it took to compute.

    `market` names the recording or the simulated market; `parameters` is the desk's configuration as text.
    `expiries` gives the expiry of every dated contract in `fills`, by key.
    """

    title: str
    market: str
    seed: int
    start_ns: int
    end_ns: int
    version: str
    parameters: str
    timeline: list[TimelinePoint]
    fills: list[FillView]
    hedges: list[HedgeView]
    alerts: list[AlertView]
    final: Snapshot
    counts: Counts
    tie_out: TieOut
    wall_s: float
    expiries: dict[str, int] = {}

    @property
    def span_s(self) -> float:
        """Market seconds covered."""
        return (self.end_ns - self.start_ns) / NS_PER_SECOND


def terms_in_order(terms: dict[str, float]) -> list[str]:
    """The names of P&L terms in the order of the room that explains them; any other after them by name."""
    return [name for name in TERMS if name in terms] + sorted(name for name in terms if name not in TERMS)
