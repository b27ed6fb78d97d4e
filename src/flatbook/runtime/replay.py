"""Folding a journal again and comparing what it answers."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from flatbook.basics import format_utc
from flatbook.engine import State
from flatbook.journal import JournalReader
from flatbook.runtime.recovery import agrees, genesis


class Replayed(msgspec.Struct, frozen=True):
    """How a replay ended. batches: how many were equal; span_ns: of the desk's clock; difference: a sentence about the
    first batch that differed, None when all were equal.
    """

    batches: int
    span_ns: int
    difference: str | None


def replay_journal(path: Path, *, advance: Callable[[float], None] = lambda fraction: None) -> Replayed:
    """Fold every batch of the journal at `path` from the beginning and compare digests, stopping at the first difference.

    `advance` is told the fraction done. Raises InputFault when the file is no whole journal.
    """
    reader = JournalReader(path)
    try:
        state: State | None = None
        equal, first_ns, total = 0, 0, max(1, reader.last_sequence)
        for entry in reader.batches():
            if state is None:
                state, first_ns = genesis(entry.batch, path), entry.batch.local_ns
            if not agrees(state, entry):
                return Replayed(equal, state.now_ns - first_ns, _difference(equal, entry.batch.sequence, state))
            equal += 1
            if equal % 200 == 0:
                advance(equal / total)
        advance(1.0)
        return Replayed(equal, state.now_ns - first_ns if state else 0, None)
    finally:
        reader.close()


def _difference(equal: int, sequence: int, state: State) -> str:
    return (
        f"batch {sequence} at {format_utc(state.now_ns)} gives other effects than it gave when it was written; "
        f"the {equal:,} before it are equal"
    )
