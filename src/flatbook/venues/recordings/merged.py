"""Several recordings as one market: the option chain of one venue beside the perpetual of another."""

from collections.abc import Sequence
from heapq import merge
from pathlib import Path

from flatbook.basics import InputFault
from flatbook.events import Event
from flatbook.instruments import Contract
from flatbook.venues.recordings.feed import RecordingFeed
from flatbook.venues.recordings.numbering import Numbering


class MergedFeed:
    """Feeds side by side, merged by arrival; at the same instant the feed named first speaks first.

    Implements `venues.Feed`. Rows count over all feeds, in the order in which contracts are listed in the merged stream.
    """

    def __init__(self, feeds: Sequence[RecordingFeed], known: Sequence[Contract] = ()) -> None:
        assert feeds, "nothing to merge"
        self._feeds = list(feeds)
        self._numbering = Numbering(known or feeds[0].known)
        for contract in _contracts_in_order(self._feeds):
            self._numbering.row(contract)
        for feed in self._feeds:
            feed.number_rows(self._numbering)

    @property
    def contracts(self) -> list[Contract]:
        """Every contract that is known or will be listed, by row."""
        return self._numbering.contracts

    @property
    def start_ns(self) -> int:
        """When the first event can reach the desk."""
        return min(feed.start_ns for feed in self._feeds)

    @property
    def end_ns(self) -> int:
        """When the last event can have reached the desk."""
        return max(feed.end_ns for feed in self._feeds)

    @property
    def event_count(self) -> int:
        """How many recorded events lie in the window, over all feeds."""
        return sum(feed.event_count for feed in self._feeds)

    def next_ns(self) -> int | None:
        """When the next event reaches the desk; None when every feed is at its end."""
        return min((instant for feed in self._feeds if (instant := feed.next_ns()) is not None), default=None)

    def take(self, until_ns: int) -> tuple[list[int], list[Event]]:
        """The arrival instants and events of all feeds up to and with `until_ns`, in order."""
        taken = [pair for feed in self._feeds if (pair := feed.take(until_ns))[0]]
        if len(taken) < 2:
            return taken[0] if taken else ([], [])
        instants = [instant for pair in taken for instant in pair[0]]
        events = [event for pair in taken for event in pair[1]]
        # Sorting is stable, and the feeds stand one after the other: ties keep the feeds' order.
        places = sorted(range(len(instants)), key=instants.__getitem__)
        return [instants[place] for place in places], [events[place] for place in places]

    def close(self) -> None:
        """Let go of every feed."""
        for feed in self._feeds:
            feed.close()


def merge_feeds(feeds: Sequence[RecordingFeed], *, known: Sequence[Contract] = ()) -> MergedFeed:
    """One feed out of several that have given no event yet. `known` defaults to what the first feed was told."""
    return MergedFeed(feeds, known)


def open_feed(
    spec: str,
    *,
    depth_levels: int = 20,
    resume_ns: int | None = None,
    known: Sequence[Contract] = (),
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> RecordingFeed | MergedFeed:
    """The feed of a recording, or of several joined by `+` as in `chain+tape`. Arguments as for RecordingFeed.

    A window in which one of them has nothing is a fault.
    """
    feeds = [
        RecordingFeed(path, depth_levels=depth_levels, resume_ns=resume_ns, known=known, start_ns=start_ns, end_ns=end_ns)
        for path in recording_paths(spec)
    ]
    return feeds[0] if len(feeds) == 1 else MergedFeed(feeds, known)


def recording_paths(spec: str) -> list[Path]:
    """The folders that a spec names. A folder whose own name holds a `+` is taken as it stands."""
    if Path(spec).exists():
        return [Path(spec)]
    paths = [Path(piece.strip()) for piece in spec.split("+") if piece.strip()]
    if not paths:
        raise InputFault("names no recording", where=repr(spec), remedy="give a folder, or several joined by +")
    return paths


def _contracts_in_order(feeds: Sequence[RecordingFeed]) -> list[Contract]:
    """All listings as the merged stream will give them: an opening one comes at its feed's start."""
    streams = [
        [(max(listing.local_ns, feed.start_ns), place, listing.contract) for listing in feed.arrivals()]
        for place, feed in enumerate(feeds)
    ]
    return [contract for _, _, contract in merge(*streams, key=lambda entry: entry[:2])]
