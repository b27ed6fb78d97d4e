"""The columns and numbers of the market, one record per underlying."""

import msgspec
import numpy as np

from flatbook.basics import Flags, Floats, Ints, filled, grown
from flatbook.instruments import Block, Perpetual, Universe
from flatbook.market.averages import Averages
from flatbook.market.forwards import Forwards
from flatbook.market.surface import Surface

_NEUTRAL_VOL = 0.6  # what a row carries before any vol is known; such a row is never trusted


def _no_floats() -> Floats:
    return np.zeros(0)


def _no_ints() -> Ints:
    return np.zeros(0, dtype=np.int64)


class UnderlyingMarket(msgspec.Struct):
    """Everything the market says of one underlying. By slot unless noted; `tenor_*` are by tenor.

    bid, ask: NaN when absent. forward: dollars, the tenor's forward for options, the row's own price for the rest.
    vol: what the row is marked with; mark_vol, mark_ns: what the venue said, NaN if nothing, and when. told_ns, told_reference:
    when the row last spoke, and where the reference stood then, 0 for never.
    unit_price: dollars per unit of the row's settlement asset, `assets[settlement]`. tenor_ratio: forward over reference,
    NaN if unknown; tenor_ns: when its source last spoke; tenor_slots: its options, by strike, puts first. forwards, averages,
    surface: who says so, what expiries settle at, and where the vols come from.
    """

    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    told_ns: Ints
    told_reference: Floats
    mark_vol: Floats
    mark_ns: Ints
    vol: Floats
    forward: Floats
    unit_price: Floats
    trusted: Flags
    settlement: Ints
    lead_slot: int = -1
    reference: float = 0.0
    index: float = 0.0
    index_ns: int = 0
    index_told: bool = False
    index_ratio: float = 1.0
    tenor_ratio: Floats = msgspec.field(default_factory=_no_floats)
    tenor_ns: Ints = msgspec.field(default_factory=_no_ints)
    tenor_slots: list[Ints] = []
    forwards: Forwards = msgspec.field(default_factory=Forwards)
    averages: Averages = msgspec.field(default_factory=Averages)
    surface: Surface = msgspec.field(default_factory=Surface)
    funding_rate: dict[int, float] = {}
    dirty: bool = True
    trust_until_ns: int = 0
    assets: list[str] = []

    @property
    def spot(self) -> float:
        """Dollars per coin now: the index, moved by the reference since it was last told. 0 before anything is known."""
        return self.reference * self.index_ratio


class Market(msgspec.Struct):
    """The market of every underlying, in block order, and the dollar price of every asset that is no underlying."""

    underlyings: list[UnderlyingMarket] = []
    pegs: dict[str, float] = {}


def asset_price(market: Market, universe: Universe, asset: str) -> float:
    """Dollars per unit of `asset`: a listed coin's spot (0 before it has a price), a peg for what is no coin (1 until told)."""
    index = universe.underlyings.get(asset)
    if index is not None and index < len(market.underlyings):
        return market.underlyings[index].spot
    return market.pegs.get(asset, 1.0)


def ensure(market: Market, universe: Universe, row: int) -> None:
    """Make room for a newly listed `row`: its columns, its tenor, and the lead if it is the first perpetual."""
    index, slot = universe.underlying_of[row], universe.slot_of[row]
    block = universe.blocks[index]
    if index == len(market.underlyings):
        market.underlyings.append(_empty(block.capacity))
    entry = market.underlyings[index]
    if entry.bid.shape[0] < block.capacity:
        _widen(entry, block.capacity)
    _ensure_tenor(entry, block, slot)
    contract = universe.contracts[row]
    if contract.settlement not in entry.assets:
        entry.assets.append(contract.settlement)
    entry.settlement[slot] = entry.assets.index(contract.settlement)
    if entry.lead_slot < 0 and isinstance(contract, Perpetual):
        entry.lead_slot = slot
    entry.dirty = True
    entry.trust_until_ns = 0


def choose_lead(market: Market, universe: Universe, row: int) -> None:
    """Let `row` lead its underlying: its mid becomes the reference price."""
    market.underlyings[universe.underlying_of[row]].lead_slot = universe.slot_of[row]


def _empty(capacity: int) -> UnderlyingMarket:
    nan = float("nan")
    return UnderlyingMarket(
        bid=filled(capacity, nan),
        ask=filled(capacity, nan),
        bid_size=filled(capacity, 0.0),
        ask_size=filled(capacity, 0.0),
        told_ns=np.zeros(capacity, dtype=np.int64),
        told_reference=filled(capacity, 0.0),
        mark_vol=filled(capacity, nan),
        mark_ns=np.zeros(capacity, dtype=np.int64),
        vol=filled(capacity, _NEUTRAL_VOL),
        forward=filled(capacity, 0.0),
        unit_price=filled(capacity, 1.0),
        trusted=np.zeros(capacity, dtype=np.bool_),
        settlement=np.zeros(capacity, dtype=np.int64),
    )


def _widen(entry: UnderlyingMarket, capacity: int) -> None:
    nan = float("nan")
    entry.bid, entry.ask = grown(entry.bid, capacity, nan), grown(entry.ask, capacity, nan)
    entry.bid_size, entry.ask_size = grown(entry.bid_size, capacity, 0.0), grown(entry.ask_size, capacity, 0.0)
    entry.told_ns, entry.told_reference = grown(entry.told_ns, capacity, 0), grown(entry.told_reference, capacity, 0.0)
    entry.mark_vol, entry.mark_ns = grown(entry.mark_vol, capacity, nan), grown(entry.mark_ns, capacity, 0)
    entry.vol = grown(entry.vol, capacity, _NEUTRAL_VOL)
    entry.forward = grown(entry.forward, capacity, 0.0)
    entry.unit_price = grown(entry.unit_price, capacity, 1.0)
    entry.trusted = grown(entry.trusted, capacity, False)
    entry.settlement = grown(entry.settlement, capacity, 0)


def _ensure_tenor(entry: UnderlyingMarket, block: Block, slot: int) -> None:
    tenors = len(block.expiries)
    entry.tenor_ratio = grown(entry.tenor_ratio, tenors, float("nan"))
    entry.tenor_ns = grown(entry.tenor_ns, tenors, 0)
    entry.forwards.widen(tenors)
    entry.averages.widen(tenors)
    entry.surface.widen(tenors, block.capacity)
    while len(entry.tenor_slots) < tenors:
        entry.tenor_slots.append(np.zeros(0, dtype=np.int64))
    tenor = int(block.tenor[slot])
    if block.sign[slot] != 0.0 and slot not in entry.tenor_slots[tenor]:
        slots = np.append(entry.tenor_slots[tenor], slot)
        # Strike order, then settlement, puts before calls: a smile's nodes need no sorting later, and pairs stand together.
        entry.tenor_slots[tenor] = slots[np.lexsort((block.sign[slots], block.inverse[slots], block.strike[slots]))]
