"""What quotes say about the parameters that fit them, and what they leave open."""

import numpy as np

from flatbook.basics import Flags, Floats

NAMES = ("v0", "kappa", "theta", "sigma", "rho")

WEAK = 1e-3  # a combination this much weaker than the strongest is not seen in prices as they are quoted
_NAMED = 0.3  # the share of a parameter in a combination from which it is named
_DROWNED = 0.5  # the step in a combination, a factor of e^0.5, from which the error of the fit hides it


def unidentified(jacobian: Floats, residuals: Floats, held: Flags) -> list[str]:
    """A sentence for each combination of parameters that the quotes do not fix.

    `jacobian` (n, 5) is by ln v0, ln kappa, ln theta, ln sigma and rho, so that a step of one is a step of the
    parameter's own size; `held` are at a bound and left out. A combination is not fixed if a step along it moves the
    quotes a thousand times less than along the best, or if the error of the fit is worth half a step.
    """
    free = np.flatnonzero(~held)
    quotes = _quotes(jacobian)
    if quotes < free.size:
        return [
            f"{quotes} quotes cannot identify {', '.join(NAMES[j] for j in free)}: give at least as many quotes as parameters"
        ]
    if free.size == 0:
        return []
    strength, axes = _axes(jacobian[:, free])
    noise = _noise(residuals, quotes - free.size)
    weak = (strength < WEAK * strength[0]) | (np.isfinite(noise) & (noise > _DROWNED * strength))
    sentences = [_sentence([NAMES[free[j]] for j in np.flatnonzero(np.abs(axis) >= _NAMED)]) for axis in axes[weak]]
    return list(dict.fromkeys(sentences))


def weakest(jacobian: Floats) -> float:
    """How much less the quotes move along the weakest combination of parameters than along the strongest, 0 to 1."""
    if not np.isfinite(jacobian).all():
        return 0.0
    squares = np.linalg.eigvalsh(jacobian.T @ jacobian)
    return float(np.sqrt(max(squares[0], 0.0) / squares[-1])) if squares[-1] > 0.0 else 0.0


def standard_errors(jacobian: Floats, residuals: Floats, held: Flags, column: Floats) -> Floats:
    """The standard error of each parameter if the residuals are independent noise; infinite where nothing is known."""
    free = np.flatnonzero(~held)
    out = np.full(len(NAMES), np.inf)
    if free.size:
        strength, axes = _axes(jacobian[:, free])
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.where(np.abs(axes) > 0.0, axes / strength[:, None], 0.0)
            noise = _noise(residuals, _quotes(jacobian) - free.size)
            error = noise * np.sqrt(np.sum(spread * spread, axis=0))
        out[free] = np.where(np.isnan(error), np.inf, error) * np.append(column[:4], 1.0)[free]
    return out


def _axes(jacobian: Floats) -> tuple[Floats, Floats]:
    """How strongly each of d orthogonal combinations moves the residuals, strongest first, and the combinations (d, d)."""
    d = jacobian.shape[1]
    # Rows of nothing make a square of too few quotes, so that what they cannot see has strength 0.
    _, strength, axes = np.linalg.svd(np.vstack((jacobian, np.zeros((d, d)))), full_matrices=False)
    return strength, axes


def _quotes(jacobian: Floats) -> int:
    """How many quotes count: those of weight 0 have no derivatives."""
    return int(np.count_nonzero(jacobian.any(axis=1)))


def _noise(residuals: Floats, spare: int) -> float:
    """The error of one quote; infinite if there are no more quotes than parameters to learn it from."""
    return float(np.sqrt(residuals @ residuals / spare)) if spare > 0 else np.inf


def _sentence(names: list[str]) -> str:
    """The warning about one combination."""
    if len(names) == 1:
        return f"{names[0]} is not identified: other values of it fit these quotes as well"
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} are not identified apart: they trade off, and other values of them together fit these quotes as well"
