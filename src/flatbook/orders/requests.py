"""Requests: what the shell must put on the wire. Prices and quantities already lie on tick and lot."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from flatbook.basics import Side


class Purpose(StrEnum):
    """Why an order exists."""

    QUOTE = "quote"
    HEDGE = "hedge"
    FLATTEN = "flatten"


class Place(msgspec.Struct, frozen=True, array_like=True, tag="place", gc=False):
    """A new limit order. `immediate` fills at once what it can and cancels the rest; `post_only` never takes."""

    order_id: int
    row: int
    side: Side
    price: Decimal
    quantity: Decimal
    purpose: Purpose
    post_only: bool = False
    immediate: bool = False


class Amend(msgspec.Struct, frozen=True, array_like=True, tag="amend", gc=False):
    """Move a working order to `price` with `quantity` still to fill; it keeps its id and loses its queue place."""

    order_id: int
    row: int
    price: Decimal
    quantity: Decimal


class Cancel(msgspec.Struct, frozen=True, array_like=True, tag="cancel", gc=False):
    """Take an order out of the book."""

    order_id: int
    row: int


Request = Place | Amend | Cancel
