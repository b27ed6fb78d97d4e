"""`flatbook import`: other people's files into flatbook's recording format."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flatbook.basics import InputFault, format_utc, parse_utc
from flatbook.cli.console import complain, console, progress
from flatbook.venues.importers import IMPORTERS, Progress, Selection, Task, detect_kind
from flatbook.venues.recordings import Manifest, RecordingWriter

if TYPE_CHECKING:
    from rich.console import Console

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
    progress: Progress | None = None,
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
        if writer.event_count == 0:
            raise InputFault("holds nothing of what was asked for", where=str(path), remedy="choose other times or currencies")
    tell(1.0, f"{writer.event_count:,} events")
    assert writer.manifest is not None
    return writer.manifest


def import_(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A file or folder of market data as it was recorded elsewhere.")
    ],
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The folder to become the recording.")],
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help=f"What the source is ({', '.join(IMPORTERS)}); found by itself.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="First instant wanted, UTC: 2026-01-06 or 2026-01-06T08:00:00Z.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="TIME", help="Last instant wanted, UTC; a date alone is its midnight.")
    ] = None,
    currency: Annotated[
        list[str] | None, typer.Option(metavar="COIN", help="Only this currency of an option chain; repeat for more.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The recording's name; the target's own if not given.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a recording that stands under the target's name.")] = False,
) -> None:
    """Make a recording out of market data that others recorded.

    Known are option chains of Deribit, books and trades of StandX and Hyperliquid, and raw websocket tapes of Binance.
    Every column is checked; a fault names the file, the line and the field, and leaves nothing behind.
    """
    try:
        with progress(f"Import of {source.name}") as advance:
            manifest = import_recording(
                source,
                target,
                kind=kind,
                start=start,
                end=end,
                currencies=tuple(currency or ()),
                name=name,
                replace=replace,
                progress=advance,
            )
    except InputFault as fault:
        complain(str(fault))
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        complain("Stopped; nothing was imported.")
        raise typer.Exit(130) from None
    _say(console(), target, manifest)


def _say(out: "Console", target: Path, manifest: Manifest) -> None:
    span = f"{format_utc(manifest.start_ns)} to {format_utc(manifest.end_ns)}"
    out.print(f"{target}: {manifest.event_count:,} events from {span}", highlight=False, markup=False, soft_wrap=True)
    for kind, count in manifest.counts.items():
        out.print(f"  {kind:<12}{count:>12,}", highlight=False)
    for note in manifest.notes:
        out.print(f"  {note}", highlight=False, markup=False, soft_wrap=True)


def _instant(text: str | None) -> int | None:
    return None if text is None else parse_utc(text)


def _silent(done: float, text: str) -> None:
    """Nobody listens."""
