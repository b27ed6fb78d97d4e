"""The ladder: net Greeks by underlying, bucket of expiry and bucket of delta."""

import msgspec
import numpy as np

from flatbook.basics import Floats
from flatbook.instruments import Block
from flatbook.market import UnderlyingMarket
from flatbook.pricing import DELTA, GAMMA, THETA, VALUE, VEGA
from flatbook.risk.record import UnderlyingRisk
from flatbook.risk.revalue import convexity

EXPIRY_BUCKETS = ("spot & perps", "<= 1d", "<= 3d", "<= 1w", "<= 2w", "<= 1m", "<= 3m", "<= 6m", "> 6m")
_EXPIRY_EDGES_DAYS = (1.0, 3.0, 7.0, 14.0, 31.0, 92.0, 184.0)
# The numbers are hundredths of the Black delta, as desks say them: a 25-delta put.
DELTA_BUCKETS = ("futures", "put <10Δ", "put 10-25Δ", "put 25-40Δ", "at the money", "call 25-40Δ", "call 10-25Δ", "call <10Δ")
# Edges of the call-equivalent delta N(d1), from deep puts' strikes (high N(d1)) to far calls'.
_DELTA_EDGES = (0.90, 0.75, 0.60, 0.40, 0.25, 0.10)


class Cell(msgspec.Struct, frozen=True):
    """Net Greeks of one bucket, in dollars; see the room's door for units."""

    underlying: str
    expiry_bucket: str
    delta_bucket: str
    delta_cash: float
    gamma_cash: float
    vega_cash: float
    theta_cash: float


def ladder(block: Block, market: UnderlyingMarket, risk: UnderlyingRisk, quantity: Floats) -> list[Cell]:
    """The non-empty cells of one underlying's positions, expiries first, then deltas from low strikes to high.

    The delta bucket of a strike is that of its out-of-the-money option, so a call and a put of one strike net in one cell.
    Coin balances are no row and stand outside the ladder.
    """
    held = np.nonzero(quantity[: block.size])[0]
    dollars = quantity[held] * market.unit_price[held]
    forward = market.forward[held]
    bends = np.array([_convexity_of(block, market, risk, int(slot)) for slot in held])
    figures = np.stack(
        [
            dollars * risk.greeks[DELTA, held] * forward,
            0.01 * dollars * bends,
            0.01 * dollars * risk.greeks[VEGA, held],
            dollars * risk.greeks[THETA, held] / 365.0,
        ]
    )
    cells: dict[tuple[int, int], Floats] = {}
    for place, slot in enumerate(held):
        key = (expiry_bucket(block, risk, int(slot)), delta_bucket(block, market, risk, int(slot)))
        cells[key] = cells.get(key, np.zeros(4)) + figures[:, place]
    return [
        Cell(block.underlying, EXPIRY_BUCKETS[expiry], DELTA_BUCKETS[delta], *(float(number) for number in cells[expiry, delta]))
        for expiry, delta in sorted(cells)
    ]


def _convexity_of(block: Block, market: UnderlyingMarket, risk: UnderlyingRisk, slot: int) -> float:
    delta, gamma = risk.greeks.item(DELTA, slot), risk.greeks.item(GAMMA, slot)
    return convexity(delta, gamma, market.forward.item(slot), block.inverse.item(slot))


def expiry_bucket(block: Block, risk: UnderlyingRisk, slot: int) -> int:
    """Index into EXPIRY_BUCKETS; spot and perpetuals have the first."""
    if block.expiries[int(block.tenor[slot])] == 0:
        return 0
    days = float(risk.years[slot]) * 365.0
    return 1 + sum(days > edge for edge in _EXPIRY_EDGES_DAYS)


def delta_bucket(block: Block, market: UnderlyingMarket, risk: UnderlyingRisk, slot: int) -> int:
    """Index into DELTA_BUCKETS; what is no option has the first."""
    if block.sign[slot] == 0.0:
        return 0
    call_delta = dollar_delta(block, market, risk, slot) + (1.0 if block.sign[slot] < 0.0 else 0.0)
    return 1 + sum(call_delta < edge for edge in _DELTA_EDGES)


def dollar_delta(block: Block, market: UnderlyingMarket, risk: UnderlyingRisk, slot: int) -> float:
    """The Black delta s N(s d1) of an option, premium not adjusted, whatever it settles in."""
    delta = float(risk.greeks[DELTA, slot])
    if block.inverse[slot] > 0.0:
        return delta * float(market.forward[slot]) + float(risk.greeks[VALUE, slot])
    return delta
