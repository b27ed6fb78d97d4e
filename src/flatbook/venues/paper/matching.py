"""What the venue's matching engine would have done with our orders in a market that does not know us."""

from collections.abc import Callable
from decimal import Decimal

from flatbook.basics import ZERO, Side
from flatbook.events import Depth, OrderAccepted, OrderAmended, OrderCancelled, OrderRejected, RequestRefused, Ticker, Top, Trade
from flatbook.instruments import Contract, contract_key, price_on_tick, quantity_on_lot
from flatbook.orders import Amend, Cancel, Place
from flatbook.venues.paper.displayed import DisplayedMarket
from flatbook.venues.paper.parameters import MatchingParameters
from flatbook.venues.paper.resting import OwnOrders, Resting, level_displayed, reprice, resting_order, volume_at_price
from flatbook.venues.paper.rules import broken_grid, would_cross
from flatbook.venues.paper.taken import TakenSizes

AccountNote = OrderAccepted | OrderAmended | OrderCancelled | OrderRejected | RequestRefused
Execution = Callable[[Resting, Decimal, Decimal, bool, int], None]
Reachable = tuple[float, float, float]  # price, displayed size, what of it is left for us


class Matcher:
    """Price-time priority with a place in the queue.

    Resting: an order joins behind what is displayed at its price; trades at the price pass the queue first; a trade
    through the price fills it whole; an opposite top that reaches the price fills it at its own price, as maker, for
    the size shown. Marketable: it walks the displayed levels as taker and never takes the same displayed size twice.
    `tell` carries the venue's answers, `execute(order, price, quantity, maker, ns)` books a fill.
    """

    def __init__(
        self,
        displayed: DisplayedMarket,
        parameters: MatchingParameters,
        tell: Callable[[int, AccountNote], None],
        execute: Execution,
    ) -> None:
        self.displayed = displayed
        self.orders = OwnOrders()
        self.working = self.orders.by_row
        self._contracts: dict[int, Contract] = {}
        self._taken = TakenSizes(parameters.refill_ns)
        self._tell = tell
        self._execute = execute

    def open_row(self, row: int, contract: Contract) -> None:
        """`row` trades from now on."""
        self._contracts[row] = contract

    def is_open(self, row: int) -> bool:
        """Whether `row` trades here."""
        return row in self._contracts

    def close_row(self, row: int, ns: int, reason: str) -> None:
        """`row` trades no more; its orders are cancelled for `reason`."""
        self._contracts.pop(row, None)
        for order in self.orders.by_priority(row):
            self._cancel(order, ns, reason)

    def place(self, request: Place, ns: int) -> None:
        """A new order reaches the venue."""
        refusal = self._place_refusal(request, ns)
        if refusal is not None:
            self._tell(ns, OrderRejected(request.order_id, refusal))
            return
        contract = self._contracts[request.row]
        order = resting_order(request, contract)
        self._tell(ns, OrderAccepted(order.order_id, f"{contract.venue}-{order.order_id}"))
        self.orders.add(order)
        self._settle_in(order, ns, stays=not request.immediate)

    def amend(self, request: Amend, ns: int) -> None:
        """An amend reaches the venue, perhaps too late."""
        order = self.orders.by_id.get(request.order_id)
        refusal = self._missing(request.order_id) if order is None else self._amend_refusal(order, request, ns)
        if order is None or refusal is not None:
            self._tell(ns, RequestRefused(request.order_id, refusal or ""))
            return
        keeps_its_place = request.price == order.price and request.quantity <= order.remaining
        order.remaining = request.quantity
        self._tell(ns, OrderAmended(order.order_id, request.price, request.quantity))
        if not keeps_its_place:
            self.orders.withdraw(order)
            reprice(order, request.price, self._contracts[order.row])
            self.orders.add(order)
            self._settle_in(order, ns, stays=True)

    def cancel(self, request: Cancel, ns: int) -> None:
        """A cancel reaches the venue, perhaps too late."""
        order = self.orders.by_id.get(request.order_id)
        if order is None:
            self._tell(ns, RequestRefused(request.order_id, self._missing(request.order_id)))
        else:
            self._cancel(order, ns, "cancelled on request")

    def on_trade(self, trade: Trade, ns: int) -> None:
        """Somebody traded on a row where we have orders."""
        volume = trade.quantity
        for order in self.orders.by_priority(trade.row):
            distance = order.side * (trade.price - order.limit)
            if distance < -order.near:
                self._fill(order, order.price, order.remaining, ns, maker=True)
            elif distance <= order.near and trade.side != order.side:
                volume -= self._fill_behind_queue(order, volume, ns)

    def on_top(self, top: Top | Ticker, ns: int, *, reopening: bool = False) -> None:
        """The best bid and offer moved on a row where we have orders. After a silence nothing crosses."""
        for order in self.orders.by_priority(top.row):
            own, size, opposite = (top.bid, top.bid_size, top.ask) if order.side > 0 else (top.ask, top.ask_size, top.bid)
            if not reopening and order.side * (opposite - order.limit) <= order.near:
                self._fill_crossed(order, ns)
            gap = order.side * (own - order.limit)
            if abs(gap) <= order.near:
                level_displayed(order, size)
            elif not gap > 0:
                level_displayed(order, 0.0)

    def on_depth(self, depth: Depth, ns: int) -> None:
        """The whole book was restated on a row where we have orders."""
        for order in self.orders.by_priority(depth.row):
            self._fill_crossed(order, ns)
            size, within = self.displayed.size_at(depth.row, order.side, order.limit, order.near, ns)
            if within:
                level_displayed(order, size)

    def on_taker(self, row: int, side: int, quantity: float, limit: float, ns: int) -> list[tuple[float, float]]:
        """Somebody comes for our orders at prices up to `limit`; returns price and size of what of ours was traded."""
        trades: list[tuple[float, float]] = []
        left = quantity
        for order in list(self.orders.facing(row, side)):
            if side * (order.limit - limit) > order.near or left <= 0:
                break
            queue = min(left, order.ahead)
            filled = self._fill_behind_queue(order, left, ns)
            left -= queue + filled
            if filled > 0:
                trades.append((order.limit, filled))
        return trades

    def _place_refusal(self, request: Place, ns: int) -> str | None:
        if self.orders.known(request.order_id):
            return f"order id {request.order_id} was used before"
        reason = self._grid_refusal(request) or self._clash(request, request.side, request.post_only, ns)
        if reason is not None:
            self.orders.remember(request.order_id, "rejected")
        return reason

    def _amend_refusal(self, order: Resting, request: Amend, ns: int) -> str | None:
        if order.row != request.row:
            return f"order {order.order_id} is on row {order.row}, not {request.row}"
        return self._grid_refusal(request) or self._clash(request, order.side, order.post_only, ns)

    def _grid_refusal(self, request: Place | Amend) -> str | None:
        contract = self._contracts.get(request.row)
        if contract is None:
            return f"row {request.row} is not traded here"
        reason = broken_grid(contract, request.price, request.quantity)
        return reason and f"{contract_key(contract)}: {reason}"

    def _clash(self, request: Place | Amend, side: Side, post_only: bool, ns: int) -> str | None:
        """Why the order may not meet what faces it: the market, if it is post-only; an order of our own, always."""
        near = 0.25 * float(self._contracts[request.row].tick)
        reachable = self._reachable(request.row, side, float(request.price), near, ns)
        reason = would_cross(post_only, side, reachable[0][0] if reachable else None)
        own = next(self.orders.facing(request.row, side), None)
        if reason is not None or own is None or side * (own.price - request.price) > 0:
            return reason
        before_own = sum(left for price, _, left in reachable if side * (price - own.limit) <= near)
        return None if before_own >= float(request.quantity) else f"would trade with our own order {own.order_id}"

    def _reachable(self, row: int, side: int, limit: float, near: float, ns: int) -> list[Reachable]:
        """The opposite levels at `limit` or better that still hold something for us, best first."""
        found: list[Reachable] = []
        for price, displayed in self.displayed.levels(row, -side, ns):
            if side * (price - limit) > near:
                break
            left = self._taken.left(row, -side, price, displayed, ns)
            if left > 0:
                found.append((price, displayed, left))
        return found

    def _settle_in(self, order: Resting, ns: int, *, stays: bool) -> None:
        """Take what can be taken at once; then queue up, or give up the rest."""
        for level in self._reachable(order.row, order.side, order.limit, order.near, ns):
            if order.remaining:
                self._take(order, level, price_on_tick(self._contracts[order.row], level[0]), ns, maker=False)
        if not order.remaining:
            return
        if not stays:
            self._cancel(order, ns, "nothing more to take at this price")
            return
        order.ahead, order.seen = self.displayed.size_at(order.row, order.side, order.limit, order.near, ns)

    def _fill_crossed(self, order: Resting, ns: int) -> None:
        """Whoever now offers at our price or better found us there first, and trades at our price."""
        for level in self._reachable(order.row, order.side, order.limit, order.near, ns):
            if order.remaining:
                self._take(order, level, order.price, ns, maker=True)

    def _take(self, order: Resting, level: Reachable, price: Decimal, ns: int, *, maker: bool) -> None:
        level_price, displayed, left = level
        quantity = self._fillable(order, left)
        if quantity:
            self._taken.take(order.row, -order.side, level_price, displayed, float(quantity), ns)
            self._fill(order, price, quantity, ns, maker=maker)

    def _fill_behind_queue(self, order: Resting, volume: float, ns: int) -> float:
        quantity = self._fillable(order, volume_at_price(order, volume))
        if quantity:
            self._fill(order, order.price, quantity, ns, maker=True)
        return float(quantity)

    def _fillable(self, order: Resting, size: float) -> Decimal:
        if size <= 0:
            return ZERO
        return min(order.remaining, quantity_on_lot(self._contracts[order.row], size))

    def _fill(self, order: Resting, price: Decimal, quantity: Decimal, ns: int, *, maker: bool) -> None:
        assert ZERO < quantity <= order.remaining
        assert order.side * (order.price - price) >= 0, "no fill is worse than the limit"
        order.remaining -= quantity
        if not order.remaining:
            self.orders.remove(order, "filled")
        self._execute(order, price, quantity, maker, ns)

    def _cancel(self, order: Resting, ns: int, reason: str) -> None:
        self.orders.remove(order, "cancelled")
        self._tell(ns, OrderCancelled(order.order_id, reason))

    def _missing(self, order_id: int) -> str:
        return f"order {order_id} is not in the book: {self.orders.fate(order_id)}"
