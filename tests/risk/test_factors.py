"""The factor model: what moves together, and the price of holding it."""

import numpy as np
import pytest

from flatbook.risk import covariance, holding_cost

SPOT_VOLS = np.array([0.5, 0.7])


def test_the_horizon_is_given_in_seconds_and_used_in_years(factor_model):
    assert factor_model(horizon_s=3600.0).horizon_years == pytest.approx(1 / 8760)


def test_one_underlying_has_the_plain_two_by_two(factor_model):
    model = factor_model(vol_of_vol=0.9, spot_vol_correlation=-0.2)
    expected = [[0.25, -0.2 * 0.5 * 0.9], [-0.2 * 0.5 * 0.9, 0.81]]
    assert covariance(model, np.array([0.5])) == pytest.approx(np.array(expected))


def test_two_underlyings_move_together_as_they_were_said_to(factor_model):
    model = factor_model(spot_correlation=0.8, vol_correlation=0.7, vol_of_vol=0.9)
    together = covariance(model, SPOT_VOLS)
    assert together[0, 1] == pytest.approx(0.8 * 0.5 * 0.7)
    assert together[2, 3] == pytest.approx(0.7 * 0.9 * 0.9)
    assert np.diag(together) == pytest.approx([0.25, 0.49, 0.81, 0.81])


def test_with_one_correlation_for_both_every_coin_has_the_same_spot_vol_correlation(factor_model):
    model = factor_model(spot_correlation=0.75, vol_correlation=0.75, spot_vol_correlation=-0.3)
    together = covariance(model, SPOT_VOLS)
    own = [together[i, i + 2] / np.sqrt(together[i, i] * together[i + 2, i + 2]) for i in range(2)]
    assert own == pytest.approx([-0.3, -0.3])


def test_a_sleepy_market_is_not_believed_below_the_floor(factor_model):
    assert covariance(factor_model(spot_vol_floor=0.4), np.array([0.1]))[0, 0] == pytest.approx(0.16)
    assert covariance(factor_model(spot_vol_floor=0.4), np.array([0.9]))[0, 0] == pytest.approx(0.81)


def test_three_coins_cannot_all_move_against_each_other(factor_model):
    together = covariance(factor_model(spot_correlation=-0.9), np.array([0.5, 0.5, 0.5]))
    assert together[0, 1] / together[0, 0] == pytest.approx(-0.5)


def test_holding_ten_thousand_dollars_of_bitcoin_costs_what_the_formula_says(factor_model):
    model = factor_model(risk_aversion=1e-6, horizon_s=86_400.0)
    cost = holding_cost(model, covariance(model, np.array([0.5])), np.array([10_000.0]), np.array([0.0]))
    assert cost.rate == pytest.approx(0.5e-6 * 0.25 * 10_000.0**2)  # 12.5 dollars a year
    assert cost.gradient[0, 0] == pytest.approx(1e-6 / 365 * 0.25 * 10_000.0)
    assert cost.curvature[0, 0, 0] == pytest.approx(1e-6 / 365 * 0.25)


def test_a_flat_book_costs_nothing_and_leans_nowhere(factor_model):
    model = factor_model()
    cost = holding_cost(model, covariance(model, SPOT_VOLS), np.zeros(2), np.zeros(2))
    assert cost.rate == 0.0
    assert not cost.gradient.any()


def test_bitcoin_hedges_ether_through_the_covariance_and_not_by_assumption(factor_model):
    model = factor_model(spot_correlation=0.8)
    together = covariance(model, SPOT_VOLS)
    rates = [holding_cost(model, together, np.array([delta, 1e6]), np.zeros(2)).rate for delta in (0.0, -8e5, 8e5)]
    assert rates[1] < rates[0] < rates[2]
    best = -together[0, 1] / together[0, 0] * 1e6  # the minimum-variance hedge
    around = [holding_cost(model, together, np.array([best + off, 1e6]), np.zeros(2)).rate for off in (-1e4, 0.0, 1e4)]
    assert around[1] < min(around[0], around[2])
