"""Marking the rows of one underlying and netting them."""

import numpy as np

from flatbook.basics import NS_PER_YEAR, Flags, Floats, Ints
from flatbook.instruments import Block
from flatbook.market import UnderlyingMarket
from flatbook.pricing import DELTA, GAMMA, THETA, VALUE, VEGA, compiled, option_greeks
from flatbook.risk.record import UnderlyingRisk

_THIRTY_DAYS = 30.0 / 365.0
_DAYS_A_YEAR = 365.0


def remark(risk: UnderlyingRisk, market: UnderlyingMarket, block: Block, now_ns: int) -> None:
    """Price every slot on the market of now into `risk.fresh`; the marks in force stay until `keep_marks`."""
    size = block.size
    _years_by_slot(size, now_ns, np.array(block.expiries), block.tenor, risk.years, risk.vega_weight)
    option_greeks(
        market.forward[:size],
        block.strike[:size],
        risk.years[:size],
        market.vol[:size],
        block.sign[:size],
        block.inverse[:size],
        risk.fresh,
    )


def keep_marks(risk: UnderlyingRisk, market: UnderlyingMarket, block: Block, now_ns: int) -> None:
    """Make the fresh marks the marks in force, and remember the market they were made with."""
    size = block.size
    risk.greeks, risk.fresh = risk.fresh, risk.greeks
    risk.forward[:size] = market.forward[:size]
    risk.vol[:size] = market.vol[:size]
    risk.unit_price[:size] = market.unit_price[:size]
    risk.spot = market.spot
    risk.marked_ns = now_ns


def expose(
    risk: UnderlyingRisk, market: UnderlyingMarket, block: Block, quantity: Floats, coin_balance: float, widening: float
) -> None:
    """Net the positions of one underlying into `risk.exposure`.

    `quantity` by slot, in contract units; `coin_balance` is the house's cash and open notional in the coin; `widening`
    is the fraction of an untrusted row's gross Greeks that counts as doubt.
    """
    size, exposure = block.size, risk.exposure
    sums = _net(
        quantity[:size],
        risk.greeks,
        market.forward[:size],
        market.unit_price[:size],
        block.inverse[:size],
        risk.vega_weight[:size],
        market.trusted[:size],
    )
    delta_cash, gamma_cash, vega, theta, vega_level, coins, doubt_delta, doubt_gamma, doubt_vega = sums
    exposure.coin_equity = coin_balance + coins
    exposure.delta_cash = delta_cash + exposure.coin_equity * market.spot
    exposure.delta = exposure.delta_cash / market.spot if market.spot > 0.0 else 0.0
    exposure.gamma_cash = 0.01 * gamma_cash
    exposure.vega_cash = 0.01 * vega
    exposure.theta_cash = theta / _DAYS_A_YEAR
    exposure.vega_level = vega_level
    exposure.doubt_delta_cash = widening * doubt_delta
    exposure.doubt_gamma_cash = widening * 0.01 * doubt_gamma
    exposure.doubt_vega_cash = widening * 0.01 * doubt_vega


@compiled
def _years_by_slot(size: int, now_ns: int, expiries: Ints, tenor: Ints, years: Floats, vega_weight: Floats) -> None:
    """Write each slot's life in years and its loading on the 30-day vol level."""
    lives = np.empty(expiries.shape[0])
    weights = np.empty(expiries.shape[0])
    for place in range(expiries.shape[0]):
        life = (float(expiries[place]) - now_ns) / NS_PER_YEAR
        lives[place] = max(life, 0.0)
        # A vol level that mean-reverts moves long tenors less: the market's square-root rule, never more than 30 days' own.
        weights[place] = np.sqrt(_THIRTY_DAYS / max(life, _THIRTY_DAYS))
    for slot in range(size):
        years[slot] = lives[tenor[slot]]
        vega_weight[slot] = weights[tenor[slot]]


@compiled(inlined=True)
def convexity(delta: float, gamma: float, forward: float, inverse: float) -> float:
    """S^2 d2V/dS2 of one unit per dollar of its settlement unit, from its delta and gamma in settlement units.

    A coin-settled row's own unit moves with spot, which adds twice its delta: an inverse perpetual has none left, and an
    inverse option has the Black gamma of its dollars.
    """
    return gamma * forward * forward + 2.0 * inverse * delta * forward


def row_cash(
    risk: UnderlyingRisk, slot: int, dollars: float, forward: float, inverse: float
) -> tuple[float, float, float, float]:
    """Delta, gamma, vega and theta in cash of one slot, at the marks in force, in the units of the room's door.

    `dollars` is the signed quantity times the dollars of its settlement unit.
    """
    delta, gamma = risk.greeks.item(DELTA, slot), risk.greeks.item(GAMMA, slot)
    return (
        dollars * delta * forward,
        0.01 * dollars * convexity(delta, gamma, forward, inverse),
        0.01 * dollars * risk.greeks.item(VEGA, slot),
        dollars * risk.greeks.item(THETA, slot) / _DAYS_A_YEAR,
    )


@compiled
def coin_value(quantity: Floats, inverse: Floats, greeks: Floats, size: int) -> float:
    """Coins that the positions of coin-settled slots are worth, at the marks in `greeks`."""
    coins = 0.0
    for slot in range(size):
        if quantity[slot] != 0.0 and inverse[slot] > 0.0:
            coins += quantity[slot] * greeks[VALUE, slot]
    return coins


@compiled
def _net(
    quantity: Floats,
    greeks: Floats,
    forward: Floats,
    unit_price: Floats,
    inverse: Floats,
    vega_weight: Floats,
    trusted: Flags,
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Sums over held slots, in dollars, in the order that `expose` names them."""
    delta_cash = gamma_cash = vega = theta = vega_level = coins = 0.0
    doubt_delta = doubt_gamma = doubt_vega = 0.0
    for slot in range(quantity.shape[0]):
        held = quantity[slot]
        if held == 0.0:
            continue
        dollars = held * unit_price[slot]
        price = forward[slot]
        row_delta = dollars * greeks[DELTA, slot] * price
        row_gamma = dollars * convexity(greeks[DELTA, slot], greeks[GAMMA, slot], price, inverse[slot])
        row_vega = dollars * greeks[VEGA, slot]
        delta_cash += row_delta
        gamma_cash += row_gamma
        vega += row_vega
        theta += dollars * greeks[THETA, slot]
        vega_level += row_vega * vega_weight[slot]
        if inverse[slot] > 0.0:
            coins += held * greeks[VALUE, slot]
        if not trusted[slot]:
            doubt_delta += abs(row_delta)
            doubt_gamma += abs(row_gamma)
            doubt_vega += abs(row_vega)
    return delta_cash, gamma_cash, vega, theta, vega_level, coins, doubt_delta, doubt_gamma, doubt_vega
