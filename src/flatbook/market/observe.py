"""Cheap writes: what each market event changes, and which underlying it makes dirty."""

from flatbook.events import Depth, FundingRate, Gap, Index, Ticker, Top
from flatbook.instruments import Universe
from flatbook.market.forwards import FUTURE, PARITY, UNDERLYING, told_in_force_ns
from flatbook.market.freshness import index_is_news
from flatbook.market.record import Market, UnderlyingMarket

_NAN = float("nan")
_ENDLESS = float("inf")


def observe_top(market: Market, universe: Universe, event: Top, now_ns: int) -> None:
    """A best bid and offer replaces the row's; the underlying is re-marked at the end of the batch."""
    entry = market.underlyings[universe.underlying_of[event.row]]
    slot = universe.slot_of[event.row]
    entry.bid[slot] = _price(event.bid)
    entry.ask[slot] = _price(event.ask)
    entry.bid_size[slot] = event.bid_size
    entry.ask_size[slot] = event.ask_size
    entry.told_ns[slot] = now_ns
    _news(market, universe, event.row)


def observe_depth(market: Market, universe: Universe, event: Depth, now_ns: int) -> None:
    """Of a book the market keeps the first level; the levels beneath are the business of costs."""
    entry = market.underlyings[universe.underlying_of[event.row]]
    slot = universe.slot_of[event.row]
    entry.bid[slot], entry.bid_size[slot] = (_price(event.bids[0]), event.bid_sizes[0]) if event.bids else (_NAN, 0.0)
    entry.ask[slot], entry.ask_size[slot] = (_price(event.asks[0]), event.ask_sizes[0]) if event.asks else (_NAN, 0.0)
    entry.told_ns[slot] = now_ns
    _news(market, universe, event.row)


def observe_ticker(market: Market, universe: Universe, event: Ticker, now_ns: int) -> None:
    """An option's summary: its top, its mark vol, and its expiry's forward."""
    index, slot = universe.underlying_of[event.row], universe.slot_of[event.row]
    entry = market.underlyings[index]
    tenor = int(universe.blocks[index].tenor[slot])
    entry.bid[slot] = _price(event.bid)
    entry.ask[slot] = _price(event.ask)
    entry.bid_size[slot] = event.bid_size
    entry.ask_size[slot] = event.ask_size
    entry.told_ns[slot] = now_ns
    if 0.0 < event.mark_vol < _ENDLESS:
        entry.mark_vol[slot], entry.mark_ns[slot] = event.mark_vol, now_ns
    if 0.0 < event.forward < _ENDLESS:
        entry.forwards.state(tenor, universe.contracts[event.row].venue, event.forward, now_ns)
    _news(market, universe, event.row)


def observe_index(market: Market, universe: Universe, event: Index, now_ns: int) -> None:
    """The price of an asset in dollars: a coin's index or a stablecoin's peg. What is no price says nothing."""
    if not 0.0 < event.price < _ENDLESS:
        return
    index = universe.underlyings.get(event.asset)
    if index is None:
        market.pegs[event.asset] = event.price
        for entry in market.underlyings:
            entry.dirty = True
        return
    entry = market.underlyings[index]
    entry.index = event.price
    entry.index_ns = now_ns
    entry.index_told = True
    entry.dirty = True


def observe_funding(market: Market, universe: Universe, event: FundingRate) -> None:
    """The running funding rate of a perpetual, per eight hours."""
    entry = market.underlyings[universe.underlying_of[event.row]]
    entry.funding_rate[universe.slot_of[event.row]] = event.rate


def observe_gap(market: Market, universe: Universe, event: Gap) -> None:
    """Messages were lost: every row of the venue is untrusted until it speaks again, and so is what it said of forwards."""
    for row, contract in enumerate(universe.contracts):
        if contract.venue == event.venue:
            entry, slot = market.underlyings[universe.underlying_of[row]], universe.slot_of[row]
            if slot == entry.lead_slot and not index_is_news(entry):
                entry.index_ns = 0  # what was older than the lead's last word does not become news by the lead's silence
            entry.told_ns[slot] = 0
            entry.trust_until_ns = 0
            _silence(entry, universe, row)
            _news(market, universe, row)


def _silence(entry: UnderlyingMarket, universe: Universe, row: int) -> None:
    """Take away the word of a lost row on its expiry's forward."""
    slot, venue = universe.slot_of[row], universe.contracts[row].venue
    tenor, forwards = int(universe.blocks[universe.underlying_of[row]].tenor[slot]), entry.forwards
    forwards.told.pop((tenor, venue), None)
    if forwards.speaker.get(tenor) == venue:
        forwards.forget(tenor, UNDERLYING)
    if forwards.future.get(tenor) == slot:
        forwards.forget(tenor, FUTURE)
    if tenor:
        forwards.forget(tenor, PARITY)
        entry.tenor_ns[tenor] = told_in_force_ns(forwards, tenor)


def _news(market: Market, universe: Universe, row: int) -> None:
    """The underlying is re-marked at the end of the batch; of an option, its expiry's smile is fitted again."""
    index, slot = universe.underlying_of[row], universe.slot_of[row]
    entry, block = market.underlyings[index], universe.blocks[index]
    entry.dirty = True
    if block.sign[slot] != 0.0:
        entry.surface.dirty[int(block.tenor[slot])] = True


def _price(told: float) -> float:
    """The price, or NaN for what is none: an absent side, a zero, an infinity."""
    return told if 0.0 < told < _ENDLESS else _NAN
