"""The embedded store: a journal in one SQLite file, written by one desk."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from flatbook.basics import InputFault
from flatbook.events import Batch
from flatbook.journal import codec, database
from flatbook.journal.header import Header
from flatbook.journal.lock import DeskLock
from flatbook.journal.port import Entry
from flatbook.journal.reader import JournalReader
from flatbook.journal.writer import LINGER_S, ROOM, Writer


class Journal:
    """A desk's own journal, open for writing. Use it in a `with`: leaving makes everything durable and lets go.

    `room` is how many batches may wait for the disk before appending blocks; `linger_s` how long a group that nobody waits
    for may gather; bodies longer than `pack_above` bytes are deflated (none by default: see `codec.pack`).
    """

    def __init__(self, path: str | Path, *, room: int = ROOM, linger_s: float = LINGER_S, pack_above: int | None = None) -> None:
        """Open an existing journal; prefer `Journal.open`, which says so."""
        self.path = Path(path)
        # Looked at before anything is touched: a file that is no journal is left as it was found.
        JournalReader(self.path).close()
        self._lock = DeskLock(self.path)
        try:
            self._reader = JournalReader(self.path)
            self._last = self._recovered()
            self._writer = Writer(self.path, self._last, room=room, linger_s=linger_s, pack_above=pack_above)
        except BaseException:
            self._lock.release()
            raise

    @classmethod
    def create(
        cls, path: str | Path, header: Header, *, room: int = ROOM, linger_s: float = LINGER_S, pack_above: int | None = None
    ) -> "Journal":
        """Begin a journal at `path`, making its folder. Raises InputFault when something is there already."""
        place = Path(path)
        _make_folder(place.parent)
        lock = DeskLock(place)
        try:
            _check_vacant(place)
            database.create_file(place, header)
        finally:
            lock.release()
        return cls(place, room=room, linger_s=linger_s, pack_above=pack_above)

    @classmethod
    def open(cls, path: str | Path, *, room: int = ROOM, linger_s: float = LINGER_S, pack_above: int | None = None) -> "Journal":
        """Go on with the journal at `path`, as the last desk left it, whether it stopped or was killed.

        Raises InputFault when it is no journal, is of another format, lacks a batch, or belongs to a running desk.
        """
        return cls(path, room=room, linger_s=linger_s, pack_above=pack_above)

    @property
    def header(self) -> Header:
        """What was said at the creation."""
        return self._reader.header

    @property
    def last_sequence(self) -> int:
        """The sequence of the last batch appended, durable or not; 0 before the first."""
        return self._last

    @property
    def durable_sequence(self) -> int:
        """The sequence of the last batch known to be durable."""
        return self._writer.durable

    def append(self, batch: Batch, digest: bytes) -> None:
        """Take the batch after the last one. Returns before it is durable; blocks while `room` batches wait.

        Raises JournalFault when an earlier batch could not be written: nothing after it ever will be.
        """
        assert batch.sequence == self._last + 1, f"batch {batch.sequence} does not follow batch {self._last}"
        assert len(digest) == codec.DIGEST_BYTES, "a digest is sixteen bytes"
        self._writer.put((batch.sequence, digest, codec.encode_batch(batch)))
        self._last = batch.sequence

    def wait_durable(self, sequence: int) -> None:
        """Return when the batch of that sequence is on the disk, and so every earlier one. Raises JournalFault if never."""
        assert sequence <= self._last, f"batch {sequence} was never appended"
        self._writer.wait_durable(sequence)

    def flush(self) -> None:
        """Return when every batch and snapshot handed over so far is on the disk."""
        self._writer.flush()

    def close(self) -> None:
        """Write what waits, fold everything into one file, and let the next desk in. Raises JournalFault if a batch is lost."""
        self._reader.close()
        try:
            self._writer.stop()
        finally:
            self._lock.release()

    def batches(self, after: int = 0) -> Iterator[Entry]:
        """The entries after sequence `after` up to the last appended, in order, streamed."""
        self.flush()
        return self._reader.batches(after)

    def save_snapshot(self, sequence: int, blob: bytes) -> None:
        """Keep the encoded state as it was after batch `sequence`; the last three are kept. Durable after a `flush`."""
        assert 0 <= sequence <= self._last, f"no state after batch {sequence} can be known yet"
        self._writer.put_snapshot((sequence, blob))

    def latest_snapshot(self, at_most: int | None = None) -> tuple[int, bytes] | None:
        """The newest sound snapshot not after batch `at_most`, as (sequence, blob); None when there is none."""
        self.flush()
        return self._reader.latest_snapshot(at_most)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _recovered(self) -> int:
        try:
            self._reader.check_tail()
            return self._reader.last_sequence
        except BaseException:
            self._reader.close()
            raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputFault(f"cannot be a folder ({error.strerror})", where=str(folder), remedy="name another place") from None


def _check_vacant(path: Path) -> None:
    if path.exists():
        raise InputFault("is there already", where=str(path), remedy="open it, or give the new journal another name")
    stray = path.with_name(path.name + "-wal")
    if stray.exists():
        # SQLite would replay it into the new file.
        raise InputFault("is left of another journal", where=str(stray), remedy="put it back beside its journal, or move it away")
