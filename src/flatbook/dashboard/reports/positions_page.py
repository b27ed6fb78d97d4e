"""The report of a book as one page and on a terminal."""

from html import escape
from typing import TYPE_CHECKING

from flatbook.dashboard.format import counted, day_and_clock
from flatbook.dashboard.ladder import ladder_table
from flatbook.dashboard.reports import positions_tables as tables
from flatbook.dashboard.reports.figures import curves_figure, risks_figure
from flatbook.dashboard.reports.markup import html_cards, html_columns, html_figure, html_page, html_section, html_table
from flatbook.dashboard.reports.measures import CURVE_MOVES, CURVE_VOLS, BookView
from flatbook.dashboard.reports.terminal import terminal_cards, terminal_table
from flatbook.dashboard.tables import positions_table

if TYPE_CHECKING:
    from rich.console import Group

_LADDERS = (("delta", "Delta"), ("gamma", "Gamma"), ("vega", "Vega"), ("theta", "Theta"))
_GRID_NOTE = "Full revaluation, time standing still: spot moves down, vol moves in points across, dollars in the cells."


def positions_page(view: BookView) -> str:
    """The whole report of a book as an HTML document that needs nothing but itself."""
    sections = [
        html_cards(tables.book_cards(view)),
        html_section("Exposure", html_table(tables.book_exposure_table(view))),
        _scenario_section(view),
        _risk_section(view),
        _ladder_section(view),
        html_section("Positions", html_table(positions_table(view.snapshot), tall=True)),
    ]
    return html_page("Risk of the book", _subtitle(view), *sections)


def positions_summary(view: BookView) -> "Group":
    """Ladder, exposure, scenarios and largest risks, for `rich` to print."""
    from rich.console import Group
    from rich.text import Text

    return Group(
        Text.assemble(("Risk of the book", "bold"), f"\n{_subtitle(view)}"),
        terminal_cards(tables.book_cards(view)),
        terminal_table(tables.book_exposure_table(view), "Exposure"),
        *(terminal_table(ladder_table(view.snapshot, name), f"{title} ladder") for name, title in _LADDERS),
        *(terminal_table(tables.scenario_table(grid), f"{grid.underlying}: P&L if spot and vol jump, $") for grid in view.grids),
        terminal_table(tables.risks_table(view), "Largest risks"),
        Text(f"{tables.notional_note()} {tables.assumptions()}", style="dim"),
    )


def _subtitle(view: BookView) -> str:
    positions = counted(len(view.snapshot.positions), "position")
    return f"{positions} on {view.source}, as it stood at {day_and_clock(view.now_ns)[:19]} UTC"


def _scenario_section(view: BookView) -> str:
    parts = [
        f"<h3>{escape(grid.underlying)}</h3>"
        + html_figure(f"curve-{place}", curves_figure(_curves(grid.curve), titles=("spot move", "P&L, $")), height=300)
        + html_table(tables.scenario_table(grid))
        for place, grid in enumerate(view.grids)
    ]
    return html_section("Scenarios", html_columns(*parts, wide=True), note=_GRID_NOTE)


def _curves(curve: list[list[float]]) -> dict[str, tuple[list[float], list[float]]]:
    spots = [100.0 * move for move in CURVE_MOVES]
    names = [f"vol {100 * vol:+.0f} pt" if vol else "vol unchanged" for vol in CURVE_VOLS]
    return {name: (spots, values) for name, values in zip(names, curve, strict=True)}


def _ladder_section(view: BookView) -> str:
    ladders = [f"<h3>{title}</h3>{html_table(ladder_table(view.snapshot, name))}" for name, title in _LADDERS]
    note = (
        "By expiry and delta, netted over venues. A strike stands in the bucket of its out-of-the-money option. Coin balances"
        " stand outside the ladder."
    )
    return html_section("Greeks ladder", html_columns(*ladders, wide=True), note=note)


def _risk_section(view: BookView) -> str:
    shown = view.risks[: tables.MOST_RISKS]
    names, values = [row.key for row in shown], [row.contribution_usd for row in shown]
    figure = html_figure("risks", risks_figure(names, values), height=90 + 24 * len(shown))
    table = html_table(tables.risks_table(view)) + f'<p class="note">{escape(tables.notional_note())}</p>'
    return html_section("Largest risks", html_columns(figure, table), note=tables.assumptions())
