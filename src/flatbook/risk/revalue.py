"""Marking the rows of one underlying and netting them."""

import numpy as np

from flatbook.basics import NS_PER_YEAR, Flags, Floats, Ints
from flatbook.instruments import Block
from flatbook.market import UnderlyingMarket
from flatbook.pricing import DELTA, GAMMA, GREEKS, THETA, VALUE, VEGA, compiled, option_greeks
from flatbook.pricing.averages.settlement import (
    AGEING,
    EFFECTIVE_YEARS,
    FIXING,
    KNOWN,
    SETTLEMENT_TERMS,
    WEIGHT,
    settlement_greeks,
)
from flatbook.risk.record import UnderlyingRisk

_THIRTY_DAYS = 30.0 / 365.0
_DAYS_A_YEAR = 365.0
_NEXT_TO_NOTHING = 1e-9


def remark(risk: UnderlyingRisk, market: UnderlyingMarket, block: Block, now_ns: int) -> None:
    """Price every slot on the market of now into `risk.fresh`; the marks in force stay until `keep_marks`.

    An option is priced as what it is, an option on the average it settles at. Its delta follows the smile as the chosen
    dynamics say: vega times the vol's slope is added to it.
    """
    size, averages = block.size, market.averages
    _years_by_slot(size, now_ns, np.array(block.expiries), averages.years, block.tenor, block.sign, risk.years, risk.vega_weight)
    settling = np.flatnonzero(averages.weight < 1.0).tolist()
    np.copyto(risk.strike[:size], block.strike[:size])
    risk.open_part[:size] = 1.0
    for tenor in settling:
        _open_terms(risk, market, block, tenor)
    option_greeks(
        market.forward[:size],
        risk.strike[:size],
        risk.years[:size],
        market.vol[:size],
        block.sign[:size],
        block.inverse[:size],
        risk.fresh,
    )
    for tenor in settling:
        _settle(risk, market, block, tenor)
    if market.surface.dynamics != "sticky_strike":
        _follow_smile(risk.fresh, market.forward[:size], market.surface.slope)


def keep_marks(risk: UnderlyingRisk, market: UnderlyingMarket, block: Block, now_ns: int) -> None:
    """Make the fresh marks the marks in force, and remember the market they were made with."""
    size = block.size
    risk.greeks, risk.fresh = risk.fresh, risk.greeks
    risk.forward[:size] = market.forward[:size]
    risk.vol[:size] = market.vol[:size]
    risk.slope[:size] = market.surface.slope[:size]
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
def _years_by_slot(
    size: int, now_ns: int, expiries: Ints, pricing_years: Floats, tenor: Ints, sign: Floats, years: Floats, vega_weight: Floats
) -> None:
    """Write each slot's life in years, an option's as its variance counts it, and its loading on the 30-day vol level."""
    lives = np.empty(expiries.shape[0])
    weights = np.empty(expiries.shape[0])
    for place in range(expiries.shape[0]):
        life = (float(expiries[place]) - now_ns) / NS_PER_YEAR
        lives[place] = max(life, 0.0)
        # A vol level that mean-reverts moves long tenors less: the market's square-root rule, never more than 30 days' own.
        weights[place] = np.sqrt(_THIRTY_DAYS / max(life, _THIRTY_DAYS))
    for slot in range(size):
        years[slot] = pricing_years[tenor[slot]] if sign[slot] != 0.0 else lives[tenor[slot]]
        vega_weight[slot] = weights[tenor[slot]]


def _open_terms(risk: UnderlyingRisk, market: UnderlyingMarket, block: Block, tenor: int) -> None:
    """Of an expiry whose average has begun: the part of each option that is open, and the strike of that part.

    What is left of a strike that the fixed part has passed is next to nothing: exercise is certain.
    """
    slots, part = market.tenor_slots[tenor], market.averages.weight.item(tenor)
    strike = block.strike[slots]
    risk.open_part[slots] = part
    if part > 0.0:
        risk.strike[slots] = np.maximum(strike - market.averages.fixed[tenor], _NEXT_TO_NOTHING * strike) / part


def _settle(risk: UnderlyingRisk, market: UnderlyingMarket, block: Block, tenor: int) -> None:
    """Price the options of an expiry whose average has begun, over what the other kernel made of them."""
    slots, averages = market.tenor_slots[tenor], market.averages
    terms = np.empty((SETTLEMENT_TERMS, slots.shape[0]))
    terms[EFFECTIVE_YEARS] = averages.years[tenor]
    terms[WEIGHT] = averages.weight[tenor]
    terms[KNOWN] = averages.fixed[tenor]
    running = averages.weight[tenor] > 0.0
    terms[AGEING] = 1.0 / 3.0 if running else 0.0
    terms[FIXING] = averages.weight[tenor] / (3.0 * averages.years[tenor]) if running else 0.0
    fresh = np.empty((GREEKS, slots.shape[0]))
    columns = (market.forward[slots], block.strike[slots], market.vol[slots], block.sign[slots], block.inverse[slots])
    settlement_greeks(*columns, terms, fresh)
    risk.fresh[:, slots] = fresh


@compiled
def _follow_smile(greeks: Floats, forward: Floats, slope: Floats) -> None:
    """Add to every delta what the vol's own move with the forward does: vega d vol/d ln F / F."""
    for slot in range(forward.shape[0]):
        if slope[slot] != 0.0 and forward[slot] > 0.0:
            greeks[DELTA, slot] += greeks[VEGA, slot] * slope[slot] / forward[slot]


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
