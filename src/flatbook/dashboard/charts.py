"""P&L and inventory through time: three charts on one clock, drawn in the browser from the points it already has."""

from typing import Any

from nicegui import ui

from flatbook.basics import NS_PER_MS
from flatbook.dashboard.messages import HistoryPoint
from flatbook.dashboard.style import DOWN, GRID_LINE, SERIES, TEXT, TEXT_DIM, UP

CHARTS = {"pnl": "Trading P&L, $", "delta": "Delta from target, $", "vega": "Vega, $ / pt"}


def history_patch(points: list[HistoryPoint], names: list[str], *, fresh: bool) -> dict[str, Any] | None:
    """Points as the browser keeps them: [ms, equity, trading P&L, delta of each name, vega of each name]."""
    if not points and not fresh:
        return None
    return {"fresh": fresh, "names": names, "points": [_numbers(point, names) for point in points]}


def _numbers(point: HistoryPoint, names: list[str]) -> list[float | None]:
    deltas = [point.delta_cash.get(name) for name in names]
    vegas = [point.vega_cash.get(name) for name in names]
    return [point.ns // NS_PER_MS, point.equity_usd, point.trading_usd, *deltas, *vegas]


def draw_charts() -> dict[str, int]:
    """Lay out the empty charts; gives the page's element of each by name."""
    return {name: _chart(name, title).id for name, title in CHARTS.items()}


def _chart(name: str, title: str) -> ui.echart:
    return ui.echart(_options(title, signed=name == "pnl")).classes("chart").props(f'data-testid="chart-{name}"')


def _options(title: str, *, signed: bool) -> dict[str, Any]:
    options: dict[str, Any] = {
        "animation": False,
        "textStyle": {"fontFamily": "Inter, Segoe UI, Roboto, sans-serif"},
        "useUTC": True,
        "color": list(SERIES),
        "title": {"text": title, "left": 8, "top": 4, "textStyle": {"color": TEXT_DIM, "fontSize": 11, "fontWeight": 500}},
        "legend": {"show": not signed, "right": 8, "top": 2, "icon": "rect", "itemWidth": 10, "itemHeight": 3,
                   "textStyle": {"color": TEXT, "fontSize": 11}},
        "grid": {"left": 8, "right": 12, "top": 26, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True, "backgroundColor": "#1a212b", "borderColor": "#303a47",
                    "textStyle": {"color": TEXT, "fontSize": 11}, "axisPointer": {"lineStyle": {"color": "#56606e"}}},
        "xAxis": {"type": "time", "axisLine": {"lineStyle": {"color": GRID_LINE}}, "splitLine": {"show": False},
                  "axisLabel": {"color": TEXT_DIM, "fontSize": 10, "hideOverlap": True}},
        "yAxis": {"type": "value", "scale": True, "splitNumber": 3, "splitLine": {"lineStyle": {"color": GRID_LINE}},
                  "axisLabel": {"color": TEXT_DIM, "fontSize": 10}},
        "series": [],
    }  # fmt: skip
    if signed:
        # Both pieces are bounded: with an open one, ECharts 5 and 6 fail to build a line's gradient.
        pieces = [{"gte": 0, "lt": 1e15, "color": UP}, {"gt": -1e15, "lt": 0, "color": DOWN}]
        options["visualMap"] = {"show": False, "dimension": 1, "pieces": pieces}
    return options
