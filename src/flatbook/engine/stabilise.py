"""Dear work, once a batch and only for what is dirty: mark, explain, net."""

import numpy as np

from flatbook import inventory, ledger, market, pnl
from flatbook.basics import NS_PER_SECOND, NS_PER_YEAR, Floats
from flatbook.engine.account import distrust_books
from flatbook.engine.state import State, raise_alert
from flatbook.instruments import Block, contract_key
from flatbook.limits import Mode, trip
from flatbook.market import UnderlyingMarket
from flatbook.pricing import VALUE
from flatbook.risk import UnderlyingRisk, coin_value, covariance, expose, keep_marks, remark

_AT_THE_MONEY_DAYS = 30.0


def stabilise(state: State) -> list[int]:
    """Bring every dirty underlying up to now and return their indices, in order.

    An underlying is dirty when an event touched it or when a number it trusts has just gone stale.
    """
    _explain_pegs(state)
    worked: list[int] = []
    for index, entry in enumerate(state.market.underlyings):
        if entry.dirty or state.now_ns > entry.trust_until_ns:
            _stabilise_underlying(state, index, entry)
            entry.dirty = False
            worked.append(index)
    if worked:
        _refresh_covariance(state)
        _watch_loss(state)
    _check_books(state)
    return worked


def _stabilise_underlying(state: State, index: int, entry: UnderlyingMarket) -> None:
    block, risk = state.universe.blocks[index], state.risk.underlyings[index]
    rules = state.parameters.market_rules
    for text in market.move_forwards(state.market, state.universe, index, rules, state.now_ns):
        raise_alert(state, "warning", f"smile {block.underlying} {text[:10]}", f"{block.underlying} {text}")
    before = bool(entry.trusted.any())
    market.refresh_trust(state.market, state.universe, index, rules.freshness, state.now_ns)
    _say_trust(state, block, entry, before)
    if entry.spot <= 0.0:
        return  # nothing is known of it yet: no marks, no exposure, no quotes
    remark(risk, entry, block, state.now_ns)
    _explain(state, index, block, entry, risk)
    keep_marks(risk, entry, block, state.now_ns)
    expose(
        risk,
        entry,
        block,
        state.inventory.quantity[index],
        inventory.to_float(ledger.asset_total(state.ledger, block.underlying)),
        state.parameters.limits.widening,
    )


def _explain(state: State, index: int, block: Block, entry: UnderlyingMarket, risk: UnderlyingRisk) -> None:
    """Say what moved what the house holds, from the marks in force to the fresh ones."""
    quantity = state.inventory.quantity[index]
    coins = coin_equity(state, index, quantity, risk.greeks)
    if risk.spot <= 0.0:
        # The coin has its first price: what came in before is a deposit at that price, not a profit.
        state.pnl.deposits_usd += coins * entry.spot
    else:
        target = state.parameters.hedging.target_coins.get(block.underlying, 0.0)
        pnl.explain_translation(state.pnl, index, coins, target, risk.spot, entry.spot)
    size = block.size
    pnl.explain(
        quantity[:size],
        risk.greeks[:, :size],
        risk.fresh[VALUE, :size],
        risk.forward[:size],
        entry.forward[:size],
        _expected_vols(risk, entry, size),
        entry.vol[:size],
        (state.now_ns - risk.marked_ns) / NS_PER_YEAR,
        risk.unit_price[:size],
        entry.unit_price[:size],
        state.pnl.terms[index],
    )


def _expected_vols(risk: UnderlyingRisk, entry: UnderlyingMarket, size: int) -> Floats:
    """What the vols in force were bound to become as their forwards moved.

    That is in the delta already; only the surprise is vega's.
    """
    moving = np.flatnonzero(risk.slope[:size])
    if not moving.shape[0]:
        return risk.vol[:size]
    expected = risk.vol[:size].copy()
    expected[moving] += risk.slope[moving] * np.log(entry.forward[moving] / risk.forward[moving])
    return expected


def coin_equity(state: State, index: int, quantity: Floats, greeks: Floats) -> float:
    """What the house has in the underlying's own coin: cash, open notional, and coin-settled positions at `greeks`' marks."""
    block = state.universe.blocks[index]
    booked = inventory.to_float(ledger.asset_total(state.ledger, block.underlying))
    return booked + coin_value(quantity, block.inverse, greeks, block.size)


def _explain_pegs(state: State) -> None:
    """A stablecoin that moved changes what everything settled in it is worth."""
    for asset, price in state.market.pegs.items():
        before = state.pegs_marked.get(asset, 1.0)
        if price != before:
            held = inventory.to_float(ledger.asset_total(state.ledger, asset)) + _positions_in(state, asset)
            pnl.explain_translation(state.pnl, pnl.NO_UNDERLYING, held, 0.0, before, price)
            for entry in state.market.underlyings:
                entry.dirty = True
        state.pegs_marked[asset] = price


def _positions_in(state: State, asset: str) -> float:
    """The value, in `asset`, of positions settled in it, at the marks in force."""
    worth = 0.0
    for row, held in state.inventory.positions.items():
        if state.universe.contracts[row].settlement == asset:
            entry = state.risk.underlyings[state.universe.underlying_of[row]]
            worth += inventory.to_float(held) * entry.greeks.item(VALUE, state.universe.slot_of[row])
    return worth


def _refresh_covariance(state: State) -> None:
    """Once a second the factors' covariance follows the at-the-money vols."""
    count = len(state.market.underlyings)
    fresh = state.now_ns - state.covariance_ns < NS_PER_SECOND and state.covariance.shape[0] == 2 * count
    if fresh:
        return
    vols = np.array([at_the_money_vol(state, index) for index in range(count)])
    state.covariance = covariance(state.parameters.factors, vols)
    state.covariance_ns = state.now_ns


def at_the_money_vol(state: State, index: int) -> float:
    """The vol of the strike nearest the forward in the expiry nearest thirty days; 0 when no option has a vol."""
    entry, block = state.market.underlyings[index], state.universe.blocks[index]
    fitted = [
        (abs((block.expiries[tenor] - state.now_ns) / NS_PER_SECOND / 86_400.0 - _AT_THE_MONEY_DAYS), tenor)
        for tenor, smile in enumerate(entry.surface.state.tolist())
        if smile and block.expiries[tenor] > state.now_ns
    ]
    if not fitted:
        return 0.0
    slots = entry.tenor_slots[min(fitted)[1]]
    nearest = slots[int(np.argmin(np.abs(block.strike[slots] - entry.forward[slots])))]
    return entry.vol.item(int(nearest))


def _say_trust(state: State, block: Block, entry: UnderlyingMarket, before: bool) -> None:
    """When every trusted row of an underlying is lost at once, that is news."""
    if before and not entry.trusted.any():
        text = f"no {block.underlying} row is trusted any more; its quotes are pulled"
        raise_alert(state, "warning", f"trust {block.underlying}", text)


def loss_since_resume(state: State) -> float:
    """Dollars of trading loss since the journal began or an operator last resumed, whichever is later; negative is a gain."""
    return state.breaker.loss_base - pnl.trading_total(state.pnl)


def _watch_loss(state: State) -> None:
    loss = loss_since_resume(state)
    if loss > state.parameters.limits.largest_loss:
        text = f"lost ${loss:,.0f}, more than the limit of ${state.parameters.limits.largest_loss:,.0f}"
        if trip(state.breaker, Mode.REDUCE_ONLY, text):
            raise_alert(state, "critical", "loss", text)


def _check_books(state: State) -> None:
    """Inventory and ledger count positions separately; they must agree after every batch that moved one."""
    for row in dict.fromkeys(state.touched):
        contract = state.universe.contracts[row]
        booked, held = ledger.booked_position(state.ledger, contract), inventory.position(state.inventory, row)
        if booked != held:
            distrust_books(state, f"{contract_key(contract)}: the ledger holds {booked}, the inventory {held}")
    state.touched.clear()
