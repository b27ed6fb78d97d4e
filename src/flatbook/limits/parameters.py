"""The limits a person sets. None has a default."""

import msgspec

from flatbook.basics import NotNegative, Positive, PositiveCount


class UnderlyingLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Largest sizes for one underlying, dollars: delta_cash from target, gamma_cash per 1%, vega_cash per vol point."""

    delta_cash: Positive
    gamma_cash: Positive
    vega_cash: Positive


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All limits. order_notional: dollars of underlying in one order. largest_loss: dollars of P&L since the journal's
    start, the target holding's own apart, below which the breaker goes to reduce-only. working_orders: how many may be
    open before no further quote is placed; a hedge always finds a place. widening: fraction of an untrusted row's gross
    Greeks that counts as doubt.
    """

    underlyings: dict[str, UnderlyingLimits]
    order_notional: Positive
    largest_loss: Positive
    working_orders: PositiveCount
    widening: NotNegative
