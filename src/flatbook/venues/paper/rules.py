"""Why a venue says no. Each rule returns a reason for people, or None."""

from decimal import Decimal

from flatbook.basics import Side
from flatbook.instruments import Contract
from flatbook.instruments.contracts import tick_at


def broken_grid(contract: Contract, price: Decimal, quantity: Decimal) -> str | None:
    """Why the venue cannot read this price or quantity, or None when both are whole ticks and lots."""
    if quantity <= 0:
        return f"quantity {quantity} is not positive"
    if quantity % contract.lot:
        return f"quantity {quantity} is not a multiple of the lot {contract.lot}"
    if price <= 0:
        return f"price {price} is not positive"
    tick = tick_at(contract, price)
    return f"price {price} is not a multiple of the tick {tick}" if price % tick else None


def would_cross(post_only: bool, side: Side, best: float | None) -> str | None:
    """Why a post-only order cannot rest, given the best price that it would take."""
    if not post_only or best is None:
        return None
    return f"a post-only {side.word} would cross the market at {best:g}"
