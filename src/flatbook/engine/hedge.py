"""The hedging wishes of one underlying: a new order, a move of the one that rests, or a quote of ours that must make way."""

from flatbook import hedging, inventory, ledger, orders
from flatbook.basics import BUY, NS_PER_SECOND, SELL, Side
from flatbook.engine.state import State, raise_alert
from flatbook.engine.wishes import Wished
from flatbook.hedging import HedgeRow, UnderlyingHedge, Wish
from flatbook.instruments import Contract, Spot, contract_key, price_on_tick, quantity_on_lot
from flatbook.limits import Mode
from flatbook.orders import Amend, Cancel, Order, Place, Purpose

_UNANSWERED_NS = 10 * NS_PER_SECOND
_PAY_MARGIN = 1.01  # a purchase must be payable at a price a little worse than the one seen, and with its fee
_PURPOSES = {False: Purpose.HEDGE, True: Purpose.FLATTEN}


def hedge_wishes(state: State, index: int) -> list[Wished]:
    """The wishes of underlying `index`; where a hedge is wanted is remembered, so that quotes make way for it."""
    hedge = state.hedges.underlyings[index]
    hedge.wanted_row, hedge.wanted_side = -1, 0
    wishes = _wishes(state, index)
    out = orders.in_flight_hedges(state.orders, state.universe, index)
    for order in out:
        hedge.wanted_row, hedge.wanted_side = order.row, int(order.side)
    for wish in wishes:
        if isinstance(wish.request, Place):
            hedge.wanted_row, hedge.wanted_side = wish.request.row, int(wish.request.side)
            quote = _own_quote(state, index, wish.request)
            if quote is not None:
                # The quote is pulled in this step, the hedge follows when it is gone, and crosses if it was to cross.
                hedge.cross_next = wish.request.immediate
                _say_unanswered(state, state.universe.blocks[index].underlying, quote)
                return []
    return wishes


def _own_quote(state: State, index: int, hedge: Place) -> Order | None:
    """The quote of ours on the other side of the hedge's row that is still in the book, or may be."""
    axis = 1 if hedge.side is BUY else 0
    return state.orders.open.get(state.orders.quote_id[index].item(axis, state.universe.slot_of[hedge.row]))


def _say_unanswered(state: State, name: str, order: Order) -> None:
    """Nothing more is sent while an answer is awaited; when it stays away, somebody must know that delta is not hedged."""
    waited_ns = state.now_ns - order.changed_ns
    if waited_ns > _UNANSWERED_NS:
        waiting = f"order {order.order_id} in {contract_key(state.universe.contracts[order.row])} has had no answer"
        text = f"{waiting} for {waited_ns // NS_PER_SECOND} s; {name} is not hedged until it has"
        raise_alert(state, "critical", f"unanswered {name}", text)


def _wishes(state: State, index: int) -> list[Wished]:
    policy, block = state.parameters.hedging, state.universe.blocks[index]
    hedge = state.hedges.underlyings[index]
    out = orders.in_flight_hedges(state.orders, state.universe, index)
    if out and (out[0].status.in_flight or out[0].immediate):
        _say_unanswered(state, block.underlying, out[0])
        return []  # one hedge for one exposure: what is in flight is waited for
    gap = state.risk.underlyings[index].exposure.delta - policy.target_coins.get(block.underlying, 0.0)
    _set_band(state, index, hedge)
    if out:
        return _mind(state, index, hedge, out[0], gap)
    if state.breaker.mode is Mode.PAUSED and (hedge.flat or not state.breaker.flattening):
        return []
    if state.breaker.flattening:
        hedge.band, hedge.cross_next = 0.0, True
    if abs(gap) <= hedge.band:
        hedge.cross_next, hedge.flat = False, hedge.flat or state.breaker.flattening
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
    coins = abs(gap)
    barred = _unpayable(state, index, side, coins)
    return hedging.cheapest_row(block, market, state.universe, state.venues, policy.venues, side, coins, state.now_ns, barred)


def _unpayable(state: State, index: int, side: Side, coins: float) -> set[int]:
    """The spot rows whose wallet does not hold what the trade would deliver: a coin we do not own is not ours to sell."""
    block, spot = state.universe.blocks[index], state.market.underlyings[index].spot
    barred: set[int] = set()
    for slot in block.delta_one:
        contract = state.universe.contracts[int(block.row[slot])]
        if isinstance(contract, Spot):
            asset, needed = (contract.quote, coins * spot * _PAY_MARGIN) if side is BUY else (contract.underlying, coins)
            if inventory.to_float(ledger.cash(state.ledger, contract.venue, asset)) < needed:
                barred.add(int(block.row[slot]))
    return barred


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
    quantity = quantity_on_lot(contract, min(_units(contract, wish.coins, wish.price), _most_units(state, index, contract)))
    if not quantity:
        if state.breaker.flattening:
            hedge.flat, hedge.cross_next = True, False  # what is left is less than a lot: as flat as it gets
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
        purpose=_PURPOSES[state.breaker.flattening],
        post_only=not crossing,
        immediate=crossing,
    )
    return [Wished(index, place)]


def _most_units(state: State, index: int, contract: Contract) -> float:
    """The largest order the gate lets through, in contract units: a gap beyond it is hedged in several orders, not refused."""
    notional = state.parameters.limits.order_notional
    return notional if contract.inverse else notional / state.market.underlyings[index].spot


def _units(contract: Contract, coins: float, price: float) -> float:
    """Coins of delta as contract units: dollars for an inverse contract."""
    return coins * price if contract.inverse else coins
