"""The lists: quotes with their reasons, positions, hedges, fills, P&L terms, balances and alerts."""

from flatbook.basics import BUY
from flatbook.dashboard.format import cash, cents, clock, merged_order, number, percent, price, quantity
from flatbook.dashboard.table import Cell, Column, Row, Table, signed_cell
from flatbook.engine.snapshot import (
    AlertView,
    FillView,
    HedgeView,
    PositionView,
    QuoteView,
    Snapshot,
)

MOST_FILLS = 240
MOST_ALERTS = 200

_POSITION_COLUMNS = (
    Column("Contract", text=True),
    Column("Kind", text=True),
    Column("Quantity", testid="position"),
    Column("Mark", testid="mark"),
    Column("Value", "$"),
    Column("Delta", "$"),
    Column("Gamma", "$ / 1%"),
    Column("Vega", "$ / pt"),
    Column("Theta", "$ / day"),
    Column("Age", "s", hint="of the market the mark rests on"),
)
_HEDGE_COLUMNS = (
    Column("Time", "UTC", text=True),
    Column("Contract", text=True),
    Column("Side", text=True),
    Column("Price"),
    Column("Quantity"),
    Column("Filled", testid="hedge-filled"),
    Column("Status", text=True, testid="hedge-status"),
    Column("Cost", "$", testid="hedge-cost", hint="paid against fair, plus fees, so far"),
    Column("Why", text=True),
)
_FILL_COLUMNS = (
    Column("Time", "UTC", text=True),
    Column("Contract", text=True),
    Column("Side", text=True),
    Column("Price", testid="fill-price"),
    Column("Quantity", testid="fill-quantity"),
    Column("Fair"),
    Column("Spread", "$", hint="earned against fair at that moment"),
    Column("Fee paid", "$", hint="negative is a rebate"),
    Column("Delta", "$"),
    Column("For", text=True),
    Column("", text=True, hint="maker or taker"),
)
_TERM_COLUMNS = (Column("P&L term", text=True), Column("", "$", testid="term"), Column("", text=True))
_BALANCE_COLUMNS = (
    Column("Venue", text=True),
    Column("Asset", text=True),
    Column("Amount", testid="balance"),
    Column("Worth", "$"),
)
_ALERT_COLUMNS = (Column("Time", "UTC", text=True), Column("", text=True), Column("What a person should know", text=True))


def quotes_table(snapshot: Snapshot) -> Table:
    """Our working quotes, each with the parts that sum to its price, in the contract's own price unit."""
    names = _part_names(snapshot.quotes)
    columns = (
        Column("Contract", text=True),
        Column("Side", text=True),
        Column("Price", testid="quote"),
        Column("Size"),
        Column("Vol", "%", hint="the volatility this price stands for"),
        Column("Edge", hint="how far the price stands from fair, to our advantage"),
        *(Column(name, testid=f"part-{name}", part=True) for name in names),
        Column("Status", text=True),
    )
    return Table(columns, tuple(_quote_row(view, names) for view in snapshot.quotes), "no quote is working")


def _part_names(quotes: list[QuoteView]) -> list[str]:
    # Quotes of one kind share their parts, so the few different sequences are what there is to merge.
    return merged_order([list(names) for names in dict.fromkeys(tuple(view.parts) for view in quotes)])


def _quote_row(view: QuoteView, names: list[str]) -> Row:
    fair = view.parts.get("fair", float("nan"))
    edge = fair - view.price if view.side == BUY.word else view.price - fair
    cells: tuple[Cell, ...] = (
        view.key,
        _side(view.side),
        (price(view.price), "strong"),
        quantity(view.quantity),
        (percent(view.vol), "dim"),
        (price(edge, view.price, signed=True), "dim"),
        *(_part(name, view) for name in names),
        (view.status, "dim"),
    )
    return Row(f"{view.key}-{view.side}", cells)


def _part(name: str, view: QuoteView) -> Cell:
    value = view.parts.get(name)
    if value is None:
        return ""
    text = price(value, view.price, signed=name != "fair")
    # Only the lean is coloured: it alone says which way the book wants to go.
    return signed_cell(text, value) if name == "lean" else text


def positions_table(snapshot: Snapshot) -> Table:
    """What we hold, by contract and wallet; a position whose market is not trusted is dimmed and its age flagged."""
    return Table(_POSITION_COLUMNS, tuple(_position_row(view) for view in snapshot.positions), "no position")


def _position_row(view: PositionView) -> Row:
    greeks = (view.delta_cash, view.gamma_cash, view.vega_cash, view.theta_cash)
    cells: tuple[Cell, ...] = (
        view.key,
        (view.kind, "dim"),
        signed_cell(quantity(view.quantity, signed=True), view.quantity),
        price(view.mark),
        signed_cell(cash(view.value_usd), view.value_usd),
        *(signed_cell(cash(value), value) for value in greeks),
        (number(view.age_s, 1), "dim" if view.trusted else "warning"),
    )
    return Row(view.key, cells, "" if view.trusted else "untrusted")


def hedges_table(snapshot: Snapshot) -> Table:
    """Hedge orders, newest first, with what each was for."""
    newest_first = sorted(snapshot.hedges, key=lambda view: -view.order_id)
    return Table(_HEDGE_COLUMNS, tuple(_hedge_row(view) for view in newest_first), "no hedge was needed yet")


def _hedge_row(view: HedgeView) -> Row:
    cells: tuple[Cell, ...] = (
        (clock(view.ns, milliseconds=True), "dim"),
        view.key,
        _side(view.side),
        price(view.price),
        quantity(view.quantity),
        quantity(view.filled),
        view.status,
        cents(view.cost_usd, signed=False),
        (view.reason, "dim"),
    )
    return Row(str(view.order_id), cells)


def fills_table(snapshot: Snapshot) -> Table:
    """Our fills, newest first."""
    newest_first = sorted(snapshot.fills, key=lambda view: -view.ns)[:MOST_FILLS]
    return Table(_FILL_COLUMNS, tuple(_fill_row(view) for view in newest_first), "no fill yet")


def _fill_row(view: FillView) -> Row:
    cells: tuple[Cell, ...] = (
        (clock(view.ns, milliseconds=True), "dim"),
        view.key,
        _side(view.side),
        price(view.price),
        quantity(view.quantity),
        price(view.fair, view.price),
        signed_cell(cents(view.spread_usd), view.spread_usd),
        cents(view.fee_usd, signed=False),
        signed_cell(cash(view.delta_cash), view.delta_cash),
        view.purpose,
        ("maker" if view.maker else "taker", "dim"),
    )
    return Row(f"{view.key}-{view.fill_id}", cells)  # a fill's id is its venue's own, the key names the venue


def terms_table(snapshot: Snapshot) -> Table:
    """Where the P&L came from: terms that sum to it, each with a bar from the middle."""
    largest = max((abs(value) for value in snapshot.pnl_terms.values()), default=0.0)
    rows = [_term_row(name, value, largest) for name, value in snapshot.pnl_terms.items()]
    total = ("total", "name"), signed_cell(cents(snapshot.pnl_usd), snapshot.pnl_usd), ""
    return Table(_TERM_COLUMNS, (*rows, Row("total", total, "total")))


def _term_row(name: str, value: float, largest: float) -> Row:
    share = round(value / largest, 3) if largest > 0 else 0.0
    return Row(name, (name, signed_cell(cents(value), value), ("", "two-way", share)))


def balances_table(snapshot: Snapshot) -> Table:
    """Cash by venue and asset."""
    rows = [
        Row(f"{view.venue}-{view.asset}", (view.venue, (view.asset, "dim"), number(view.amount, 4), cash(view.value_usd)))
        for view in snapshot.balances
    ]
    return Table(_BALANCE_COLUMNS, tuple(rows), "no cash")


def alerts_table(snapshot: Snapshot) -> Table:
    """What a person should know, newest first."""
    newest_first = sorted(snapshot.alerts, key=lambda view: -view.ns)[:MOST_ALERTS]
    seen: dict[str, int] = {}
    return Table(_ALERT_COLUMNS, tuple(_alert_row(view, seen) for view in newest_first), "nothing to report")


def _alert_row(view: AlertView, seen: dict[str, int]) -> Row:
    # Alerts have no number of their own: the same words at the same instant are told apart by counting.
    name = f"{view.ns}-{view.text}"
    seen[name] = seen.get(name, 0) + 1
    style = view.level if view.level != "info" else ""
    return Row(f"{name}-{seen[name]}", ((clock(view.ns), "dim"), (view.level, f"level {style}"), (view.text, style)))


def _side(word: str) -> Cell:
    return (word, "up" if word == BUY.word else "down")
