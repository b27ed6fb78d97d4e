"""Where the profit came from, to the cent.

Profit is equity less deposits, in dollars. Every change of it happens in one of three ways, and each is explained at
the moment it happens: a fact (fill, funding, delivery) earns or costs against the mark of that moment; a move of the
market changes what positions are worth, split by their Greeks of the moment before with the unexplained rest kept as
`residual`; and a move of a settlement asset's own price changes what balances in it are worth, split into what we
hold beyond the target (`delta`) and the target itself (`capital`). The terms always sum to the profit.

`spread` is what a fill earned against the mark, `fees` is negative when paid, `settlement` is delivery against the
mark. Values are per unit of contract in its settlement asset; a unit price is dollars per settlement unit.
"""

from flatbook.pnl.facts import (
    delivery_earned,
    record_delivery,
    record_deposit,
    record_fill,
    record_funding,
    spread_earned,
)
from flatbook.pnl.moves import explain, explain_translation
from flatbook.pnl.record import (
    NO_UNDERLYING,
    TERMS,
    FillRecord,
    Pnl,
    ensure,
    term_total,
    terms_total,
    total,
    trading_total,
    validate,
)

__all__ = [
    "NO_UNDERLYING",
    "TERMS",
    "FillRecord",
    "Pnl",
    "delivery_earned",
    "ensure",
    "explain",
    "explain_translation",
    "record_delivery",
    "record_deposit",
    "record_fill",
    "record_funding",
    "spread_earned",
    "term_total",
    "terms_total",
    "total",
    "trading_total",
    "validate",
]
