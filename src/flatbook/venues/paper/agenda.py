"""What a venue does by itself when its time comes: expiries, funding, statements, takers."""

from collections.abc import Callable
from heapq import heappop, heappush

NEVER = 1 << 62
Chore = Callable[[int], None]


class Agenda:
    """Chores by instant; chores of one instant are done in the order in which they were noted."""

    def __init__(self) -> None:
        self._chores: list[tuple[int, int, Chore]] = []
        self._noted = 0

    def note(self, ns: int, chore: Chore) -> None:
        """Do `chore(ns)` at `ns`."""
        self._noted += 1
        heappush(self._chores, (ns, self._noted, chore))

    def due_ns(self) -> int:
        """When the next chore is due; NEVER without one."""
        return self._chores[0][0] if self._chores else NEVER

    def do_next(self) -> None:
        """Do the next chore."""
        ns, _, chore = heappop(self._chores)
        chore(ns)
