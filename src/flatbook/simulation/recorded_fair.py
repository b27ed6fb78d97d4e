"""What an option on a recorded chain is worth between two snapshots."""

from collections.abc import Callable
from math import isnan
from typing import Any

import msgspec

from flatbook.basics import years_between
from flatbook.events import Delisted, Depth, Event, Index, Listed, Ticker, Top
from flatbook.instruments import Contract, Option, Perpetual
from flatbook.simulation.surface import black
from flatbook.simulation.worth import Worth

_BLIND_HALF_SPREAD = 0.1


class _Reference(msgspec.Struct):
    """Where an underlying stands: its perpetual's mid, else its index; 0 while unknown. `first_mid` is the first mid seen."""

    mid: float = 0.0
    first_mid: float = 0.0
    index: float = 0.0


class _Snapshot(msgspec.Struct):
    """A ticker and where the reference stood when it came."""

    ticker: Ticker
    mid: float
    index: float


class RecordedFair:
    """Fair values from the last ticker's mark vol, on its forward moved along with the tape.

    The forward moves by the ratio of the underlying's perpetual mid now to then; without a perpetual, of the index.
    The market's half-spread is the recorded one. It is the world's knowledge: the desk makes its own.
    """

    def __init__(self) -> None:
        self._contracts: dict[int, Contract] = {}
        self._references: dict[str, _Reference] = {}
        self._perpetuals: dict[int, _Reference] = {}
        self._snapshots: dict[int, _Snapshot] = {}
        self._on: dict[type, Callable[[Any], None]] = {
            Listed: self._list,
            Delisted: self._delist,
            Top: self._top,
            Depth: self._depth,
            Index: self._index,
            Ticker: self._ticker,
        }

    def observe(self, event: Event) -> None:
        """A market event at the venue."""
        apply = self._on.get(type(event))
        if apply is not None:
            apply(event)

    def __call__(self, row: int, ns: int) -> Worth | None:
        """What the option in `row` is worth at `ns`; None when that is unknown, expired, ahead or no option."""
        snapshot, option = self._snapshots.get(row), self._contracts.get(row)
        if snapshot is None or not isinstance(option, Option) or ns >= option.expiry_ns:
            return None
        ticker = snapshot.ticker
        if isnan(ticker.mark_vol) or ticker.mark_vol <= 0:
            return None
        outright = ticker.forward * self._moved(snapshot, self._references[option.underlying])
        years = years_between(ns, option.expiry_ns)
        dollars, _ = black(outright, float(option.strike), years, ticker.mark_vol, option.sign)
        return Worth(dollars / outright if option.inverse else dollars, _half_spread(ticker, float(option.tick)))

    def _moved(self, snapshot: _Snapshot, now: _Reference) -> float:
        """Reference now over reference then. A perpetual that was silent then counts from its first mid."""
        if now.mid:
            return now.mid / (snapshot.mid or now.first_mid)
        return now.index / snapshot.index if snapshot.index else 1.0

    def _list(self, event: Listed) -> None:
        self._contracts[event.row] = event.contract
        reference = self._references.setdefault(event.contract.underlying, _Reference())
        if isinstance(event.contract, Perpetual):
            self._perpetuals[event.row] = reference

    def _delist(self, event: Delisted) -> None:
        self._snapshots.pop(event.row, None)
        self._perpetuals.pop(event.row, None)

    def _top(self, event: Top) -> None:
        self._move(event.row, 0.5 * (event.bid + event.ask))

    def _depth(self, event: Depth) -> None:
        if event.bids and event.asks:
            self._move(event.row, 0.5 * (event.bids[0] + event.asks[0]))

    def _move(self, row: int, mid: float) -> None:
        reference = self._perpetuals.get(row)
        if reference is not None and mid > 0:
            reference.mid = mid
            reference.first_mid = reference.first_mid or mid

    def _index(self, event: Index) -> None:
        reference = self._references.get(event.asset)
        if reference is not None:
            reference.index = event.price

    def _ticker(self, event: Ticker) -> None:
        reference = self._references[self._contracts[event.row].underlying]
        self._snapshots[event.row] = _Snapshot(event, reference.mid, reference.index)


def _half_spread(ticker: Ticker, tick: float) -> float:
    """Half of ask less bid; where a side is missing, the other one's distance from the mark, or a tenth of the mark."""
    if ticker.ask > ticker.bid:
        return max(0.5 * (ticker.ask - ticker.bid), 0.5 * tick)
    if ticker.ask > ticker.mark:
        return max(ticker.ask - ticker.mark, 0.5 * tick)
    return max(_BLIND_HALF_SPREAD * ticker.mark, 0.5 * tick)
