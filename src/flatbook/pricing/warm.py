"""Kernels compiled before the first tick needs them."""

import numpy as np

from flatbook.pricing.averages import SETTLEMENT_TERMS, settlement_greeks
from flatbook.pricing.black import GREEKS, option_greeks
from flatbook.pricing.greeks import black76
from flatbook.pricing.implied import implied_vols
from flatbook.pricing.normalised import normalised_black
from flatbook.pricing.scenario import scenario_values
from flatbook.pricing.smile import smile_vols
from flatbook.pricing.smiles import SVI, butterfly
from flatbook.pricing.strikes import strike_for_delta
from flatbook.pricing.surface import fit_slice


def warm() -> None:
    """Compile every kernel, or load it from the disk cache, for the arguments it is given ever after: contiguous columns."""
    one = np.ones(1)
    option_greeks(one, one, one, one, one, one, np.empty((GREEKS, 1)))
    implied_vols(one, one, one, one, one, np.empty(1), np.empty(1, dtype=np.int64))
    smile_vols(1.0, one, 1.0, one, one, 1, np.empty(1))
    scenario_values(one, one, one, one, one, one, one, one, one, one, np.empty((1, 1)))
    settlement_greeks(one, one, one, one, one, np.ones((SETTLEMENT_TERMS, 1)), np.empty((GREEKS, 1)))
    black76(1.0, 1.0, 1.0, 1.0, 1.0)
    strike_for_delta(0.5, 1.0, 1.0, 1.0, 1.0)
    normalised_black(0.0, 1.0)
    butterfly(SVI(0.04, 0.1, 0.0, 0.0, 0.1))
    _warm_fit()


def _warm_fit() -> None:
    """A flat smile, fitted to itself."""
    k, vol = np.linspace(-0.2, 0.2, 7), np.full(7, 0.5)
    none, ends = np.zeros((0, 5)), np.zeros((0, 2))
    fit_slice(k, vol - 0.01, vol + 0.01, np.ones(7), 0.1, np.zeros(5), np.zeros(5), none, ends, np.zeros(7, dtype=np.int64))
