"""From state to snapshot: what a screen or a report sees of the desk."""

from flatbook import inventory, limits, pnl, quoting
from flatbook.basics import NS_PER_SECOND
from flatbook.engine.smiles import calendar_vol, smile_views
from flatbook.engine.snapshot import (
    AlertView,
    BalanceView,
    FillView,
    HedgeView,
    LadderCell,
    LimitView,
    PositionView,
    QuoteView,
    Snapshot,
    UnderlyingView,
)
from flatbook.engine.stabilise import at_the_money_vol, loss_since_resume
from flatbook.engine.state import State
from flatbook.engine.validate import equity_usd
from flatbook.engine.wishes import target_cash
from flatbook.instruments import Contract, contract_key, price_at
from flatbook.ledger import cash_account
from flatbook.market import asset_price
from flatbook.orders import Order, Purpose
from flatbook.pnl import FillRecord
from flatbook.pricing import VALUE
from flatbook.risk import ladder, row_cash

_FILLS_SHOWN, _HEDGES_SHOWN, _ALERTS_SHOWN = 100, 50, 50


def snapshot(state: State, *, with_quotes: bool = True) -> Snapshot:
    """The desk as it stands after its last step. `with_quotes=False` leaves out the longest lists, for time lines."""
    return Snapshot(
        sequence=state.sequence,
        now_ns=state.now_ns,
        mode=state.breaker.mode.value,
        mode_reason=state.breaker.reason,
        equity_usd=equity_usd(state),
        pnl_usd=pnl.total(state.pnl),
        pnl_terms=pnl.terms_total(state.pnl),
        underlyings=[_underlying(state, index) for index in range(len(state.universe.blocks))],
        ladder=_ladder(state),
        positions=[_position(state, row) for row in sorted(state.inventory.positions)],
        balances=_balances(state),
        quotes=_quotes(state) if with_quotes else [],
        hedges=_hedges(state),
        fills=[fill_view(state, record) for record in state.pnl.fills[: -_FILLS_SHOWN - 1 : -1]],
        limits=_limits(state),
        alerts=_alerts(state),
        events_applied=state.events_applied,
        fills_booked=state.pnl.fill_count,
        orders_working=len(state.orders.open),
        smiles=smile_views(state) if with_quotes else [],
    )


def _alerts(state: State) -> list[AlertView]:
    latest = state.alerts[: -_ALERTS_SHOWN - 1 : -1]
    return [AlertView(raised.ns, raised.alert.level, raised.alert.text) for raised in latest]


def _underlying(state: State, index: int) -> UnderlyingView:
    block, market = state.universe.blocks[index], state.market.underlyings[index]
    exposure, hedge = state.risk.underlyings[index].exposure, state.hedges.underlyings[index]
    target = state.parameters.hedging.target_coins.get(block.underlying, 0.0)
    trusted = int(market.trusted[: block.size].sum())
    return UnderlyingView(
        name=block.underlying,
        spot=market.spot,
        delta=exposure.delta,
        target=target,
        delta_cash=exposure.delta_cash,
        gamma_cash=exposure.gamma_cash,
        vega_cash=exposure.vega_cash,
        theta_cash=exposure.theta_cash,
        uncertainty_cash=exposure.doubt_delta_cash,
        band_low=target - hedge.band,
        band_high=target + hedge.band,
        at_the_money_vol=at_the_money_vol(state, index),
        trusted_rows=trusted,
        untrusted_rows=int(block.live[: block.size].sum()) - trusted,
    )


def _ladder(state: State) -> list[LadderCell]:
    cells: list[LadderCell] = []
    for index, block in enumerate(state.universe.blocks):
        market, risk = state.market.underlyings[index], state.risk.underlyings[index]
        for cell in ladder(block, market, risk, state.inventory.quantity[index]):
            cells.append(
                LadderCell(
                    cell.underlying,
                    cell.expiry_bucket,
                    cell.delta_bucket,
                    cell.delta_cash,
                    cell.gamma_cash,
                    cell.vega_cash,
                    cell.theta_cash,
                )
            )
    return cells


def _position(state: State, row: int) -> PositionView:
    index, slot = state.universe.underlying_of[row], state.universe.slot_of[row]
    contract = state.universe.contracts[row]
    risk, market = state.risk.underlyings[index], state.market.underlyings[index]
    held = inventory.to_float(inventory.position(state.inventory, row))
    value, forward = risk.greeks.item(VALUE, slot), risk.forward.item(slot)
    dollars = held * risk.unit_price.item(slot)
    delta, gamma, vega, theta = row_cash(risk, slot, dollars, forward, float(contract.inverse))
    told = int(market.told_ns[slot])
    return PositionView(
        key=contract_key(contract),
        underlying=contract.underlying,
        kind=kind_of(contract),
        quantity=held,
        mark=price_at(contract, value) if value else 0.0,
        value_usd=dollars * value,
        delta_cash=delta,
        gamma_cash=gamma,
        vega_cash=vega,
        theta_cash=theta,
        trusted=bool(market.trusted[slot]),
        age_s=(state.now_ns - told) / NS_PER_SECOND if told else -1.0,
    )


def kind_of(contract: Contract) -> str:
    """spot, perpetual, future or option."""
    return type(contract).__name__.lower()


def _balances(state: State) -> list[BalanceView]:
    views: list[BalanceView] = []
    for venue in sorted(state.venues):
        for asset, amount in sorted(state.ledger.balances.get(cash_account(venue), {}).items()):
            number = inventory.to_float(amount)
            views.append(BalanceView(venue, asset, number, number * asset_price(state.market, state.universe, asset)))
    return views


def _quotes(state: State) -> list[QuoteView]:
    quotes = [order for order in state.orders.open.values() if order.purpose is Purpose.QUOTE]
    return [_quote(state, order) for order in sorted(quotes, key=lambda order: (order.row, -order.side))]


def _quote(state: State, order: Order) -> QuoteView:
    index, slot = state.universe.underlying_of[order.row], state.universe.slot_of[order.row]
    contract, price = state.universe.contracts[order.row], float(order.price)
    market, tenor = state.market.underlyings[index], int(state.universe.blocks[index].tenor[slot])
    return QuoteView(
        key=contract_key(contract),
        underlying=contract.underlying,
        side=order.side.word,
        price=price,
        quantity=float(order.remaining),
        status=order.status.value,
        vol=calendar_vol(market, tenor, market.vol.item(slot)) if kind_of(contract) == "option" else 0.0,
        parts=quoting.explain(state.quotes.underlyings[index], slot, int(order.side), price),
    )


def _hedges(state: State) -> list[HedgeView]:
    """Hedge orders, the latest first: those open, then those closed."""
    found = [order for order in (*state.orders.closed, *state.orders.open.values()) if order.purpose is not Purpose.QUOTE]
    shown = sorted(found, key=lambda order: -order.order_id)[:_HEDGES_SHOWN]
    wanted = {order.order_id for order in shown}
    cost = dict.fromkeys(wanted, 0.0)
    for fill in state.pnl.fills:
        if fill.order_id in wanted:
            cost[fill.order_id] += fill.fee_usd - fill.spread_usd
    return [hedge_view(state, order, _reason(state, order), cost[order.order_id]) for order in shown]


def _reason(state: State, order: Order) -> str:
    """Why the hedge was sent; of one too old to remember, the venue's last word on it."""
    reasons = state.hedges.underlyings[state.universe.underlying_of[order.row]].reasons
    return reasons.get(order.order_id, order.reason)


def hedge_view(state: State, order: Order, reason: str, cost_usd: float) -> HedgeView:
    """A hedge order as people read it; `cost_usd` is what its fills paid against fair, fees included."""
    contract = state.universe.contracts[order.row]
    return HedgeView(
        order_id=order.order_id,
        ns=order.placed_ns,
        key=contract_key(contract),
        underlying=contract.underlying,
        side=order.side.word,
        price=float(order.price),
        quantity=float(order.quantity),
        filled=float(order.filled),
        status=order.status.value,
        reason=reason,
        cost_usd=cost_usd,
    )


def fill_view(state: State, record: FillRecord) -> FillView:
    """A fill as people read it."""
    contract = state.universe.contracts[record.row]
    return FillView(
        fill_id=record.fill_id,
        order_id=record.order_id,
        ns=record.ns,
        key=contract_key(contract),
        underlying=contract.underlying,
        kind=kind_of(contract),
        side=record.side.word,
        price=record.price,
        quantity=record.quantity,
        fair=record.fair,
        spread_usd=record.spread_usd,
        fee_usd=record.fee_usd,
        delta_cash=record.delta_cash,
        purpose=record.purpose,
        maker=record.maker,
    )


def _limits(state: State) -> list[LimitView]:
    bounds, views = state.parameters.limits, list[LimitView]()
    for index, block in enumerate(state.universe.blocks):
        exposure = state.risk.underlyings[index].exposure
        for entry in limits.usage(bounds, block.underlying, exposure, target_cash(state, index)):
            views.append(LimitView(entry.name, entry.used, entry.limit, entry.fraction))
    loss = max(0.0, loss_since_resume(state))
    views.append(LimitView("loss", loss, bounds.largest_loss, loss / bounds.largest_loss))
    working = float(len(state.orders.open))
    views.append(LimitView("working orders", working, float(bounds.working_orders), working / bounds.working_orders))
    return views
