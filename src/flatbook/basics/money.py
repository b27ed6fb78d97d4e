"""Exact amounts. Account facts arrive as Decimal and stay so in the ledger."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

import msgspec

ZERO = Decimal(0)

# Every asset is kept to 12 places: finer than any venue's statement, so a rounding is never visible in cents.
_PLACES = Decimal("1e-12")
_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Amount(msgspec.Struct, frozen=True):
    """`number` of `asset`; positive is received, negative is paid."""

    number: Decimal
    asset: str


def exact(number: float) -> Decimal:
    """The Decimal a person would read off this float: its shortest round-trip digits."""
    return Decimal(repr(float(number)))


def quantised(number: Decimal) -> Decimal:
    """`number` to twelve places, half to even, so that divisions end and every posting is finite."""
    return number.quantize(_PLACES, context=_CONTEXT)
