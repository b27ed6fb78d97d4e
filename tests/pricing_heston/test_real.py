"""A real chain: Deribit's BTC options of 6 January 2026."""

import numpy as np
import pytest

from flatbook.pricing.heston import heston_calibrate

pytestmark = pytest.mark.real

Chain = dict[str, np.ndarray]


def part(chain: Chain, rows: np.ndarray) -> Chain:
    return {name: column[rows] for name, column in chain.items() if name != "half_spread"}


def test_the_whole_chain_is_fitted_within_a_few_vol_points(bitcoin_chain: Chain) -> None:
    later = bitcoin_chain["years"] > 5 / 365
    fit = heston_calibrate(**part(bitcoin_chain, later))
    assert np.count_nonzero(later) > 150
    assert fit.converged
    assert fit.vol_rmse < 0.03
    assert fit.parameters.rho < 0.0
    assert 0.03 < fit.parameters.v0 < 0.5
    assert not any("accurate" in warning for warning in fit.warnings)


def test_weights_by_the_spread_give_a_closer_fit_where_markets_are_tight(bitcoin_chain: Chain) -> None:
    later = bitcoin_chain["years"] > 5 / 365
    weight = 1.0 / bitcoin_chain["half_spread"][later]
    plain = heston_calibrate(**part(bitcoin_chain, later))
    weighted = heston_calibrate(**part(bitcoin_chain, later), weight=weight)
    assert np.sum((weight * weighted.price_error) ** 2) < np.sum((weight * plain.price_error) ** 2)


def test_one_real_expiry_is_fitted_within_two_vol_points_and_leaves_parameters_open(bitcoin_chain: Chain) -> None:
    expiries, counts = np.unique(bitcoin_chain["years"], return_counts=True)
    fullest = expiries[np.argmax(np.where(expiries > 5 / 365, counts, 0))]
    fit = heston_calibrate(**part(bitcoin_chain, bitcoin_chain["years"] == fullest))
    assert fit.vol_rmse < 0.02
    assert fit.warnings
