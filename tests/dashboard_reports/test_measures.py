"""A written-down book is measured as the desk would measure it."""

import numpy as np
import pytest

from flatbook.basics import InputFault, parse_utc
from flatbook.dashboard.reports import measure_book, read_chain
from flatbook.dashboard.reports.measures import CURVE_MOVES, CURVE_VOLS, SPOT_MOVES, VOL_MOVES

MIXED = {
    "BTC-27FEB26-70000-C": -12.0,
    "BTC-27MAR26-63000-P": 8.0,
    "ETH-27FEB26-2000-P": -90.0,
    "BTC-PERPETUAL": (-150_000.0, 69_000.0),
    "BTC-27MAR26": 40_000.0,
    "BTC_USDC-PERPETUAL": 1.5,
    "ETH": 30.0,
}


def seen(view, name):
    return next(each for each in view.snapshot.underlyings if each.name == name)


def test_a_coin_is_its_own_delta(chain, hold):
    view = measure_book(hold({"BTC": 2.0}), chain)
    assert seen(view, "BTC").delta == pytest.approx(2.0)
    assert seen(view, "BTC").delta_cash == pytest.approx(136_000.0)
    assert view.snapshot.equity_usd == pytest.approx(136_000.0)


def test_coins_hedged_with_the_inverse_perpetual_have_no_delta_and_lose_nothing_anywhere(chain, hold):
    view = measure_book(hold({"BTC": 1.0, "BTC-PERPETUAL": -68_000.0}), chain)
    assert seen(view, "BTC").delta_cash == pytest.approx(0.0, abs=1e-6)
    assert np.allclose(view.grids[0].values, 0.0, atol=1e-6)
    assert view.risk_usd == pytest.approx(0.0, abs=1e-6)


def test_a_perpetual_entered_earlier_is_worth_its_gain(chain, hold):
    view = measure_book(hold({"BTC-PERPETUAL": (-70_000.0, 70_000.0), "BTC_USDC-PERPETUAL": (2.0, 67_000.0)}), chain)
    by_key = {each.key: each.value_usd for each in view.snapshot.positions}
    assert by_key["deribit:BTC-PERPETUAL"] == pytest.approx(68_000.0 / 68_000.0 * 70_000.0 * (68_000.0 / 68_000.0) - 68_000.0)
    assert by_key["deribit:BTC_USDC-PERPETUAL"] == pytest.approx(2_000.0)


def test_the_same_symbol_nets_across_venues(chain, hold):
    symbol = "BTC-27FEB26-70000-C"
    view = measure_book([*hold({symbol: 5.0}), *hold({symbol: -5.0}, venue="okx")], chain)
    assert seen(view, "BTC").delta_cash == pytest.approx(0.0, abs=1e-6)
    assert view.snapshot.ladder == []
    assert len(view.snapshot.positions) == 2


def test_positions_sum_to_the_book_whatever_their_order(chain_file, hold):
    view = measure_book(hold(MIXED), read_chain(chain_file))
    turned = measure_book(hold(dict(reversed(MIXED.items()))), read_chain(chain_file))
    for name in ("BTC", "ETH"):
        for greek in ("delta_cash", "gamma_cash", "vega_cash", "theta_cash"):
            parts = sum(getattr(each, greek) for each in view.snapshot.positions if each.underlying == name)
            assert parts == pytest.approx(getattr(seen(view, name), greek), abs=1e-6)
            assert getattr(seen(turned, name), greek) == pytest.approx(getattr(seen(view, name), greek), abs=1e-6)


def test_delta_is_the_slope_of_the_full_revaluation(chain, hold):
    view = measure_book(hold(MIXED), chain)
    for grid in view.grids:
        here = CURVE_MOVES.index(0.0)
        curve = grid.curve[CURVE_VOLS.index(0.0)]
        slope = (8 * (curve[here + 1] - curve[here - 1]) - (curve[here + 2] - curve[here - 2])) / (12 * 0.01)
        assert slope == pytest.approx(seen(view, grid.underlying).delta_cash, rel=2e-3, abs=50.0)


def test_gamma_is_the_curvature_of_the_full_revaluation(chain, hold):
    view = measure_book(hold(MIXED), chain)
    for grid in view.grids:
        here = CURVE_MOVES.index(0.0)
        curve = grid.curve[CURVE_VOLS.index(0.0)]
        bend = (16 * (curve[here + 1] + curve[here - 1]) - (curve[here + 2] + curve[here - 2]) - 30 * curve[here]) / 12
        assert 0.01 * bend / 0.01**2 == pytest.approx(seen(view, grid.underlying).gamma_cash, rel=2e-2, abs=20.0)


def test_no_move_is_no_gain(chain, hold):
    view = measure_book(hold(MIXED), chain)
    for grid in view.grids:
        assert grid.values[SPOT_MOVES.index(0.0)][VOL_MOVES.index(0.0)] == pytest.approx(0.0, abs=1e-6)


def test_contributions_sum_to_the_risk_and_come_largest_first(chain, hold):
    view = measure_book(hold(MIXED), chain)
    assert sum(each.contribution_usd for each in view.risks) == pytest.approx(view.risk_usd)
    sizes = [abs(each.contribution_usd) for each in view.risks]
    assert sizes == sorted(sizes, reverse=True)


def test_a_coins_risk_of_a_day_is_its_vol_over_the_root_of_365(chain, hold):
    view = measure_book(hold({"BTC": 1.0}), chain)
    assert view.risk_usd == pytest.approx(68_000.0 * 0.6 / 365**0.5, rel=1e-6)


@pytest.mark.parametrize("symbol", ["BTC-27FEB26-12345-C", "DOGE", "BTC-25DEC26", "DOGE-PERPETUAL", "nonsense"])
def test_what_the_chain_does_not_price_is_a_fault_that_names_the_line(chain, hold, symbol):
    with pytest.raises(InputFault) as fault:
        measure_book(hold({"BTC": 1.0, symbol: 1.0}), chain)
    assert "book.csv, line 3, symbol" in str(fault.value)
    assert symbol in str(fault.value)


def test_an_option_that_has_expired_is_a_fault(chain_file, hold, tmp_path):
    late = tmp_path / "late.csv"
    late.write_text(chain_file.read_text().replace("2026-02-05T15", "2026-02-27T09"))
    chain = read_chain(late, parse_utc("2026-03-01"))
    with pytest.raises(InputFault, match="line 2, symbol"):
        measure_book(hold({"BTC-27FEB26-70000-C": 1.0}), chain)
