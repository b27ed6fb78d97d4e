"""Panels as functions of a snapshot: what a trader reads is what the desk said."""

import msgspec
import pytest

from flatbook.dashboard.exposure import exposure_table, limits_table
from flatbook.dashboard.header import banner, header_texts
from flatbook.dashboard.ladder import ladder_table
from flatbook.dashboard.tables import (
    alerts_table,
    balances_table,
    fills_table,
    hedges_table,
    positions_table,
    quotes_table,
    terms_table,
)

PANELS = (
    exposure_table,
    limits_table,
    quotes_table,
    positions_table,
    hedges_table,
    fills_table,
    terms_table,
    balances_table,
    alerts_table,
)


def text(cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def style(cell) -> str:
    return "" if isinstance(cell, str) else cell[1]


def column(table, testid: str) -> int:
    return next(index for index, each in enumerate(table.columns) if each.testid == testid)


def row(table, key: str):
    return next(each for each in table.rows if each.key == key)


def value(cell) -> float:
    return float(text(cell).replace(",", ""))


@pytest.mark.parametrize(
    "make",
    [
        exposure_table,
        limits_table,
        quotes_table,
        positions_table,
        hedges_table,
        fills_table,
        terms_table,
        balances_table,
        alerts_table,
    ],
)
def test_every_row_fills_every_column_and_is_known_by_its_own_key(make, make_snapshot):
    table = make(make_snapshot(5))
    assert table.rows
    assert all(len(each.cells) == len(table.columns) for each in table.rows)
    assert len({each.key for each in table.rows}) == len(table.rows)


def test_exposure_shows_each_underlying_and_the_sum_of_what_may_be_added(make_snapshot):
    snapshot = make_snapshot(5)
    table = exposure_table(snapshot)
    btc = snapshot.underlyings[0]
    assert value(row(table, "BTC").cells[column(table, "delta")]) == pytest.approx(btc.delta, abs=6e-5)
    total = sum(view.vega_cash for view in snapshot.underlyings)
    assert value(row(table, "all").cells[column(table, "vega-cash")]) == pytest.approx(total, abs=0.6)
    assert text(row(table, "all").cells[column(table, "delta")]) == "", "coins of different kinds do not add up"


def test_delta_outside_its_band_stands_out_and_stops_past_the_edge(make_snapshot):
    snapshot = make_snapshot()
    view = msgspec.structs.replace(snapshot.underlyings[0], delta=50.0, band_low=-1.0, band_high=1.0)
    table = exposure_table(msgspec.structs.replace(snapshot, underlyings=[view]))
    cell = table.rows[0].cells[column(table, "band")]
    assert (cell[1], cell[2]) == ("band outside", 1.3)


def test_untrusted_rows_and_their_uncertainty_are_flagged(make_snapshot):
    table = exposure_table(make_snapshot())
    assert style(row(table, "ETH").cells[column(table, "untrusted")]) == "warning"
    assert style(row(table, "BTC").cells[column(table, "untrusted")]) == "dim"


def test_the_fullest_limit_comes_first_and_a_breach_is_critical(make_snapshot):
    table = limits_table(make_snapshot())
    assert table.rows[0].key == "vega ETH"
    assert table.rows[0].cells[-1][1:] == ("bar critical", 1.0)
    shares = [value(each.cells[-1]) for each in table.rows]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("greek", ["delta", "gamma", "vega", "theta"])
def test_the_ladder_adds_up_to_the_net_greek_of_its_underlying(greek, make_snapshot):
    snapshot = make_snapshot(3)
    table = ladder_table(snapshot, greek)
    net = sum(getattr(cell, f"{greek}_cash") for cell in snapshot.ladder if cell.underlying == "ETH")
    unit = {"$": 1.0, "k $": 1e3}[table.columns[0].unit.split(" /")[0]]
    assert unit * value(row(table, "ETH|all").cells[-1]) == pytest.approx(net, abs=0.6 * unit)


def test_the_ladder_keeps_expiries_and_deltas_in_the_desks_order(make_snapshot):
    table = ladder_table(make_snapshot(), "vega")
    assert [each.title for each in table.columns][2:] == [
        "futures",
        "put <10Δ",
        "put 10-25Δ",
        "put 25-40Δ",
        "at the money",
        "call 25-40Δ",
        "call 10-25Δ",
        "call <10Δ",
        "all",
    ]
    assert [text(each.cells[1]) for each in table.rows][:4] == ["all", "spot & perps", "<= 1d", "<= 3d"]


def test_a_shade_has_the_sign_of_its_number_and_never_leaves_its_range(make_snapshot):
    for each in ladder_table(make_snapshot(7), "vega").rows:
        for cell in each.cells:
            if len(cell) == 3 and not isinstance(cell, str):
                assert -1 <= cell[2] <= 1
                assert value(cell) * cell[2] >= 0


def test_the_parts_of_a_quote_sum_to_its_price_on_the_screen_too(make_snapshot):
    table = quotes_table(make_snapshot(4))
    parts = [index for index, each in enumerate(table.columns) if each.part]
    assert [table.columns[index].title for index in parts] == [
        "fair",
        "lean",
        "arrival",
        "adverse",
        "hedge cost",
        "fees",
        "rounding",
    ]
    for each in table.rows[:40]:
        assert sum(value(each.cells[index]) for index in parts) == pytest.approx(
            value(each.cells[column(table, "quote")]), abs=len(parts) * 0.6e-5
        )


def test_a_quote_without_a_part_leaves_its_cell_empty(make_snapshot):
    snapshot = make_snapshot()
    first, second = snapshot.quotes[:2]
    bare = msgspec.structs.replace(second, parts={"fair": 0.05})
    table = quotes_table(msgspec.structs.replace(snapshot, quotes=[first, bare]))
    assert text(table.rows[1].cells[column(table, "part-lean")]) == ""


def test_an_untrusted_position_is_dimmed_and_its_age_flagged(make_snapshot):
    table = positions_table(make_snapshot())
    untrusted = [each for each in table.rows if each.style == "untrusted"]
    assert untrusted
    assert all(style(each.cells[-1]) == "warning" for each in untrusted)


def test_fills_hedges_and_alerts_come_newest_first(make_snapshot):
    snapshot = make_snapshot(20)
    assert fills_table(snapshot).rows[0].key.endswith(max(snapshot.fills, key=lambda fill: fill.ns).fill_id)
    assert hedges_table(snapshot).rows[0].key == str(max(hedge.order_id for hedge in snapshot.hedges))
    assert "104%" in text(alerts_table(snapshot).rows[0].cells[-1])


def test_the_same_alert_twice_is_two_rows(make_snapshot):
    snapshot = make_snapshot()
    twice = msgspec.structs.replace(snapshot, alerts=[snapshot.alerts[0], snapshot.alerts[0]])
    assert len({each.key for each in alerts_table(twice).rows}) == 2


def test_the_terms_end_in_the_pnl_they_sum_to(make_snapshot):
    snapshot = make_snapshot(11)
    *terms, total = terms_table(snapshot).rows
    assert value(total.cells[1]) == pytest.approx(snapshot.pnl_usd, abs=0.006)
    assert sum(value(each.cells[1]) for each in terms) == pytest.approx(snapshot.pnl_usd, abs=0.006 * len(terms))


def test_an_empty_desk_has_empty_panels_and_no_fault(make_snapshot):
    empty = make_snapshot(
        underlyings=[], ladder=[], positions=[], balances=[], quotes=[], hedges=[], fills=[], limits=[], alerts=[], pnl_terms={}
    )
    for make in (
        exposure_table,
        limits_table,
        quotes_table,
        positions_table,
        hedges_table,
        fills_table,
        balances_table,
        alerts_table,
    ):
        assert make(empty).rows == ()
    assert ladder_table(empty, "vega").rows == ()


def test_the_header_says_mode_equity_and_sequence(make_snapshot):
    texts = header_texts(make_snapshot(2, mode="reduce-only", mode_reason="vega ETH"), 0.3, connected=True)
    assert texts["mode"] == ("reduce-only", "reduce-only")
    assert texts["mode-reason"] == "vega ETH"
    assert texts["sequence"] == "1,002"
    assert texts["banner"] == ""
    assert texts["notice"] == ("The desk is reduce-only: vega ETH", "shown")


def test_the_header_keeps_what_the_desk_earned_apart_from_what_its_coins_gained(make_snapshot):
    snapshot = make_snapshot(3, pnl_usd=2_859.64, pnl_terms={"spread": 253.96, "fees": -61.52, "capital": 2_667.20})
    texts = header_texts(snapshot, 0.3, connected=True)
    assert texts["pnl"] == ("+192.44", "up")
    assert texts["capital"] == ("+2,667.20", "up")


@pytest.mark.parametrize(
    ("age_s", "connected", "level"), [(0.4, True, ""), (3.0, True, "warning"), (9.0, True, "critical"), (0.4, False, "critical")]
)
def test_the_age_turns_amber_and_then_red(age_s, connected, level, make_snapshot):
    assert style(header_texts(make_snapshot(), age_s, connected=connected)["age"]) == level


def test_the_banner_says_when_the_desk_was_last_heard(make_snapshot):
    gone, shown = banner(make_snapshot(), 30.0, connected=False)
    assert shown == "shown"
    assert "The desk is gone. Last snapshot: 08:10:00 UTC, sequence 1,000." in gone
    assert "silent for 30 s" in banner(make_snapshot(), 30.0, connected=True)[0]
    assert "No snapshot has arrived yet" in banner(None, float("inf"), connected=False)[0]
