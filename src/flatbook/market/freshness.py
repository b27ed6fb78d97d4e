"""How long the world's word is good for."""

import msgspec
import numpy as np

from flatbook.basics import NS_PER_SECOND, Flags, Ints, Positive
from flatbook.instruments import Block, Universe
from flatbook.market.record import Market, UnderlyingMarket

_FOREVER = 2**62


class Freshness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ages in seconds beyond which a number is stale: tops of futures, perpetuals and spot; option tickers; indices."""

    top_s: Positive
    option_s: Positive
    index_s: Positive

    @property
    def top_ns(self) -> int:
        """The age limit of a delta-one top."""
        return round(self.top_s * NS_PER_SECOND)

    @property
    def option_ns(self) -> int:
        """The age limit of an option's ticker."""
        return round(self.option_s * NS_PER_SECOND)

    @property
    def index_ns(self) -> int:
        """The age limit of an index."""
        return round(self.index_s * NS_PER_SECOND)


def is_fresh(told_ns: int, limit_ns: int, now_ns: int) -> bool:
    """Whether something told at `told_ns` (0: never) may still be used."""
    return told_ns > 0 and now_ns - told_ns <= limit_ns


def refresh_trust(market: Market, universe: Universe, index: int, freshness: Freshness, now_ns: int) -> None:
    """Decide anew which rows of underlying `index` are trusted, and until when that holds if nothing more is heard."""
    entry, block = market.underlyings[index], universe.blocks[index]
    size = block.size
    option = block.sign[:size] != 0.0
    limit = np.where(option, freshness.option_ns, freshness.top_ns)
    told = entry.told_ns[:size]
    deadline = np.where(option, np.minimum(told, _tenor_told(entry, block)), told) + limit
    usable = block.live[:size] & (told > 0) & (deadline >= now_ns) & _sane_top(entry, size, option)
    usable &= ~option | _priced_tenor(entry, block)
    reference_deadline = _reference_deadline(entry, freshness)
    if reference_deadline < now_ns or entry.reference <= 0.0:
        usable[:] = False
        reference_deadline = _FOREVER  # only news can change it now
    entry.trusted[:size] = usable
    entry.trust_until_ns = min(int(deadline[usable].min()) if usable.any() else _FOREVER, reference_deadline)


def _sane_top(entry: UnderlyingMarket, size: int, option: Flags) -> Flags:
    """Not crossed; an option may lack a side, a delta-one row may not. A locked top (bid = ask) is sane."""
    bid, ask = entry.bid[:size], entry.ask[:size]
    both = (bid > 0.0) & (ask > 0.0)
    return np.where(both, bid <= ask, option)


def _tenor_told(entry: UnderlyingMarket, block: Block) -> Ints:
    """By slot: when the forward of its expiry was last told."""
    return np.asarray(entry.tenor_ns, dtype=np.int64)[block.tenor[: block.size]]


def _priced_tenor(entry: UnderlyingMarket, block: Block) -> Flags:
    """By slot: whether the expiry has a forward and a vol."""
    known: Flags = np.isfinite(np.asarray(entry.tenor_ratio)) & np.asarray(entry.smile_fitted, dtype=np.bool_)
    return known[block.tenor[: block.size]]


def _reference_deadline(entry: UnderlyingMarket, freshness: Freshness) -> int:
    """Until when the reference may be believed: the lead's deadline while its top is sane, or the index's."""
    lead = entry.lead_slot
    led = lead >= 0 and entry.told_ns[lead] > 0 and 0.0 < entry.bid[lead] <= entry.ask[lead] < np.inf
    by_lead = int(entry.told_ns[lead]) + freshness.top_ns if led else 0
    by_index = entry.index_ns + freshness.index_ns if entry.index_ns and index_is_news(entry) else 0
    return max(by_lead, by_index)


def index_is_news(entry: UnderlyingMarket) -> bool:
    """Whether the index spoke after the lead last did; always, where there is no lead."""
    return entry.lead_slot < 0 or entry.index_ns > int(entry.told_ns[entry.lead_slot])
