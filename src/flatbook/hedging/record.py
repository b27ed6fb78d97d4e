"""Hedging's parameters and state."""

from typing import Annotated

import msgspec

from flatbook.basics import Fraction, NotNegative, Positive
from flatbook.instruments import Universe

REASONS_KEPT = 128


class Hedging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hedging policy. target_coins: the delta aimed at by underlying (what the capital is meant to hold).

    venues: where we hedge. least_band_coins: by underlying, half-width below which no hedge is worth an order.
    aim: where in the band to trade back to, 1 its edge, 0 its middle. patience_s: how long to rest at the touch before
    crossing; 0 always crosses. urgent: breaches beyond this multiple of the band cross at once. slippage_bps: how
    far through the touch an immediate order may reach. largest_order_coins: by underlying, one order's most.
    """

    venues: tuple[str, ...]
    target_coins: dict[str, float]
    least_band_coins: dict[str, Positive]
    largest_order_coins: dict[str, Positive]
    aim: Fraction
    patience_s: NotNegative
    urgent: Annotated[float, msgspec.Meta(ge=1.0)]
    slippage_bps: NotNegative


class UnderlyingHedge(msgspec.Struct):
    """Where the hedge of one underlying stands. band: half-width in coins; cost_rate: of crossing, as a fraction of value,
    as it was at rated_ns; order_id: of the last hedge, 0 before any; reasons: why the latest were sent, by order id.
    flat: since the last Flatten, delta has come within a lot of its target.

    cross_next: patience was spent, so the next order crosses. resting_since_ns: when the passive order was placed.
    wanted_row, wanted_side: where a hedge is wanted or out (-1 and 0 when none): our quote opposite it makes way.
    """

    band: float = 0.0
    cost_rate: float = 0.0
    order_id: int = 0
    resting_since_ns: int = 0
    cross_next: bool = False
    quiet_until_ns: int = 0
    reason: str = ""
    flat: bool = False
    reasons: dict[int, str] = {}
    rated_ns: int = 0
    wanted_row: int = -1
    wanted_side: int = 0


def remember_reason(hedge: UnderlyingHedge, order_id: int, reason: str) -> None:
    """Keep why an order was sent, for the last ones."""
    hedge.order_id, hedge.reason = order_id, reason
    hedge.reasons[order_id] = reason
    if len(hedge.reasons) > REASONS_KEPT:
        del hedge.reasons[min(hedge.reasons)]


class Hedges(msgspec.Struct):
    """Hedging's state by underlying, in block order."""

    underlyings: list[UnderlyingHedge] = []


def ensure(hedges: Hedges, universe: Universe) -> None:
    """One entry per underlying."""
    while len(hedges.underlyings) < len(universe.blocks):
        hedges.underlyings.append(UnderlyingHedge())
