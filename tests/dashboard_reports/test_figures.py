import json

from flatbook.basics import NS_PER_SECOND
from flatbook.dashboard.reports.figures import pnl_figure, terms_figure, thinned, underlying_figure


def test_thinning_keeps_the_ends_and_every_extreme_of_p_and_l(build_run):
    timeline = build_run(points=9000, step_ns=NS_PER_SECOND, fills=10).timeline
    kept = thinned(timeline)
    assert len(kept) < 2000
    assert (kept[0], kept[-1]) == (timeline[0], timeline[-1])
    for pick in (min, max):
        assert pick(kept, key=lambda point: point.pnl_usd) == pick(timeline, key=lambda point: point.pnl_usd)


def test_a_short_run_is_drawn_whole(run_record):
    assert thinned(run_record.timeline) == run_record.timeline


def test_the_terms_and_the_whole_are_drawn(run_record):
    names = [trace["name"] for trace in pnl_figure(run_record.timeline)["data"]]
    assert names == [*("spread", "delta", "gamma", "vega", "theta", "fees", "funding", "capital", "residual"), "trading P&L"]


def test_the_steps_of_the_waterfall_sum_to_the_whole(run_record):
    (bars,) = terms_figure(run_record.final.pnl_terms, run_record.final.pnl_usd)["data"]
    assert abs(sum(bars["y"]) - run_record.final.pnl_usd) < 0.1


def test_hedges_and_doubt_are_drawn_only_where_there_were_any(run_record):
    drawn = {trace["name"] for trace in underlying_figure("BTC", run_record.timeline, run_record.hedges)["data"]}
    assert {"hedge buy", "hedge sell", "uncertain"} <= drawn
    quiet = {trace["name"] for trace in underlying_figure("BTC", run_record.timeline[:200], [])["data"]}
    assert not {"hedge buy", "hedge sell", "uncertain"} & quiet


def test_a_number_that_does_not_exist_is_a_gap_and_not_bad_json(run_record):
    figure = terms_figure({"spread": float("nan"), "delta": 1.0}, 1.0)
    assert json.loads(json.dumps(figure, allow_nan=False))["data"][0]["y"][0] is None
