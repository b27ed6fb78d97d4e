"""The page: panels on a board, and twice a second one message to each browser with what changed since its last."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from nicegui import ui
from nicegui.element import Element

from flatbook.dashboard.charts import draw_charts, history_patch
from flatbook.dashboard.client import SnapshotClient
from flatbook.dashboard.exposure import exposure_table, limits_table
from flatbook.dashboard.header import draw_header, header_texts
from flatbook.dashboard.ladder import GREEKS, ladder_table
from flatbook.dashboard.reading_order import anchored_spots, in_reading_order
from flatbook.dashboard.smiles import smiles_table
from flatbook.dashboard.style import page_css
from flatbook.dashboard.table import Cell, Table, table_patch, texts_patch
from flatbook.dashboard.tables import (
    alerts_table,
    balances_table,
    fills_table,
    hedges_table,
    positions_table,
    quotes_table,
    terms_table,
)
from flatbook.engine.snapshot import QuoteView, Snapshot

REFRESH_S = 0.5
ANY = "All"

_HERE = Path(__file__).parent
_PLAIN_TABLES: dict[str, Callable[[Snapshot], Table]] = {
    "exposure": exposure_table,
    "limits": limits_table,
    "terms": terms_table,
    "smiles": smiles_table,
    "quotes": quotes_table,
    "positions": positions_table,
    "hedges": hedges_table,
    "fills": fills_table,
    "balances": balances_table,
    "alerts": alerts_table,
}
_TITLES = {
    "exposure": "Net exposure",
    "ladder": "Greeks ladder",
    "charts": "Through time",
    "terms": "P&L explained",
    "limits": "Limits",
    "alerts": "Alerts",
    "smiles": "Vol surface",
    "quotes": "Quotes and their reasons",
    "fills": "Fills",
    "hedges": "Hedges",
    "positions": "Positions",
    "balances": "Balances",
}


class Grid(Element, component=_HERE / "grid.js"):
    """A table in the browser that the wire patches by its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.props["name"] = name


class Wire(Element, component=_HERE / "wire.js"):
    """Where a browser receives its frames."""

    def __init__(self, charts: dict[str, int]) -> None:
        super().__init__()
        self.props["charts"] = charts

    def apply(self, patch: dict[str, Any]) -> None:
        """Hand one frame over, as text that the browser parses itself."""
        self.run_method("apply", msgspec.json.encode(patch).decode())


class Desk:
    """What all browsers share: the channel, and each snapshot's tables, made once however many look."""

    def __init__(self, client: SnapshotClient) -> None:
        self.client = client
        self.quotes: list[QuoteView] = []  # in the order of their table's rows
        self._snapshot: Snapshot | None = None
        self._tables: dict[str, Table] = {}
        self._spots: dict[str, float] = {}

    def tables(self, snapshot: Snapshot, greek: str) -> dict[str, Table]:
        """All panels of `snapshot`, with the ladder of `greek`."""
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._spots = anchored_spots(self._spots, snapshot.underlyings)
            self.quotes = in_reading_order(snapshot.quotes, self._spots, snapshot.now_ns)
            ordered = msgspec.structs.replace(snapshot, quotes=self.quotes)
            self._tables = {name: make(ordered) for name, make in _PLAIN_TABLES.items()}
        ladder = f"ladder of {greek}"
        if ladder not in self._tables:
            self._tables[ladder] = ladder_table(snapshot, greek)
        return {**{name: self._tables[name] for name in _PLAIN_TABLES}, "ladder": self._tables[ladder]}


class View:
    """One browser: what its viewer chose, and what it was last told."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.greek = "vega"
        self.underlying = ANY
        self.wanted = ""
        self.on_names: Callable[[list[str]], None] = lambda names: None
        self._tables: dict[str, Table] = {}
        self._texts: dict[str, Cell] = {}
        self._life, self._points, self._names = -1, 0, list[str]()

    def patch(self) -> dict[str, Any]:
        """What this browser must be told now; never empty of meaning, for its mere arrival says that we live."""
        client = self.desk.client
        snapshot, age_s, connected = client.latest(), client.age_s(), client.connected
        texts = header_texts(snapshot, age_s, connected=connected)
        patch: dict[str, Any] = {}
        if snapshot is not None:
            patch["tables"] = self._table_patches(snapshot, texts)
            patch["history"] = self._history_patch(snapshot)
        patch["texts"] = texts_patch(self._texts, texts)
        self._texts = texts
        return patch

    def _table_patches(self, snapshot: Snapshot, texts: dict[str, Cell]) -> dict[str, Any]:
        tables = self.desk.tables(snapshot, self.greek)
        tables["quotes"] = self._filtered(tables["quotes"], self.desk.quotes)
        texts["quotes-count"] = f"{len(tables['quotes'].rows)} of {len(snapshot.quotes)}"
        texts |= {f"{name}-count": str(len(tables[name].rows)) for name in ("fills", "hedges", "positions")}
        patches = {name: table_patch(self._tables.get(name), table) for name, table in tables.items()}
        self._tables = tables
        return {name: patch for name, patch in patches.items() if patch is not None}

    def _filtered(self, table: Table, quotes: list[QuoteView]) -> Table:
        if self.underlying == ANY and not self.wanted:
            return table
        wanted = self.wanted.lower().split()
        rows = [
            row
            for row, quote in zip(table.rows, quotes, strict=True)
            if self.underlying in (ANY, quote.underlying) and all(word in row.key.lower() for word in wanted)
        ]
        return Table(table.columns, tuple(rows), "no quote fits the filter")

    def _history_patch(self, snapshot: Snapshot) -> dict[str, Any] | None:
        names = [view.name for view in snapshot.underlyings]
        if names != self._names:
            self._life, self._names = -1, names
            self.on_names(names)
        life, count, points = self.desk.client.timeline(self._life, self._points)
        fresh = life != self._life
        self._life, self._points = life, count
        return history_patch(points, names, fresh=fresh)


def draw_page(desk: Desk) -> None:
    """Lay the page out for one browser and keep it fresh."""
    view = View(desk)
    ui.add_css(page_css())
    draw_header(desk.client.send)
    with ui.element("div").classes("board"):
        for name in ("exposure", "ladder"):
            _panel(name, view)
        with _frame("charts"), ui.element("div").classes("charts"):
            charts = draw_charts()
        for name in ("limits", "terms", "alerts", "smiles", "quotes", "fills", "hedges", "positions", "balances"):
            _panel(name, view)
    wire = Wire(charts)
    ui.timer(REFRESH_S, lambda: wire.apply(view.patch()))


def _frame(name: str) -> Element:
    return ui.element("section").classes(f"panel p-{name}").props(f'data-testid="panel-{name}"')


def _panel(name: str, view: View) -> None:
    with _frame(name):
        with ui.element("div").classes("head"):
            ui.html(_TITLES[name], tag="span", sanitize=False)
            if name in ("quotes", "fills", "hedges", "positions"):
                ui.html("", tag="span", sanitize=False).classes("count").props(f'data-testid="{name}-count"')
            ui.element("div").classes("space")
            _controls(name, view)
        Grid(name)


def _controls(name: str, view: View) -> None:
    """The few things a viewer chooses; the wire tells the browser the consequence with the next frame."""
    if name == "ladder":
        toggle = ui.toggle(GREEKS, value=view.greek).props('flat dense no-caps data-testid="greek"')
        toggle.on_value_change(lambda event: setattr(view, "greek", event.value))
    if name == "quotes":
        search = ui.input(placeholder="expiry, strike, venue, buy …").props('dense borderless data-testid="quote-search"')
        search.on_value_change(lambda event: setattr(view, "wanted", event.value or ""))
        toggle = ui.toggle([ANY], value=ANY).props('flat dense no-caps data-testid="quote-underlying"')
        toggle.on_value_change(lambda event: setattr(view, "underlying", event.value))

        def offer(names: list[str]) -> None:
            toggle.set_options([ANY, *names], value=view.underlying if view.underlying in names else ANY)

        view.on_names = offer
