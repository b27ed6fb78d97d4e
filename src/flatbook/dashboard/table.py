"""Tables as the page knows them: columns with a header, keyed rows of cells, and what changed between two of them.

A cell is a text, or a text with a style class, or those with a fill from -1 to 1 that the style draws as a bar or a
shade. Rows are compared as values, so that only what changed crosses to the browser and nothing on the page flickers.
"""

from typing import Any

import msgspec

Cell = str | tuple[str, str] | tuple[str, str, float]


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column's header. Numbers are set right; `unit` stands small beside `title`.

    `testid` makes each of its cells findable as `testid-<row key>`. `part` cells are summands of a price: pointing
    at a row draws them one above the other.
    """

    title: str
    unit: str = ""
    text: bool = False
    testid: str = ""
    hint: str = ""
    part: bool = False


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One line of a table, known by `key`; `style` is a class for the whole line."""

    key: str
    cells: tuple[Cell, ...]
    style: str = ""


class Table(msgspec.Struct, frozen=True):
    """A panel's content at one moment. `empty` is the sentence shown when there is no row."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str = "nothing yet"


def table_patch(old: Table | None, new: Table) -> dict[str, Any] | None:
    """What a browser that shows `old` must be told to show `new`; None when there is nothing to tell."""
    patch: dict[str, Any] = {}
    if old is None or old.columns != new.columns:
        patch["columns"], patch["empty"] = new.columns, new.empty
        old = None
    known = {row.key: row for row in old.rows} if old is not None else {}
    changed = [row for row in new.rows if known.get(row.key) != row]
    if changed:
        patch["rows"] = changed
    order = [row.key for row in new.rows]
    if old is None or order != [row.key for row in old.rows]:
        patch["order"] = order
    return patch or None


def texts_patch(old: dict[str, Cell], new: dict[str, Cell]) -> dict[str, Cell]:
    """The texts that differ, by the test id of the element that shows them."""
    return {name: cell for name, cell in new.items() if old.get(name) != cell}


def signed_cell(text: str, value: float) -> Cell:
    """A number whose colour tells its sign."""
    style = "up" if value > 0 else "down" if value < 0 else ""
    return (text, style) if style and text.strip("0.,") else text
