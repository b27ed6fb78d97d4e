"""The worst moments of a run: where it fell furthest, where it fell fastest, and what pushed."""

import msgspec
import numpy as np

from flatbook.basics import NS_PER_MINUTE, Floats, Ints
from flatbook.dashboard.reports.record import TimelinePoint, terms_in_order

FIVE_MINUTES_NS = 5 * NS_PER_MINUTE


class Moment(msgspec.Struct, frozen=True):
    """A fall of P&L from one point of the timeline to a later one; `loss_usd` is negative.

    `terms` is how much each P&L term changed over it, `driver` the one that lost most; `before` is the book as it went in.
    """

    start_ns: int
    end_ns: int
    loss_usd: float
    terms: dict[str, float]
    driver: str
    before: TimelinePoint


def largest_drawdowns(timeline: list[TimelinePoint], count: int = 5) -> list[Moment]:
    """The deepest falls from a peak to the lowest point after it, none overlapping another, deepest first."""
    pnl = np.array([point.trading_usd for point in timeline])
    return _worst(timeline, _drawdown_spans(pnl), count)


def largest_losses(timeline: list[TimelinePoint], count: int = 5, window_ns: int = FIVE_MINUTES_NS) -> list[Moment]:
    """The largest losses within `window_ns` (or between two points, where those are further apart), none overlapping."""
    if len(timeline) < 2:
        return []
    times = np.array([point.ns for point in timeline], dtype=np.int64)
    pnl = np.array([point.trading_usd for point in timeline])
    starts = np.minimum(np.searchsorted(times, times - window_ns), np.maximum(np.arange(len(timeline)) - 1, 0))
    losses = pnl - pnl[starts]
    spans: list[tuple[int, int]] = []
    for end in np.argsort(losses, kind="stable"):
        start, end = int(starts[end]), int(end)
        if losses[end] >= 0.0 or len(spans) == count:
            break
        if all(end <= other_start or other_end <= start for other_start, other_end in spans):
            spans.append((start, end))
    return _worst(timeline, spans, count)


def window_of(timeline: list[TimelinePoint]) -> int:
    """The window of `largest_losses` as it really is: five minutes, or the timeline's own step where that is longer."""
    steps: Ints = np.diff(np.array([point.ns for point in timeline], dtype=np.int64))
    return max(FIVE_MINUTES_NS, int(np.median(steps))) if steps.shape[0] else FIVE_MINUTES_NS


def _drawdown_spans(pnl: Floats) -> list[tuple[int, int]]:
    """Each stretch under a peak, as (peak, lowest point before that peak is passed again)."""
    spans: list[tuple[int, int]] = []
    peak = trough = 0
    for place in range(1, pnl.shape[0]):
        if pnl[place] > pnl[peak]:
            if trough > peak:
                spans.append((peak, trough))
            peak = trough = place
        elif pnl[place] < pnl[trough]:
            trough = place
    if trough > peak:
        spans.append((peak, trough))
    return spans


def _worst(timeline: list[TimelinePoint], spans: list[tuple[int, int]], count: int) -> list[Moment]:
    moments = [_moment(timeline[start], timeline[end]) for start, end in spans]
    return sorted(moments, key=lambda moment: moment.loss_usd)[:count]


def _moment(before: TimelinePoint, after: TimelinePoint) -> Moment:
    names = [name for name in terms_in_order(before.pnl_terms | after.pnl_terms) if name != "capital"]
    terms = {name: after.pnl_terms.get(name, 0.0) - before.pnl_terms.get(name, 0.0) for name in names}
    return Moment(
        start_ns=before.ns,
        end_ns=after.ns,
        loss_usd=after.trading_usd - before.trading_usd,
        terms=terms,
        driver=min(terms, key=lambda name: terms[name]) if terms else "",
        before=before,
    )
