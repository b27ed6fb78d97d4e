"""The port for whoever comes to trade with our quotes. Simulated takers fit it without knowing this room."""

from collections.abc import Sequence
from typing import Protocol

from flatbook.basics import Side
from flatbook.events import Event


class TakerOrder(Protocol):
    """Somebody who wants `quantity` of `row` at `limit` or better, now or not at all; `side` is theirs."""

    @property
    def row(self) -> int:
        """The contract."""
        ...

    @property
    def side(self) -> Side:
        """Which way they trade."""
        ...

    @property
    def quantity(self) -> float:
        """How much, unsigned."""
        ...

    @property
    def limit(self) -> float:
        """The worst price they take."""
        ...


class TakerFlow(Protocol):
    """A stream of taker orders that may watch the market."""

    def next_ns(self) -> int | None:
        """When the next one comes; None when nobody will."""
        ...

    def arrivals(self, until_ns: int) -> Sequence[TakerOrder]:
        """Those who come by `until_ns`, once each."""
        ...

    def observe(self, event: Event, ns: int) -> None:
        """A market event at the venue."""
        ...
