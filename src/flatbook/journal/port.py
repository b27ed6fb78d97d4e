"""The small port behind which a store keeps batches; SQLite stands behind it today."""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from flatbook.events import Batch
from flatbook.journal.header import Header


class Entry(msgspec.Struct, frozen=True):
    """A batch as it was folded, and the digest of the effects it caused."""

    batch: Batch
    digest: bytes


class Store(Protocol):
    """What the shell asks of any store. One desk writes to it; batches come in order, without a hole."""

    @property
    def header(self) -> Header:
        """What was said at the creation."""
        ...

    @property
    def last_sequence(self) -> int:
        """The sequence of the last batch appended, durable or not; 0 before the first."""
        ...

    def append(self, batch: Batch, digest: bytes) -> None:
        """Take the batch after the last one. Returns before it is durable; blocks when the store cannot keep up."""
        ...

    def wait_durable(self, sequence: int) -> None:
        """Return when the batch of that sequence, and so every earlier one, outlives a loss of power."""
        ...

    def flush(self) -> None:
        """Return when everything handed over so far is durable."""
        ...

    def close(self) -> None:
        """Make everything durable and let go of the store."""
        ...

    def batches(self, after: int = 0) -> Iterator[Entry]:
        """The entries after sequence `after`, in order, streamed."""
        ...

    def save_snapshot(self, sequence: int, blob: bytes) -> None:
        """Keep the encoded state as it was after batch `sequence`. Older snapshots may be dropped."""
        ...

    def latest_snapshot(self, at_most: int | None = None) -> tuple[int, bytes] | None:
        """The newest sound snapshot, not after batch `at_most`; None when there is none."""
        ...
