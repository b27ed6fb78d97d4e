"""Greeks by slot and the netted exposure of each underlying."""

import msgspec
import numpy as np

from flatbook.basics import Floats, filled, grown
from flatbook.instruments import Universe
from flatbook.pricing import GREEKS


class Exposure(msgspec.Struct):
    """One underlying netted over venues, in dollars; `delta` in coins, collateral and premium included.

    vega_level is the loading on the 30-day vol level, per 1.00 of vol. The `doubt_*` figures are the gross Greeks of
    positions in untrusted rows times the widening: what our ignorance may add to the size of each number.
    """

    delta: float = 0.0
    delta_cash: float = 0.0
    gamma_cash: float = 0.0
    vega_cash: float = 0.0
    theta_cash: float = 0.0
    vega_level: float = 0.0
    coin_equity: float = 0.0
    doubt_delta_cash: float = 0.0
    doubt_gamma_cash: float = 0.0
    doubt_vega_cash: float = 0.0


class UnderlyingRisk(msgspec.Struct):
    """Columns by slot. greeks, fresh: (7, capacity), the marks in force and those of the step under way; the rest (capacity,).

    years: the life that variance counts, less than the calendar's in an expiry's last day; strike, open_part: of an option
    whose settlement average has begun, the strike of what is left of it and the part that is left, else the contract's and 1.
    The market the marks were made with is kept (forward, vol, slope, unit_price, marked_ns), so that P&L can say what moved.
    """

    greeks: Floats
    fresh: Floats
    years: Floats
    strike: Floats
    open_part: Floats
    vega_weight: Floats
    forward: Floats
    vol: Floats
    slope: Floats
    unit_price: Floats
    spot: float
    marked_ns: int
    exposure: Exposure


class Risk(msgspec.Struct):
    """The risk of every underlying, in block order."""

    underlyings: list[UnderlyingRisk] = []


def ensure(risk: Risk, universe: Universe) -> None:
    """Make room for every underlying and slot of the universe."""
    for index, block in enumerate(universe.blocks):
        if index == len(risk.underlyings):
            risk.underlyings.append(_empty(block.capacity))
        entry = risk.underlyings[index]
        if entry.years.shape[0] < block.capacity:
            _widen(entry, block.capacity)


def _empty(capacity: int) -> UnderlyingRisk:
    return UnderlyingRisk(
        greeks=np.zeros((GREEKS, capacity)),
        fresh=np.zeros((GREEKS, capacity)),
        years=filled(capacity, 0.0),
        strike=filled(capacity, 0.0),
        open_part=filled(capacity, 1.0),
        vega_weight=filled(capacity, 0.0),
        forward=filled(capacity, 0.0),
        vol=filled(capacity, 0.0),
        slope=filled(capacity, 0.0),
        unit_price=filled(capacity, 0.0),
        spot=0.0,
        marked_ns=0,
        exposure=Exposure(),
    )


def _widen(entry: UnderlyingRisk, capacity: int) -> None:
    entry.greeks = grown(entry.greeks, capacity, 0.0)
    entry.fresh = grown(entry.fresh, capacity, 0.0)
    entry.years, entry.strike = grown(entry.years, capacity, 0.0), grown(entry.strike, capacity, 0.0)
    entry.open_part = grown(entry.open_part, capacity, 1.0)
    entry.vega_weight = grown(entry.vega_weight, capacity, 0.0)
    entry.forward = grown(entry.forward, capacity, 0.0)
    entry.vol, entry.slope = grown(entry.vol, capacity, 0.0), grown(entry.slope, capacity, 0.0)
    entry.unit_price = grown(entry.unit_price, capacity, 0.0)
