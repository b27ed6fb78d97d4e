"""A smile as nodes of total variance against log-moneyness, and the vol it gives at any strike."""

import math

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.compiled import compiled


@compiled
def smile_vols(
    forward: float, strikes: Floats, years: float, node_log_moneyness: Floats, node_total_variance: Floats,
    node_count: int, out: Floats,
) -> None:  # fmt: skip
    """Annual vols of (n,) `strikes` at one expiry into `out[:n]`, linear in total variance between the nodes.

    Nodes are ln(K/F), rising, and vol^2 * years; the first `node_count` >= 1 of each are read. Beyond the outer nodes
    the vol is that of the nearest: one node is a flat smile. With no time left the total variance has no vol: 0.
    """
    last = node_count - 1
    for i in range(strikes.size):
        k = math.log(strikes[i] / forward)
        if k <= node_log_moneyness[0]:
            variance = node_total_variance[0]
        elif k >= node_log_moneyness[last]:
            variance = node_total_variance[last]
        else:
            left, right = 0, last
            while right - left > 1:
                middle = (left + right) // 2
                if node_log_moneyness[middle] < k:
                    left = middle
                else:
                    right = middle
            weight = (k - node_log_moneyness[left]) / (node_log_moneyness[right] - node_log_moneyness[left])
            variance = (1.0 - weight) * node_total_variance[left] + weight * node_total_variance[right]
        out[i] = math.sqrt(variance / years) if years > 0.0 and variance > 0.0 else 0.0


def smile_vol(
    forward: float, strikes: ArrayLike, years: float, node_log_moneyness: ArrayLike, node_total_variance: ArrayLike
) -> Floats:
    """`smile_vols` for people: the vols of `strikes`, in their shape, from nodes of equal length."""
    moneyness = np.atleast_1d(np.asarray(node_log_moneyness, dtype=np.float64))
    variance = np.atleast_1d(np.asarray(node_total_variance, dtype=np.float64))
    assert moneyness.size == variance.size >= 1, "a smile needs as many variances as nodes, and at least one"
    asked = np.asarray(strikes, dtype=np.float64)
    out = np.empty(asked.size)
    smile_vols(float(forward), asked.reshape(-1), float(years), moneyness, variance, moneyness.size, out)
    return out.reshape(asked.shape)
