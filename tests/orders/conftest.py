"""A desk that quotes two calls and hedges with a perpetual, told what venues report."""

from decimal import Decimal

import pytest

from flatbook import orders as room
from flatbook.basics import BUY, Side
from flatbook.events import Fill, OrderAccepted, OrderAmended, OrderCancelled, OrderRejected, RequestRefused
from flatbook.instruments import CALL, Option, Perpetual, Universe
from flatbook.orders import Amend, Cancel, Order, Orders, Place, Purpose

TICK = Decimal("0.0001")
LOT = Decimal("0.1")


def a_universe() -> Universe:
    universe = Universe()
    universe.list_contract(Perpetual("deribit", "BTC-PERPETUAL", "BTC", "USD", "BTC", Decimal("0.5"), Decimal(10), inverse=True))
    for strike in (90_000, 100_000):
        universe.list_contract(
            Option("deribit", f"BTC-{strike}-C", "BTC", "USD", "BTC", TICK, LOT, 10**18, Decimal(strike), CALL, inverse=True)
        )
    universe.list_contract(Perpetual("deribit", "ETH-PERPETUAL", "ETH", "USD", "ETH", Decimal("0.05"), Decimal(1), inverse=True))
    return universe


class Desk:
    """Orders, and short words for what happens to them; every word returns the anomaly, and validates afterwards."""

    def __init__(self) -> None:
        self.universe = a_universe()
        self.orders = Orders()
        self.now_ns = 0
        self.fills = 0
        room.ensure(self.orders, self.universe)

    def place(self, quantity="5", price="0.05", side: Side = BUY, purpose=Purpose.QUOTE, row: int = 1) -> int:
        order_id = room.take_id(self.orders)
        self.request(Place(order_id, row, side, Decimal(price), Decimal(quantity), purpose))
        return order_id

    def request(self, request) -> None:
        self.now_ns += 1
        room.record_request(self.orders, self.universe, request, self.now_ns)
        room.validate(self.orders, self.universe)

    def amend(self, order_id: int, quantity, price="0.06") -> None:
        self.request(Amend(order_id, 1, Decimal(price), Decimal(quantity)))

    def cancel(self, order_id: int) -> None:
        self.request(Cancel(order_id, 1))

    def accepted(self, order_id: int) -> str | None:
        return self._told(room.apply_accepted, OrderAccepted(order_id, f"v{order_id}"))

    def rejected(self, order_id: int) -> str | None:
        return self._told(room.apply_rejected, OrderRejected(order_id, "post only"))

    def cancelled(self, order_id: int) -> str | None:
        return self._told(room.apply_cancelled, OrderCancelled(order_id, "asked"))

    def refused(self, order_id: int) -> str | None:
        return self._told(room.apply_refused, RequestRefused(order_id, "too late"))

    def amended(self, order_id: int, quantity, price="0.06") -> str | None:
        return self._told(room.apply_amended, OrderAmended(order_id, Decimal(price), Decimal(quantity)))

    def fill(self, order_id: int, quantity, row: int | None = None) -> str | None:
        self.fills += 1
        order = self.order(order_id)
        side, place = (BUY, 1) if order is None else (order.side, order.row)
        event = Fill(
            f"f{self.fills}", order_id, row or place, side, Decimal("0.05"), Decimal(quantity), Decimal(0), "BTC", True, 0
        )
        return self._told(room.apply_fill, event)

    def order(self, order_id: int) -> Order | None:
        return room.find(self.orders, order_id)

    def _told(self, apply, event) -> str | None:
        self.now_ns += 1
        anomaly = apply(self.orders, self.universe, event, self.now_ns)
        room.validate(self.orders, self.universe)
        return anomaly


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="session")
def new_desk() -> type[Desk]:
    """For laws, which need a fresh desk for every example."""
    return Desk
