"""The Greeks ladder as a heat-map: underlying and expiry bucket down, delta bucket across, one Greek at a time."""

import math
from collections.abc import Iterable

from flatbook.dashboard.format import cash_unit, number
from flatbook.dashboard.table import Cell, Column, Row, Table, signed_cell
from flatbook.engine.snapshot import LadderCell, Snapshot
from flatbook.risk import DELTA_BUCKETS

GREEKS = {"delta": "Delta", "gamma": "Gamma", "vega": "Vega", "theta": "Theta"}
_PER = {"delta": "", "gamma": " / 1%", "vega": " / pt", "theta": " / day"}
_ALL = "all"

Amounts = dict[tuple[str, str, str], float]


def ladder_table(snapshot: Snapshot, greek: str) -> Table:
    """The heat-map of `greek`. Shades are relative to the largest cell of the same underlying; totals have none."""
    amounts = _amounts(snapshot.ladder, greek)
    shown = {cell.delta_bucket for cell in snapshot.ladder}
    buckets = [bucket for bucket in DELTA_BUCKETS if bucket in shown]
    divisor, unit = cash_unit(_largest(amounts.values()))
    places = 0 if divisor == 1.0 else 1
    columns = (
        Column(GREEKS[greek], unit + _PER[greek], text=True),
        Column("Expiry", text=True),
        *(Column(bucket, testid=f"ladder-{bucket}") for bucket in buckets),
        Column("all", testid="ladder-total"),
    )
    rows = [row for name in _names(snapshot.ladder) for row in _underlying_rows(name, amounts, buckets, divisor, places)]
    return Table(columns, tuple(rows), "no position yet")


def _amounts(cells: list[LadderCell], greek: str) -> Amounts:
    field = f"{greek}_cash"
    return {(cell.underlying, cell.expiry_bucket, cell.delta_bucket): getattr(cell, field) for cell in cells}


def _names(cells: list[LadderCell]) -> list[str]:
    return list(dict.fromkeys(cell.underlying for cell in cells))


def _underlying_rows(name: str, amounts: Amounts, buckets: list[str], divisor: float, places: int) -> list[Row]:
    expiries = list(dict.fromkeys(expiry for underlying, expiry, _ in amounts if underlying == name))
    own = {(expiry, bucket): value for (underlying, expiry, bucket), value in amounts.items() if underlying == name}
    largest = _largest(own.values())

    def plain(value: float) -> Cell:
        return signed_cell(number(value / divisor, places), value)

    def line(expiry: str) -> Row:
        values = [own.get((expiry, bucket)) for bucket in buckets]
        shades = [_shaded(value, divisor, places, largest) for value in values]
        return Row(f"{name}|{expiry}", ("", expiry, *shades, plain(sum(filter(None, values)))))

    sums = [sum(own.get((expiry, bucket), 0.0) for expiry in expiries) for bucket in buckets]
    head = Row(f"{name}|{_ALL}", ((name, "name"), (_ALL, "dim"), *map(plain, sums), plain(sum(own.values()))), "total")
    return [head, *map(line, expiries)]


def _shaded(value: float | None, divisor: float, places: int, largest: float) -> Cell:
    if value is None:
        return ""
    text = number(value / divisor, places)
    if value == 0.0 or not math.isfinite(value) or largest == 0.0:
        return (text, "dim")
    # The root keeps small cells visible beside a large one.
    return (text, "heat", round(math.copysign(math.sqrt(abs(value) / largest), value), 2))


def _largest(values: Iterable[float]) -> float:
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0)
