"""Plots as plain data: what plotly draws, without a colour that is only right on one ground."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flatbook.basics import format_utc
from flatbook.dashboard.format import cash
from flatbook.dashboard.reports.fills import Group
from flatbook.dashboard.reports.markup import Figure
from flatbook.dashboard.reports.record import TimelinePoint, terms_in_order
from flatbook.engine.snapshot import HedgeView

# Middle tones that hold on a dark ground and on paper. What is not named here takes the last.
TERM_COLOURS = {
    "spread": "#2fa36f",
    "delta": "#4c82e6",
    "gamma": "#9a6ee8",
    "vega": "#e08a2e",
    "theta": "#b59a1c",
    "vanna": "#c77fd0",
    "volga": "#e0b060",
    "fees": "#db5a52",
    "funding": "#2aa3b8",
    "settlement": "#6f9f3c",
    "capital": "#7f8a9c",
    "residual": "#b5569a",
}
_OTHER_COLOUR = "#8a94a6"
_BUCKETS = 600
Trace = dict[str, Any]


def thinned(timeline: Sequence[TimelinePoint]) -> list[TimelinePoint]:
    """At most a few points for each pixel across: of each stretch the last, and the highest and lowest P&L."""
    if len(timeline) <= 3 * _BUCKETS:
        return list(timeline)
    kept = {0, len(timeline) - 1}
    for bucket in range(_BUCKETS):
        places = range(bucket * len(timeline) // _BUCKETS, (bucket + 1) * len(timeline) // _BUCKETS)
        kept |= {
            places[-1],
            max(places, key=lambda i: timeline[i].trading_usd),
            min(places, key=lambda i: timeline[i].trading_usd),
        }
    return [timeline[place] for place in sorted(kept)]


def pnl_figure(timeline: Sequence[TimelinePoint]) -> Figure:
    """Trading P&L through time and every term, all in dollars since the start; the capital's own gain stands beside it."""
    times = _times(timeline)
    names = terms_in_order(timeline[-1].pnl_terms) if timeline else []
    traces = [
        _line(times, [point.pnl_terms.get(name, 0.0) for point in timeline], name, TERM_COLOURS.get(name, _OTHER_COLOUR), 1.3)
        for name in names
    ]
    traces.append(_line(times, [point.trading_usd for point in timeline], "trading P&L", "--ink", 2.6))
    return {"data": traces, "layout": {"yaxis": {"title": {"text": "$"}, "tickformat": ",.0f"}, "xaxis": {}}}


def terms_figure(terms: dict[str, float], total_usd: float) -> Figure:
    """What each term made in the end, stacked from left to right into the whole."""
    names = terms_in_order(terms)
    bars = {
        "type": "waterfall",
        "x": [*names, "P&L"],
        "y": [*(_number(terms[name], 2) for name in names), 0],
        "measure": ["relative"] * len(names) + ["total"],
        "text": [cash(terms[name]) for name in names] + [cash(total_usd)],
        "textposition": "outside",
        "cliponaxis": False,
        "connector": {"line": {"color": "--faint", "width": 1}},
        "increasing": {"marker": {"color": "--up"}},
        "decreasing": {"marker": {"color": "--down"}},
        "totals": {"marker": {"color": "--bar"}},
    }
    layout = {"showlegend": False, "yaxis": {"title": {"text": "$"}, "tickformat": ",.0f"}, "xaxis": {}, "hovermode": "closest"}
    return {"data": [bars], "layout": layout}


def underlying_figure(name: str, timeline: Sequence[TimelinePoint], hedges: Iterable[HedgeView]) -> Figure:
    """Spot, delta against its target with hedges marked, gamma, vega and theta of one underlying through time."""
    known = [point for point in timeline if name in point.underlyings]
    times = _times(known)
    points = [point.underlyings[name] for point in known]
    doubt = [point.uncertainty_cash / point.spot if point.spot > 0 else 0.0 for point in points]
    delta = [point.delta for point in points]
    data = [
        _line(times, [point.spot for point in points], "spot", "--ink", 1.3, "y"),
        *_band(times, delta, doubt),
        _line(times, delta, "delta", "#4c82e6", 1.6, "y2"),
        _line(times, [point.target for point in points], "target", "--soft", 1.2, "y2", dash="dot"),
        *_hedge_marks(name, known, hedges),
        _line(times, [point.gamma_cash for point in points], "gamma", "#9a6ee8", 1.4, "y3"),
        _line(times, [point.vega_cash for point in points], "vega", "#e08a2e", 1.4, "y4"),
        _line(times, [point.theta_cash for point in points], "theta", "#b59a1c", 1.4, "y5"),
    ]
    rows = (
        ("yaxis", "spot $"),
        ("yaxis2", "delta, coins"),
        ("yaxis3", "gamma $/1%"),
        ("yaxis4", "vega $/pt"),
        ("yaxis5", "theta $/day"),
    )
    edges = ((0.80, 1.0), (0.50, 0.77), (0.335, 0.47), (0.17, 0.305), (0.0, 0.14))
    axes = {
        axis: {"domain": edge, "title": {"text": title}, "nticks": 4} for (axis, title), edge in zip(rows, edges, strict=True)
    }
    layout = {"xaxis": {"anchor": "y5"}, "margin": {"l": 70}, **axes}
    return {"data": data, "layout": layout}


def spread_figure(groups: Sequence[Group], *, horizontal: bool = False) -> Figure:
    """Spread captured and fees paid, side by side for each group of fills."""
    names = [group.name for group in groups]
    series = (
        ("spread", [group.spread_usd for group in groups], "--up"),
        ("fees", [-group.fee_usd for group in groups], "--down"),
    )
    bars: list[Trace] = []
    for title, amounts, colour in series:
        values = [_number(amount, 2) for amount in amounts]
        x, y = (values, names) if horizontal else (names, values)
        way = "h" if horizontal else "v"
        bars.append({"type": "bar", "name": title, "x": x, "y": y, "orientation": way, "marker": {"color": colour}})
    money = {"title": {"text": "$"}, "tickformat": ",.0f"}
    names_axis: dict[str, Any] = {"type": "category"} | ({"autorange": "reversed"} if horizontal else {})
    axes = {"xaxis": money, "yaxis": names_axis} if horizontal else {"xaxis": names_axis, "yaxis": money}
    return {"data": bars, "layout": {**axes, "bargap": 0.28, "hovermode": "closest"}}


def risks_figure(names: Sequence[str], values: Sequence[float]) -> Figure:
    """Horizontal bars, the first on top: what adds to risk one way, what offsets it the other."""
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": list(names),
        "x": [_number(value, 2) for value in values],
        "marker": {"color": ["--bar" if value >= 0 else "--up" for value in values]},
    }
    money = {"title": {"text": "$ of a day's standard deviation; below zero it offsets the rest"}, "tickformat": ",.0f"}
    axes = {"xaxis": money, "yaxis": {"type": "category", "autorange": "reversed"}}
    return {"data": [bars], "layout": {**axes, "showlegend": False, "hovermode": "closest"}}


def curves_figure(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], *, titles: tuple[str, str]) -> Figure:
    """One line for each name, over x in per cent."""
    colours = list(TERM_COLOURS.values())
    traces = [_line(list(x), list(y), name, colours[i % len(colours)], 2.0) for i, (name, (x, y)) in enumerate(curves.items())]
    axes = {
        "xaxis": {"title": {"text": titles[0]}, "ticksuffix": "%"},
        "yaxis": {"title": {"text": titles[1]}, "tickformat": ",.0f"},
    }
    return {"data": traces, "layout": axes}


def _times(timeline: Iterable[TimelinePoint]) -> list[str]:
    return [format_utc(point.ns)[:-1] for point in timeline]


def _number(value: float, places: int) -> float | None:
    # JSON knows no NaN; plotly leaves a gap where it finds nothing.
    return round(value, places) if math.isfinite(value) else None


def _line(
    x: Sequence[Any], y: Sequence[float], name: str, colour: str, width: float, axis: str = "y", dash: str = "solid"
) -> Trace:
    digits = [float(f"{value:.6g}") if math.isfinite(value) else None for value in y]
    line = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": x, "y": digits, "name": name, "line": line, "yaxis": axis}


def _band(times: list[str], delta: list[float], doubt: list[float]) -> list[Trace]:
    """What untrusted rows may add to delta either way, as a shade; nothing where every row was trusted throughout."""
    if not any(doubt):
        return []
    low = _line(times, [d - u for d, u in zip(delta, doubt, strict=True)], "low", "rgba(0,0,0,0)", 0, "y2")
    high = _line(times, [d + u for d, u in zip(delta, doubt, strict=True)], "uncertain", "rgba(0,0,0,0)", 0, "y2")
    return [
        low | {"showlegend": False, "hoverinfo": "skip"},
        high | {"fill": "tonexty", "fillcolor": "rgba(230,162,60,0.22)", "hoverinfo": "skip"},
    ]


def _hedge_marks(name: str, timeline: Sequence[TimelinePoint], hedges: Iterable[HedgeView]) -> list[Trace]:
    """Where hedges were sent, at the delta of that moment."""
    marks: list[Trace] = []
    own = [hedge for hedge in hedges if hedge.underlying == name and hedge.filled > 0]
    for side, symbol, colour in (("buy", "triangle-up", "--up"), ("sell", "triangle-down", "--down")):
        chosen = [hedge for hedge in own if hedge.side == side]
        if chosen and timeline:
            heights = [_delta_at(name, timeline, hedge.ns) for hedge in chosen]
            marker = {"symbol": symbol, "size": 6, "color": colour, "line": {"width": 0}}
            marks.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": [format_utc(hedge.ns)[:-1] for hedge in chosen],
                    "y": [_number(height, 6) for height in heights],
                    "name": f"hedge {side}",
                    "marker": marker,
                    "yaxis": "y2",
                    "hoverinfo": "skip",
                }
            )
    return marks


def _delta_at(name: str, timeline: Sequence[TimelinePoint], ns: int) -> float:
    """The delta of the last point up to `ns`."""
    place = bisect_right(timeline, ns, key=lambda point: point.ns)
    return timeline[max(place - 1, 0)].underlyings[name].delta
