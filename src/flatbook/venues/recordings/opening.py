"""What a venue would say on subscribing in the middle of a recording: the last word on every live row."""

from pathlib import Path

import polars as pl

from flatbook.basics import Ints
from flatbook.events import Event
from flatbook.venues.recordings.columns import events_of
from flatbook.venues.recordings.format import Manifest, Part

_KEY = {"indices": "asset", "funding": "row", "tops": "row", "depths": "row", "tickers": "row"}


def last_words(folder: Path, manifest: Manifest, begin_ns: int, live: list[int], rows: Ints, depth_levels: int) -> list[Event]:
    """The latest index, funding rate, top, book and ticker said before `begin_ns`, in the order in which they were said.

    `live` are the recording's rows that trade at `begin_ns`; the others keep silent. The events keep their old
    `exchange_ns`, so that their age can be seen.
    """
    said: list[tuple[int, Event]] = []
    for kind, key in _KEY.items():
        parts = [part for part in manifest.parts if part.kind == kind and part.first_ns < begin_ns]
        if parts:
            frame = _last_by_key(folder, parts, key, begin_ns)
            frame = frame.filter(pl.col("row").is_in(live)) if key == "row" else frame
            said += zip(frame["order"].to_list(), events_of(kind, frame, rows, depth_levels), strict=True)
    return [event for _, event in sorted(said, key=lambda entry: entry[0])]


def _last_by_key(folder: Path, parts: list[Part], key: str, begin_ns: int) -> pl.DataFrame:
    scan = pl.scan_parquet([folder / part.path for part in parts])
    # The orders are found on three narrow columns first, so that the wide ones are read only where they are wanted.
    before = scan.select("order", "local_ns", key).filter(pl.col("local_ns") < begin_ns)
    orders = before.group_by(key).agg(pl.col("order").max()).collect()["order"].sort()
    return scan.filter(pl.col("order").is_in(orders.implode())).collect().sort("order")
