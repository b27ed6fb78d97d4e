"""Messages on their way between the desk and the venues."""

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np

from flatbook.events import Event
from flatbook.orders import Request
from flatbook.venues.paper.parameters import LatencyParameters


class _Path:
    """One direction of the wire: a delay, seeded jitter, and no message overtakes another."""

    def __init__(self, delay_ns: int, jitter_ns: int, seed: int, number: int) -> None:
        self._delay_ns = delay_ns
        self._jitter_ns = jitter_ns
        self._draws = np.random.Generator(np.random.PCG64([seed, number]))
        self._last_ns = -(1 << 62)

    def arrival(self, ns: int) -> int:
        """When a message that leaves at `ns` arrives."""
        due = ns + self._delay_ns
        if self._jitter_ns:
            due += int(self._draws.exponential(self._jitter_ns))
        self._last_ns = max(self._last_ns, due)
        return self._last_ns


class Wire:
    """Requests to the venues, account facts and market facts to the desk, each on its own path."""

    def __init__(self, latency: LatencyParameters, seed: int) -> None:
        self._requests = _Path(latency.request_ns, latency.jitter_ns, seed, 1)
        self._answers = _Path(latency.response_ns, latency.jitter_ns, seed, 2)
        self._market = _Path(latency.market_ns, latency.market_jitter_ns, seed, 3)
        self.market_is_prompt = latency.market_ns == 0 and latency.market_jitter_ns == 0
        self.outgoing: deque[tuple[int, Request]] = deque()
        self.incoming: list[tuple[int, int, Event]] = []
        self.delivered: list[Event] = []
        self._sent = 0

    def send(self, requests: Sequence[Request], at_ns: int) -> None:
        """Requests leave the desk."""
        self.outgoing.extend((self._requests.arrival(at_ns), request) for request in requests)

    def answer(self, ns: int, event: Event) -> None:
        """An account fact leaves a venue."""
        self._put(self._answers.arrival(ns), event)

    def publish(self, ns: int, event: Event) -> None:
        """A market fact leaves a venue; on a prompt wire it is at the desk already."""
        if self.market_is_prompt:
            self.deliver(ns)
            self.delivered.append(event)
        else:
            self._put(self._market.arrival(ns), event)

    def deliver(self, until_ns: int) -> None:
        """Whatever arrives by `until_ns` is at the desk."""
        incoming = self.incoming
        while incoming and incoming[0][0] <= until_ns:
            self.delivered.append(heappop(incoming)[2])

    def collect(self) -> list[Event]:
        """Everything that is at the desk and was not collected yet."""
        events, self.delivered = self.delivered, []
        return events

    def _put(self, arrival_ns: int, event: Event) -> None:
        self._sent += 1
        heappush(self.incoming, (arrival_ns, self._sent, event))
