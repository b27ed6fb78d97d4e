"""Wishes through the gate: what passes is remembered in flight in the same step, so that replay knows it too."""

from flatbook import limits, orders
from flatbook.basics import NS_PER_SECOND, Side
from flatbook.engine.state import State, raise_alert
from flatbook.engine.wishes import Wished, target_cash
from flatbook.hedging import hold_off
from flatbook.instruments import Option, Spot, contract_key
from flatbook.limits import Gate, Impact
from flatbook.orders import Amend, Cancel, Place, Purpose, Request
from flatbook.risk import row_cash


def approve(state: State, wishes: list[Wished]) -> list[Request]:
    """The requests that passed, in order. Cancels always pass: they only take risk away."""
    if not wishes:
        return []
    gate = _open(state)
    approved: list[Request] = []
    for wish in wishes:
        request = wish.request
        if not isinstance(request, Cancel):
            side, purpose = _intent(state, request)
            crossed = _own_quote_in_the_way(state, wish.underlying, request, side)
            refusal = crossed or limits.refusal(gate, _impact(state, wish.underlying, request, side, purpose))
            if refusal is not None:
                _say_refusal(state, wish, refusal)
                if crossed or isinstance(request, Place):
                    continue
                # What the limits would not let in anew does not stay in either, least of all at a price we no longer want.
                request = Cancel(request.order_id, request.row)
        orders.record_request(state.orders, state.universe, request, state.now_ns)
        approved.append(request)
    return approved


def _open(state: State) -> Gate:
    names = [block.underlying for block in state.universe.blocks]
    exposures = {name: (state.risk.underlyings[index].exposure, target_cash(state, index)) for index, name in enumerate(names)}
    return limits.open_gate(state.parameters.limits, state.breaker, exposures, len(state.orders.open))


def _intent(state: State, request: Place | Amend) -> tuple[Side, Purpose]:
    if isinstance(request, Place):
        return request.side, request.purpose
    order = state.orders.open[request.order_id]
    return order.side, order.purpose


def _own_quote_in_the_way(state: State, index: int, request: Place | Amend, side: Side) -> str | None:
    """We never trade with ourselves: an order that would reach our own quote on the other side waits."""
    axis = 1 if side is Side.BUY else 0
    slot = state.universe.slot_of[request.row]
    if not state.orders.quote_id[index][axis, slot]:
        return None
    standing = state.orders.quote_price[index].item(axis, slot)
    price = float(request.price)
    reaches = price >= standing if side is Side.BUY else price <= standing
    return f"it would trade with our own quote at {standing:g}" if reaches else None


def _impact(state: State, index: int, request: Place | Amend, side: Side, purpose: Purpose) -> Impact:
    """What the request adds to the book's cash Greeks if it fills at once and in full."""
    entry, market = state.risk.underlyings[index], state.market.underlyings[index]
    slot = state.universe.slot_of[request.row]
    contract = state.universe.contracts[request.row]
    quantity = float(request.quantity)
    forward, spot = entry.forward.item(slot), market.spot
    dollars = side * quantity * entry.unit_price.item(slot)
    delta, gamma, vega, _ = row_cash(entry, slot, dollars, forward, float(contract.inverse))
    if isinstance(contract, Spot):
        delta = side * quantity * spot  # what is bought is coins, worth spot whatever the quote asset is
    in_dollars = contract.inverse and not isinstance(contract, Option)
    return Impact(
        underlying=contract.underlying,
        delta_cash=delta,
        gamma_cash=gamma,
        vega_cash=vega,
        notional=quantity if in_dollars else quantity * spot,
        hedging=purpose is not Purpose.QUOTE,
        opens=isinstance(request, Place),
    )


def _say_refusal(state: State, wish: Wished, reason: str) -> None:
    state.refusals += 1
    request = wish.request
    name = state.universe.blocks[wish.underlying].underlying
    assert not isinstance(request, Cancel), "a cancel is never refused"
    side, purpose = _intent(state, request)
    if purpose is Purpose.QUOTE:
        # Asking again in every step would be refused in every step: look again in a second.
        held = state.quotes.underlyings[wish.underlying].held_until_ns
        held[0 if side is Side.BUY else 1, state.universe.slot_of[request.row]] = state.now_ns + NS_PER_SECOND
        state.quotes.budget += 1.0  # nothing was sent: what is refused must not starve the amends that would pass
    else:
        hedge = state.hedges.underlyings[wish.underlying]
        hold_off(hedge, state.now_ns)
        hedge.cross_next = hedge.cross_next or (isinstance(request, Place) and request.immediate)
    key = contract_key(state.universe.contracts[request.row])
    raise_alert(state, "warning", f"refused {name} {purpose}", f"a {purpose.value} in {key} was refused: {reason}")
