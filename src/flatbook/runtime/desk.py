"""One turn of the desk: what arrived becomes a batch, the batch is folded, journalled, and only then answered."""

from collections.abc import Callable, Sequence

from flatbook.engine import Alert, Effect, State, checks, step
from flatbook.events import Batch, Event
from flatbook.journal import Store, effects_digest
from flatbook.orders import Request
from flatbook.venues import World

Watcher = Callable[[State, Batch, Sequence[Effect]], None]


class Desk:
    """An engine, a journal and a world, turned by a shell that owns the clock.

    `durable` waits for the disk before any request leaves, as a desk with a real world must; a backtest, whose world is
    forgotten with it, need not. `watchers` see every batch with its effects after the step; they may not change anything.
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
        if self._durable and requests:
            self._journal.wait_durable(batch.sequence)
