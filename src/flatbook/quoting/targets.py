"""Target prices of every row of an underlying, in one pass over its columns."""

from math import floor, log1p, nan

import msgspec
import numpy as np

from flatbook.basics import Flags, Floats, Ints
from flatbook.instruments import Block
from flatbook.market import Freshness, UnderlyingMarket
from flatbook.pricing import DELTA, VALUE, VEGA, compiled
from flatbook.quoting.parameters import Quoting
from flatbook.quoting.record import CURVATURE, FAIR, FEE, HEDGE, INTENSITY, LEAN, STALENESS, UnderlyingQuotes
from flatbook.risk import UnderlyingRisk

NO_QUOTES, ONLY_REDUCING, BOTH_SIDES = 0, 1, 2

_BPS = 1e-4
_POINT = 1e-2
_GRID_SLACK = 1e-9  # a price a rounding error away from the grid is on the grid


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
    _targets(
        (quotes.eligible[:size], block.live[:size], market.trusted[:size]),
        (block.sign[:size], block.inverse[:size], risk.years[:size], risk.vega_weight[:size]),
        (market.forward[:size], market.unit_price[:size], market.bid[:size], market.ask[:size], market.told_ns[:size]),
        (quotes.tick[:size], quotes.wide_tick[:size], quotes.wide_above[:size], quotes.maker_rate[:size], quotes.fee_cap[:size]),
        risk.greeks,
        _figures(quotes, policy, freshness, terms),
        now_ns,
        terms.sides == ONLY_REDUCING,
        quotes.quantity,
        quotes.wanted,
        quotes.target,
        quotes.parts,
    )


def _figures(quotes: UnderlyingQuotes, policy: Quoting, freshness: Freshness, terms: Terms) -> tuple[float, ...]:
    """The scalars of the pass, in the order that the kernel unpacks them."""
    return (
        terms.spot_price,
        terms.vol_price,
        terms.spot_curvature,
        terms.cross_curvature,
        terms.vol_curvature,
        terms.risk_aversion,
        terms.hedge_rate * policy.hedge_share,
        quotes.size,
        policy.edge_vol_points * _POINT,
        policy.edge_bps * _BPS,
        policy.stale_vol_points * _POINT,
        policy.stale_bps * _BPS,
        policy.min_delta,
        policy.max_delta,
        policy.min_days / 365.0,
        policy.max_days / 365.0,
        1.0 / freshness.option_ns,
        1.0 / freshness.top_ns,
    )


@compiled
def _targets(
    flags: tuple[Flags, Flags, Flags],
    fixed: tuple[Floats, Floats, Floats, Floats],
    told: tuple[Floats, Floats, Floats, Floats, Ints],
    rules: tuple[Floats, Floats, Floats, Floats, Floats],
    greeks: Floats,
    figures: tuple[float, ...],
    now_ns: int,
    only_reducing: bool,
    quantity: Floats,
    wanted: Floats,
    target: Floats,
    parts: Floats,
) -> None:
    eligible, live, trusted = flags
    sign, inverse, years, vega_weight = fixed
    forward, unit_price, market_bid, market_ask, told_ns = told
    tick, wide_tick, wide_above, maker_rate, fee_cap = rules
    (
        spot_price,
        vol_price,
        spot_curvature,
        cross_curvature,
        vol_curvature,
        risk_aversion,
        hedge_rate,
        size_coins,
        edge_vol,
        edge_rate,
        stale_vol,
        stale_rate,
        min_delta,
        max_delta,
        min_years,
        max_years,
        per_option_age,
        per_top_age,
    ) = figures
    for slot in range(sign.shape[0]):
        target[0, slot] = nan
        target[1, slot] = nan
        if not (eligible[slot] and live[slot] and trusted[slot]):
            continue
        option = sign[slot] != 0.0
        price, unit = forward[slot], unit_price[slot]
        value, slope = greeks[VALUE, slot], greeks[DELTA, slot]
        if option:
            black_delta = abs(slope * price + value) if inverse[slot] > 0.0 else abs(slope)
            in_life = min_years <= years[slot] <= max_years
            if not (in_life and min_delta <= black_delta <= max_delta):
                continue
        fair = value if option else price
        per_price = unit if option else unit * slope  # dollars per contract unit for one unit of price
        to_price = 1.0 / per_price
        units = size_coins * price if (inverse[slot] > 0.0 and not option) else size_coins
        quantity[slot] = units
        spot_loading = unit * slope * price
        vega = unit * greeks[VEGA, slot]
        vol_loading = vega * vega_weight[slot]
        lean = spot_loading * spot_price + vol_loading * vol_price
        curvature = (
            spot_loading * spot_loading * spot_curvature
            + 2.0 * spot_loading * vol_loading * cross_curvature
            + vol_loading * vol_loading * vol_curvature
        )
        edge = vega * edge_vol if option else abs(spot_loading) * edge_rate
        age = min(1.0, max(0.0, (now_ns - told_ns[slot]) * (per_option_age if option else per_top_age)))
        stale = age * (vega * stale_vol if option else abs(spot_loading) * stale_rate)
        fee = maker_rate[slot] * (1.0 if (option and inverse[slot] > 0.0) else price)
        if option and fee > 0.0:
            fee = min(fee, fee_cap[slot] * fair)
        # ln(1+x)/gamma with x = gamma times the dollars of edge on the whole quoted size, per unit of it.
        aversion = risk_aversion * units
        chance = aversion * edge
        intensity = edge * (1.0 - 0.5 * chance) if chance < 1e-7 else log1p(chance) / aversion
        parts[FAIR, slot] = fair
        parts[LEAN, slot] = -lean * to_price
        parts[INTENSITY, slot] = intensity * to_price
        parts[CURVATURE, slot] = 0.5 * units * curvature * to_price
        parts[HEDGE, slot] = abs(spot_loading) * hedge_rate * to_price
        parts[FEE, slot] = fee
        parts[STALENESS, slot] = stale * to_price
        middle = fair + parts[LEAN, slot]
        half = parts[INTENSITY, slot] + parts[CURVATURE, slot] + parts[HEDGE, slot] + parts[FEE, slot] + parts[STALENESS, slot]
        frame = max(half, 0.0)  # a rebate may pay for the whole spread, never for quoting through ourselves
        bid, ask = middle - frame, middle + frame
        # Post-only: join the other side's best less one tick rather than cross it.
        if market_ask[slot] > 0.0:
            bid = min(bid, market_ask[slot] - (wide_tick[slot] if market_ask[slot] > wide_above[slot] else tick[slot]))
        if market_bid[slot] > 0.0:
            ask = max(ask, market_bid[slot] + (wide_tick[slot] if market_bid[slot] > wide_above[slot] else tick[slot]))
        wanted[0, slot], wanted[1, slot] = bid, ask
        step = wide_tick[slot] if bid > wide_above[slot] else tick[slot]
        bid = floor(bid / step + _GRID_SLACK) * step
        step = wide_tick[slot] if ask > wide_above[slot] else tick[slot]
        ask = -floor(-ask / step + _GRID_SLACK) * step
        if ask < bid + 0.5 * tick[slot]:
            ask = bid + (wide_tick[slot] if bid > wide_above[slot] else tick[slot])
        if bid >= tick[slot] and not (only_reducing and lean >= 0.0):
            target[0, slot] = bid
        if not (only_reducing and lean <= 0.0):
            target[1, slot] = max(ask, tick[slot])
