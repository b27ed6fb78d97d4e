"""What of a source is wanted, and how its import reports."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from flatbook.basics import InputFault, format_utc

Told = TypeVar("Told")
Progress = Callable[[float, str], None]  # the fraction done, 0 to 1, and what is being read


class Selection(msgspec.Struct, frozen=True):
    """`currencies` of an option chain (empty: all of them) and the window of arrival instants, both ends included.

    With `or_before`, the last snapshot before a window without any will do.
    """

    currencies: tuple[str, ...] = ()
    start_ns: int | None = None
    end_ns: int | None = None
    or_before: bool = False

    def holds(self, local_ns: int) -> bool:
        """Whether an instant lies in the window."""
        return self.after_start(local_ns) and self.before_end(local_ns)

    def after_start(self, local_ns: int) -> bool:
        """Whether an instant does not come before the window."""
        return self.start_ns is None or local_ns >= self.start_ns

    def before_end(self, local_ns: int) -> bool:
        """Whether an instant does not come after the window."""
        return self.end_ns is None or local_ns <= self.end_ns

    def check(self) -> None:
        """Raise InputFault when the window ends before it starts."""
        if self.start_ns is not None and self.end_ns is not None and self.end_ns < self.start_ns:
            wrong = f"the window ends at {format_utc(self.end_ns)}, before it starts at {format_utc(self.start_ns)}"
            raise InputFault(wrong, where="import", remedy="give --start before --end")


class Task(msgspec.Struct):
    """One import under way: where from, what of it, whom to tell, and what is to be noted in the recording."""

    source: Path
    selection: Selection
    progress: Progress
    notes: list[str]


class Span(msgspec.Struct):
    """From when to when a source speaks, learnt while it is read. Both are 0 before it has spoken."""

    first_ns: int = 0
    last_ns: int = 0

    def watch(self, arrivals: Iterator[tuple[int, Told]]) -> Iterator[tuple[int, Told]]:
        """The arrivals as they are, noted as they pass."""
        for arrival in arrivals:
            self.first_ns, self.last_ns = self.first_ns or arrival[0], arrival[0]
            yield arrival

    def nothing_chosen(self, source: Path, what: str) -> InputFault:
        """The fault of a window that holds nothing of the source, naming what there is."""
        if self.last_ns == 0:
            return InputFault(f"has {what} in the window, for it is empty", where=str(source), remedy="name another source")
        held = f"it runs from {format_utc(self.first_ns)} to {format_utc(self.last_ns)}"
        return InputFault(f"has {what} in the window; {held}", where=str(source), remedy="choose times within that")
