"""Writing a recording: into a hidden sibling folder first, under its own name only when it is whole."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import polars as pl

from flatbook.basics import InputFault, format_utc
from flatbook.events import Event, Listed
from flatbook.venues.recordings.columns import KIND_OF, KINDS, frame_of
from flatbook.venues.recordings.format import FORMAT_NAME, FORMAT_VERSION, MANIFEST_FILE, Manifest, Part, sha256_of

ROWS_PER_GROUP = 8_192  # what a feed holds of a kind at once
ROWS_PER_PART = 32_768  # what the writer holds of a kind at once


class RecordingWriter:
    """A recording being written; used as a context manager.

    Leaving the block without an exception commits: `manifest` is then set and the folder stands under its name. Leaving it
    by any exception, Ctrl-C included, removes everything that was written.
    """

    def __init__(self, target: Path, *, name: str, source: str, replace: bool = False) -> None:
        """`target` is the folder to be; an existing one is a fault unless `replace`, and then stands until the commit."""
        if target.exists() and not replace:
            raise InputFault("exists already", where=str(target), remedy="name another target or replace it (--replace)")
        if target.exists() and not (target / MANIFEST_FILE).is_file():
            raise InputFault("exists and is not a recording, so it is not replaced", where=str(target), remedy="name another")
        self.notes: list[str] = []
        self.manifest: Manifest | None = None
        self._target, self._name, self._source = target, name, source
        self._partial = target.with_name(f".{target.name}.partial")
        self._pending: dict[str, list[tuple[int, int, Event]]] = {kind: [] for kind in KINDS}
        self._parts: list[Part] = []
        self._venues: list[str] = []
        self._order = 0
        self._first_ns = self._last_ns = 0
        self._row_count = 0

    @property
    def event_count(self) -> int:
        """How many events were written so far."""
        return self._order

    def __enter__(self) -> Self:
        shutil.rmtree(self._partial, ignore_errors=True)  # what a killed import may have left
        self._partial.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)

    def append(self, local_ns: int, event: Event) -> None:
        """Add the event that reached the desk at `local_ns`, which must not go back."""
        if local_ns < self._last_ns:
            wrong = f"event {self._order + 1} goes back in time, to {format_utc(local_ns)} from {format_utc(self._last_ns)}"
            raise InputFault(wrong, where=self._source, remedy="sort the source by arrival")
        self._first_ns = self._first_ns or local_ns
        self._last_ns = local_ns
        if type(event) is Listed:
            self._note_listing(event)
        kind = KIND_OF.get(type(event))
        assert kind is not None, "a recording holds market events only"
        pending = self._pending[kind]
        pending.append((self._order, local_ns, event))
        self._order += 1
        if len(pending) == ROWS_PER_PART:
            self._flush(kind)

    def extend(self, arrivals: Iterable[tuple[int, Event]]) -> None:
        """Add many events in order of arrival."""
        append = self.append
        for local_ns, event in arrivals:
            append(local_ns, event)

    def _note_listing(self, event: Listed) -> None:
        assert event.row <= self._row_count, "rows are given in order, without a hole"
        self._row_count = max(self._row_count, event.row + 1)
        if event.contract.venue not in self._venues:
            self._venues.append(event.contract.venue)

    def _flush(self, kind: str) -> None:
        pending = self._pending[kind]
        if not pending:
            return
        number = sum(part.kind == kind for part in self._parts)
        path = f"{kind}/{number:05d}.parquet"
        file = self._partial / path
        file.parent.mkdir(exist_ok=True)
        with _faults_named(file):
            frame_of(kind, pending).write_parquet(file, compression="zstd", row_group_size=ROWS_PER_GROUP)
        first, last = pending[0], pending[-1]
        self._parts.append(
            Part(kind, path, len(pending), first[0], last[0], first[1], last[1], file.stat().st_size, sha256_of(file))
        )
        pending.clear()

    def _commit(self) -> None:
        for kind in KINDS:
            self._flush(kind)
        self.manifest = self._make_manifest()
        file = self._partial / MANIFEST_FILE
        with _faults_named(file):
            file.write_bytes(msgspec.json.format(msgspec.json.encode(self.manifest), indent=2) + b"\n")
            _flush_to_disk(file)
        self._take_the_name()

    def _take_the_name(self) -> None:
        # The old recording steps aside and goes only when the new one stands: an interruption never leaves neither.
        aside = self._target.with_name(f".{self._target.name}.replaced")
        shutil.rmtree(aside, ignore_errors=True)
        if self._target.exists():
            self._target.rename(aside)
        self._partial.rename(self._target)
        _flush_to_disk(self._target.parent)
        shutil.rmtree(aside, ignore_errors=True)

    def _make_manifest(self) -> Manifest:
        counts = {kind: sum(part.rows for part in self._parts if part.kind == kind) for kind in KINDS}
        return Manifest(
            format=FORMAT_NAME,
            version=FORMAT_VERSION,
            name=self._name,
            source=self._source,
            start_ns=self._first_ns,
            end_ns=self._last_ns,
            venues=self._venues,
            event_count=self._order,
            counts={kind: count for kind, count in counts.items() if count},
            notes=self.notes,
            parts=self._parts,
        )


@contextmanager
def _faults_named(file: Path) -> Iterator[None]:
    """Turn a full disk, or whatever else refuses the bytes of `file`, into one sentence."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        raise InputFault(f"cannot be written ({error})", where=str(file), remedy="free some disk space and try again") from None


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
