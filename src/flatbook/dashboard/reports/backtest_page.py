"""The report of a run as one page: open it anywhere, print it, send it."""

from html import escape

from flatbook.dashboard.exposure import exposure_table, limits_table
from flatbook.dashboard.format import day_and_clock, span
from flatbook.dashboard.ladder import ladder_table
from flatbook.dashboard.reports import backtest_tables as tables
from flatbook.dashboard.reports.figures import pnl_figure, spread_figure, terms_figure, thinned, underlying_figure
from flatbook.dashboard.reports.fills import by_hour, by_kind, markouts
from flatbook.dashboard.reports.markup import html_cards, html_columns, html_figure, html_page, html_section, html_table
from flatbook.dashboard.reports.moments import largest_drawdowns, largest_losses, window_of
from flatbook.dashboard.reports.record import RunRecord
from flatbook.dashboard.tables import MOST_FILLS, positions_table


def backtest_page(record: RunRecord) -> str:
    """The whole report of `record` as an HTML document that needs nothing but itself."""
    sections = [
        html_cards(tables.headline_cards(record)),
        _pnl_section(record),
        *_underlying_sections(record),
        _flow_section(record),
        _moments_section(record),
        _end_section(record),
        _lists_section(record),
        _tie_out_section(record),
    ]
    return html_page(record.title, _subtitle(record), *sections)


def _subtitle(record: RunRecord) -> str:
    return (
        f"{record.market} · {day_and_clock(record.start_ns)[:19]} to {day_and_clock(record.end_ns)[:19]} UTC · seed {record.seed}"
        f" · {record.counts.batches:,} batches in {record.wall_s:,.1f} s · flatbook {record.version}"
    )


def _pnl_section(record: RunRecord) -> str:
    timeline = thinned(record.timeline)
    if not timeline:
        return html_section("P&L", '<p class="empty">The run took no batch.</p>')
    note = "Dollars since the start; the terms, capital among them, sum to the P&L. What no term explains is residual."
    through_time = html_figure("pnl", pnl_figure(timeline), height=370)
    split = html_figure("terms", terms_figure(record.final.pnl_terms, record.final.pnl_usd), height=370)
    return html_section("P&L", html_columns(through_time, split), note=note)


def _underlying_sections(record: RunRecord) -> list[str]:
    names = [view.name for view in record.final.underlyings]
    timeline = thinned(record.timeline)
    if not names or not timeline:
        return []
    figures = [
        f"<h3>{escape(name)}</h3>"
        + html_figure(f"underlying-{place}", underlying_figure(name, timeline, record.hedges), height=620)
        for place, name in enumerate(names)
    ]
    note = (
        "Net over venues, collateral included. Triangles are filled hedges; the amber shade is what rows without a trusted"
        " market may add to delta."
    )
    return [html_section("Inventory and Greeks through time", html_columns(*figures), note=note)]


def _flow_section(record: RunRecord) -> str:
    hours, kinds = by_hour(record), by_kind(record)
    plots = ""
    if hours:
        by_hour_figure = html_figure("hours", spread_figure(hours), height=300)
        by_kind_figure = html_figure("kinds", spread_figure(kinds, horizontal=True), height=max(300, 60 + 26 * len(kinds)))
        plots = html_columns("<h3>By hour of the day, UTC</h3>" + by_hour_figure, "<h3>By kind and expiry</h3>" + by_kind_figure)
    kept = (
        "<h3>Markouts: what was kept of the edge</h3>"
        + html_table(tables.markouts_table(markouts(record)))
        + '<p class="note">First order in the underlying, read off the recorded timeline: delta cash times the relative move.'
        " Moves of vol are not in it.</p>"
    )
    groups = "<h3>By kind and expiry</h3>" + html_table(tables.groups_table(kinds))
    note = "Fills of our quotes. Spread is what a fill earned against our fair price at that moment, before fees."
    return html_section("Spread captured", plots, html_columns(groups, kept), note=note)


def _moments_section(record: RunRecord) -> str:
    window = span(window_of(record.timeline))
    drawdowns = tables.moments_table(largest_drawdowns(record.timeline), "P&L never fell from a peak")
    losses = tables.moments_table(largest_losses(record.timeline), f"no {window} lost anything")
    return html_section(
        "Worst moments",
        "<h3>Largest drawdowns</h3>",
        html_table(drawdowns),
        f"<h3>Largest losses within {escape(window)}</h3>",
        html_table(losses),
        note="Peak to the lowest point after it; the losses do not overlap. Pushed by: the P&L term that lost most.",
    )


def _end_section(record: RunRecord) -> str:
    final = record.final
    greeks = [
        f"<h3>{title}</h3>{html_table(ladder_table(final, greek))}"
        for greek, title in (
            ("delta", "Delta ladder"),
            ("gamma", "Gamma ladder"),
            ("vega", "Vega ladder"),
            ("theta", "Theta ladder"),
        )
    ]
    mode = final.mode + (f" ({final.mode_reason})" if final.mode_reason else "")
    return html_section(
        "The book at the end",
        html_table(exposure_table(final)),
        html_columns(*greeks, wide=True) if final.ladder else "",
        html_columns(
            "<h3>Limits</h3>" + html_table(limits_table(final)),
            "<h3>Positions</h3>" + html_table(positions_table(final), tall=True),
            wide=True,
        ),
        note=f"After batch {final.sequence:,}, {day_and_clock(final.now_ns)[:19]} UTC. Mode: {mode}.",
    )


def _lists_section(record: RunRecord) -> str:
    lists = tables.run_tables(record)
    shown = f"newest {MOST_FILLS} of {len(record.fills):,}" if len(record.fills) > MOST_FILLS else f"all {len(record.fills):,}"
    return html_section(
        "Fills, hedges and alerts",
        f"<h3>Fills ({shown})</h3>",
        html_table(lists["fills"], tall=True),
        f"<h3>Hedges ({len(record.hedges):,})</h3>",
        html_table(lists["hedges"], tall=True),
        f"<h3>Alerts ({len(record.alerts):,})</h3>",
        html_table(lists["alerts"], tall=True),
    )


def _tie_out_section(record: RunRecord) -> str:
    verdict, *differences = tables.tie_out_sentences(record)
    style = "up" if record.tie_out.holds else "down"
    told = "".join(f'<li class="down">{escape(difference)}</li>' for difference in differences)
    return html_section(
        "Tie-out and settings",
        f'<p class="verdict {style}">{escape(verdict)}</p>',
        f"<ul>{told}</ul>" if told else "",
        html_table(tables.tie_out_table(record)),
        f"<h3>Parameters</h3><pre>{escape(record.parameters)}</pre>",
    )
