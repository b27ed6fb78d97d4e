"""The forward of each expiry: who says so, how old that is, and how far the others stand from it."""

import msgspec
import numpy as np

from flatbook.basics import Flags, Floats, Ints, grown
from flatbook.instruments import Block, Future, Universe
from flatbook.market.parity import parity_forward
from flatbook.market.rules import Freshness

UNDERLYING, FUTURE, PARITY = range(3)
FORWARD_SOURCES = ("underlying", "future", "parity")
UNKNOWN = -1

_NAN = float("nan")


def _no_floats() -> Floats:
    return np.zeros((3, 0))


def _no_ints() -> Ints:
    return np.zeros((3, 0), dtype=np.int64)


def _no_sources() -> Ints:
    return np.zeros(0, dtype=np.int64)


class Forwards(msgspec.Struct):
    """What each source says of each tenor's forward: the exchange's stated underlying, the dated future, put-call parity.

    By source and tenor, (3, tenors): ratio, the forward over the reference when it was told, NaN if never; told_ns, when;
    basis, how far the source stands from the anchor, as a fraction: it is kept, so that the forward does not jump when another
    source speaks last. The anchor is the first source in that order that ever spoke. source, by tenor: whose word is in
    force; -1 while nobody has spoken. told: forwards that the exchange stated since they were last worked in.
    """

    ratio: Floats = msgspec.field(default_factory=_no_floats)
    basis: Floats = msgspec.field(default_factory=_no_floats)
    told_ns: Ints = msgspec.field(default_factory=_no_ints)
    source: Ints = msgspec.field(default_factory=_no_sources)
    told: dict[int, tuple[float, int]] = {}

    def widen(self, tenors: int) -> None:
        """Make room for `tenors` expiries."""
        if self.source.shape[0] < tenors:
            self.ratio, self.basis = grown(self.ratio, tenors, _NAN), grown(self.basis, tenors, 0.0)
            self.told_ns = grown(self.told_ns, tenors, 0)
            self.source = grown(self.source, tenors, UNKNOWN)

    def state(self, tenor: int, forward: float, now_ns: int) -> None:
        """The exchange states the forward of `tenor`; it is worked in with the next reference price."""
        self.told[tenor] = (forward, now_ns)


class Prices(msgspec.Struct, frozen=True):
    """The columns that forwards are read off, by slot: tops, when they were told, and which of them are believed."""

    bid: Floats
    ask: Floats
    told_ns: Ints
    trusted: np.ndarray


def renew_forwards(
    forwards: Forwards, universe: Universe, block: Block, tenor_slots: list[Ints], prices: Prices, reference: float,
    freshness: Freshness, now_ns: int,
) -> list[int]:  # fmt: skip
    """Work in what was said since the last time, and return the tenors whose forward may have changed.

    In force is the freshest of the exchange's underlying and the future, less its kept basis; parity, which is as wide as
    the options' spreads, only while neither is fresh.
    """
    heard: list[int] = []
    for tenor, (told, told_ns) in forwards.told.items():
        _hear(forwards, UNDERLYING, tenor, told / reference, told_ns)
        heard.append(tenor)
    forwards.told.clear()
    for slot in block.delta_one:
        tenor, told_ns = int(block.tenor[slot]), int(prices.told_ns[slot])
        if (
            tenor
            and prices.trusted[slot]
            and told_ns > int(forwards.told_ns[FUTURE, tenor])
            and _is_future(universe, block, slot)
        ):
            _hear(forwards, FUTURE, tenor, 0.5 * (prices.bid.item(slot) + prices.ask.item(slot)) / reference, told_ns)
            heard.append(tenor)
    spoken_for = _spoken_for(forwards, freshness, now_ns)
    for tenor in np.flatnonzero(~spoken_for).tolist():
        slots = tenor_slots[tenor]
        if slots.shape[0] and block.expiries[tenor] > now_ns:
            heard += _ask_parity(forwards, block, slots, prices, tenor, reference, now_ns - freshness.option_ns)
    for tenor in dict.fromkeys(heard):
        forwards.source[tenor] = _latest(forwards, tenor, bool(spoken_for[tenor]))
    return list(dict.fromkeys(heard))


def ratio_in_force(forwards: Forwards, tenor: int) -> float:
    """The forward of `tenor` over the reference, as its source last told it, the source's own basis taken off."""
    source = int(forwards.source[tenor])
    return forwards.ratio.item(source, tenor) / (1.0 + forwards.basis.item(source, tenor)) if source >= 0 else _NAN


def told_in_force_ns(forwards: Forwards, tenor: int) -> int:
    """When the source in force last spoke; 0 if none ever did."""
    source = int(forwards.source[tenor])
    return int(forwards.told_ns[source, tenor]) if source >= 0 else 0


def _hear(forwards: Forwards, source: int, tenor: int, ratio: float, told_ns: int) -> None:
    """Keep what `source` says. When the anchor speaks, whoever spoke since its last word is measured from it anew.

    A source that has been silent longer keeps its old basis: what it said then cannot be compared with what is said now.
    """
    since_ns = forwards.told_ns[source, tenor]
    known = ~np.isnan(forwards.ratio[:, tenor])
    if not known[:source].any():
        lively = np.flatnonzero(known & (forwards.told_ns[:, tenor] >= since_ns))
        forwards.basis[lively, tenor] = forwards.ratio[lively, tenor] / ratio - 1.0
        forwards.basis[source, tenor] = 0.0
    elif not known[source]:
        standing = ratio_in_force(forwards, tenor)
        # In its first batch the anchor is known and nobody is in force yet.
        level = standing if standing > 0.0 else forwards.ratio.item(int(np.argmax(known)), tenor)
        forwards.basis[source, tenor] = ratio / level - 1.0
    forwards.ratio[source, tenor] = ratio
    forwards.told_ns[source, tenor] = told_ns


def _latest(forwards: Forwards, tenor: int, spoken_for: bool) -> int:
    """Whose word counts: of underlying and future the later one while either is fresh, else whoever spoke last."""
    told = forwards.told_ns[:, tenor]
    if spoken_for:
        return FUTURE if told[FUTURE] > told[UNDERLYING] else UNDERLYING
    return int(np.argmax(told))


def _spoken_for(forwards: Forwards, freshness: Freshness, now_ns: int) -> Flags:
    """By tenor: whether the exchange's underlying or a future has said something that is still fresh."""
    told = forwards.told_ns  # 0 for never, which is before every limit that counts
    by_underlying = told[UNDERLYING] >= max(now_ns - freshness.option_ns, 1)
    return by_underlying | (told[FUTURE] >= max(now_ns - freshness.top_ns, 1))


def _ask_parity(
    forwards: Forwards, block: Block, slots: Ints, prices: Prices, tenor: int, reference: float, since_ns: int
) -> list[int]:
    """Let calls and puts of one strike say the forward, if any pair has spoken later than parity last did."""
    latest = int(prices.told_ns[slots].max())
    if latest <= max(since_ns, int(forwards.told_ns[PARITY, tenor])):
        return []
    fresh = prices.told_ns[slots] >= since_ns
    bids, asks = np.where(fresh, prices.bid[slots], _NAN), np.where(fresh, prices.ask[slots], _NAN)
    forward = parity_forward(block.strike[slots], block.sign[slots], block.inverse[slots], bids, asks)
    if not forward > 0.0:
        return []
    _hear(forwards, PARITY, tenor, forward / reference, latest)
    return [tenor]


def _is_future(universe: Universe, block: Block, slot: int) -> bool:
    return isinstance(universe.contracts[int(block.row[slot])], Future)
