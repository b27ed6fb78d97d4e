"""Least squares within bounds: Levenberg and Marquardt's damped Gauss-Newton steps, projected."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from flatbook.basics import Flags, Floats

_MOST_STEPS = 100
_LONGEST_STEP = 1.5  # in any one coordinate
_SETTLED = 1e-9  # of the sum of squares: a step that promises less is not worth taking
_PATIENCE, _CREEPING = 10, 1e-4  # so many steps that gain less of the sum of squares are following a flat valley
_EASY, _HARD = 0.75, 0.25  # of the promised gain that a step delivered
_FIRST_DAMPING, _LEAST_DAMPING, _MOST_DAMPING = 1e-3, 1e-12, 1e12
_UNDAMPED = 1e-2

Residuals = Callable[[Floats], tuple[Floats, Floats]]


class Solution(NamedTuple):
    """Where the search ended, and why."""

    x: Floats
    residuals: Floats
    jacobian: Floats
    at_bound: Flags  # which coordinates rest on a bound and would go further
    steps: int
    converged: bool
    reason: str

    @property
    def cost(self) -> float:
        """The sum of squares."""
        return _cost(self.residuals)


def least_squares(function: Residuals, start: Floats, lower: Floats, upper: Floats, floor: float) -> Solution:
    """The x between `lower` and `upper` that minimises the sum of squares of `function(x)`'s residuals.

    `function` gives residuals (n,) and their Jacobian (n, d). Converged is when the sum of squares is below `floor`,
    when the best step promises to lower it by less than a part in 1e9, or when ten steps have lowered it by less than
    a part in 10,000. Coordinates should be of order one, as
    logarithms are. Source: Levenberg (1944), Marquardt (1963), damping after Fletcher (1971).
    """
    x = np.clip(start, lower, upper)
    residuals, jacobian = function(x)
    cost, damping, steps = _cost(residuals), _FIRST_DAMPING, 0
    costs = [np.inf] * _PATIENCE
    while True:
        held = _held(x, jacobian.T @ residuals, lower, upper)
        tried, gain = _tried(x, residuals, jacobian, held, damping, lower, upper)
        reason, converged = _ending(cost, floor, gain, costs[-_PATIENCE], damping, steps)
        if reason:
            return Solution(x, residuals, jacobian, held, steps, converged, reason)
        steps += 1
        costs.append(cost)
        there, jacobian_there = function(tried)
        delivered = (cost - _cost(there)) / gain if gain > 0.0 else 0.0
        if delivered > 0.0:
            x, residuals, jacobian, cost = tried, there, jacobian_there, _cost(there)
        damping = max(_LEAST_DAMPING, damping * (0.1 if delivered > _EASY else 1.0 if delivered > _HARD else 4.0))


def _ending(cost: float, floor: float, gain: float, earlier: float, damping: float, steps: int) -> tuple[str, bool]:
    """Why the search ends here, and whether that is as good as a minimum; no reason if it goes on."""
    if not cost < np.inf:
        return "the prices at the start are not finite", False
    if cost <= floor:
        return "every quote is fitted to rounding", True
    # What an almost undamped step promises is what is left to gain.
    if damping <= _UNDAMPED and gain <= _SETTLED * cost:
        return "no step lowers the error further", True
    if damping <= _UNDAMPED and cost > earlier * (1.0 - _CREEPING):
        return f"{_PATIENCE} steps lowered the error by less than a part in 10,000: a flat valley", True
    if damping > _MOST_DAMPING:
        return "no step, however short, lowers the error", False
    return (f"{steps} steps were not enough", False) if steps >= _MOST_STEPS else ("", False)


def _held(x: Floats, gradient: Floats, lower: Floats, upper: Floats) -> Flags:
    """Which coordinates rest on a bound that the error pushes them against."""
    return ((x <= lower) & (gradient > 0.0)) | ((x >= upper) & (gradient < 0.0))


def _cost(residuals: Floats) -> float:
    """The sum of squares; infinite where the function broke down, so that such a step is not taken."""
    cost = float(residuals @ residuals)
    return cost if np.isfinite(cost) else np.inf


def _tried(
    x: Floats, residuals: Floats, jacobian: Floats, held: Flags, damping: float, lower: Floats, upper: Floats
) -> tuple[Floats, float]:
    """Where the damped step among the free coordinates leads, and the fall in cost it promises."""
    free = np.flatnonzero(~held)
    part = jacobian[:, free]
    normal = part.T @ part
    scale = np.diag(normal) + 1e-12 * np.trace(normal) + 1e-300
    step = np.zeros(x.size)
    step[free] = np.linalg.solve(normal + damping * np.diag(scale), -(part.T @ residuals))
    step *= min(1.0, _LONGEST_STEP / max(float(np.max(np.abs(step))), 1e-300))
    tried = np.clip(x + step, lower, upper)
    moved = jacobian @ (tried - x)
    return tried, -float((2.0 * residuals + moved) @ moved)
