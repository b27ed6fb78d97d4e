"""The forward of each expiry: who says so, how old that is, and how far the others stand from it."""

from typing import NamedTuple

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
_UNHEARD_OF = 0.05  # a word that moves a fresh forward against its reference by more is believed when it is said again
_AGREEING = 0.01


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
    force; -1 while nobody has spoken. told: by tenor and venue, dollars and when, what was stated and not worked in yet.
    speaker, future: by tenor, the venue and the slot that speak for their source; another is heard when they fall silent.
    suspect: by tenor, a stated ratio too far from the standing one to be believed before it is said again.
    """

    ratio: Floats = msgspec.field(default_factory=_no_floats)
    basis: Floats = msgspec.field(default_factory=_no_floats)
    told_ns: Ints = msgspec.field(default_factory=_no_ints)
    source: Ints = msgspec.field(default_factory=_no_sources)
    told: dict[tuple[int, str], tuple[float, int]] = {}
    speaker: dict[int, str] = {}
    future: dict[int, int] = {}
    suspect: dict[int, float] = {}

    def widen(self, tenors: int) -> None:
        """Make room for `tenors` expiries."""
        if self.source.shape[0] < tenors:
            self.ratio, self.basis = grown(self.ratio, tenors, _NAN), grown(self.basis, tenors, 0.0)
            self.told_ns = grown(self.told_ns, tenors, 0)
            self.source = grown(self.source, tenors, UNKNOWN)

    def state(self, tenor: int, venue: str, forward: float, now_ns: int) -> None:
        """The venue states the forward of `tenor`; it is worked in with the next living reference price."""
        self.told[tenor, venue] = (forward, now_ns)

    def forget(self, tenor: int, source: int) -> None:
        """What `source` said of `tenor` may no longer be trusted, nor may anything be measured by it."""
        self.told_ns[source, tenor] = 0


class Prices(NamedTuple):
    """The columns that forwards are read off, by slot: tops, when they were told and at which reference, what is listed."""

    bid: Floats
    ask: Floats
    told_ns: Ints
    told_reference: Floats
    live: Flags


def renew_forwards(
    forwards: Forwards, universe: Universe, block: Block, tenor_slots: list[Ints], prices: Prices, reference: float,
    freshness: Freshness, now_ns: int,
) -> list[int]:  # fmt: skip
    """Work in what was said since the last time, and return the tenors whose forward may have changed.

    In force is the freshest of the exchange's underlying and the future, less its kept basis; parity, which is as wide as
    the options' spreads, only while neither is fresh. `reference` is alive: what was stated long before it lived is dropped.
    """
    spoken_for = _spoken_for(forwards, freshness, now_ns)
    heard: list[int] = []
    for (tenor, venue), (told, told_ns) in forwards.told.items():
        timely = now_ns - told_ns <= freshness.top_ns
        if (
            timely
            and _speaks(forwards, tenor, venue, freshness, now_ns)
            and _believed(forwards, tenor, told / reference, spoken_for)
        ):
            _hear(forwards, UNDERLYING, tenor, told / reference, told_ns, freshness.option_ns)
            heard.append(tenor)
    forwards.told.clear()
    for slot in block.delta_one:
        tenor, told_ns = int(block.tenor[slot]), int(prices.told_ns[slot])
        news = tenor > 0 and (told_ns == now_ns or told_ns > int(forwards.told_ns[FUTURE, tenor]))
        if news and _leads(forwards, universe, block, slot, prices, freshness, now_ns):
            mid = 0.5 * (prices.bid.item(slot) + prices.ask.item(slot))
            _hear(forwards, FUTURE, tenor, mid / prices.told_reference.item(slot), told_ns, freshness.option_ns)
            heard.append(tenor)
    spoken_for = _spoken_for(forwards, freshness, now_ns) if heard else spoken_for
    for tenor in np.flatnonzero(~spoken_for).tolist():
        slots = tenor_slots[tenor]
        if slots.shape[0] and block.expiries[tenor] > now_ns:
            heard += _ask_parity(forwards, block, slots, prices, tenor, freshness, now_ns)
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


def _speaks(forwards: Forwards, tenor: int, venue: str, freshness: Freshness, now_ns: int) -> bool:
    """Whether `venue` speaks for the stated underlying: it always did, or whoever did has fallen silent."""
    silent = now_ns - int(forwards.told_ns[UNDERLYING, tenor]) > freshness.option_ns
    if silent or tenor not in forwards.speaker:
        forwards.speaker[tenor] = venue
    return forwards.speaker[tenor] == venue


def _leads(
    forwards: Forwards, universe: Universe, block: Block, slot: int, prices: Prices, freshness: Freshness, now_ns: int
) -> bool:
    """Whether the slot is the future that speaks for its expiry, with both sides and not crossed."""
    tenor = int(block.tenor[slot])
    sane = 0.0 < prices.bid.item(slot) <= prices.ask.item(slot) and prices.told_reference.item(slot) > 0.0
    if not sane or not prices.live[slot] or not isinstance(universe.contracts[int(block.row[slot])], Future):
        return False
    if tenor not in forwards.future or now_ns - int(forwards.told_ns[FUTURE, tenor]) > freshness.top_ns:
        forwards.future[tenor] = slot
    return forwards.future[tenor] == slot


def _believed(forwards: Forwards, tenor: int, ratio: float, spoken_for: Flags) -> bool:
    """Whether a stated ratio is near the standing one; one that is not is believed when the next word agrees with it."""
    standing = ratio_in_force(forwards, tenor)
    if not (spoken_for[tenor] and abs(ratio / standing - 1.0) > _UNHEARD_OF):
        forwards.suspect.pop(tenor, None)
        return True
    before = forwards.suspect.get(tenor, _NAN)
    forwards.suspect[tenor] = ratio
    return abs(ratio / before - 1.0) <= _AGREEING


def _hear(forwards: Forwards, source: int, tenor: int, ratio: float, told_ns: int, patience_ns: int) -> None:
    """Keep what `source` says. When the anchor speaks, whoever spoke since its last word is measured from it anew.

    A source that has been silent longer keeps its old basis: what it said then cannot be compared with what is said now. One
    that speaks for the first time is measured from what stands, unless that is too old to measure by.
    """
    since_ns = int(forwards.told_ns[source, tenor])
    known = ~np.isnan(forwards.ratio[:, tenor])
    if not known[:source].any():
        lively = np.flatnonzero(known & (forwards.told_ns[:, tenor] >= max(since_ns, 1)))
        forwards.basis[lively, tenor] = forwards.ratio[lively, tenor] / ratio - 1.0
        forwards.basis[source, tenor] = 0.0
    elif not known[source]:
        standing = ratio_in_force(forwards, tenor)
        # In its first batch the anchor is known and nobody is in force yet.
        level = standing if standing > 0.0 else forwards.ratio.item(int(np.argmax(known)), tenor)
        measured = told_ns - int(forwards.told_ns[:, tenor].max()) <= 2 * patience_ns
        forwards.basis[source, tenor] = ratio / level - 1.0 if measured else 0.0
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
    forwards: Forwards, block: Block, slots: Ints, prices: Prices, tenor: int, freshness: Freshness, now_ns: int
) -> list[int]:
    """Let calls and puts of one strike say the forward over the reference they were told at, if a pair has spoken since."""
    since_ns = now_ns - freshness.option_ns
    ratio, told_ns = parity_forward(
        block.strike[slots], block.sign[slots], block.inverse[slots], prices.told_reference[slots],
        np.where((prices.told_ns[slots] >= since_ns) & prices.live[slots], prices.told_ns[slots], 0),
        prices.bid[slots], prices.ask[slots],
    )  # fmt: skip
    if not ratio > 0.0 or told_ns <= int(forwards.told_ns[PARITY, tenor]):
        return []
    _hear(forwards, PARITY, tenor, ratio, told_ns, freshness.option_ns)
    return [tenor]
