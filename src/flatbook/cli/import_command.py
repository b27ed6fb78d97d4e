"""`flatbook import`: other people's files into flatbook's recording format."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from flatbook.basics import InputFault, format_utc, parse_utc
from flatbook.venues.importers import IMPORTERS, Selection, Task, detect_kind
from flatbook.venues.importers import Progress as Tell
from flatbook.venues.recordings import Manifest, RecordingWriter

_REMEDY = f"choose one of {', '.join(IMPORTERS)}"


def import_recording(
    source: str | Path,
    target: Path,
    *,
    kind: str | None = None,
    start: str | None = None,
    end: str | None = None,
    currencies: tuple[str, ...] = (),
    name: str | None = None,
    replace: bool = False,
    progress: Tell | None = None,
) -> Manifest:
    """Make the recording `target` out of `source` and return its manifest.

    `kind` is found from the source when not given; `start` and `end` are UTC dates or times, both included, and `currencies`
    choose within an option chain. `progress` hears the fraction done and what is being read. Raises InputFault when anything
    about the source or the choice is wrong; then, and after Ctrl-C, nothing of the recording is left.
    """
    path = Path(source)
    importer = IMPORTERS.get(kind or detect_kind(path))
    if importer is None:
        raise InputFault(f"{kind!r} is not a kind of import", where="--kind", remedy=_REMEDY)
    if not path.exists():
        raise InputFault("does not exist", where=str(path), remedy="name a file or folder to import")
    selection = Selection(tuple(currencies), _instant(start), _instant(end))
    selection.check()
    tell = progress or _silent
    with RecordingWriter(target, name=name or target.name, source=f"{importer.words}: {path.name}", replace=replace) as writer:
        task = Task(path, selection, tell, writer.notes)
        writer.extend(importer.read(task))
    tell(1.0, f"{writer.event_count:,} events")
    assert writer.manifest is not None
    return writer.manifest


def import_(
    source: Annotated[Path, typer.Argument(help="A file or folder of market data as it was recorded elsewhere.")],
    target: Annotated[Path, typer.Argument(help="The folder to become the recording.")],
    kind: Annotated[str | None, typer.Option(help=f"What the source is ({', '.join(IMPORTERS)}); found by itself.")] = None,
    start: Annotated[str | None, typer.Option(help="First instant wanted, UTC: 2026-01-06 or 2026-01-06T08:00:00Z.")] = None,
    end: Annotated[str | None, typer.Option(help="Last instant wanted, UTC.")] = None,
    currency: Annotated[list[str] | None, typer.Option(help="Only this currency of an option chain; repeat for more.")] = None,
    name: Annotated[str | None, typer.Option(help="The recording's name; the target's own if not given.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a recording that stands under the target's name.")] = False,
) -> None:
    """Make a recording out of market data that others recorded.

    Known are option chains of Deribit, books and trades of StandX and Hyperliquid, and raw websocket tapes of Binance.

    Every column is checked; a fault names the file, the line and the field, and leaves nothing behind.

    Examples:

      flatbook import ../shared/data/deribit_chain chain --start 2026-01-06 --end 2026-01-07

      flatbook import ../shared/data/standx tape

      flatbook import ../shared/data/deribit_chain crash --start 2026-01-30 --end 2026-02-09

      flatbook import ../shared/data/binance_l2 binance

      flatbook import ../shared/data/hyperliquid hyperliquid

      flatbook backtest chain+tape
    """
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True) as bar:
            line = bar.add_task("reading", total=1.0)
            manifest = import_recording(
                source,
                target,
                kind=kind,
                start=start,
                end=end,
                currencies=tuple(currency or ()),
                name=name,
                replace=replace,
                progress=lambda done, text: bar.update(line, completed=done, description=text),
            )
    except InputFault as fault:
        Console(stderr=True).print(str(fault), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped; nothing was imported.")
        raise typer.Exit(130) from None
    _say(console, target, manifest)


def _say(console: Console, target: Path, manifest: Manifest) -> None:
    span = f"{format_utc(manifest.start_ns)} to {format_utc(manifest.end_ns)}"
    console.print(f"{target}: {manifest.event_count:,} events from {span}", highlight=False, markup=False, soft_wrap=True)
    for kind, count in manifest.counts.items():
        console.print(f"  {kind:<12}{count:>12,}", highlight=False)
    for note in manifest.notes:
        console.print(f"  {note}", highlight=False, markup=False, soft_wrap=True)


def _instant(text: str | None) -> int | None:
    return None if text is None else parse_utc(text)


def _silent(done: float, text: str) -> None:
    """Nobody listens."""
