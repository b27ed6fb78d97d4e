"""HTML by hand: escaped texts, tables, figures, and one page that needs nothing but itself."""

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Any

import msgspec

from flatbook.dashboard.table import Cell, Column, Row, Table

Figure = dict[str, Any]


class Card(msgspec.Struct, frozen=True):
    """A number worth reading first: what it is, the number, a few words on it, and a style class for its sign."""

    title: str
    number: str
    words: str = ""
    style: str = ""


def html_table(table: Table, *, tall: bool = False) -> str:
    """The table as HTML. A `tall` one scrolls inside its own frame on a screen and runs on over pages in print."""
    if not table.rows:
        return f'<p class="empty">{escape(table.empty)}</p>'
    head = "".join(_heading(column) for column in table.columns)
    body = "".join(_row(table.columns, row) for row in table.rows)
    frame = "frame tall" if tall else "frame"
    return f'<div class="{frame}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def html_cards(cards: Iterable[Card]) -> str:
    """A row of cards that wraps."""
    shown = [_card(card) for card in cards]
    return f'<div class="cards" style="--all:{len(shown)};--half:{(len(shown) + 1) // 2}">{"".join(shown)}</div>'


def html_figure(name: str, figure: Figure, *, height: int) -> str:
    """A plot, drawn by the page's script from data that stands beside it. `name` is unique on the page."""
    # `</` would end the script element wherever it stood.
    data = json.dumps(figure, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    return (
        f'<div class="figure" id="{escape(name)}" style="height:{height}px"></div>'
        f'<script type="application/json" data-figure="{escape(name)}">{data}</script>'
    )


def html_section(title: str, *parts: str, note: str = "", style: str = "") -> str:
    """A part of the page under a heading; `note` says in a sentence how to read it."""
    said = f'<p class="note">{escape(note)}</p>' if note else ""
    return f'<section class="{style}"><h2>{escape(title)}</h2>{said}{"".join(parts)}</section>'


def html_columns(*parts: str, wide: bool = False) -> str:
    """Parts side by side where there is room; `wide` parts need more of it."""
    style = "columns wide" if wide else "columns"
    return f'<div class="{style}">{"".join(f"<div>{part}</div>" for part in parts)}</div>'


def html_page(title: str, subtitle: str, *sections: str) -> str:
    """A whole document with style, script and plotly inside it: it opens offline, and prints."""
    from plotly.offline import get_plotlyjs

    room = files("flatbook.dashboard.reports")
    style = (room / "page.css").read_text(encoding="utf-8")
    script = (room / "page.js").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="dark light">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        f'<header><h1>{escape(title)}</h1><p class="note">{escape(subtitle)}</p></header><main>{"".join(sections)}</main>'
        f"<script>{get_plotlyjs()}</script><script>{script}</script></body></html>\n"
    )


def _card(card: Card) -> str:
    return (
        f'<div class="card"><span>{escape(card.title)}</span><strong class="{escape(card.style)}">{escape(card.number)}</strong>'
        f"<small>{escape(card.words)}</small></div>"
    )


def _heading(column: Column) -> str:
    unit = f" <small>{escape(column.unit)}</small>" if column.unit else ""
    hint = f' title="{escape(column.hint)}"' if column.hint else ""
    return f'<th class="{"text" if column.text else ""}"{hint}>{escape(column.title)}{unit}</th>'


def _row(columns: tuple[Column, ...], row: Row) -> str:
    cells = "".join(_cell(column, cell) for column, cell in zip(columns, row.cells, strict=True))
    return f'<tr class="{escape(row.style)}">{cells}</tr>'


def _cell(column: Column, cell: Cell) -> str:
    text, style, fill = _parts(cell)
    place = f' style="--fill:{fill}"' if fill is not None else ""
    shade = " falling" if fill is not None and fill < 0 else ""
    return f'<td class="{"text " if column.text else ""}{escape(style)}{shade}"{place}>{escape(text)}</td>'


def _parts(cell: Cell) -> tuple[str, str, float | None]:
    if isinstance(cell, str):
        return cell, "", None
    return (cell[0], cell[1], cell[2]) if len(cell) == 3 else (cell[0], cell[1], None)
