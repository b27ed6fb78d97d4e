"""Whether this machine can run the desk, and what to do where it cannot."""

from pathlib import Path
from typing import Annotated

import typer

from flatbook.cli.console import console


def doctor(
    var: Annotated[Path, typer.Option("--var", metavar="DIR", help="Where the journal is kept.")] = Path("var"),
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="Where the page is served.")] = 8710,
) -> None:
    """Check this machine: Python, kernels, a durable disk, the page's port, the clock. Exit code 1 on a problem."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from flatbook.cli.checks import LEVELS, examine

    out = console()
    with out.status("Looking at this machine (the first time the pricing kernels compile)"):
        findings = examine(var, port)
    table = Table(title="flatbook doctor", title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    for heading in ("what", "state", "found", "what to do"):
        table.add_column(heading)
    for finding in findings:
        state = f"[{LEVELS[finding.level]}]{finding.level}[/]"
        table.add_row(finding.what, state, escape(finding.found), escape(finding.remedy))
    out.print(table)
    problems = [finding.what for finding in findings if finding.level == "problem"]
    if problems:
        out.print(f"[bold red]The desk would not run here yet:[/] {', '.join(problems)}.")
        raise typer.Exit(1)
    out.print("[bold green]The desk can run here.[/] Start it with [bold]flatbook run[/].")
