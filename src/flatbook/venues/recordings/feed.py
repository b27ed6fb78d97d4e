"""A recording as a feed of market events."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np
import polars as pl

from flatbook.basics import InputFault, format_utc
from flatbook.events import Event, Listed
from flatbook.instruments import Contract
from flatbook.venues.recordings.columns import KINDS, events_of
from flatbook.venues.recordings.format import verify_recording
from flatbook.venues.recordings.numbering import Listing, Listings, Numbering
from flatbook.venues.recordings.opening import last_words
from flatbook.venues.recordings.reader import KindReader

_ALWAYS = -(2**62)
_FOREVER = 2**62


class RecordingFeed:
    """The market events of one recording, in the order in which they reached the recorder.

    Implements `venues.Feed`. It streams: it holds one row group of each kind and the events made of it.

    - `depth_levels` cuts every book; 20 is all that flatbook's own importers keep.
    - `known` are the contracts that already have rows (row = place in the sequence), as after recovery.
    - `start_ns` and `end_ns` bound the arrival instants, both included. Starting in the middle of a recording first lists
      what trades then and repeats the last word on it, at `start_ns`, as a venue does on subscribing.
    - `resume_ns` continues after that instant for a desk that has already heard everything up to and with it.

    Raises InputFault when `path` holds no whole recording, a part is not what was recorded, or the window is empty of time.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        depth_levels: int = 20,
        resume_ns: int | None = None,
        known: Sequence[Contract] = (),
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.manifest = verify_recording(self.path)
        self._depth_levels = depth_levels
        self._begin_ns = max(_ALWAYS if start_ns is None else start_ns, _ALWAYS if resume_ns is None else resume_ns + 1)
        self._last_ns = _FOREVER if end_ns is None else end_ns
        self._resumed = resume_ns is not None
        self._check_window(start_ns, end_ns)
        self.known: tuple[Contract, ...] = tuple(known)
        self._listings = Listings(self.path, self.manifest)
        self._live = self._listings.live_before(self._begin_ns)
        self._readers = self._open_readers()
        self._instants: list[int] = []
        self._events: list[Event] = []
        self._cursor = 0
        self._opened = self._over = False
        self.number_rows(Numbering(self.known))

    @property
    def contracts(self) -> list[Contract]:
        """Every contract that is known or will be listed within the window, by row."""
        return self._numbering.contracts

    @property
    def start_ns(self) -> int:
        """When the first event of the window can reach the desk."""
        return max(self.manifest.start_ns, self._begin_ns)

    @property
    def end_ns(self) -> int:
        """When the last event of the window can have reached the desk."""
        return min(self.manifest.end_ns, self._last_ns)

    @property
    def event_count(self) -> int:
        """How many recorded events lie in the window, not counting what is repeated at its opening."""
        return sum(reader.row_count for reader in self._readers)

    def arrivals(self) -> list[Listing]:
        """The listings that this feed will give, in order; the opening ones first."""
        return [*self._live, *self._listings.within(self._begin_ns, self._last_ns)]

    def number_rows(self, numbering: Numbering) -> None:
        """Give rows out of `numbering`, which other feeds may share. Only before the first event is taken."""
        assert not self._opened, "rows cannot change once events were given"
        self._numbering = numbering
        # Of an already known contract a resumed desk need not be told again.
        self._untold = [listing for listing in self._live if not (self._resumed and listing.contract in numbering)]
        self._rows = np.full(self._listings.row_count, -1, dtype=np.int64)
        for listing in self.arrivals():
            self._rows[listing.row] = numbering.row(listing.contract)

    def next_ns(self) -> int | None:
        """When the next event reaches the desk; None at the end."""
        if self._cursor < len(self._instants) or self._refill():
            return self._instants[self._cursor]
        return None

    def take(self, until_ns: int) -> tuple[list[int], list[Event]]:
        """The arrival instants and events up to and with `until_ns`, in order; each is handed over once."""
        instants: list[int] = []
        events: list[Event] = []
        while self._cursor < len(self._instants) or self._refill():
            stop = bisect_right(self._instants, until_ns, self._cursor)
            instants += self._instants[self._cursor : stop]
            events += self._events[self._cursor : stop]
            self._cursor = stop
            if stop < len(self._instants):
                break
        return instants, events

    def close(self) -> None:
        """Nothing stays open between reads; only what is in memory is let go."""
        self._readers, self._instants, self._events, self._cursor, self._opened = [], [], [], 0, True

    def _check_window(self, start_ns: int | None, end_ns: int | None) -> None:
        if start_ns is not None and end_ns is not None and end_ns < start_ns:
            wrong = f"the window ends at {format_utc(end_ns)}, before it starts at {format_utc(start_ns)}"
            raise InputFault(wrong, where=str(self.path), remedy="give --start before --end")
        for word, instant, beyond in (("starts", start_ns, self.manifest.end_ns), ("ends", end_ns, self.manifest.start_ns)):
            if instant is not None and (instant > beyond if word == "starts" else instant < beyond):
                wrong = f"the window {word} at {format_utc(instant)} but the recording has nothing there"
                span = f"from {format_utc(self.manifest.start_ns)} to {format_utc(self.manifest.end_ns)}"
                raise InputFault(wrong, where=str(self.path), remedy=f"choose an instant {span}")

    def _open_readers(self) -> list[KindReader]:
        by_kind = {kind: [part for part in self.manifest.parts if part.kind == kind] for kind in KINDS}
        return [KindReader(self.path, kind, parts, self._begin_ns, self._last_ns) for kind, parts in by_kind.items() if parts]

    def _refill(self) -> bool:
        """Make the next events; False at the end. What was made before has been taken."""
        if self._over:
            return False
        if not self._opened:
            self._opened = True
            if self._open():
                return True
        readers = [reader for reader in self._readers if reader.load()]
        if not readers:
            self._over = True  # a merged feed that goes on asks this one before each of its own events
            return False
        # Rows still on disk come after the last one in hand of their kind; up to the least of those all is known.
        horizon = min((reader.last_order for reader in readers if not reader.final), default=_FOREVER)
        frames = [(reader.kind, reader.take_through(horizon)) for reader in readers]
        self._make([(kind, frame) for kind, frame in frames if frame is not None])
        return True

    def _open(self) -> bool:
        """The opening of a window that starts within the recording."""
        opening: list[Event] = [Listed(int(self._rows[entry.row]), entry.contract) for entry in self._untold]
        if not self._resumed and self._begin_ns > self.manifest.start_ns:
            live = [listing.row for listing in self._live]
            opening += last_words(self.path, self.manifest, self._begin_ns, live, self._rows, self._depth_levels)
        self._instants, self._events, self._cursor = [self._begin_ns] * len(opening), opening, 0
        return bool(opening)

    def _make(self, frames: list[tuple[str, pl.DataFrame]]) -> None:
        orders = np.concatenate([frame["order"].to_numpy() for _, frame in frames])
        instants = np.concatenate([frame["local_ns"].to_numpy() for _, frame in frames])
        events: list[Event] = []
        for kind, frame in frames:
            events += events_of(kind, frame, self._rows, self._depth_levels)
        places = np.argsort(orders, kind="stable")
        self._instants = instants[places].tolist()
        self._events = list(itemgetter(*places.tolist())(events)) if len(events) > 1 else events
        self._cursor = 0
