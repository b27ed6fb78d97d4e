"""Net exposure by underlying: where the book stands, where it aims, and how far either is to be believed."""

from flatbook.dashboard.format import cash, coins, number, percent, price
from flatbook.dashboard.table import Cell, Column, Row, Table, signed_cell
from flatbook.engine.snapshot import LimitView, Snapshot, UnderlyingView

_COLUMNS = (
    Column("Underlying", text=True),
    Column("Spot", "$", testid="spot"),
    Column("ATM vol", "%", testid="vol", hint="at-the-money volatility of the nearest month"),
    Column("Delta", "coins", testid="delta", hint="net over venues, collateral included"),
    Column("Target", "coins", testid="target", hint="what hedging aims at"),
    Column("Band from", "coins", testid="band-low", hint="hedging waits while delta is between the edges"),
    Column("", text=True, testid="band", hint="where delta stands between the edges of its band"),
    Column("to", "coins", testid="band-high"),
    Column("Delta", "$", testid="delta-cash", hint="P&L of a move by 100%, to first order"),
    Column("Gamma", "$ / 1%", testid="gamma-cash", hint="change of delta cash for a move by 1%"),
    Column("Vega", "$ / pt", testid="vega-cash", hint="P&L of one vol point"),
    Column("Theta", "$ / day", testid="theta-cash", hint="P&L of a day passing"),
    Column("Uncertain", "$", testid="uncertainty", hint="what rows we do not trust may add to |delta|"),
    Column("Trusted", "rows", testid="trusted", hint="rows with a fresh, uncrossed market"),
    Column("Untrusted", "rows", testid="untrusted", hint="rows whose market is stale or crossed: quotes pulled, risk widened"),
)

_LIMIT_COLUMNS = (
    Column("Limit", text=True),
    Column("Used", testid="limit-usage"),
    Column("Limit", testid="limit-size"),
    Column("Of limit", "%", testid="limit"),
)


def exposure_table(snapshot: Snapshot) -> Table:
    """A row for each underlying and one for all of them."""
    rows = [_underlying_row(view) for view in snapshot.underlyings]
    if len(rows) > 1:
        rows.append(_total_row(snapshot.underlyings))
    return Table(_COLUMNS, tuple(rows), "no underlying yet")


def _underlying_row(view: UnderlyingView) -> Row:
    cells: tuple[Cell, ...] = (
        (view.name, "name"),
        price(view.spot),
        percent(view.at_the_money_vol),
        _strong(signed_cell(coins(view.delta), view.delta)),
        coins(view.target),
        (coins(view.band_low), "dim"),
        _band_cell(view),
        (coins(view.band_high), "dim"),
        signed_cell(cash(view.delta_cash), view.delta_cash),
        signed_cell(cash(view.gamma_cash), view.gamma_cash),
        signed_cell(cash(view.vega_cash), view.vega_cash),
        signed_cell(cash(view.theta_cash), view.theta_cash),
        _warned(cash(view.uncertainty_cash, signed=False), view.uncertainty_cash > 0),
        str(view.trusted_rows),
        _warned(str(view.untrusted_rows), view.untrusted_rows > 0),
    )
    return Row(view.name, cells)


def _total_row(views: list[UnderlyingView]) -> Row:
    delta, gamma, vega, theta = (
        sum(getattr(view, name) for view in views) for name in ("delta_cash", "gamma_cash", "vega_cash", "theta_cash")
    )
    untrusted = sum(view.untrusted_rows for view in views)
    uncertainty = sum(view.uncertainty_cash for view in views)
    cells: tuple[Cell, ...] = (
        ("all", "name"),
        *("",) * 7,
        signed_cell(cash(delta), delta),
        signed_cell(cash(gamma), gamma),
        signed_cell(cash(vega), vega),
        signed_cell(cash(theta), theta),
        _warned(cash(uncertainty, signed=False), uncertainty > 0),
        str(sum(view.trusted_rows for view in views)),
        _warned(str(untrusted), untrusted > 0),
    )
    return Row("all", cells, "total")


def _band_cell(view: UnderlyingView) -> Cell:
    """Delta's place in its band: -1 at the lower edge, +1 at the upper; outside, the marker stops past the edge."""
    middle, half = (view.band_high + view.band_low) / 2, (view.band_high - view.band_low) / 2
    inside = view.band_low <= view.delta <= view.band_high
    place = (view.delta - middle) / half if half > 0 else 0.0
    return ("", "band" if inside else "band outside", max(-1.3, min(1.3, round(place, 2))))


def limits_table(snapshot: Snapshot) -> Table:
    """A row for each limit, the fullest first, with a bar that says how full."""
    fullest_first = sorted(snapshot.limits, key=lambda view: (-_known(view.fraction), view.name))
    return Table(_LIMIT_COLUMNS, tuple(_limit_row(view) for view in fullest_first), "no limit is set")


def _limit_row(view: LimitView) -> Row:
    level = "critical" if view.fraction > 1 else "warning" if view.fraction >= 0.8 else ""
    bar = (percent(view.fraction), f"bar {level}".strip(), round(max(0.0, min(_known(view.fraction), 1.0)), 3))
    return Row(view.name, ((view.name, "name"), _size(view.usage, view.limit), (_size(view.limit, view.limit), "dim"), bar))


def _size(value: float, limit: float) -> str:
    return number(value, 0 if abs(limit) >= 1000 else 2)


def _known(fraction: float) -> float:
    return fraction if fraction == fraction else 0.0


def _strong(cell: Cell) -> Cell:
    return (cell, "strong") if isinstance(cell, str) else (cell[0], f"{cell[1]} strong")


def _warned(text: str, wrong: bool) -> Cell:
    return (text, "warning") if wrong else (text, "dim")
