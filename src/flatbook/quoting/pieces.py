"""The pieces that a quote is put together from, on plain numbers: each dissolves into the pass over the rows."""

from math import floor, log1p
from typing import NamedTuple

from flatbook.pricing import compiled

_GRID_SLACK = 1e-9  # a price a rounding error away from the grid is on the grid


class Figures(NamedTuple):
    """The scalars of a pass. Edges and stale charges as decimals of vol or value, lives in years, ages as 1/ns."""

    spot_price: float
    vol_price: float
    spot_curvature: float
    cross_curvature: float
    vol_curvature: float
    risk_aversion: float
    hedge_rate: float
    size_coins: float
    edge_vol: float
    edge_rate: float
    stale_vol: float
    stale_rate: float
    min_delta: float
    max_delta: float
    min_years: float
    max_years: float
    per_option_age: float
    per_top_age: float
    now_ns: int
    only_reducing: bool
    size: int


@compiled(inlined=True)
def in_range(figures: Figures, black_delta: float, years: float) -> bool:
    """Whether an option is of those that policy quotes."""
    return (
        figures.min_years <= years <= figures.max_years
        and figures.min_delta <= abs(black_delta) <= figures.max_delta
    )  # fmt: skip


@compiled(inlined=True)
def lean_and_curvature(figures: Figures, spot_loading: float, vol_loading: float) -> tuple[float, float]:
    """The gradient of the holding cost along a row's loadings, dollars per unit, and its second derivative."""
    lean = spot_loading * figures.spot_price + vol_loading * figures.vol_price
    curvature = (
        spot_loading * spot_loading * figures.spot_curvature
        + 2.0 * spot_loading * vol_loading * figures.cross_curvature
        + vol_loading * vol_loading * figures.vol_curvature
    )
    return lean, curvature


@compiled(inlined=True)
def edge_and_staleness(figures: Figures, option: bool, spot_loading: float, vega: float, age_ns: int) -> tuple[float, float]:
    """1/k of fill intensity and the charge for the age of the row's last word, dollars per unit."""
    age = min(1.0, max(0.0, age_ns * (figures.per_option_age if option else figures.per_top_age)))
    if option:
        return vega * figures.edge_vol, age * vega * figures.stale_vol
    return abs(spot_loading) * figures.edge_rate, age * abs(spot_loading) * figures.stale_rate


@compiled(inlined=True)
def intensity(aversion: float, edge: float) -> float:
    """ln(1 + aversion x edge) / aversion: Avellaneda and Stoikov's half-spread for 1/k = `edge`, dollars per unit."""
    chance = aversion * edge
    return edge * (1.0 - 0.5 * chance) if chance < 1e-7 else log1p(chance) / aversion


@compiled(inlined=True)
def behind_the_market(
    bid: float, ask: float, market_bid: float, market_ask: float, fine: float, wide: float, above: float
) -> tuple[float, float]:
    """Post-only: join the other side's best less one tick rather than cross it. An absent side is NaN."""
    if market_ask > 0.0:
        bid = min(bid, market_ask - (wide if market_ask > above else fine))
    if market_bid > 0.0:
        ask = max(ask, market_bid + (wide if market_bid > above else fine))
    return bid, ask


@compiled(inlined=True)
def on_grid(bid: float, ask: float, fine: float, wide: float, above: float) -> tuple[float, float]:
    """Both prices on the tick, rounded away from the market, and at least a tick apart."""
    step = wide if bid > above else fine
    bid = floor(bid / step + _GRID_SLACK) * step
    step = wide if ask > above else fine
    ask = -floor(-ask / step + _GRID_SLACK) * step
    if ask < bid + 0.5 * fine:
        ask = bid + (wide if bid > above else fine)
    return bid, ask
