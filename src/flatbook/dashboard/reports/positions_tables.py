"""The tables of a book's report: the same for the page and for the terminal."""

from collections.abc import Sequence

from flatbook.dashboard.format import cash, coins, counted, number, percent, price
from flatbook.dashboard.reports.markup import Card
from flatbook.dashboard.reports.measures import FACTORS, SPOT_MOVES, VOL_MOVES, BookView, Grid
from flatbook.dashboard.table import Column, Row, Table, signed_cell

_EXPOSURE_COLUMNS = (
    Column("Underlying", text=True),
    Column("Spot", "$"),
    Column("30d vol", "%", hint="at the money, of the expiry nearest to thirty days"),
    Column("Delta", "coins", hint="premiums and coin balances included"),
    Column("Delta", "$", hint="P&L of a move by 100%, to first order"),
    Column("Gamma", "$ / 1%"),
    Column("Vega", "$ / pt"),
    Column("Theta", "$ / day"),
)
_RISK_COLUMNS = (
    Column("Position", text=True),
    Column("Delta", "$"),
    Column("Vega", "$ / pt, 30d", hint="weighted to the move of the 30-day vol level"),
    Column("Risk", "$ / day", hint="its part of the one-day standard deviation; below zero it offsets the rest"),
    Column("Of all", "%"),
)
MOST_RISKS = 20


def book_cards(view: BookView) -> list[Card]:
    """The numbers to read first, over all underlyings."""
    sums = {
        name: sum(getattr(each, f"{name}_cash") for each in view.snapshot.underlyings)
        for name in ("delta", "gamma", "vega", "theta")
    }
    worst, where = worst_cell(view.grids)
    return [
        Card("Value", cash(view.snapshot.equity_usd), "dollars, at the marks"),
        Card("Delta", cash(sums["delta"]), "dollars, all underlyings", _sign(sums["delta"])),
        Card("Gamma", cash(sums["gamma"]), "dollars of delta for 1%", _sign(sums["gamma"])),
        Card("Vega", cash(sums["vega"]), "dollars a vol point", _sign(sums["vega"])),
        Card("Theta", cash(sums["theta"]), "dollars a day", _sign(sums["theta"])),
        Card("Risk of a day", cash(view.risk_usd, signed=False), "one standard deviation"),
        Card("Worst scenario", cash(worst), where, _sign(worst)),
        Card("Positions", f"{len(view.snapshot.positions):,}", counted(len(view.snapshot.underlyings), "underlying")),
    ]


def worst_cell(grids: Sequence[Grid]) -> tuple[float, str]:
    """The lowest P&L of the grids when every underlying makes the same move, and the move."""
    sums = {
        (spot, vol): sum(grid.values[i][j] for grid in grids)
        for i, spot in enumerate(SPOT_MOVES)
        for j, vol in enumerate(VOL_MOVES)
    }
    spot, vol = min(sums, key=lambda move: sums[move])
    return sums[spot, vol], f"spot {number(100 * spot, signed=True)}%, vol {number(100 * vol, signed=True)} pt"


def book_exposure_table(view: BookView) -> Table:
    """A row for each underlying."""
    rows = [
        Row(
            each.name,
            (
                (each.name, "name"),
                price(each.spot),
                percent(each.at_the_money_vol),
                signed_cell(coins(each.delta), each.delta),
                *(
                    signed_cell(cash(amount), amount)
                    for amount in (each.delta_cash, each.gamma_cash, each.vega_cash, each.theta_cash)
                ),
            ),
        )
        for each in view.snapshot.underlyings
    ]
    return Table(_EXPOSURE_COLUMNS, tuple(rows))


def scenario_table(grid: Grid) -> Table:
    """Spot moves down, vol moves across, P&L in dollars."""
    largest = max((abs(value) for row in grid.values for value in row), default=0.0) or 1.0
    columns = (Column("Spot", text=True), *(Column(f"{100 * vol:+.0f}" if vol else "vol 0", "pt") for vol in VOL_MOVES))
    rows = [
        Row(str(spot), ((_move(spot), "name"), *((cash(value), "heat", _shade(value, largest)) for value in values)))
        for spot, values in zip(SPOT_MOVES, grid.values, strict=True)
    ]
    return Table(columns, tuple(rows))


def risks_table(view: BookView) -> Table:
    """The positions that make the book's risk, largest first, and the whole."""
    shown = view.risks[:MOST_RISKS]
    whole = view.risk_usd or 1.0
    rows = [
        Row(
            f"{place}-{row.key}",
            (
                (row.key, "name"),
                signed_cell(cash(row.delta_cash), row.delta_cash),
                signed_cell(cash(0.01 * row.vega_level), row.vega_level),
                cash(row.contribution_usd),
                percent(row.contribution_usd / whole),
            ),
        )
        for place, row in enumerate(shown)
    ]
    rest = sum(row.contribution_usd for row in view.risks[MOST_RISKS:])
    if len(view.risks) > MOST_RISKS:
        rows.append(Row("rest", (f"{len(view.risks) - MOST_RISKS:,} others", "", "", cash(rest), percent(rest / whole))))
    rows.append(Row("all", ("all", "", "", cash(view.risk_usd), percent(1.0)), "total"))
    return Table(_RISK_COLUMNS, tuple(rows))


def assumptions() -> str:
    """What the ranking of risks assumes, in a sentence."""
    return (
        f"A day's standard deviation from first-order loadings: spot moves with each underlying's 30-day vol (at least"
        f" {percent(FACTORS.spot_vol_floor, 0)}%), the vol level with {number(100 * FACTORS.vol_of_vol)} points a year."
        f" Correlations: spot to vol {FACTORS.spot_vol_correlation}, spot to spot {FACTORS.spot_correlation},"
        f" vol to vol {FACTORS.vol_correlation}."
    )


def notional_note() -> str:
    """Why a position's delta here may differ from the ladder's, in a sentence."""
    return (
        "The delta of an inverse perpetual or future includes the coins it has gained or lost since entry; the ladder counts"
        " its open notional."
    )


def _move(spot: float) -> str:
    return f"{number(100 * spot, signed=True)}%"


def _shade(value: float, largest: float) -> float:
    # The root keeps small cells visible beside a large one.
    return round((abs(value) / largest) ** 0.5 * (1.0 if value >= 0 else -1.0), 2)


def _sign(amount: float) -> str:
    return "up" if amount >= 0.5 else "down" if amount <= -0.5 else ""
