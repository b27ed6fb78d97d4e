"""Reports: what happened in a run, and what a book is exposed to, on one page or on a terminal.

A run leaves a `RunRecord`; `backtest_page` and `backtest_summary` tell it. A file of positions and a chain give a
`BookView`; `positions_page` and `positions_summary` tell that. Pages are single HTML documents with everything inside:
they open offline, follow the reader's dark or light, and print. Cash figures are dollars, as in a snapshot.
"""

from flatbook.dashboard.reports.backtest_page import backtest_page
from flatbook.dashboard.reports.backtest_summary import backtest_summary
from flatbook.dashboard.reports.chain import ChainMarket, read_chain
from flatbook.dashboard.reports.measures import BookView, measure_book
from flatbook.dashboard.reports.positions import HeldPosition, read_positions
from flatbook.dashboard.reports.positions_page import positions_page, positions_summary
from flatbook.dashboard.reports.record import Counts, RunRecord, TieOut, TimelinePoint, UnderlyingPoint

__all__ = [
    "BookView",
    "ChainMarket",
    "Counts",
    "HeldPosition",
    "RunRecord",
    "TieOut",
    "TimelinePoint",
    "UnderlyingPoint",
    "backtest_page",
    "backtest_summary",
    "measure_book",
    "positions_page",
    "positions_summary",
    "read_chain",
    "read_positions",
]
