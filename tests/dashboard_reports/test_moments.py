import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_HOUR, NS_PER_MINUTE
from flatbook.dashboard.reports import TimelinePoint
from flatbook.dashboard.reports.moments import FIVE_MINUTES_NS, largest_drawdowns, largest_losses, window_of


def timeline(pnl, step_ns=NS_PER_MINUTE) -> list[TimelinePoint]:
    """P&L that is all delta but for the half that is vega on the way down."""
    return [
        TimelinePoint(i * step_ns, 1000.0 + usd, float(usd), {"delta": 0.75 * usd, "vega": 0.25 * usd}, {}, 0)
        for i, usd in enumerate(pnl)
    ]


def test_a_drawdown_runs_from_the_peak_to_the_lowest_point_after_it():
    deepest, second = largest_drawdowns(timeline([0, 10, 4, 7, 2, 11, 12, 9, 13]))
    assert (deepest.start_ns, deepest.end_ns, deepest.loss_usd) == (NS_PER_MINUTE, 4 * NS_PER_MINUTE, -8.0)
    assert second.loss_usd == -3.0
    assert deepest.driver == "delta"
    assert deepest.terms == {"delta": -6.0, "vega": -2.0}


def test_a_drawdown_that_the_run_ends_in_counts():
    (only,) = largest_drawdowns(timeline([0, 5, 1]))
    assert only.loss_usd == -4.0


def test_a_run_that_only_rises_has_no_worst_moment():
    assert largest_drawdowns(timeline([0, 1, 2])) == []
    assert largest_losses(timeline([0, 1, 2])) == []


def test_losses_are_measured_over_five_minutes_and_do_not_overlap():
    fall = [0] * 10 + [-2, -4, -6, -8, -10] + [-10] * 20 + [-13]
    first, second = largest_losses(timeline(fall), count=2)
    assert first.loss_usd == -10.0
    assert first.end_ns - first.start_ns == FIVE_MINUTES_NS
    assert second.loss_usd == -3.0
    assert second.start_ns >= first.end_ns


def test_where_the_timeline_is_coarse_its_step_is_the_window():
    coarse = timeline([0, -5, -6], step_ns=6 * NS_PER_HOUR)
    assert window_of(coarse) == 6 * NS_PER_HOUR
    assert largest_losses(coarse)[0].loss_usd == -5.0


def test_an_empty_run_has_no_moments():
    assert largest_drawdowns([]) == []
    assert largest_losses([]) == []
    assert window_of([]) == FIVE_MINUTES_NS


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=60))
def test_the_deepest_drawdown_is_the_deepest_fall_of_any_two_points(pnl):
    deepest = min((b - a for i, a in enumerate(pnl) for b in pnl[i:]), default=0)
    found = largest_drawdowns(timeline(pnl))
    assert (found[0].loss_usd if found else 0.0) == pytest.approx(deepest)
