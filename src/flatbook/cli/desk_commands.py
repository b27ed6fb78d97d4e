"""The desk itself: live on a market, over a recording, or once more over its own journal."""

from pathlib import Path
from typing import Annotated

import typer

from flatbook.basics import parse_utc
from flatbook.cli.console import check_place, complain, console, progress
from flatbook.cli.durations import format_duration, parse_duration

Config = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="desk.toml", help="The desk's settings; without it the built-in ones.")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", min=0, max=10**12, help="Another throw of the same dice.")]


def run(
    config: Config = None,
    market: Annotated[
        str, typer.Option("--market", metavar="simulated|RECORDING", help="What to trade on; join recordings with +.")
    ] = "simulated",
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", min=0.0, max=1e6, help="Times the clock; 0 is as fast as it goes.")
    ] = 1.0,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="2m", help="Stop after this long on the market's clock.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="TIME", help="Begin a recording at this UTC time; a desk that goes on does so."),
    ] = None,
    seed: Seed = None,
    headless: Annotated[bool, typer.Option("--headless", help="Without the page.")] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="Where the page is served, on this machine only.")
    ] = 8710,
    var: Annotated[
        Path, typer.Option("--var", metavar="DIR", help="Where the journal is kept; a desk goes on with the one it finds.")
    ] = Path("var"),
) -> None:
    """Start the desk: quotes, fills, hedges, a journal in ./var and a live page. Ctrl-C stops it cleanly."""
    from flatbook import runtime

    runtime.run_desk(
        config=config,
        market=market,
        speed=speed,
        duration_ns=None if duration is None else parse_duration(duration),
        start_ns=None if start is None else parse_utc(start),
        seed=seed,
        headless=headless,
        port=port,
        var=var,
    )


def backtest(
    recording: Annotated[str, typer.Argument(metavar="RECORDING", help="What `flatbook import` made; join several with +.")],
    config: Config = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="out.html", help="Write the whole report as one page.")
    ] = None,
    seed: Seed = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", metavar="PATH", help="Keep the journal, for `flatbook replay`.")
    ] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="TIME", help="Begin at this UTC time.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="TIME", help="Stop at this UTC time.")] = None,
) -> None:
    """Run the desk over a recording as fast as it goes, and report what it earned and why."""
    from flatbook import runtime
    from flatbook.dashboard import reports

    start_ns, end_ns = (None if text is None else parse_utc(text) for text in (start, end))
    if report is not None:
        check_place(report)
    with progress(f"Backtest of {recording}") as advance:
        record = runtime.run_backtest(
            recording, config=config, seed=seed, journal=journal, start_ns=start_ns, end_ns=end_ns, advance=advance
        )
    console().print(reports.backtest_summary(record))
    if report is not None:
        report.write_text(reports.backtest_page(record), encoding="utf-8")
        console().print(f"The whole report: [bold]{report}[/bold]")


def replay(journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal of a run or a backtest.")]) -> None:
    """Take every batch of a journal through the engine again and compare its effects by digest."""
    from flatbook import runtime

    with progress(f"Replay of {journal.name}") as advance:
        outcome = runtime.replay_journal(journal, advance=advance)
    if outcome.difference is not None:
        complain(outcome.difference)
        raise typer.Exit(1)
    console().print(f"{outcome.batches:,} batches over {format_duration(outcome.span_ns)}, every one equal.")
