"""From measures to wishes: what quoting and hedging would like to do."""

from decimal import Decimal

import msgspec
import numpy as np

from flatbook import hedging, orders, quoting
from flatbook.basics import BUY, NS_PER_SECOND, SELL, Side
from flatbook.engine.state import State, raise_alert
from flatbook.hedging import HedgeRow, UnderlyingHedge, Wish
from flatbook.instruments import Contract, price_on_tick, quantity_on_lot
from flatbook.limits import Mode, breached, usage
from flatbook.orders import Amend, Cancel, Order, Place, Purpose, Request
from flatbook.quoting import AMEND, BOTH_SIDES, CANCEL, ONLY_REDUCING, PLACE, Terms
from flatbook.risk import HoldingCost, holding_cost

_NO_QUOTES = 0
_HEDGE_PURPOSES = {False: Purpose.HEDGE, True: Purpose.FLATTEN}


class Wished(msgspec.Struct, frozen=True):
    """A request that waits for the gate. `underlying` is the block's index."""

    underlying: int
    request: Request


def decide(state: State, worked: list[int]) -> list[Wished]:
    """What the desk would like to send, hedges before quotes, for the underlyings that were worked on in this step."""
    wishes: list[Wished] = []
    if not worked or not state.ledger.count:
        return wishes  # a desk that has not heard of any money of its own does not trade
    cost = cost_of_holding(state)
    for index in worked:
        if state.market.underlyings[index].reference > 0.0:
            wishes += _hedge(state, index)
    for index in worked:
        if state.market.underlyings[index].reference > 0.0:
            wishes += _quote(state, index, cost)
    return wishes


def cost_of_holding(state: State) -> HoldingCost:
    """The holding cost of the book measured from the target, and its gradient."""
    entries = state.risk.underlyings
    targets = [target_cash(state, index) for index in range(len(entries))]
    delta = np.array([entry.exposure.delta_cash - target for entry, target in zip(entries, targets, strict=True)])
    vega = np.array([entry.exposure.vega_level for entry in entries])
    return holding_cost(state.parameters.factors, state.covariance, delta, vega)


def target_cash(state: State, index: int) -> float:
    """The delta that hedging aims at, in dollars."""
    name = state.universe.blocks[index].underlying
    return state.parameters.hedging.target_coins.get(name, 0.0) * state.market.underlyings[index].spot


def _hedge(state: State, index: int) -> list[Wished]:
    hedge = state.hedges.underlyings[index]
    hedge.wanted_row, hedge.wanted_side = -1, 0
    wishes = _hedge_wishes(state, index)
    out = orders.in_flight_hedges(state.orders, state.universe, index)
    for order in out:
        hedge.wanted_row, hedge.wanted_side = order.row, int(order.side)
    for wish in wishes:
        if isinstance(wish.request, Place):
            hedge.wanted_row, hedge.wanted_side = wish.request.row, int(wish.request.side)
            if _own_quote_stands(state, index, wish.request):
                return []  # the quote is pulled in this step, the hedge follows when it is gone
    return wishes


def _own_quote_stands(state: State, index: int, hedge: Place) -> bool:
    """Whether a quote of ours on the other side of the hedge's row is still in the book, or may be."""
    axis = 1 if hedge.side is BUY else 0
    return bool(state.orders.quote_id[index][axis, state.universe.slot_of[hedge.row]])


def _hedge_wishes(state: State, index: int) -> list[Wished]:
    policy, block = state.parameters.hedging, state.universe.blocks[index]
    hedge = state.hedges.underlyings[index]
    out = orders.in_flight_hedges(state.orders, state.universe, index)
    if out and (out[0].status.in_flight or out[0].immediate):
        return []  # one hedge for one exposure: what is in flight is waited for
    gap = state.risk.underlyings[index].exposure.delta - policy.target_coins.get(block.underlying, 0.0)
    _set_band(state, index, hedge)
    if out:
        return _mind(state, index, hedge, out[0], gap)
    if state.breaker.mode is Mode.PAUSED and not state.breaker.flattening:
        return []
    if state.breaker.flattening:
        hedge.band, hedge.cross_next = 0.0, True
    if abs(gap) <= hedge.band:
        hedge.cross_next = False
        return []
    best = _cheapest(state, index, gap)
    if best is None:
        raise_alert(state, "warning", f"no hedge {block.underlying}", f"{block.underlying} needs a hedge and no row is trusted")
        return []
    largest = policy.largest_order_coins.get(block.underlying, 0.0)
    wish = hedging.decide_hedge(policy, hedge, best, gap, largest, None, state.now_ns)
    return [] if wish is None else _hedge_order(state, index, hedge, best, wish)


def _cheapest(state: State, index: int, gap: float) -> HedgeRow | None:
    """The row that hedges `gap` coins at the least cost now."""
    block, market, policy = state.universe.blocks[index], state.market.underlyings[index], state.parameters.hedging
    side = SELL if gap > 0.0 else BUY
    return hedging.cheapest_row(block, market, state.universe, state.venues, policy.venues, side, abs(gap), state.now_ns)


def _set_band(state: State, index: int, hedge: UnderlyingHedge) -> None:
    """The no-trade band at today's gamma and, once a second, at the cost of trading the least band's size."""
    market, name = state.market.underlyings[index], state.universe.blocks[index].underlying
    least = state.parameters.hedging.least_band_coins.get(name, 0.0)
    if state.now_ns - hedge.rated_ns >= NS_PER_SECOND:
        best = _cheapest(state, index, least)
        hedge.cost_rate = best.cost_rate if best is not None else hedge.cost_rate
        hedge.rated_ns = state.now_ns
    gamma_cash = state.risk.underlyings[index].exposure.gamma_cash
    aversion = state.parameters.factors.risk_aversion
    hedge.band = hedging.half_band(gamma_cash, market.spot, hedge.cost_rate, aversion, least)


def _mind(state: State, index: int, hedge: UnderlyingHedge, order: Order, gap: float) -> list[Wished]:
    """Look after the hedge that rests in the book."""
    contract = state.universe.contracts[order.row]
    market, slot = state.market.underlyings[index], state.universe.slot_of[order.row]
    row = HedgeRow(order.row, slot, market.bid.item(slot), market.ask.item(slot), hedge.cost_rate)
    stopped = state.breaker.mode is Mode.PAUSED and not state.breaker.flattening
    lost_sight = not market.trusted[slot] or (order.side is SELL) != (gap > 0.0)
    wish = hedging.decide_hedge(state.parameters.hedging, hedge, row, gap, 0.0, float(order.price), state.now_ns)
    if stopped or lost_sight or state.breaker.flattening or (wish is not None and wish.action == "cancel"):
        return [Wished(index, Cancel(order.order_id, order.row))]
    if wish is not None and wish.action == "move":
        price = price_on_tick(contract, wish.price, order.side)
        if price != order.price:
            return [Wished(index, Amend(order.order_id, order.row, price, order.remaining))]
    return []


def _hedge_order(state: State, index: int, hedge: UnderlyingHedge, best: HedgeRow, wish: Wish) -> list[Wished]:
    contract = state.universe.contracts[best.row]
    quantity = quantity_on_lot(contract, _units(contract, wish.coins, wish.price))
    if not quantity:
        if state.breaker.flattening:
            hedge.cross_next = False  # what is left is less than a lot: as flat as it gets
        return []
    crossing = wish.action == "cross"
    # An immediate order is rounded towards reaching the market, a resting one away from it.
    grid_side = wish.side.opposite if crossing else wish.side
    order_id = orders.take_id(state.orders)
    hedging.remember_reason(hedge, order_id, wish.reason)
    hedge.resting_since_ns = state.now_ns
    if crossing:
        hedge.cross_next = False
    place = Place(
        order_id=order_id,
        row=best.row,
        side=wish.side,
        price=price_on_tick(contract, wish.price, grid_side),
        quantity=quantity,
        purpose=_HEDGE_PURPOSES[state.breaker.flattening],
        post_only=not crossing,
        immediate=crossing,
    )
    return [Wished(index, place)]


def _units(contract: Contract, coins: float, price: float) -> float:
    """Coins of delta as contract units: dollars for an inverse contract."""
    return coins * price if contract.inverse else coins


def _quote(state: State, index: int, cost: HoldingCost) -> list[Wished]:
    policy, block = state.parameters.quoting, state.universe.blocks[index]
    quotes, market = state.quotes.underlyings[index], state.market.underlyings[index]
    terms = _terms(state, index, cost)
    quoting.set_targets(
        quotes, policy, state.parameters.freshness, terms, block, market, state.risk.underlyings[index], state.now_ns
    )
    _make_way(state, index)
    book = state.orders
    actions, sides, slots = quoting.wanted_changes(
        quotes,
        block.size,
        policy.tolerance,
        book.quote_id[index],
        book.quote_price[index],
        book.quote_quantity[index],
        book.quote_busy[index],
        state.now_ns,
    )
    wishes: list[Wished] = []
    _refill_budget(state)
    for action, axis, slot in zip(actions.tolist(), sides.tolist(), slots.tolist(), strict=True):
        if action != CANCEL:
            if state.quotes.budget < 1.0:
                break  # the most urgent came first; the rest waits for budget
            state.quotes.budget -= 1.0
        wish = _quote_request(state, index, action, axis, slot)
        if wish is not None:
            wishes.append(Wished(index, wish))
    return wishes


def _make_way(state: State, index: int) -> None:
    """No quote stands opposite a hedge on the same row: we do not trade with ourselves, and the hedge is the dearer one."""
    hedge = state.hedges.underlyings[index]
    if hedge.wanted_row >= 0:
        axis = 1 if hedge.wanted_side > 0 else 0
        state.quotes.underlyings[index].target[axis, state.universe.slot_of[hedge.wanted_row]] = np.nan


def _terms(state: State, index: int, cost: HoldingCost) -> Terms:
    name = state.universe.blocks[index].underlying
    exposure = state.risk.underlyings[index].exposure
    sides = BOTH_SIDES
    if state.breaker.mode is Mode.PAUSED:
        sides = _NO_QUOTES
    elif state.breaker.mode is Mode.REDUCE_ONLY or breached(
        usage(state.parameters.limits, name, exposure, target_cash(state, index))
    ):
        sides = ONLY_REDUCING
    return Terms(
        spot_price=float(cost.gradient[0, index]),
        vol_price=float(cost.gradient[1, index]),
        spot_curvature=float(cost.curvature[0, 0, index]),
        cross_curvature=float(cost.curvature[0, 1, index]),
        vol_curvature=float(cost.curvature[1, 1, index]),
        risk_aversion=state.parameters.factors.risk_aversion,
        hedge_rate=state.hedges.underlyings[index].cost_rate,
        sides=sides,
    )


def _quote_request(state: State, index: int, action: int, axis: int, slot: int) -> Request | None:
    """The request that brings one side of one row to its target; None when its size is less than a lot."""
    row = int(state.universe.blocks[index].row[slot])
    if action == CANCEL:
        return Cancel(int(state.orders.quote_id[index][axis, slot]), row)
    contract = state.universe.contracts[row]
    entry = state.quotes.underlyings[index]
    price: Decimal = price_on_tick(contract, entry.target.item(axis, slot))
    quantity = quantity_on_lot(contract, entry.quantity.item(slot))
    if not quantity or price <= 0:
        return None
    if action == AMEND:
        return Amend(int(state.orders.quote_id[index][axis, slot]), row, price, quantity)
    assert action == PLACE, "a change is a place, an amend or a cancel"
    side: Side = BUY if axis == 0 else SELL
    return Place(orders.take_id(state.orders), row, side, price, quantity, Purpose.QUOTE, post_only=True)


def _refill_budget(state: State) -> None:
    """A token bucket on the desk's own clock."""
    quotes, policy = state.quotes, state.parameters.quoting
    elapsed = max(0, state.now_ns - quotes.budget_ns) / NS_PER_SECOND if quotes.budget_ns else 1.0
    quotes.budget = min(float(policy.burst), quotes.budget + elapsed * policy.requests_per_s)
    quotes.budget_ns = state.now_ns
