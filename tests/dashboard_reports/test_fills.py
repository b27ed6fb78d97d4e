import msgspec
import pytest

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE
from flatbook.dashboard.reports import TimelinePoint, UnderlyingPoint
from flatbook.dashboard.reports.fills import by_hour, by_kind, markouts, quote_fills


def rising_timeline(start_ns, points, step_ns):
    """BTC gains one percent a point."""
    return [
        TimelinePoint(
            start_ns + i * step_ns, 0.0, 0.0, {}, {"BTC": UnderlyingPoint(100.0 * 1.01**i, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)}, 0
        )
        for i in range(points)
    ]


@pytest.fixture
def one_fill(build_run):
    """A run with a single bought call, filled at the first point of a timeline that rises one percent a minute."""
    run = build_run(points=10, fills=60)
    start_ns = run.start_ns - run.start_ns % NS_PER_DAY + 9 * NS_PER_HOUR
    bought = {"underlying": "BTC", "key": "x:BTC-C", "kind": "option", "side": "buy", "delta_cash": 1000.0, "spread_usd": 4.0}
    fill = msgspec.structs.replace(quote_fills(run)[0], ns=start_ns, **bought)
    timeline = rising_timeline(start_ns, 30, NS_PER_MINUTE)
    return msgspec.structs.replace(run, fills=[fill], timeline=timeline, expiries={"x:BTC-C": start_ns + 3 * NS_PER_DAY})


def test_a_markout_is_the_edge_and_what_the_move_did_to_it(one_fill):
    one_minute, ten_minutes, hour = markouts(one_fill)
    assert (one_minute.edge_usd, one_minute.drift_usd) == (4.0, pytest.approx(10.0))
    assert ten_minutes.markout_usd == pytest.approx(4.0 + 1000.0 * (1.01**10 - 1.0))
    assert one_minute.adverse_share == 0.0
    assert (hour.count, hour.left_out) == (0, 1)


def test_a_timeline_too_coarse_to_see_the_horizon_leaves_the_fill_out(one_fill):
    coarse = msgspec.structs.replace(one_fill, timeline=rising_timeline(one_fill.fills[0].ns, 30, 6 * NS_PER_HOUR))
    assert [(markout.count, markout.left_out) for markout in markouts(coarse)] == [(0, 1)] * 3


def test_a_sold_option_is_hurt_by_the_rise(one_fill):
    sold = msgspec.structs.replace(one_fill.fills[0], side="sell", delta_cash=-1000.0)
    assert markouts(msgspec.structs.replace(one_fill, fills=[sold]))[0].adverse_share == 1.0


def test_fills_are_grouped_by_hour_kind_and_time_to_expiry(one_fill):
    assert [(group.name, group.count, group.spread_usd) for group in by_hour(one_fill)] == [("09:00", 1, 4.0)]
    assert [group.name for group in by_kind(one_fill)] == ["BTC · option · ≤ 1 week"]


def test_groups_hold_every_quote_fill_once_and_no_hedge(run_record):
    quotes = quote_fills(run_record)
    assert 0 < len(quotes) < len(run_record.fills)
    for groups in (by_hour(run_record), by_kind(run_record)):
        assert sum(group.count for group in groups) == len(quotes)
        assert sum(group.spread_usd for group in groups) == pytest.approx(sum(fill.spread_usd for fill in quotes))


def test_nearer_expiries_come_first(run_record):
    names = [group.name for group in by_kind(run_record) if group.name.startswith("BTC")]
    assert names == [f"BTC · option · {bucket}" for bucket in ("≤ 1 week", "≤ 1 month", "≤ 3 months", "> 3 months")]
