"""The quoting wishes of one underlying: places, amends and cancels that bring working quotes to their targets."""

from decimal import Decimal

import numpy as np

from flatbook import orders, quoting
from flatbook.basics import BUY, NS_PER_SECOND, SELL, Side
from flatbook.engine.state import State
from flatbook.engine.wishes import Wished, target_cash
from flatbook.instruments import price_on_tick, quantity_on_lot
from flatbook.limits import Mode, breached, usage
from flatbook.orders import Amend, Cancel, Place, Purpose, Request
from flatbook.quoting import AMEND, BOTH_SIDES, CANCEL, NO_QUOTES, ONLY_REDUCING, PLACE, Terms
from flatbook.risk import HoldingCost


def quote_wishes(state: State, index: int, cost: HoldingCost) -> list[Wished]:
    """The wishes of underlying `index` at the price of holding `cost`, the most urgent first, within the request budget."""
    policy, block = state.parameters.quoting, state.universe.blocks[index]
    quotes, market = state.quotes.underlyings[index], state.market.underlyings[index]
    terms = _terms(state, index, cost)
    quoting.set_targets(
        quotes, policy, state.parameters.freshness, terms, block, market, state.risk.underlyings[index], state.now_ns
    )
    _make_way(state, index)
    _refill_budget(state)
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
        int(state.quotes.budget),
    )
    wishes: list[Wished] = []
    for action, axis, slot in zip(actions.tolist(), sides.tolist(), slots.tolist(), strict=True):
        wish = _quote_request(state, index, action, axis, slot)
        if wish is not None:
            state.quotes.budget -= action != CANCEL
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
        sides = NO_QUOTES
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
