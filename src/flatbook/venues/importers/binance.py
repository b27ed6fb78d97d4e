"""Raw Binance websocket tapes: spot, dollar-margined and coin-margined perpetuals, merged by their local stamps."""

from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from pathlib import Path

import msgspec

from flatbook.basics import BUY, NS_PER_SECOND, SELL
from flatbook.events import Depth, Event, Gap, Index, Listed, Top, Trade
from flatbook.instruments import Spot
from flatbook.venues.importers.binance_book import LEVELS, Book
from flatbook.venues.importers.binance_contracts import Tape, find_tapes
from flatbook.venues.importers.binance_messages import BookTicker, DepthUpdate, Print, Snapshot, read_messages, stamp_ns
from flatbook.venues.importers.selection import Progress, Span, Task

NOTES = (
    f"Depth is the best {LEVELS} levels of a book rebuilt from the tape's changes and its REST snapshot, if there is one; the "
    "best bid and offer overrides it where it is the later by update number.",
    "The index of BTC and ETH is derived: once a second, the middle of spot's best bid and offer, counting a USDT as a dollar.",
    "Coin-margined sizes were turned from contracts into dollars (100 a contract for BTC, 10 for ETH).",
    "Spot's best bid and offer bears no exchange stamp; its arrival stands in.",
)


class _Count(msgspec.Struct):
    """How far the import is, in bytes of tape, and how many holes the tapes have."""

    total: int
    tell: Progress
    done: int = 0
    gaps: int = 0

    def read(self, size: int, file: Path) -> None:
        """Another `size` bytes were read, of `file`."""
        self.done += size
        self.tell(min(1.0, self.done / self.total), f"{file.parent.name}/{file.name}")


def read_binance(task: Task) -> Iterator[tuple[int, Event]]:
    """The events of all tapes in a folder, in order of arrival; at the same stamp in order of listing."""
    tapes = find_tapes(task.source)
    task.notes += NOTES
    count = _Count(sum(file.stat().st_size for tape in tapes for file in tape.files), task.progress)
    streams = [_arrivals(row, tape, task, count) for row, tape in enumerate(tapes)]
    arrivals = (entry for entry in merge(*streams, key=itemgetter(0)) if task.selection.holds(entry[0]))
    first = next(arrivals, None)
    if first is None:
        raise _span(tapes).nothing_chosen(task.source, "nothing")
    for row, tape in enumerate(tapes):
        yield first[0], Listed(row, tape.contract)
    yield first
    yield from arrivals
    task.notes.append(f"The tapes have {count.gaps} holes in their update numbers, recorded as gaps.")


def _span(tapes: list[Tape]) -> Span:
    """From when to when the tapes run, read again whole: a window in which nothing was found may have ended the reading early."""
    whole = Span()
    for tape in tapes:
        own = Span()
        for file in tape.files:
            for _ in own.watch(read_messages(file, tape.contract.symbol, lambda size, read: None)):
                pass
        if own.last_ns:
            whole = Span(min(whole.first_ns or own.first_ns, own.first_ns), max(whole.last_ns, own.last_ns))
    return whole


def _arrivals(row: int, tape: Tape, task: Task, count: _Count) -> Iterator[tuple[int, Event]]:
    """One instrument's events. Its book is built from the start of the tape, wherever the window starts."""
    book, scale = Book(), tape.scale
    index_from_ns = 0 if isinstance(tape.contract, Spot) else 2**62
    for file in tape.files:
        for local_ns, message in read_messages(file, tape.contract.symbol, count.read):
            if not task.selection.before_end(local_ns):
                return
            match message:
                case BookTicker():
                    book.observe_ticker(message)
                    yield local_ns, _top(row, message, scale, local_ns)
                    if local_ns >= index_from_ns:
                        index_from_ns = (local_ns // NS_PER_SECOND + 1) * NS_PER_SECOND
                        yield local_ns, _index(tape, message, local_ns)
                case DepthUpdate():
                    if not book.apply(message):
                        count.gaps += 1
                        yield local_ns, Gap(tape.contract.venue)
                    yield local_ns, _depth(row, book, scale, stamp_ns(message, local_ns))
                case Print():
                    side = SELL if message.buyer_made else BUY
                    yield local_ns, Trade(row, message.price, message.quantity * scale, side, stamp_ns(message, local_ns))
                case Snapshot():
                    book.restart(message)
                    yield local_ns, _depth(row, book, scale, stamp_ns(message, local_ns))


def _top(row: int, ticker: BookTicker, scale: float, local_ns: int) -> Top:
    return Top(row, ticker.bid, ticker.ask, ticker.bid_size * scale, ticker.ask_size * scale, stamp_ns(ticker, local_ns))


def _index(tape: Tape, ticker: BookTicker, local_ns: int) -> Index:
    return Index(tape.contract.underlying, (ticker.bid + ticker.ask) / 2, local_ns)


def _depth(row: int, book: Book, scale: float, exchange_ns: int) -> Depth:
    return Depth(row, *book.bids.levels(scale), *book.asks.levels(scale), exchange_ns)
