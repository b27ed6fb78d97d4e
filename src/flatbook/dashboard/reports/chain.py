"""The market that a book is measured on: the last thing a chain or a recording said, at an instant."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from flatbook.basics import NS_PER_DAY, InputFault, format_utc
from flatbook.events import Delisted, Depth, Event, Index, Listed, Ticker, Top
from flatbook.instruments import Universe
from flatbook.market import Market, ensure, observe_depth, observe_index, observe_ticker, observe_top
from flatbook.venues.importers import IMPORTERS, Selection, Task, detect_kind
from flatbook.venues.importers.selection import Progress
from flatbook.venues.recordings import load_manifest, open_feed

_NEVER = 2**62


class ChainMarket(msgspec.Struct):
    """What was listed and what was said of it. `now_ns` is when the market last spoke; `source` names where it is from."""

    source: str
    now_ns: int
    universe: Universe
    market: Market


def read_chain(path: Path, until_ns: int | None = None, progress: Progress = lambda done, text: None) -> ChainMarket:
    """The last market up to and with `until_ns` (None: the very last) of an option chain or of a flatbook recording.

    A chain is a Parquet file, a CSV (also gzipped), or a folder of either. Raises InputFault when it is none, is broken, or
    says nothing up to then.
    """
    is_recording = path.is_dir() and (path / "recording.json").exists()
    events = _recorded(path, until_ns) if is_recording else _imported(path, until_ns, progress)
    chain = ChainMarket(path.name, 0, Universe(), Market())
    for local_ns, event in events:
        _observe(chain, local_ns, event)
    if chain.now_ns == 0 or not chain.universe.contracts:
        when = "" if until_ns is None else f" up to {format_utc(until_ns)}"
        raise InputFault(f"says nothing of any market{when}", where=str(path), remedy="choose a later --at or another chain")
    return chain


def _imported(path: Path, until_ns: int | None, progress: Progress) -> Iterable[tuple[int, Event]]:
    # A window of one instant leaves the last snapshot before it, which is what is wanted.
    window = (
        Selection((), _NEVER, None, or_before=True) if until_ns is None else Selection((), until_ns, until_ns, or_before=True)
    )
    kind = detect_kind(path)
    if kind != "deribit-chain":
        wrong = f"is {IMPORTERS[kind].words}, which has no option chain"
        raise InputFault(wrong, where=str(path), remedy="give an option chain, or import it and give the recording")
    return IMPORTERS[kind].read(Task(path, window, progress, []))


def _recorded(path: Path, until_ns: int | None) -> Iterable[tuple[int, Event]]:
    manifest = load_manifest(path)
    at_ns = manifest.end_ns if until_ns is None else min(until_ns, manifest.end_ns)
    if at_ns < manifest.start_ns:
        wrong = f"starts at {format_utc(manifest.start_ns)}, after {format_utc(at_ns)}"
        raise InputFault(wrong, where=str(path), remedy="choose a later --at")
    # A feed that starts at an instant first repeats the last word on everything that trades then.
    feed = open_feed(str(path), start_ns=at_ns, end_ns=at_ns)
    try:
        instants, events = feed.take(at_ns + NS_PER_DAY)
        return list(zip(instants, events, strict=True))
    finally:
        feed.close()


def _observe(chain: ChainMarket, local_ns: int, event: Event) -> None:
    universe, market = chain.universe, chain.market
    match event:
        case Listed():
            ensure(market, universe, universe.list_contract(event.contract))
        case Delisted():
            universe.withdraw(event.row)
            return
        case Ticker():
            observe_ticker(market, universe, event, local_ns)
        case Top():
            observe_top(market, universe, event, local_ns)
        case Depth():
            observe_depth(market, universe, event, local_ns)
        case Index():
            observe_index(market, universe, event, local_ns)
        case _:
            return
    chain.now_ns = max(chain.now_ns, local_ns)
