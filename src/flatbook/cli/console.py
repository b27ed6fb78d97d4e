"""How the commands talk: results on stdout, progress and complaints on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# Takes the fraction done, between 0 and 1, and a few words about where things stand.
Advance = Callable[[float, str], None]


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
        yield lambda fraction, words="": bar.update(task, completed=fraction, words=words)
