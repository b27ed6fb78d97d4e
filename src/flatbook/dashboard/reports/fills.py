"""What our fills earned: by hour, by kind and expiry, and some time after."""

from collections.abc import Callable, Iterable

import msgspec
import numpy as np

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, Floats, Ints, years_between
from flatbook.dashboard.reports.record import RunRecord, TimelinePoint
from flatbook.engine.snapshot import FillView

HORIZONS_NS = (NS_PER_MINUTE, 10 * NS_PER_MINUTE, NS_PER_HOUR)
_BETWEEN = " · "
_EXPIRY_BUCKETS = ((1.0, "≤ 1 day"), (7.0, "≤ 1 week"), (31.0, "≤ 1 month"), (92.0, "≤ 3 months"), (float("inf"), "> 3 months"))


class Group(msgspec.Struct, frozen=True):
    """Fills of one kind or hour together, in dollars: what they earned against fair, and what they paid in fees."""

    name: str
    count: int
    spread_usd: float
    fee_usd: float
    turnover_usd: float


class Markout(msgspec.Struct, frozen=True):
    """Our quotes' fills `horizon_ns` later: what they earned at once and what the underlying's move then did to them.

    First order in the underlying (delta_cash times its relative move): moves of vol are not in it. `left_out` fills
    are not among the `count`: the timeline ends before their horizon, or its points are too far apart to see it.
    `adverse_share` is the fraction of fills that the underlying then moved against.
    """

    horizon_ns: int
    count: int
    left_out: int
    edge_usd: float
    drift_usd: float
    adverse_share: float

    @property
    def markout_usd(self) -> float:
        """Edge kept after the horizon."""
        return self.edge_usd + self.drift_usd


def by_hour(record: RunRecord) -> list[Group]:
    """Quote fills by UTC hour of the day."""
    return _grouped(quote_fills(record), lambda fill: f"{fill.ns % NS_PER_DAY // NS_PER_HOUR:02d}:00")


def by_kind(record: RunRecord) -> list[Group]:
    """Quote fills by underlying, kind and time to expiry."""
    places = {name: place for place, (_, name) in enumerate(_EXPIRY_BUCKETS)}
    groups = _grouped(quote_fills(record), lambda fill: _kind(fill, record.expiries))
    return sorted(groups, key=lambda group: (group.name.split(_BETWEEN)[:2], places.get(group.name.rpartition(_BETWEEN)[2], -1)))


def markouts(record: RunRecord) -> list[Markout]:
    """Markouts of quote fills at each horizon that the run is long enough for."""
    fills = quote_fills(record)
    times = np.array([point.ns for point in record.timeline], dtype=np.int64)
    return [_markout(fills, record.timeline, times, horizon_ns) for horizon_ns in HORIZONS_NS if fills and times.shape[0]]


def quote_fills(record: RunRecord) -> list[FillView]:
    """Fills of our quotes, without those of hedges and flattening."""
    return [fill for fill in record.fills if fill.purpose == "quote"]


def _kind(fill: FillView, expiries: dict[str, int]) -> str:
    expiry_ns = expiries.get(fill.key, 0)
    if expiry_ns == 0:
        return _BETWEEN.join((fill.underlying, fill.kind))
    days = 365.0 * years_between(fill.ns, expiry_ns)
    bucket = next(name for edge, name in _EXPIRY_BUCKETS if days <= edge)
    return _BETWEEN.join((fill.underlying, fill.kind, bucket))


def _grouped(fills: Iterable[FillView], name_of: Callable[[FillView], str]) -> list[Group]:
    together: dict[str, list[FillView]] = {}
    for fill in fills:
        together.setdefault(name_of(fill), []).append(fill)
    return [
        Group(
            name=name,
            count=len(members),
            spread_usd=sum(fill.spread_usd for fill in members),
            fee_usd=sum(fill.fee_usd for fill in members),
            turnover_usd=sum(abs(fill.delta_cash) for fill in members),
        )
        for name, members in sorted(together.items())
    ]


def _markout(fills: list[FillView], timeline: list[TimelinePoint], times: Ints, horizon_ns: int) -> Markout:
    edges: list[float] = []
    drifts: list[float] = []
    for fill in fills:
        drift = _drift(fill, timeline, times, horizon_ns)
        if drift is not None:
            edges.append(fill.spread_usd)
            drifts.append(drift)
    moved: Floats = np.array(drifts)
    return Markout(
        horizon_ns=horizon_ns,
        count=len(edges),
        left_out=len(fills) - len(edges),
        edge_usd=sum(edges),
        drift_usd=float(moved.sum()),
        adverse_share=float((moved < 0.0).mean()) if drifts else 0.0,
    )


def _drift(fill: FillView, timeline: list[TimelinePoint], times: Ints, horizon_ns: int) -> float | None:
    """What the underlying's move from the fill to the horizon did to it, in dollars; None where the timeline cannot say."""
    before = int(np.searchsorted(times, fill.ns, side="right")) - 1
    after = int(np.searchsorted(times, fill.ns + horizon_ns))
    if before < 0 or after >= times.shape[0]:
        return None
    # A point half a horizon away would measure another move than the one it is named after.
    if max(fill.ns - times[before], times[after] - fill.ns - horizon_ns) > horizon_ns // 2:
        return None
    start, end = (timeline[place].underlyings.get(fill.underlying) for place in (before, after))
    if start is None or end is None or start.spot <= 0.0:
        return None
    return fill.delta_cash * (end.spot / start.spot - 1.0)
