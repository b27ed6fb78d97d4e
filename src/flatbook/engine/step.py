"""The step: one batch in, effects out. The whole desk passes through here."""

from flatbook.engine.apply import APPLY
from flatbook.engine.approve import approve
from flatbook.engine.decide import decide
from flatbook.engine.effects import Effect
from flatbook.engine.stabilise import stabilise
from flatbook.engine.state import State
from flatbook.events import Batch


def step(state: State, batch: Batch) -> tuple[Effect, ...]:
    """Fold one batch into the state and return what the world must now be told."""
    assert batch.sequence == state.sequence + 1, f"batch {batch.sequence} cannot follow {state.sequence}"
    assert batch.local_ns >= state.now_ns, "the desk's clock never goes back"
    state.sequence, state.now_ns = batch.sequence, batch.local_ns
    for event in batch.events:
        APPLY[type(event)](state, event)  # cheap: write columns, mark the underlying dirty
    state.events_applied += len(batch.events)
    worked = stabilise(state)  # dear: once a batch, in a fixed order, only what is dirty
    approved = approve(state, decide(state, worked))
    alerts = tuple(state.pending)
    state.pending.clear()
    return (*approved, *alerts)
