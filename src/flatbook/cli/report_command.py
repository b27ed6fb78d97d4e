"""A one-shot look at a book: what it is exposed to, what a move would do, where the risk sits."""

from pathlib import Path
from typing import Annotated

import typer

from flatbook.basics import parse_utc
from flatbook.cli.console import check_place, console, progress


def report(
    positions: Annotated[
        Path, typer.Argument(metavar="POSITIONS.csv", help="Columns venue, symbol, quantity and, if known, price.")
    ],
    chain: Annotated[
        Path,
        typer.Option("--chain", metavar="CHAIN", help="Prices and vols: a Deribit chain (CSV or Parquet) or a recording."),
    ],
    html: Annotated[Path | None, typer.Option("--html", metavar="out.html", help="Write it as one page with plots.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="The chain's last snapshot up to this UTC time; else its last.")
    ] = None,
) -> None:
    """Greeks ladder, exposure, scenario grid and the largest risks of a book, as tables and as a page."""
    from flatbook.dashboard import reports

    if html is not None:
        check_place(html)
    until_ns = None if at is None else parse_utc(at)
    book = reports.read_positions(positions)
    with progress(f"Reading {chain.name}") as advance:
        market = reports.read_chain(chain, until_ns, advance)
    view = reports.measure_book(book, market)
    out = console()
    out.print(reports.positions_summary(view))
    if html is not None:
        html.write_text(reports.positions_page(view), encoding="utf-8")
        out.print(f"The page: [bold]{html}[/bold]")
