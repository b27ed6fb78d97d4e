"""Our orders in the venue's book, and our place in its queues."""

from bisect import insort
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from flatbook.basics import Side
from flatbook.instruments import Contract
from flatbook.instruments.contracts import tick_at
from flatbook.orders import Place

_FINISHED_REMEMBERED = 50_000


class Resting(msgspec.Struct):
    """One order of ours. `limit` and `near` are its price and a quarter tick as floats, for comparing with the market.

    `ahead` is the displayed size that trades before us at our price. `seen` says that our price level was displayed
    since we came, so that `ahead` is known and not guessed.
    """

    order_id: int
    row: int
    side: Side
    price: Decimal
    remaining: Decimal
    post_only: bool
    limit: float
    near: float
    ahead: float = 0.0
    seen: bool = False


def resting_order(place: Place, contract: Contract) -> Resting:
    """The order of a placing request, before it has a place in the queue."""
    order = Resting(place.order_id, place.row, place.side, place.price, place.quantity, place.post_only, 0.0, 0.0)
    reprice(order, place.price, contract)
    return order


def reprice(order: Resting, price: Decimal, contract: Contract) -> None:
    """Move the order to `price`; whoever calls it says what becomes of the queue place."""
    order.price = price
    order.limit = float(price)
    order.near = 0.25 * float(tick_at(contract, price))


def level_displayed(order: Resting, size: float) -> None:
    """Our price level is displayed with `size`.

    A level that shrinks without trading shrinks behind us, unless less is left than we thought was ahead. A guess
    made before the level was displayed gives way to the first size displayed: all of that was there before us.
    """
    order.ahead = size if not order.seen else min(order.ahead, size)
    order.seen = True


def volume_at_price(order: Resting, volume: float) -> float:
    """`volume` traded at our price: it eats the queue ahead first; what is left for us is returned."""
    left = max(0.0, volume - order.ahead)
    order.ahead = max(0.0, order.ahead - volume)
    return left


def _priority(order: Resting) -> float:
    """Less for whoever trades first on its side."""
    return -order.side * order.limit


class OwnOrders:
    """Our orders by id and by row, and why those that left are no longer there.

    A row's orders stand by priority, the bids before the offers; whoever reprices one takes it out and adds it again.
    """

    def __init__(self) -> None:
        self.by_id: dict[int, Resting] = {}
        self.by_row: dict[int, list[Resting]] = {}
        self._finished: dict[int, str] = {}

    def add(self, order: Resting) -> None:
        """The order rests, last in time among those at its price."""
        self.by_id[order.order_id] = order
        insort(self.by_row.setdefault(order.row, []), order, key=_priority)

    def remove(self, order: Resting, why: str) -> None:
        """The order leaves the book because it was `why`: filled, cancelled, ..."""
        self.withdraw(order)
        self.remember(order.order_id, why)

    def withdraw(self, order: Resting) -> None:
        """Take the order out of the book without finishing it, as an amend does."""
        del self.by_id[order.order_id]
        mates = self.by_row[order.row]
        mates.remove(order)
        if not mates:
            del self.by_row[order.row]

    def remember(self, order_id: int, why: str) -> None:
        """This id is used up. The venue remembers a long while, not for ever."""
        self._finished[order_id] = why
        if len(self._finished) > _FINISHED_REMEMBERED:
            del self._finished[next(iter(self._finished))]

    def known(self, order_id: int) -> bool:
        """Whether the id was used before."""
        return order_id in self.by_id or order_id in self._finished

    def fate(self, order_id: int) -> str:
        """What became of an order that is not in the book."""
        return self._finished.get(order_id, "unknown here")

    def by_priority(self, row: int) -> list[Resting]:
        """The row's orders, each side by price and then by time."""
        return list(self.by_row.get(row, ()))

    def facing(self, row: int, side: int) -> Iterator[Resting]:
        """The orders that an order on `side` would trade with, best first."""
        return (order for order in self.by_priority(row) if order.side != side)
