"""Kernels compiled before the first tick needs them."""

import numpy as np

from flatbook.pricing.black import GREEKS, option_greeks
from flatbook.pricing.implied import implied_vols
from flatbook.pricing.scenario import scenario_values
from flatbook.pricing.smile import smile_vols


def warm() -> None:
    """Compile every kernel, or load it from the disk cache, for the arguments the engine passes: contiguous columns."""
    one = np.ones(1)
    option_greeks(one, one, one, one, one, one, np.empty((GREEKS, 1)))
    implied_vols(one, one, one, one, one, np.empty(1), np.empty(1, dtype=np.int64))
    smile_vols(1.0, one, 1.0, one, one, 1, np.empty(1))
    scenario_values(one, one, one, one, one, one, one, one, one, one, np.empty((1, 1)))
