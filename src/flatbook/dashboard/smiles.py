"""The vol surface: each expiry's forward, smile, and how far either may be trusted."""

from flatbook.basics import format_utc
from flatbook.dashboard.format import number, percent, price
from flatbook.dashboard.table import Cell, Column, Row, Table
from flatbook.engine.snapshot import SmileView, Snapshot

_COLUMNS = (
    Column("Expiry", text=True),
    Column("Forward", "$"),
    Column("From", text=True, hint="whose word on the forward is in force; parity only while nobody else has a fresh one"),
    Column("Basis", "bp", text=True, hint="how far the other sources of the forward stand from it"),
    Column("ATM", "%", testid="smile-atm"),
    Column("Skew", "pt", hint="25-delta put less 25-delta call"),
    Column("Smile", text=True, testid="smile-state", hint="where the vols come from"),
    Column("RMSE", "pt", hint="mid vols about the fit"),
    Column("Inside", "%", hint="quotes whose bid and ask hold the fit"),
    Column("Out", hint="quotes left out as unbelievable"),
    Column("Age", "s", hint="of the newest quote behind it"),
    Column("Why", text=True),
)
_PLAIN = ("fitted", "marks")


def smiles_table(snapshot: Snapshot) -> Table:
    """One line an expiry; whatever is not a plain fit is flagged and says why."""
    return Table(_COLUMNS, tuple(_row(view) for view in snapshot.smiles), "no expiry has a vol yet")


def _row(view: SmileView) -> Row:
    fitted = view.state not in ("marks", "kept")
    cells: tuple[Cell, ...] = (
        f"{view.underlying} {format_utc(view.expiry_ns)[:10]}",
        price(view.forward),
        (view.source, "warning" if view.source == "parity" else "dim"),
        (" ".join(f"{name} {1e4 * apart:+.1f}" for name, apart in view.apart.items()), "dim"),
        (percent(view.at_the_money_vol), "strong"),
        number(100.0 * view.skew, 1, signed=True),
        (view.state, "dim" if view.state in _PLAIN and not view.reason else "warning"),
        number(100.0 * view.rmse, 2) if fitted else "",
        percent(view.inside, 0) if fitted else "",
        (str(view.outliers), "warning") if view.outliers else "",
        number(view.age_s, 1),
        (view.reason, "dim"),
    )
    return Row(f"{view.underlying}-{view.expiry_ns}", cells)
