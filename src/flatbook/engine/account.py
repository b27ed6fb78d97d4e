"""Account facts: one fact, written to order, inventory, ledger and P&L, or dropped when it is known already."""

from decimal import Decimal
from math import isnan

from flatbook import inventory, ledger, orders, pnl
from flatbook.basics import NS_PER_SECOND
from flatbook.engine.state import State, raise_alert
from flatbook.events import (
    BalanceStatement,
    Delivered,
    Deposited,
    Fill,
    FundingPaid,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderRejected,
    PositionStatement,
    RequestRefused,
)
from flatbook.hedging import hold_off
from flatbook.instruments import Contract, Spot, contract_key, value_at
from flatbook.limits import Mode, trip
from flatbook.orders import OrderStatus, Purpose
from flatbook.pricing import DELTA, VALUE


def order_accepted(state: State, event: OrderAccepted) -> None:
    """The venue holds our order."""
    _look_again(state, event.order_id)
    _report(state, orders.apply_accepted(state.orders, state.universe, event, state.now_ns))


def order_amended(state: State, event: OrderAmended) -> None:
    """The order stands elsewhere now."""
    _look_again(state, event.order_id)
    _report(state, orders.apply_amended(state.orders, state.universe, event, state.now_ns))


def order_cancelled(state: State, event: OrderCancelled) -> None:
    """The order is out of the book; hedging and quoting look again."""
    _wake(state, event.order_id)
    _report(state, orders.apply_cancelled(state.orders, state.universe, event, state.now_ns))


def order_rejected(state: State, event: OrderRejected) -> None:
    """The venue never took it; a rejected hedge is not sent again at once."""
    _wake(state, event.order_id)
    order = state.orders.open.get(event.order_id)
    if order is not None and order.purpose is Purpose.QUOTE:
        _hold_quote(state, order)
    elif order is not None:
        hold_off(state.hedges.underlyings[state.universe.underlying_of[order.row]], state.now_ns)
        if not order.post_only:  # a resting hedge that came too late to rest is the market's daily business
            raise_alert(state, "warning", f"rejected {order.row}", f"hedge {event.order_id} was rejected: {event.reason}")
    _report(state, orders.apply_rejected(state.orders, state.universe, event, state.now_ns))


def _hold_quote(state: State, order: orders.Order) -> None:
    """A venue that rejected a quote would reject it in every step: look again in a second."""
    held = state.quotes.underlyings[state.universe.underlying_of[order.row]].held_until_ns
    held[orders.axis_of(order.side), state.universe.slot_of[order.row]] = state.now_ns + NS_PER_SECOND


def request_refused(state: State, event: RequestRefused) -> None:
    """An amend or cancel came too late or made no sense to the venue."""
    _look_again(state, event.order_id)
    _report(state, orders.apply_refused(state.orders, state.universe, event, state.now_ns))


def fill(state: State, event: Fill) -> None:
    """Four writes from one fact: ledger, order, inventory, P&L. A fill told twice is one fill."""
    if not _known_row(state, event.row, f"fill {event.fill_id}"):
        return
    contract = state.universe.contracts[event.row]
    if ledger.book_fill(state.ledger, contract, event, state.now_ns) is None:
        return
    _report(state, orders.apply_fill(state.orders, state.universe, event, state.now_ns))
    order = orders.find(state.orders, event.order_id)
    signed = event.quantity * event.side
    inventory.change_position(state.inventory, state.universe, event.row, signed)
    mark, unit_price = _mark(state, event.row, contract, event.price)
    pnl.record_fill(
        state.pnl,
        state.universe,
        event,
        state.now_ns,
        mark_value=mark,
        unit_price=unit_price,
        fee_unit_price=explained_price(state, event.fee_asset),
        purpose=order.purpose.value if order else "unknown",
        delta_cash=float(signed) * unit_price * _delta_of(state, event.row),
    )
    _touch(state, event.row)


def funding_paid(state: State, event: FundingPaid) -> None:
    """Funding came in or went out."""
    if not _known_row(state, event.row, f"funding {event.funding_id}"):
        return
    if ledger.book_funding(state.ledger, state.universe.contracts[event.row], event, state.now_ns) is None:
        return
    pnl.record_funding(state.pnl, state.universe, event, explained_price(state, event.asset))
    _touch(state, event.row)


def delivered(state: State, event: Delivered) -> None:
    """A position was closed at expiry at the delivery price."""
    if not _known_row(state, event.row, f"delivery {event.delivery_id}"):
        return
    contract = state.universe.contracts[event.row]
    if ledger.book_delivery(state.ledger, contract, event, state.now_ns) is None:
        return
    mark, unit_price = _mark(state, event.row, contract, event.price)
    inventory.change_position(state.inventory, state.universe, event.row, -event.quantity)
    pnl.record_delivery(
        state.pnl,
        state.universe,
        event,
        mark_value=mark,
        unit_price=unit_price,
        fee_unit_price=explained_price(state, event.fee_asset),
    )
    _touch(state, event.row)


def deposited(state: State, event: Deposited) -> None:
    """Capital came in. A coin that has no price yet is valued when it first gets one, by `stabilise`."""
    if ledger.book_deposit(state.ledger, event, state.now_ns) is None:
        return
    pnl.record_deposit(state.pnl, event, explained_price(state, event.asset))
    for entry in state.market.underlyings:
        entry.dirty = True


def balance_statement(state: State, event: BalanceStatement) -> None:
    """The venue's word against the ledger's. A difference is never repaired here: it stops the desk opening risk."""
    difference = ledger.statement_difference(state.ledger, event)
    if difference:
        distrust_books(state, f"{event.venue} says {event.amount} {event.asset}, the ledger differs by {_plain(-difference)}")


def position_statement(state: State, event: PositionStatement) -> None:
    """The venue's word against the inventory's."""
    if not _known_row(state, event.row, "a position statement"):
        return
    difference = inventory.statement_difference(state.inventory, event)
    if difference:
        key = contract_key(state.universe.contracts[event.row])
        distrust_books(state, f"{key}: the venue says {event.quantity}, the inventory differs by {_plain(-difference)}")


def distrust_books(state: State, text: str) -> None:
    """Books that do not agree: alert, and only reduce until an operator has looked."""
    trip(state.breaker, Mode.REDUCE_ONLY, text)
    raise_alert(state, "critical", f"books {text}", text)


def explained_price(state: State, asset: str) -> float:
    """Dollars per unit of `asset` as P&L last explained it, at which a fact of this batch is valued; 0 for an unpriced coin."""
    index = state.universe.underlyings.get(asset)
    if index is not None:
        return state.risk.underlyings[index].spot
    return state.pegs_marked.get(asset, 1.0)


def _plain(number: Decimal) -> str:
    """A number without the zeros that exact arithmetic leaves behind it."""
    return f"{number.normalize():f}"


def _known_row(state: State, row: int, what: str) -> bool:
    if 0 <= row < len(state.universe):
        return True
    distrust_books(state, f"{what} names row {row}, which was never listed")
    return False


def _mark(state: State, row: int, contract: Contract, price: Decimal) -> tuple[float, float]:
    """Mark value per unit and dollars per settlement unit, as P&L last explained them.

    A row that was never marked is judged at the fill's own price, and that price becomes its mark.
    """
    entry = state.risk.underlyings[state.universe.underlying_of[row]]
    slot = state.universe.slot_of[row]
    if isinstance(contract, Spot):
        quote = explained_price(state, contract.quote)
        return (entry.spot / quote if entry.spot > 0.0 else float(price)), quote
    if entry.forward[slot] <= 0.0:
        entry.greeks[VALUE, slot] = value_at(contract, float(price))
        entry.forward[slot] = state.market.underlyings[state.universe.underlying_of[row]].spot or float(price)
        entry.unit_price[slot] = explained_price(state, contract.settlement)
    return entry.greeks.item(VALUE, slot), entry.unit_price.item(slot)


def _delta_of(state: State, row: int) -> float:
    """Delta of one unit of contract times the price it is a delta to, in settlement units."""
    entry, slot = state.risk.underlyings[state.universe.underlying_of[row]], state.universe.slot_of[row]
    contract = state.universe.contracts[row]
    if isinstance(contract, Spot):
        quote = explained_price(state, contract.quote)
        return entry.spot / quote if quote > 0.0 else 0.0
    return entry.greeks.item(DELTA, slot) * entry.forward.item(slot)


def _touch(state: State, row: int) -> None:
    state.touched.append(row)
    state.market.underlyings[state.universe.underlying_of[row]].dirty = True


def _wake(state: State, order_id: int) -> None:
    order = state.orders.open.get(order_id)
    if order is not None:
        state.market.underlyings[state.universe.underlying_of[order.row]].dirty = True


def _look_again(state: State, order_id: int) -> None:
    """An answer frees an order that had to be left alone: a hedge, or a quote that should be gone, is seen to in this step.

    Its market may have gone silent meanwhile, and then nothing else would wake it. What was asked to go needs no waking.
    """
    order = state.orders.open.get(order_id)
    if order is None or order.status is OrderStatus.PENDING_CANCEL:
        return
    index, slot = state.universe.underlying_of[order.row], state.universe.slot_of[order.row]
    target = state.quotes.underlyings[index].target.item(orders.axis_of(order.side), slot)
    if order.purpose is not Purpose.QUOTE or isnan(target):
        state.market.underlyings[index].dirty = True


def _report(state: State, anomaly: str | None) -> None:
    if anomaly is not None:
        raise_alert(state, "warning", f"order {anomaly}", anomaly)
