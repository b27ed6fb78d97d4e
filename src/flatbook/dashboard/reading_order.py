"""In which order a trader reads quotes: perpetuals and futures first, then options from the middle of the book outwards.

The order depends on the contracts, the day, and a spot per underlying that is held until spot has left it by a few per
cent, so that rows stay where the eye left them while prices move.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from flatbook.basics import NS_PER_DAY
from flatbook.engine.snapshot import QuoteView, UnderlyingView

LOOKED_AT_DAYS = 30
ANCHOR_HOLDS = 0.03

_OPTION = re.compile(r"-(\d{1,2}[A-Z]{3}\d{2})-(\d+(?:[.d]\d+)?)-[CP]$")

Place = tuple[int, int, float, int, float, float]


class Terms(msgspec.Struct, frozen=True):
    """What an option's key says: the day of its expiry, counted from 1970, and its strike."""

    expiry_day: int
    strike: float


def anchored_spots(anchors: Mapping[str, float], views: list[UnderlyingView]) -> dict[str, float]:
    """The spot that each underlying's strikes are measured from: the anchor, until spot has moved away from it."""
    return {view.name: _anchor(anchors.get(view.name, 0.0), view.spot) for view in views}


def _anchor(held: float, spot: float) -> float:
    return held if abs(spot - held) < ANCHOR_HOLDS * held else spot


def in_reading_order(quotes: list[QuoteView], spots: Mapping[str, float], now_ns: int) -> list[QuoteView]:
    """The quotes of the first underlying, then of the next: perpetuals and futures, then options.

    Expiries come by their distance from thirty days, strikes by theirs from `spots`; quotes of one strike, and whatever
    has no key that tells, keep the desk's order.
    """
    today, ranks = now_ns // NS_PER_DAY, {name: rank for rank, name in enumerate(spots)}
    return sorted(quotes, key=lambda quote: _place(quote, spots, ranks, today))


def _place(quote: QuoteView, spots: Mapping[str, float], ranks: Mapping[str, int], today: int) -> Place:
    rank, terms = ranks.get(quote.underlying, len(ranks)), option_terms(quote.key)
    if terms is None:
        return (rank, 0, 0.0, 0, 0.0, 0.0)
    distance = abs(terms.expiry_day - today - LOOKED_AT_DAYS)
    return (rank, 1, distance, terms.expiry_day, abs(terms.strike - spots.get(quote.underlying, 0.0)), terms.strike)


@lru_cache(maxsize=16_384)
def option_terms(key: str) -> Terms | None:
    """The terms in a key such as `alpha:BTC-27MAR26-90000-C`; None when it names no option."""
    found = _OPTION.search(key)
    if found is None:
        return None
    try:
        expiry = datetime.strptime(found[1].title(), "%d%b%y").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Terms(int(expiry.timestamp()) // 86_400, float(found[2].replace("d", ".")))
