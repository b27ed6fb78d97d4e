"""Coming back: the latest saved state, the journal's tail, and the accounts as the venues would keep them."""

from pathlib import Path

import msgspec

from flatbook.basics import InputFault
from flatbook.engine import State, checks, decode_parameters, new_state, step, validate
from flatbook.events import Batch, Configured, Delivered, Deposited, Event, Fill, FundingPaid
from flatbook.journal import Entry, Journal, decode_state, effects_digest, encode_state
from flatbook.venues.paper import PaperAccounts, fold_account

_ACCOUNT_FACTS = (Deposited, Fill, FundingPaid, Delivered)


class Saved(msgspec.Struct):
    """What a snapshot in the journal holds: the engine's state and, folded from the same batches, the paper accounts."""

    state: State
    accounts: PaperAccounts


class Recovered(msgspec.Struct):
    """A desk brought back, and how: from the snapshot after batch `snapshot_sequence` and `replayed` batches after it."""

    saved: Saved
    snapshot_sequence: int
    replayed: int


def recover(journal: Journal) -> Recovered:
    """The state after the journal's last batch. Raises InputFault when a replayed batch does not give what it gave then."""
    snapshot = journal.latest_snapshot()
    saved = decode_state(snapshot[1], Saved) if snapshot is not None else None
    sequence = snapshot[0] if snapshot is not None else 0
    replayed = 0
    for entry in journal.batches(after=sequence):
        if saved is None:
            saved = Saved(genesis(entry.batch, journal.path), PaperAccounts())
        _fold(saved, entry, journal.path)
        replayed += 1
    if saved is None:
        raise InputFault("holds no batch", where=str(journal.path), remedy="move it away and start again")
    validate(saved.state)
    return Recovered(saved, sequence, replayed)


def genesis(batch: Batch, path: Path) -> State:
    """An empty state with the parameters that the first batch of a journal configures."""
    first = next((event for event in batch.events if isinstance(event, Configured)), None)
    if first is None:
        raise InputFault("does not begin with the desk's parameters", where=str(path), remedy="give a whole journal of a desk")
    return new_state(decode_parameters(first.parameters))


def fold_accounts(saved: Saved, events: tuple[Event, ...]) -> None:
    """Let the paper accounts follow the account facts that the desk has seen."""
    for event in events:
        if isinstance(event, _ACCOUNT_FACTS):
            fold_account(saved.accounts, saved.state.universe.contracts, event)


def save(journal: Journal, saved: Saved) -> None:
    """Keep the state in the journal, so that recovery need not begin at the beginning."""
    journal.save_snapshot(saved.state.sequence, encode_state(saved))


def agrees(state: State, entry: Entry) -> bool:
    """Fold one batch of a journal; whether its effects and figures are what they were."""
    effects = step(state, entry.batch)
    return effects_digest(effects, checks(state)) == entry.digest


def _fold(saved: Saved, entry: Entry, path: Path) -> None:
    if not agrees(saved.state, entry):
        wrong = f"batch {entry.batch.sequence} gives other effects than it gave then"
        raise InputFault(wrong, where=str(path), remedy="recover it with the flatbook, numba and CPU that wrote it")
    fold_accounts(saved, entry.batch.events)
