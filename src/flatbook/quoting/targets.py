"""Target prices of every row of an underlying, in one pass over its columns."""

from math import nan
from typing import NamedTuple

import msgspec
import numpy as np

from flatbook.basics import Flags, Floats, Ints
from flatbook.instruments import Block
from flatbook.market import Freshness, UnderlyingMarket
from flatbook.pricing import DELTA, VALUE, VEGA, compiled
from flatbook.quoting.parameters import Quoting
from flatbook.quoting.pieces import (
    Figures,
    behind_the_market,
    edge_and_staleness,
    in_range,
    intensity,
    lean_and_curvature,
    on_grid,
)
from flatbook.quoting.record import CURVATURE, FAIR, FEE, HEDGE, INTENSITY, LEAN, STALENESS, UnderlyingQuotes
from flatbook.risk import UnderlyingRisk

NO_QUOTES, ONLY_REDUCING, BOTH_SIDES = 0, 1, 2

_BPS = 1e-4
_POINT = 1e-2


class Terms(msgspec.Struct, frozen=True):
    """What the rest of the desk tells quoting about one underlying at this step.

    spot_price, vol_price: the holding cost's gradient, dollars per dollar of loading; spot_curvature, cross_curvature,
    vol_curvature: gamma x horizon x covariance; risk_aversion per dollar; hedge_rate: dollars of cost per dollar of
    delta hedged; sides: NO_QUOTES, ONLY_REDUCING or BOTH_SIDES.
    """

    spot_price: float
    vol_price: float
    spot_curvature: float
    cross_curvature: float
    vol_curvature: float
    risk_aversion: float
    hedge_rate: float
    sides: int


class _Rows(NamedTuple):
    """The columns that a pass reads, by slot."""

    eligible: Flags
    live: Flags
    trusted: Flags
    sign: Floats
    inverse: Floats
    years: Floats
    vega_weight: Floats
    forward: Floats
    unit_price: Floats
    bid: Floats
    ask: Floats
    told_ns: Ints
    tick: Floats
    wide_tick: Floats
    wide_above: Floats
    maker_rate: Floats
    fee_cap: Floats


def set_targets(
    quotes: UnderlyingQuotes,
    policy: Quoting,
    freshness: Freshness,
    terms: Terms,
    block: Block,
    market: UnderlyingMarket,
    risk: UnderlyingRisk,
    now_ns: int,
) -> None:
    """Write the bid and offer targets and their parts for every slot; NaN where there should be no quote."""
    size = block.size
    if terms.sides == NO_QUOTES:
        quotes.target[:, :size] = np.nan
        return
    rows, figures = _rows(quotes, block, market, risk), _figures(quotes, policy, freshness, terms, now_ns, size)
    _targets(rows, risk.greeks, figures, quotes.quantity, quotes.wanted, quotes.target, quotes.parts)


def _rows(quotes: UnderlyingQuotes, block: Block, market: UnderlyingMarket, risk: UnderlyingRisk) -> _Rows:
    return _Rows(
        quotes.eligible,
        block.live,
        market.trusted,
        block.sign,
        block.inverse,
        risk.years,
        risk.vega_weight,
        market.forward,
        market.unit_price,
        market.bid,
        market.ask,
        market.told_ns,
        quotes.tick,
        quotes.wide_tick,
        quotes.wide_above,
        quotes.maker_rate,
        quotes.fee_cap,
    )


def _figures(quotes: UnderlyingQuotes, policy: Quoting, freshness: Freshness, terms: Terms, now_ns: int, size: int) -> Figures:
    return Figures(
        spot_price=terms.spot_price,
        vol_price=terms.vol_price,
        spot_curvature=terms.spot_curvature,
        cross_curvature=terms.cross_curvature,
        vol_curvature=terms.vol_curvature,
        risk_aversion=terms.risk_aversion,
        hedge_rate=terms.hedge_rate * policy.hedge_share,
        size_coins=quotes.size,
        edge_vol=policy.edge_vol_points * _POINT,
        edge_rate=policy.edge_bps * _BPS,
        stale_vol=policy.stale_vol_points * _POINT,
        stale_rate=policy.stale_bps * _BPS,
        min_delta=policy.min_delta,
        max_delta=policy.max_delta,
        min_years=policy.min_days / 365.0,
        max_years=policy.max_days / 365.0,
        per_option_age=1.0 / freshness.option_ns,
        per_top_age=1.0 / freshness.top_ns,
        now_ns=now_ns,
        only_reducing=terms.sides == ONLY_REDUCING,
        size=size,
    )


@compiled
def _targets(
    rows: _Rows,
    greeks: Floats,
    figures: Figures,
    quantity: Floats,
    wanted: Floats,
    target: Floats,
    parts: Floats,
) -> None:
    """One pass over the slots: the parts of a row's quotes, the prices they add up to, and the grid."""
    # Columns are taken out of their record once: reaching into it in the loop costs ten times the work.
    eligible, live, trusted, sign, inverse, years, vega_weight = rows[:7]
    forward, unit_price, market_bid, market_ask, told_ns = rows[7:12]
    tick, wide_tick, wide_above, maker_rate, fee_cap = rows[12:]
    for slot in range(figures.size):
        target[0, slot] = nan
        target[1, slot] = nan
        option, coin_settled = sign[slot] != 0.0, inverse[slot] > 0.0
        price, value, delta = forward[slot], greeks[VALUE, slot], greeks[DELTA, slot]
        if not (eligible[slot] and live[slot] and trusted[slot]):
            continue
        if option and not in_range(figures, delta * price + value if coin_settled else delta, years[slot]):
            continue
        units = figures.size_coins * price if (coin_settled and not option) else figures.size_coins
        quantity[slot] = units

        # Dollars per unit of contract: what a move of spot by 100% and of vol by 1.00 is worth.
        unit = unit_price[slot]
        spot_loading, vega = unit * delta * price, unit * greeks[VEGA, slot]
        lean, curvature = lean_and_curvature(figures, spot_loading, vega * vega_weight[slot])
        edge, stale = edge_and_staleness(figures, option, spot_loading, vega, figures.now_ns - told_ns[slot])
        fee = maker_rate[slot] * (1.0 if (option and coin_settled) else price)
        if option and fee > 0.0:
            fee = min(fee, fee_cap[slot] * value)
        to_price = 1.0 / (unit if option else unit * delta)
        parts[FAIR, slot] = value if option else price
        parts[LEAN, slot] = -lean * to_price
        parts[INTENSITY, slot] = intensity(figures.risk_aversion * units, edge) * to_price
        parts[CURVATURE, slot] = 0.5 * units * curvature * to_price
        parts[HEDGE, slot] = abs(spot_loading) * figures.hedge_rate * to_price
        parts[FEE, slot] = fee
        parts[STALENESS, slot] = stale * to_price

        middle = parts[FAIR, slot] + parts[LEAN, slot]
        half = parts[INTENSITY, slot] + parts[CURVATURE, slot] + parts[HEDGE, slot] + parts[FEE, slot] + parts[STALENESS, slot]
        half = max(half, 0.0)  # a rebate may pay for the whole spread, never for quoting through ourselves
        fine, wide, above = tick[slot], wide_tick[slot], wide_above[slot]
        bid, ask = behind_the_market(middle - half, middle + half, market_bid[slot], market_ask[slot], fine, wide, above)
        wanted[0, slot], wanted[1, slot] = bid, ask
        bid, ask = on_grid(bid, ask, fine, wide, above)
        if bid >= fine and not (figures.only_reducing and lean >= 0.0):
            target[0, slot] = bid
        if not (figures.only_reducing and lean <= 0.0):
            target[1, slot] = max(ask, fine)
