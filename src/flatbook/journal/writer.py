"""The one thread that writes, and the bounded queue in front of it.

The desk puts rows into the queue and goes on; the thread takes everything that waits and commits it as one group. When
nobody waits for durability it lingers a few milliseconds first, so that a sync is shared by more batches; a waiter cuts
the lingering short. When `room` rows wait, putting blocks until the thread has taken them: the desk slows down to the
disk's pace rather than fill the memory, and at most twice `room` batches are ever held (waiting, and being written).
"""

import sqlite3
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flatbook.journal import codec, database
from flatbook.journal.faults import JournalFault
from flatbook.journal.reader import snapshot_crc

ROOM = 4096
LINGER_S = 0.005
SNAPSHOTS_KEPT = 3

# Each statement gives the interpreter lock away once: many rows a statement keep a busy desk from starving the writer.
_ROWS_PER_STATEMENT = 64

Row = tuple[int, bytes, bytes]
"""A batch on its way to the disk: sequence, digest, encoded body."""

Blob = tuple[int, bytes]
"""A snapshot on its way: the batch it stands after, encoded state."""


class Writer:
    """Rows in, durable groups out. What goes wrong in the thread is raised at the next call, and at every later one."""

    def __init__(
        self, path: Path, last_sequence: int, *, room: int = ROOM, linger_s: float = LINGER_S, pack_above: int | None = None
    ) -> None:
        self._path = path
        self._connection = database.open_writer(path)
        self._room = room
        self._linger_s = linger_s
        self._pack_above = pack_above
        self._rows: list[Row] = []
        self._blobs: list[Blob] = []
        self._durable = last_sequence
        self._put = 0
        self._written = 0
        self._idle = False
        self._hurried = False
        self._stopping = False
        self._failure: BaseException | None = None
        lock = threading.Lock()
        self._work = threading.Condition(lock)
        self._progress = threading.Condition(lock)
        self._thread = threading.Thread(target=self._run, name="flatbook-journal", daemon=True)
        self._thread.start()

    @property
    def durable(self) -> int:
        """The sequence of the last batch that outlives a loss of power."""
        return self._durable

    def put(self, row: Row) -> None:
        """Queue a batch; blocks while the queue is full."""
        with self._work:
            self._wait_until(lambda: len(self._rows) < self._room)
            self._rows.append(row)
            self._announce()

    def put_snapshot(self, blob: Blob) -> None:
        """Queue a snapshot; it is committed with or after the batches put before it."""
        with self._work:
            self._wait_until(lambda: True)
            self._blobs.append(blob)
            self._announce()

    def wait_durable(self, sequence: int) -> None:
        """Block until the batch of that sequence is committed and synced."""
        if self._durable < sequence:
            with self._work:
                self._wait_until(lambda: self._durable >= sequence)

    def flush(self) -> None:
        """Block until everything put before this call is committed and synced."""
        with self._work:
            wanted = self._put
            self._wait_until(lambda: self._written >= wanted)

    def stop(self) -> None:
        """Write what waits, end the thread and close the file; raises if anything could not be written."""
        with self._work:
            self._stopping = True
            self._hurry()
        self._thread.join()
        database.close_writer(self._connection)
        if self._failure is not None and self._written < self._put:
            raise self._fault()

    def _announce(self) -> None:
        self._put += 1
        if self._idle:
            self._idle = False
            self._work.notify()

    def _hurry(self) -> None:
        self._hurried = True
        self._work.notify()

    def _wait_until(self, done: Callable[[], bool]) -> None:
        """With the lock held: let the thread get on with it until `done`; raises as soon as it has failed."""
        while self._failure is not None or not done():
            if self._failure is not None:
                raise self._fault()
            self._hurry()
            self._progress.wait()

    def _fault(self) -> JournalFault:
        """A new exception each time: one object raised twice would carry the first raising's traceback."""
        assert self._failure is not None
        error = self._failure
        remedy = database.remedy(error) if isinstance(error, sqlite3.Error) else "report this as a bug"
        lost = f"batches after {self._durable} could not be written ({error})"
        fault = JournalFault(
            lost, where=str(self._path), remedy=f"{remedy}, then restart the desk: it resumes after {self._durable}"
        )
        fault.__cause__ = error
        return fault

    def _run(self) -> None:
        try:
            while group := self._next_group():
                self._commit(*group)
                self._report(*group)
        except BaseException as error:  # whatever it is, the desk must hear of it: a thread's death is otherwise silent
            with self._work:
                self._failure = error
                self._progress.notify_all()

    def _next_group(self) -> tuple[list[Row], list[Blob]] | None:
        """Everything that waits, after a moment's lingering; None when stopped and nothing is left."""
        with self._work:
            while not (self._rows or self._blobs or self._stopping):
                self._idle = True
                self._work.wait()
            self._idle = False
            if not self._hurried:
                self._work.wait_for(lambda: self._hurried, timeout=self._linger_s)
            self._hurried = False
            group, self._rows, self._blobs = (self._rows, self._blobs), [], []
            self._progress.notify_all()
            return group if group[0] or group[1] else None

    def _report(self, rows: list[Row], blobs: list[Blob]) -> None:
        with self._work:
            self._written += len(rows) + len(blobs)
            self._durable = rows[-1][0] if rows else self._durable
            self._progress.notify_all()

    def _commit(self, rows: list[Row], blobs: list[Blob]) -> None:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            for start in range(0, len(rows), _ROWS_PER_STATEMENT):
                some = rows[start : start + _ROWS_PER_STATEMENT]
                execute(_insertion(len(some)), self._columns(some))
            for sequence, blob in blobs:
                execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", (sequence, snapshot_crc(sequence, blob), blob))
            if blobs:
                execute(_PRUNE, (SNAPSHOTS_KEPT,))
            execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # After some failures (a full disk) SQLite has rolled back by itself; either way nothing of the group stays.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _columns(self, rows: list[Row]) -> list[int | bytes]:
        columns: list[int | bytes] = []
        for sequence, digest, body in rows:
            packing, kept = codec.pack(body, self._pack_above)
            columns += (sequence, digest, packing, codec.row_crc(sequence, packing, digest, kept), kept)
        return columns


_PRUNE = "DELETE FROM snapshot WHERE sequence NOT IN (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT ?)"


@cache
def _insertion(rows: int) -> str:
    return f"INSERT INTO batch (sequence, digest, packing, crc, body) VALUES {','.join(['(?,?,?,?,?)'] * rows)}"
