"""Reading a journal back, of a desk that stopped, was killed, or is still running."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from flatbook.basics import InputFault
from flatbook.journal import codec, database
from flatbook.journal.header import Header
from flatbook.journal.port import Entry

# Short pages rather than one long cursor: a cursor left open would keep the writer's WAL from being folded back.
_PAGE_ROWS = 256

_Row = tuple[int, bytes, int, int, bytes]


class JournalReader:
    """A journal that is only read. Takes no lock, so a replay or report may look at a running desk's journal."""

    def __init__(self, path: str | Path) -> None:
        """Open the journal at `path`; InputFault when there is none, or none that this version can read."""
        self.path = Path(path)
        self._connection = database.open_reader(self.path)
        try:
            self.header: Header = database.read_header(self._connection, self.path)
        except BaseException:
            self._connection.close()
            raise

    @property
    def last_sequence(self) -> int:
        """The sequence of the last durable batch; 0 when there is none."""
        (last,) = self._one("SELECT max(sequence) FROM batch")
        return int(last or 0)

    def batches(self, after: int = 0) -> Iterator[Entry]:
        """The entries after sequence `after`, in order, read as they are asked for.

        Raises InputFault at the first batch that is missing or damaged, and names it.
        """
        expected = after + 1
        while rows := self._page(expected):
            for row in rows:
                yield self._entry(expected, row)
                expected += 1

    def latest_snapshot(self, at_most: int | None = None) -> tuple[int, bytes] | None:
        """The newest sound snapshot not after batch `at_most`, as (sequence, blob); None when there is none.

        A damaged one is passed over: an older one and more batches lead to the same state.
        """
        bound = self.last_sequence if at_most is None else at_most
        while True:
            # A bare column beside max() is that of the row with the maximum; SQLite promises so.
            sequence, crc, blob = self._one("SELECT max(sequence), crc, body FROM snapshot WHERE sequence <= ?", bound)
            if sequence is None:
                return None
            if snapshot_crc(sequence, blob) == crc:
                return sequence, blob
            bound = sequence - 1

    def check_tail(self) -> None:
        """See that no batch is missing after the latest snapshot (after the start, when there is none).

        Earlier ones are checked when they are read; a desk that recovers needs none of them.
        """
        last = self.last_sequence
        start = min((self.latest_snapshot() or (0, b""))[0], last)
        (count,) = self._one("SELECT count(*) FROM batch WHERE sequence > ?", start)
        if count != last - start:
            for _ in self.batches(start):
                pass

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> "JournalReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _one(self, query: str, *arguments: int) -> tuple[Any, ...]:
        with database.faults_named(self.path):
            return self._connection.execute(query, arguments).fetchone()

    def _page(self, first: int) -> list[_Row]:
        query = "SELECT sequence, digest, packing, crc, body FROM batch WHERE sequence >= ? ORDER BY sequence LIMIT ?"
        with database.faults_named(self.path, f"batch {first} or soon after"):
            return self._connection.execute(query, (first, _PAGE_ROWS)).fetchall()

    def _entry(self, expected: int, row: _Row) -> Entry:
        sequence, digest, packing, crc, kept = row
        if sequence != expected:
            raise self._fault(expected, f"is missing, though batch {sequence} is there")
        if codec.row_crc(sequence, packing, digest, kept) != crc:
            raise self._fault(sequence, "is damaged: its checksum does not fit its content")
        try:
            batch = codec.decode_batch(codec.unpack(packing, kept))
        except (InputFault, zlib.error) as error:
            raise self._fault(sequence, f"is unreadable: {getattr(error, 'wrong', error)}") from None
        if batch.sequence != sequence:
            raise self._fault(sequence, f"holds batch {batch.sequence}")
        return Entry(batch, digest)

    def _fault(self, sequence: int, wrong: str) -> InputFault:
        sound = f"; batches up to {sequence - 1} are sound" if sequence > 1 else ""
        return InputFault(wrong, where=f"{self.path}, batch {sequence}", remedy=f"restore the file from a copy{sound}")


def snapshot_crc(sequence: int, blob: bytes) -> int:
    """CRC-32 over a snapshot and the batch it stands after."""
    return codec.row_crc(sequence, codec.PLAIN, b"", blob)
