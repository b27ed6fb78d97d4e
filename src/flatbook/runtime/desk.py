"""One turn of the desk: what arrived becomes a batch, the batch is folded, journalled, and only then answered."""

from collections.abc import Callable, Sequence
from typing import get_args

from flatbook.engine import Alert, Effect, State, checks, step
from flatbook.events import Batch, Event
from flatbook.events.batch import AccountEvent, OperatorEvent
from flatbook.journal import Store, effects_digest
from flatbook.orders import Request
from flatbook.venues import World

Watcher = Callable[[State, Batch, Sequence[Effect]], None]

# Facts that somebody counts on once the desk has shown or answered them: our orders and money, and a person's commands.
_COUNTED_ON = frozenset((*get_args(AccountEvent), *get_args(OperatorEvent)))


class Desk:
    """An engine, a journal and a world, turned by a shell that owns the clock.

    `durable` waits for the disk before a request leaves and before an account fact or a command is shown to anyone, as a
    desk with a real world must; a backtest, whose world is forgotten with it, need not.
    `watchers` see every batch with its effects after the step; they may not change anything.
    """

    def __init__(
        self, state: State, world: World, journal: Store | None, *, durable: bool, watchers: Sequence[Watcher] = ()
    ) -> None:
        self.state = state
        self.world = world
        self.requests_sent = 0
        self._journal = journal
        self._durable = durable
        self._watchers = tuple(watchers)

    def turn(self, events: Sequence[Event], now_ns: int) -> tuple[Effect, ...]:
        """Fold `events` at `now_ns` and let the world know what was decided. The desk's clock never goes back."""
        batch = Batch(self.state.sequence + 1, max(now_ns, self.state.now_ns), tuple(events))
        effects = step(self.state, batch)
        requests = [effect for effect in effects if not isinstance(effect, Alert)]
        self._remember(batch, effects, requests)
        if requests:
            self.world.send(requests, batch.local_ns)
            self.requests_sent += len(requests)
        for watch in self._watchers:
            watch(self.state, batch, effects)
        return effects

    def _remember(self, batch: Batch, effects: Sequence[Effect], requests: Sequence[Request]) -> None:
        if self._journal is None:
            return
        self._journal.append(batch, effects_digest(effects, checks(self.state)))
        if self._durable and (requests or any(type(event) in _COUNTED_ON for event in batch.events)):
            self._journal.wait_durable(batch.sequence)
