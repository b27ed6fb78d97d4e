"""One kind's rows in order, a row group at a time."""

from bisect import bisect_left, bisect_right
from pathlib import Path

import numpy as np
import polars as pl

from flatbook.venues.recordings.format import Part
from flatbook.venues.recordings.writer import ROWS_PER_GROUP


class KindReader:
    """The rows of one kind that arrived from `begin_ns` to `end_ns`. Holds one row group, never more.

    `frame` is what was read and not yet taken; `final` says that nothing comes after it.
    """

    def __init__(self, folder: Path, kind: str, parts: list[Part], begin_ns: int, end_ns: int) -> None:
        self.kind = kind
        self._spans = [_span(folder, part, begin_ns, end_ns) for part in parts]
        self._spans = [span for span in self._spans if span[1] < span[2]]
        self.row_count = sum(stop - start for _, start, stop in self._spans)
        self._frame: pl.DataFrame | None = None

    @property
    def final(self) -> bool:
        """Whether nothing is left on disk."""
        return not self._spans

    @property
    def last_order(self) -> int:
        """The order of the last row in hand."""
        assert self._frame is not None
        return int(self._frame["order"][-1])

    def load(self) -> bool:
        """Have rows in hand, reading the next row group if there are none; False when the kind is spent."""
        if self._frame is None and self._spans:
            self._frame = self._read_group()
        return self._frame is not None

    def take_through(self, order: int) -> pl.DataFrame | None:
        """The rows in hand up to and with `order`, which leave the hand; None when there is no such row."""
        frame = self._frame
        assert frame is not None
        count = int(np.searchsorted(frame["order"].to_numpy(), order, side="right"))
        self._frame = frame[count:] if count < frame.height else None
        return frame[:count] if count else None

    def _read_group(self) -> pl.DataFrame:
        file, start, stop = self._spans[0]
        # Reading up to the next group boundary decodes exactly one group, wherever the span starts.
        end = min(stop, (start // ROWS_PER_GROUP + 1) * ROWS_PER_GROUP)
        if end == stop:
            del self._spans[0]
        else:
            self._spans[0] = (file, end, stop)
        return pl.scan_parquet(file).slice(start, end - start).collect()


def _span(folder: Path, part: Part, begin_ns: int, end_ns: int) -> tuple[Path, int, int]:
    """The part's file and the range of its rows within the window; only a part on the window's edge is looked into."""
    file = folder / part.path
    if part.last_ns < begin_ns or part.first_ns > end_ns:
        return file, 0, 0
    if begin_ns <= part.first_ns and part.last_ns <= end_ns:
        return file, 0, part.rows
    instants = pl.scan_parquet(file).select("local_ns").collect()["local_ns"].to_list()
    return file, bisect_left(instants, begin_ns), bisect_right(instants, end_ns)
