"""The terms of the profit, by underlying, and the last fills."""

import math

import msgspec
import numpy as np

from flatbook.basics import Floats, Side, filled
from flatbook.instruments import Universe

TERMS = (
    "spread",
    "delta",
    "gamma",
    "vega",
    "theta",
    "vanna",
    "volga",
    "fees",
    "funding",
    "settlement",
    "capital",
    "residual",
)
# From delta to volga a term has the number of the Greek in `pricing` that explains it, so that one name serves both.
SPREAD, DELTA, GAMMA, VEGA, THETA, VANNA, VOLGA, FEES, FUNDING, SETTLEMENT, CAPITAL, RESIDUAL = range(len(TERMS))

NO_UNDERLYING = -1
FILLS_KEPT = 1024


class FillRecord(msgspec.Struct, frozen=True):
    """A fill of ours as it is judged. `fair` is the mark in the contract's price unit at that moment.

    `spread_usd` is what it earned against fair; `fee_usd` is positive when paid; `delta_cash` is what it added.
    """

    fill_id: str
    order_id: int
    ns: int
    row: int
    side: Side
    price: float
    quantity: float
    fair: float
    spread_usd: float
    fee_usd: float
    delta_cash: float
    purpose: str
    maker: bool


def _no_terms() -> Floats:
    return filled(len(TERMS), 0.0)


class Pnl(msgspec.Struct):
    """Profit in dollars since the start: `terms[underlying]` has one number for each of TERMS.

    `other` holds the same terms for what belongs to no underlying. `deposits_usd` is what was deposited, each at its
    value of that moment. `fills` keeps the last of `fill_count`.
    """

    terms: list[Floats] = []
    other: Floats = msgspec.field(default_factory=_no_terms)
    deposits_usd: float = 0.0
    fills: list[FillRecord] = []
    fill_count: int = 0


def ensure(pnl: Pnl, universe: Universe) -> None:
    """Give every underlying its terms."""
    while len(pnl.terms) < len(universe.blocks):
        pnl.terms.append(_no_terms())


def add(pnl: Pnl, underlying: int, term: int, usd: float) -> None:
    """Add dollars to a term of an underlying, or of no underlying. A number that is none would poison every total."""
    assert math.isfinite(usd), f"{TERMS[term]} is not a number"
    column = pnl.other if underlying == NO_UNDERLYING else pnl.terms[underlying]
    column[term] += usd


def keep(pnl: Pnl, fill: FillRecord) -> None:
    """Remember the fill among the last ones."""
    pnl.fill_count += 1
    pnl.fills.append(fill)
    if len(pnl.fills) > FILLS_KEPT:
        del pnl.fills[0]


def terms_total(pnl: Pnl) -> dict[str, float]:
    """Each term summed over underlyings, in dollars, in the order of TERMS."""
    sums = pnl.other.copy()
    for column in pnl.terms:
        sums += column
    return dict(zip(TERMS, sums.tolist(), strict=True))


def term_total(pnl: Pnl, term: str) -> float:
    """One of TERMS summed over underlyings, in dollars."""
    place = TERMS.index(term)
    return pnl.other.item(place) + sum(column.item(place) for column in pnl.terms)


def trading_total(pnl: Pnl) -> float:
    """The profit without what the target holding itself gained: the coins one chose to own are not a trading result."""
    return total(pnl) - term_total(pnl, "capital")


def total(pnl: Pnl) -> float:
    """The whole profit in dollars: equity less deposits."""
    return sum((sum(column.tolist()) for column in pnl.terms), sum(pnl.other.tolist()))


def validate(pnl: Pnl, universe: Universe) -> None:
    """Assert that every term is there and is a number."""
    assert len(pnl.terms) == len(universe.blocks), "every underlying has its terms"
    assert all(bool(np.isfinite(column).all()) for column in (pnl.other, *pnl.terms)), "a term is not a number"
    assert math.isfinite(pnl.deposits_usd), "deposits are not a number"
    assert len(pnl.fills) == min(pnl.fill_count, FILLS_KEPT), "the last fills are kept, no more and no fewer"
