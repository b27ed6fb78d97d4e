"""How the commands talk: results on stdout, progress and complaints on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flatbook.basics import InputFault

if TYPE_CHECKING:
    from rich.console import Console


class Advance(Protocol):
    """Takes the fraction done, between 0 and 1, and a few words about where things stand."""

    def __call__(self, fraction: float, words: str = "") -> None:
        """Move the bar to `fraction`."""
        ...


def console() -> "Console":
    """Where results go. Without a terminal, tables are as wide as they need to be instead of folding at 80."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160)


def complain(sentence: str) -> None:
    """One line on stderr, never folded, red where colours are shown."""
    from rich.console import Console

    Console(stderr=True).print(sentence, style="bold red", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """A bar on stderr for work of more than a blink; nothing at all where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    err = Console(stderr=True)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}", style="dim"),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(title, total=1.0, words="")

        def advance(fraction: float, words: str = "") -> None:
            bar.update(task, completed=fraction, words=words)

        yield advance


def check_place(page: Path) -> None:
    """Raise InputFault now rather than after the work, when there is no folder to write `page` into."""
    if page.is_dir() or not page.absolute().parent.is_dir():
        raise InputFault("cannot be written there", where=str(page), remedy="name a file in a folder that exists")
