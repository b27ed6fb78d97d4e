"""The bar at the top: how the desk stands, whether to believe it, and the four things a person may say."""

import getpass
from collections.abc import Callable
from html import escape

from nicegui import ui

from flatbook.dashboard.format import age, cents, clock, day_and_clock, number, sign_class
from flatbook.dashboard.messages import Command, CommandKind, capital_usd, trading_pnl_usd
from flatbook.dashboard.table import Cell
from flatbook.engine.snapshot import Snapshot

OLD_S, VERY_OLD_S = 2.0, 5.0

Send = Callable[[Command], bool]

_FACTS = (
    ("equity", "Equity, $"),
    ("pnl", "Trading P&L, $"),
    ("capital", "Capital, $"),
    ("core-time", "Core time, UTC"),
    ("sequence", "Sequence"),
    ("age", "Age"),
    ("orders", "Orders"),
    ("fills-booked", "Fills"),
    ("events", "Events"),
)
_BANNERS = """
<div class="banner" data-testid="banner" role="alert"></div>
<div class="banner silence" data-testid="silence" role="alert">The screen's own process does not answer. Numbers below are old;
the desk may well be running.</div>
<div class="banner notice" data-testid="notice" role="status"></div>
"""
_MEANINGS: dict[CommandKind, tuple[str, str]] = {
    "pause": ("Pause", "Pulls every quote and opens nothing until you resume."),
    "resume": ("Resume", "Trades normally again; also takes the breaker back from reduce-only."),
    "reduce-only": ("Reduce only", "From now on only what brings risk down is approved."),
    "flatten": (
        "Flatten",
        "Pulls every quote and trades the delta of every underlying to its target at once, paying the spread.",
    ),
}


def header_texts(snapshot: Snapshot | None, age_s: float, *, connected: bool) -> dict[str, Cell]:
    """Every text of the header by test id, and the banner that says when the desk is gone."""
    texts: dict[str, Cell] = {
        "age": _age_cell(age_s, connected=connected),
        "banner": banner(snapshot, age_s, connected=connected),
    }
    if snapshot is None:
        return {**texts, "mode": ("waiting", "unknown"), "mode-reason": "for the desk's first snapshot"}
    return texts | {
        "mode": (snapshot.mode, snapshot.mode if snapshot.mode in ("running", "reduce-only", "paused") else "unknown"),
        "mode-reason": snapshot.mode_reason,
        "notice": "" if snapshot.mode == "running" else (f"The desk is {snapshot.mode}: {snapshot.mode_reason}", "shown"),
        "equity": cents(snapshot.equity_usd, signed=False),
        "pnl": _money(trading_pnl_usd(snapshot)),
        "capital": _money(capital_usd(snapshot)),
        "core-time": day_and_clock(snapshot.now_ns),
        "sequence": number(snapshot.sequence),
        "orders": number(snapshot.orders_working),
        "fills-booked": number(snapshot.fills_booked),
        "events": number(snapshot.events_applied),
    }


def _money(amount_usd: float) -> Cell:
    return (cents(amount_usd), sign_class(amount_usd))


def banner(snapshot: Snapshot | None, age_s: float, *, connected: bool) -> Cell:
    """The sentence across the page when its numbers are not to be traded on; hidden while the desk is well."""
    last = f"Last snapshot: {clock(snapshot.now_ns)} UTC, sequence {number(snapshot.sequence)}." if snapshot else ""
    if not connected:
        known = f"{last} Numbers below are from then." if snapshot else "No snapshot has arrived yet."
        return (f"The desk is gone. {known} Looking for it.", "shown")
    if snapshot is not None and age_s > VERY_OLD_S:
        return (f"The desk has been silent for {age(age_s)}. {last}", "shown")
    return ""


def _age_cell(age_s: float, *, connected: bool) -> Cell:
    if not connected or age_s > VERY_OLD_S:
        return (age(age_s), "critical")
    return (age(age_s), "warning") if age_s > OLD_S else age(age_s)


def draw_header(send: Send) -> None:
    """Lay out the bar, its buttons and the banners; `send` hands a command to the desk."""
    with ui.element("div").classes("top"):
        with ui.element("div").classes("bar"):
            ui.html(_bar_html(), sanitize=False).classes("facts")
            ui.element("div").classes("space")
            with ui.element("div").classes("buttons"):
                for kind in _MEANINGS:
                    _command_button(kind, send)
        ui.html(_BANNERS, sanitize=False)


def _bar_html() -> str:
    badge, reason = '<span class="badge" data-testid="mode"></span>', '<span class="why" data-testid="mode-reason"></span>'
    mode = f'<div class="mode">{badge}{reason}</div>'
    facts = "".join(_fact_html(name, title) for name, title in _FACTS)
    return f'<span class="brand">flatbook</span>{mode}{facts}'


def _fact_html(name: str, title: str) -> str:
    size = "big" if name in ("equity", "pnl") else ""
    return f'<div class="fact f-{name}"><label>{escape(title)}</label><span class="{size}" data-testid="{name}">–</span></div>'


def _command_button(kind: CommandKind, send: Send) -> None:
    title, meaning = _MEANINGS[kind]

    # A dialog for each opening: one that is used again keeps in the browser what the desk's side has cleared.
    def ask() -> None:
        _confirmation(kind, title, meaning, send).open()

    button = ui.button(title, on_click=ask, color=None).props(f'flat no-caps data-testid="{kind}"').classes(kind)
    button.tooltip(meaning)


def _confirmation(kind: CommandKind, title: str, meaning: str, send: Send) -> ui.dialog:
    """The dialog that asks who and why, and for the dearest command also the word itself."""
    needs_word = kind == "flatten"
    with ui.dialog() as dialog, ui.card().classes("dialog"):
        ui.label(title).classes("title")
        ui.label(meaning).classes("meaning")
        reason = ui.input("Reason").props('autofocus dense data-testid="reason" maxlength=500')
        who = ui.input("Who", value=_login()).props('dense data-testid="who" maxlength=80')
        word = ui.input("Type FLATTEN to confirm").props('dense data-testid="word"') if needs_word else None
        with ui.element("div").classes("choices"):
            ui.button("Cancel", on_click=dialog.close, color=None).props('flat no-caps data-testid="cancel"')
            sure = ui.button(title, color=None).props('flat no-caps data-testid="confirm"').classes(f"sure {kind}")

    def complete() -> bool:
        return bool(_said(reason) and _said(who)) and (word is None or _said(word) == "FLATTEN")

    def confirm() -> None:
        if not complete():
            return
        _tell(title, sent=send(Command(kind, _said(who)[:80], _said(reason)[:500])))
        dialog.close()

    for field in filter(None, (reason, who, word)):
        field.on_value_change(lambda: sure.set_enabled(complete()))
        field.on("keydown.enter", confirm)
    sure.on_click(confirm)
    sure.set_enabled(False)
    dialog.on("hide", dialog.delete)
    return dialog


def _said(field: ui.input) -> str:
    return (field.value or "").strip()


def _tell(title: str, *, sent: bool) -> None:
    if sent:
        ui.notify(f"{title} was sent to the desk.", position="top", color="grey-9")
    else:
        ui.notify(f"{title} was NOT sent: the desk is not connected.", position="top", type="negative", timeout=10_000)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
