"""The house's tables on a terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flatbook.dashboard.reports.markup import Card
from flatbook.dashboard.table import Cell, Table

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table as RichTable

_STYLES = {
    "up": "green",
    "down": "red",
    "dim": "dim",
    "name": "bold",
    "strong": "bold",
    "warning": "yellow",
    "critical": "bold red",
}
_NO_SHADE = 0.05


def terminal_table(table: Table, title: str, most_rows: int = 40) -> "RichTable":
    """`table` for rich. Columns that are only drawn (bars, bands) are left out; so are rows beyond `most_rows`, which is said."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    left_out = len(table.rows) - most_rows
    caption = f"and {left_out:,} more" if left_out > 0 else table.empty if not table.rows else None
    out = RichTable(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, caption=caption, caption_justify="left"
    )
    places = range(len(table.columns))
    shown = [place for place in places if not table.rows or any(_text(row.cells[place]) for row in table.rows)]
    for place in shown:
        column = table.columns[place]
        # Only the last text may fold, and a unit stands under its title: numbers must never be cut short.
        folds = column.text and place == len(table.columns) - 1
        heading = Text.assemble(column.title, *([("\n" + column.unit, "dim")] if column.unit else []))
        out.add_column(heading, justify="left" if column.text else "right", no_wrap=not folds)
    for row in table.rows[:most_rows]:
        cells = [Text(_text(row.cells[place]), style=_style(row.cells[place])) for place in shown]
        out.add_row(*cells, style="bold" if "total" in row.style else None)
    return out


def terminal_cards(cards: Iterable[Card]) -> "Group":
    """Headline numbers in as many columns as there is room for."""
    from rich.columns import Columns
    from rich.console import Group
    from rich.text import Text

    styles = {"up": "bold green", "down": "bold red"}
    shown = [
        Text.assemble((f"{card.title}\n", "dim"), (f"{card.number}\n", styles.get(card.style, "bold")), (card.words, "dim"))
        for card in cards
    ]
    return Group(Text(), Columns(shown, padding=(0, 4), equal=True), Text())


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def _style(cell: Cell) -> str:
    """The style of a cell's class; a heat cell is green or red by its fill, if it has any to speak of."""
    if isinstance(cell, str):
        return ""
    if len(cell) == 3 and "heat" in cell[1]:
        return "" if abs(cell[2]) < _NO_SHADE else "green" if cell[2] > 0 else "red"
    return " ".join(_STYLES[name] for name in cell[1].split() if name in _STYLES)
