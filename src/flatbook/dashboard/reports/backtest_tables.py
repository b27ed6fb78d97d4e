"""The tables of a run's report: the same for the page and for the terminal."""

from collections.abc import Sequence

import msgspec

from flatbook.basics import NS_PER_MINUTE
from flatbook.dashboard.format import cash, cents, coins, counted, day_and_clock, number, percent, span
from flatbook.dashboard.reports.fills import Group, Markout, quote_fills
from flatbook.dashboard.reports.markup import Card
from flatbook.dashboard.reports.moments import Moment
from flatbook.dashboard.reports.record import RunRecord
from flatbook.dashboard.table import Column, Row, Table, signed_cell
from flatbook.dashboard.tables import alerts_table, fills_table, hedges_table

_GROUP_COLUMNS = (
    Column("Fills", text=True),
    Column("Count"),
    Column("Turnover", "$ delta", hint="the sum of the fills' |delta cash|"),
    Column("Spread", "$", hint="earned against fair at the fill"),
    Column("Fees", "$", hint="positive is paid"),
    Column("Spread", "bp", hint="of turnover"),
)
_MARKOUT_COLUMNS = (
    Column("After", text=True),
    Column("Fills"),
    Column("Left out", hint="the timeline ends before, or is too coarse to see, their horizon"),
    Column("Edge at fill", "$"),
    Column("Underlying's move", "$", hint="delta cash times the relative move: first order, without vol"),
    Column("Markout", "$"),
    Column("Moved against us", "%"),
)
_MOMENT_COLUMNS = (
    Column("From", "UTC", text=True),
    Column("Lasted"),
    Column("P&L", "$"),
    Column("Pushed by", text=True),
    Column("of it", "$"),
    Column("The book as it went in", text=True),
)


def headline_cards(record: RunRecord) -> list[Card]:
    """The numbers to read first."""
    terms, counts, fills = record.final.pnl_terms, record.counts, record.fills
    quotes = quote_fills(record)
    spread, fees = terms.get("spread", 0.0), terms.get("fees", 0.0)
    hedge_cost = sum(hedge.cost_usd for hedge in record.hedges)
    speed = counts.events / record.wall_s if record.wall_s > 0 else float("nan")
    lows = min((point.trading_usd for point in record.timeline), default=0.0)
    capital = terms.get("capital", 0.0)
    trading = record.final.pnl_usd - capital
    ties = "three roads agree" if record.tie_out.holds else "does not tie out"
    return [
        Card("Trading P&L", cash(trading), f"and {cash(capital)} of the capital held", _sign(trading)),
        Card("Spread captured", cash(spread), f"{counted(len(quotes), 'fill')} of our quotes", _sign(spread)),
        Card("Fees", cash(fees), "negative was paid", _sign(fees)),
        Card("Hedge cost", cents(-hedge_cost), f"{counted(len(record.hedges), 'order')}, fees included", _sign(-hedge_cost)),
        Card("Lowest trading P&L", cash(lows), "on the way", _sign(lows)),
        Card("Equity", cash(record.final.equity_usd, signed=False), "dollars, at the end"),
        Card("All fills", f"{len(fills):,}", f"{sum(fill.maker for fill in fills):,} as maker"),
        Card("Events", f"{counts.events:,}", f"{number(speed)} a second"),
        Card("Requests", f"{counts.requests:,}", f"{counts.refusals:,} refused by the gate"),
        Card("Tie-out", cents(record.tie_out.gap_usd, signed=False), ties, "up" if record.tie_out.holds else "down"),
    ]


def groups_table(groups: Sequence[Group]) -> Table:
    """Groups of fills and their sum."""
    rows = [_group_row(group) for group in groups]
    if len(groups) > 1:
        whole = Group("all", *(sum(getattr(group, field) for group in groups) for field in Group.__struct_fields__[1:]))
        rows.append(msgspec.structs.replace(_group_row(whole), style="total"))
    return Table(_GROUP_COLUMNS, tuple(rows), "none of our quotes was filled")


def _group_row(group: Group) -> Row:
    spread_bp = 1e4 * group.spread_usd / group.turnover_usd if group.turnover_usd else float("nan")
    cells = (
        group.name,
        f"{group.count:,}",
        cash(group.turnover_usd, signed=False),
        signed_cell(cents(group.spread_usd), group.spread_usd),
        cents(group.fee_usd),
        number(spread_bp, 2),
    )
    return Row(group.name, cells)


def markouts_table(markouts: Sequence[Markout]) -> Table:
    """Edge kept after each horizon; a horizon that no fill could be seen at has dashes."""
    return Table(_MARKOUT_COLUMNS, tuple(_markout_row(markout) for markout in markouts), "none of our quotes was filled")


def _markout_row(markout: Markout) -> Row:
    nothing = markout.count == 0
    absent = float("nan")
    edge, drift, total = (absent,) * 3 if nothing else (markout.edge_usd, markout.drift_usd, markout.markout_usd)
    cells = (
        f"{markout.horizon_ns // NS_PER_MINUTE} min",
        f"{markout.count:,}",
        f"{markout.left_out:,}",
        signed_cell(cents(edge), edge),
        signed_cell(cents(drift), drift),
        signed_cell(cents(total), total),
        percent(absent if nothing else markout.adverse_share),
    )
    return Row(str(markout.horizon_ns), cells)


def moments_table(moments: Sequence[Moment], empty: str) -> Table:
    """Falls of P&L, what pushed, and the book that went in."""
    return Table(_MOMENT_COLUMNS, tuple(_moment_row(moment) for moment in moments), empty)


def _moment_row(moment: Moment) -> Row:
    pushed = moment.terms.get(moment.driver, 0.0)
    cells = (
        day_and_clock(moment.start_ns)[:19],
        span(moment.end_ns - moment.start_ns),
        signed_cell(cents(moment.loss_usd), moment.loss_usd),
        (moment.driver, "name"),
        signed_cell(cents(pushed), pushed),
        (_book(moment), "dim"),
    )
    return Row(f"{moment.start_ns}-{moment.end_ns}", cells)


def _book(moment: Moment) -> str:
    """`BTC Δ +0.4210 of target 0.0000, Γ −310, V +120 at 93,412; ...`."""
    return "; ".join(
        f"{name} Δ {coins(point.delta)} (target {coins(point.target)}), Γ {cash(point.gamma_cash)}, V {cash(point.vega_cash)}"
        f" at {number(point.spot, 1)}"
        for name, point in moment.before.underlyings.items()
    )


def run_tables(record: RunRecord) -> dict[str, Table]:
    """Fills, hedges and alerts of the whole run, as the screen shows them, with dates where the run spans days."""
    whole = msgspec.structs.replace(record.final, fills=record.fills, hedges=record.hedges, alerts=record.alerts)
    fills, hedges, alerts = fills_table(whole), hedges_table(whole), alerts_table(whole)
    if day_and_clock(record.start_ns)[:10] == day_and_clock(record.end_ns)[:10]:
        return {"fills": fills, "hedges": hedges, "alerts": alerts}
    return {
        "fills": _dated(fills, [fill.ns for fill in sorted(record.fills, key=lambda view: -view.ns)]),
        "hedges": _dated(hedges, [hedge.ns for hedge in sorted(record.hedges, key=lambda view: -view.order_id)]),
        "alerts": _dated(alerts, [alert.ns for alert in sorted(record.alerts, key=lambda view: -view.ns)]),
    }


def _dated(table: Table, newest_first_ns: Sequence[int]) -> Table:
    """`table` with the whole date in its first cells; the times are those of its rows, which it may have fewer of."""
    rows = [
        msgspec.structs.replace(row, cells=((day_and_clock(ns), "dim"), *row.cells[1:]))
        for row, ns in zip(table.rows, newest_first_ns, strict=False)
    ]
    return msgspec.structs.replace(table, rows=tuple(rows))


def tie_out_sentences(record: RunRecord) -> list[str]:
    """Whether three roads lead to one equity, in words."""
    tie = record.tie_out
    verdict = (
        f"Tied out to the cent: the three roads were compared {tie.comparisons:,} times, and the widest gap at the end is"
        f" {tie.gap_usd:.6f} dollars."
        if tie.holds
        else f"Does not tie out: the three roads differ by {tie.gap_usd:,.2f} dollars."
    )
    return [verdict, *tie.differences]


def tie_out_table(record: RunRecord) -> Table:
    """The three roads and their equities."""
    tie = record.tie_out
    roads = (
        ("ledger", "balances of the double-entry ledger, positions at their marks", tie.ledger_usd),
        ("inventory", "deposits, and what the positions' own fills made of them", tie.inventory_usd),
        ("P&L", "deposits, and the sum of the terms of the explain", tie.explained_usd),
    )
    rows = [Row(name, ((name, "name"), (meaning, "dim"), cents(amount, signed=False))) for name, meaning, amount in roads]
    return Table((Column("Road", text=True), Column("", text=True), Column("Equity", "$")), tuple(rows))


def _sign(amount: float) -> str:
    return "up" if amount >= 0.005 else "down" if amount <= -0.005 else ""
