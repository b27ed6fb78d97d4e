"""From a first guess to the shape that misses least: damped Gauss-Newton steps within bounds (Levenberg, Marquardt)."""

import math

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.compiled import compiled
from flatbook.pricing.surface.misfit import SHAPE, misfit

LOWEST, HIGHEST = 0, 1  # rows of bounds

_STEPS = 60
_ENOUGH = 1e-6  # of the cost: a step that gains less is the last
_STUCK = 1e8


@compiled(inner=True)
def _step(damping: float, free: Floats, gradient: Floats, curvature: Floats, h: Floats, step: Floats) -> bool:
    """The damped step, by Cholesky, of the numbers that are not held at a bound; False where there is none."""
    for j in range(SHAPE):
        for i in range(j, SHAPE):
            h[i, j] = curvature[j, i] * free[i] * free[j]
        h[j, j] += damping * h[j, j] + 1e-12 + (1.0 - free[j])
        step[j] = -gradient[j] * free[j]
        for t in range(j):
            for i in range(j, SHAPE):
                h[i, j] -= h[i, t] * h[j, t]
            step[j] -= h[j, t] * step[t]
        if not h[j, j] > 0.0:
            return False
        pivot = math.sqrt(h[j, j])
        for i in range(j, SHAPE):
            h[i, j] /= pivot
        step[j] /= pivot
    for back in range(SHAPE):
        j = SHAPE - 1 - back
        for t in range(j + 1, SHAPE):
            step[j] -= h[t, j] * step[t]
        step[j] /= h[j, j]
    return True


@compiled
def descend(
    shape: Floats, bounds: Floats, quotes: Floats, laws: Floats, unit: float,
    patience: float, force: float, softly: float, prior: float,
) -> float:  # fmt: skip
    """Move `shape` to the least `misfit` within `bounds`, rows LOWEST and HIGHEST, in at most 60 steps; the cost there.

    A number at a bound that the gradient pushes against stays there for the step.
    """
    vol_by, g_by, step, trial, free = np.empty(SHAPE), np.empty(SHAPE), np.empty(SHAPE), np.empty(SHAPE), np.empty(SHAPE)
    gradient, fresh, factor = np.empty(SHAPE), np.empty(SHAPE), np.empty((SHAPE, SHAPE))
    matrix, fresh_matrix = np.empty((SHAPE, SHAPE)), np.empty((SHAPE, SHAPE))
    cost = misfit(shape, quotes, laws, unit, patience, force, softly, prior, vol_by, g_by, gradient, matrix)
    damping = 1e-3
    for _ in range(_STEPS):
        for i in range(SHAPE):
            stuck = (shape[i] <= bounds[LOWEST, i] and gradient[i] > 0.0) or (
                shape[i] >= bounds[HIGHEST, i] and gradient[i] < 0.0
            )
            free[i] = 0.0 if stuck else 1.0
        gain = 0.0
        if _step(damping, free, gradient, matrix, factor, step):
            for i in range(SHAPE):
                trial[i] = min(max(shape[i] + step[i], bounds[LOWEST, i]), bounds[HIGHEST, i])
            gain = cost - misfit(trial, quotes, laws, unit, patience, force, softly, prior, vol_by, g_by, fresh, fresh_matrix)
        if gain > 0.0:
            for i in range(SHAPE):
                shape[i] = trial[i]
            cost -= gain
            gradient, fresh, matrix, fresh_matrix = fresh, gradient, fresh_matrix, matrix
            damping = max(0.1 * damping, 1e-10)
            if gain <= _ENOUGH * cost:
                break
        else:
            damping *= 10.0
            if damping > _STUCK:
                break
    return cost
