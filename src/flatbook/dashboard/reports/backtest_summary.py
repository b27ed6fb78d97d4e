"""The report of a run on a terminal: the headline, the split, the flow, the worst moments and the verdict."""

from typing import TYPE_CHECKING

from flatbook.dashboard.exposure import exposure_table, limits_table
from flatbook.dashboard.format import day_and_clock, span
from flatbook.dashboard.reports import backtest_tables as tables
from flatbook.dashboard.reports.fills import by_kind, markouts
from flatbook.dashboard.reports.moments import largest_drawdowns, largest_losses, window_of
from flatbook.dashboard.reports.record import RunRecord
from flatbook.dashboard.reports.terminal import terminal_cards, terminal_table
from flatbook.dashboard.tables import terms_table

if TYPE_CHECKING:
    from rich.console import Group


def backtest_summary(record: RunRecord) -> "Group":
    """What a person wants to know at once, for `rich` to print."""
    from rich.console import Group
    from rich.text import Text

    head = Text.assemble((record.title, "bold"), f"\n{record.market}, {_when(record)}, seed {record.seed}", style="")
    verdict, *differences = tables.tie_out_sentences(record)
    style = "bold green" if record.tie_out.holds else "bold red"
    return Group(
        head,
        terminal_cards(tables.headline_cards(record)),
        terminal_table(terms_table(record.final), "Where the P&L came from"),
        terminal_table(exposure_table(record.final), "The book at the end"),
        terminal_table(tables.groups_table(by_kind(record)), "Spread captured"),
        terminal_table(tables.markouts_table(markouts(record)), "Markouts, first order in the underlying"),
        terminal_table(tables.moments_table(largest_drawdowns(record.timeline, 3), "none"), "Largest drawdowns"),
        terminal_table(
            tables.moments_table(largest_losses(record.timeline, 3), "none"),
            f"Largest losses within {span(window_of(record.timeline))}",
        ),
        terminal_table(limits_table(record.final), "Limits at the end"),
        Text("\n".join([verdict, *differences]), style=style),
    )


def _when(record: RunRecord) -> str:
    return f"{day_and_clock(record.start_ns)[:19]} to {day_and_clock(record.end_ns)[:19]} UTC"
