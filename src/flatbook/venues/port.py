"""The port between the desk and any world."""

from collections.abc import Sequence
from typing import Protocol

from flatbook.events import Event
from flatbook.orders import Request


class World(Protocol):
    """Events in, requests out, on the desk's clock."""

    def next_ns(self) -> int | None:
        """When the next event reaches the desk; None when nothing will ever come again."""
        ...

    def advance(self, until_ns: int) -> list[Event]:
        """Every event that reaches the desk by `until_ns` and was not handed over yet, in order of arrival."""
        ...

    def send(self, requests: Sequence[Request], at_ns: int) -> None:
        """Take the requests that left the desk at `at_ns`."""
        ...

    def close(self) -> None:
        """Let go of files and sockets."""
        ...


class Feed(Protocol):
    """Market events alone, for a world that does its own matching (paper trading)."""

    def next_ns(self) -> int | None:
        """When the next market event reaches the desk; None at the end."""
        ...

    def take(self, until_ns: int) -> tuple[list[int], list[Event]]:
        """The arrival instants and events up to and with `until_ns`, in order; each is handed over once."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...
