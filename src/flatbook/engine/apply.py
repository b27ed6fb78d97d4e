"""Cheap writes: one function an event, and the table that finds it."""

from collections.abc import Callable
from typing import Any

from flatbook import hedging, inventory, ledger, market, orders, pnl, quoting, risk
from flatbook.engine import account
from flatbook.engine.parameters import decode_parameters
from flatbook.engine.state import State, raise_alert
from flatbook.events import (
    BalanceStatement,
    Beat,
    Configured,
    Delisted,
    Delivered,
    Deposited,
    Depth,
    Fill,
    Flatten,
    FundingPaid,
    FundingRate,
    Gap,
    Index,
    Listed,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderRejected,
    Pause,
    PositionStatement,
    Recovered,
    ReduceOnly,
    RequestRefused,
    Resume,
    Ticker,
    Top,
    Trade,
)
from flatbook.instruments import contract_key
from flatbook.limits import Mode


def _top(state: State, event: Top) -> None:
    market.observe_top(state.market, state.universe, event, state.now_ns)


def _depth(state: State, event: Depth) -> None:
    market.observe_depth(state.market, state.universe, event, state.now_ns)


def _ticker(state: State, event: Ticker) -> None:
    market.observe_ticker(state.market, state.universe, event, state.now_ns)


def _trade(state: State, event: Trade) -> None:
    """Anybody's trade moves no mark; it is kept in the journal for the rooms that learn from flow."""


def _index(state: State, event: Index) -> None:
    market.observe_index(state.market, state.universe, event, state.now_ns)


def _funding_rate(state: State, event: FundingRate) -> None:
    market.observe_funding(state.market, state.universe, event)


def _gap(state: State, event: Gap) -> None:
    market.observe_gap(state.market, state.universe, event)
    text = f"{event.venue} lost messages; its rows are untrusted until they speak again"
    raise_alert(state, "warning", f"gap {event.venue}", text)


def _listed(state: State, event: Listed) -> None:
    if event.contract.underlying not in state.universe.underlyings:
        _recognise_coin(state, event.contract.underlying)
    row = state.universe.list_contract(event.contract)
    assert row == event.row, f"{contract_key(event.contract)} was announced as row {event.row} and is row {row}"
    market.ensure(state.market, state.universe, row)
    if state.parameters.leads.get(event.contract.underlying) == contract_key(event.contract):
        market.choose_lead(state.market, state.universe, row)
    orders.ensure(state.orders, state.universe)
    inventory.ensure(state.inventory, state.universe)
    risk.ensure(state.risk, state.universe)
    pnl.ensure(state.pnl, state.universe)
    quoting.ensure(state.quotes, state.universe, state.parameters.quoting, state.venues)
    hedging.ensure(state.hedges, state.universe)


def _recognise_coin(state: State, asset: str) -> None:
    """What was taken for a kind of dollar is a coin: until it has a price, what we hold of it is capital of unknown worth."""
    held = inventory.to_float(ledger.asset_total(state.ledger, asset))
    state.pnl.deposits_usd -= held * account.explained_price(state, asset)
    state.market.pegs.pop(asset, None)
    state.pegs_marked.pop(asset, None)


def _delisted(state: State, event: Delisted) -> None:
    state.universe.withdraw(event.row)
    entry = state.market.underlyings[state.universe.underlying_of[event.row]]
    entry.dirty, entry.trust_until_ns = True, 0


def _pause(state: State, event: Pause) -> None:
    _command(state, Mode.PAUSED, event.who, event.reason)


def _resume(state: State, event: Resume) -> None:
    _command(state, Mode.RUNNING, event.who, event.reason)
    state.breaker.loss_base = pnl.trading_total(state.pnl)  # the loss so far was seen; the limit counts from here


def _reduce_only(state: State, event: ReduceOnly) -> None:
    _command(state, Mode.REDUCE_ONLY, event.who, event.reason)


def _flatten(state: State, event: Flatten) -> None:
    _command(state, Mode.PAUSED, event.who, f"flattening: {event.reason}")
    state.breaker.flattening = True
    for hedge in state.hedges.underlyings:
        hedge.flat = False


def _command(state: State, mode: Mode, who: str, reason: str) -> None:
    """An operator's word is final: it loosens as well as tightens."""
    state.breaker.mode, state.breaker.flattening = mode, False
    state.breaker.reason = "" if mode is Mode.RUNNING else f"{who}: {reason}"
    for entry in state.market.underlyings:
        entry.dirty = True
    raise_alert(state, "info", f"command {state.sequence}", f"{who} set the desk to {mode.value}: {reason}")


def _beat(state: State, event: Beat) -> None:
    """Time passes for everything: marks decay, patience runs out, silence turns to staleness."""
    for entry in state.market.underlyings:
        entry.dirty = True


def _configured(state: State, event: Configured) -> None:
    state.parameters = decode_parameters(event.parameters)
    state.venues = state.parameters.venue_by_name
    state.quotes = quoting.Quotes()
    quoting.ensure(state.quotes, state.universe, state.parameters.quoting, state.venues)
    state.covariance_ns = 0
    for key in state.parameters.leads.values():
        row = state.universe.rows.get(key)
        if row is not None:
            market.choose_lead(state.market, state.universe, row)


def _recovered(state: State, event: Recovered) -> None:
    text = f"the desk came back after batch {event.sequence}; the venues say what stands"
    raise_alert(state, "warning", "recovered", text)


APPLY: dict[type, Callable[[State, Any], None]] = {
    Top: _top,
    Depth: _depth,
    Ticker: _ticker,
    Trade: _trade,
    Index: _index,
    FundingRate: _funding_rate,
    Gap: _gap,
    Listed: _listed,
    Delisted: _delisted,
    OrderAccepted: account.order_accepted,
    OrderAmended: account.order_amended,
    OrderCancelled: account.order_cancelled,
    OrderRejected: account.order_rejected,
    RequestRefused: account.request_refused,
    Fill: account.fill,
    FundingPaid: account.funding_paid,
    Delivered: account.delivered,
    Deposited: account.deposited,
    BalanceStatement: account.balance_statement,
    PositionStatement: account.position_statement,
    Pause: _pause,
    Resume: _resume,
    ReduceOnly: _reduce_only,
    Flatten: _flatten,
    Beat: _beat,
    Configured: _configured,
    Recovered: _recovered,
}
