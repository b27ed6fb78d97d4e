"""Looking for the parameters that fit: where to start, when to try elsewhere, how fine a grid is fine enough."""

from typing import NamedTuple

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.heston.identified import WEAK, weakest
from flatbook.pricing.heston.least_squares import Residuals, Solution, least_squares
from flatbook.pricing.heston.parameters import HestonParameters
from flatbook.pricing.heston.price import HestonPrice, heston_price
from flatbook.pricing.heston.quadrature import FINENESSES, Fineness, prices_and_gradient, quadrature
from flatbook.pricing.heston.quotes import Quotes, guess

# v0, kappa, theta, sigma and rho stay within these: vols from 0.1% to 500%, reversion from a millennium to a day.
LOWEST = np.array([1e-6, 1e-3, 1e-6, 1e-3, -0.999])
HIGHEST = np.array([25.0, 365.0, 25.0, 100.0, 0.999])

_ROUNDING = 1e-11  # of the forward: prices this near are fitted
_GRID_ERROR = 1e-9  # of the forward: what a grid may always be off by
_SEEN = 0.01  # of the error of the fit: what a grid may be off by
_LEVEL = 0.02  # a rho this near to 0 has no sign to speak of
_POOR = 0.1  # of the quotes' time value: a fit that misses more may have found the wrong valley
# Where else to look, as factors of kappa and sigma and a change of rho: deterministic, and apart from each other.
_ELSEWHERE = ((0.25, 0.5, 0.0), (4.0, 1.5, 0.0), (1.0, 0.3, 0.4), (1.0, 2.0, -0.4))


class Found(NamedTuple):
    """The best parameters, and what is known about them."""

    column: Floats  # v0, kappa, theta, sigma, rho
    solution: Solution
    exact: HestonPrice
    gap: float  # how far the grid's prices are from the exact ones, of the forward, where that matters; else 0
    mirrored: bool  # whether the model with the opposite lean fits about as well
    steps: int


def search(quotes: Quotes, start: HestonParameters | None) -> Found:
    """The best fit to `quotes` on the coarsest grid whose prices are near enough to the exact ones.

    Searches begin at `start`, then at our own guess unless the first fits to rounding, then elsewhere while
    the best is doubtful. A finer grid is searched from where the coarser one ended.
    """
    own = guess(quotes).column()
    first = [own] if start is None else [start.column(), own]
    found = _on_grid(
        quotes,
        FINENESSES[0],
        first,
        [own * (1.0, kappa, 1.0, sigma, 1.0) + (0.0, 0.0, 0.0, 0.0, rho) for kappa, sigma, rho in _ELSEWHERE],
    )
    for fineness in FINENESSES[1:]:
        if found.gap == 0.0:
            break
        finer = _on_grid(quotes, fineness, [found.column], [])
        if finer.solution.cost < np.inf:
            found = finer._replace(steps=found.steps + finer.steps)
    return found


def coordinates(column: Floats) -> Floats:
    """Parameters as the search sees them: logarithms of the first four, within the bounds."""
    kept = np.clip(column, LOWEST, HIGHEST)
    return np.append(np.log(kept[:4]), kept[4])


def _column(x: Floats) -> Floats:
    """`coordinates` undone."""
    return np.append(np.exp(x[:4]), x[4])


def _on_grid(quotes: Quotes, fineness: Fineness, first: list[Floats], last: list[Floats]) -> Found:
    """The best fit with prices from one grid, compared with exact prices."""
    misfit = _misfit(quotes, fineness)
    solution, steps = _best(quotes, misfit, first, last)
    column = _column(solution.x)
    exact = heston_price(*quotes[1:5], HestonParameters(*column.tolist()), quotes.discount)
    off = quotes.weight * (exact.price - quotes.price) - solution.residuals
    counted = quotes.weight > 0.0
    gap = float(np.max(np.abs(off[counted] / (quotes.weight * quotes.discount * quotes.forward)[counted])))
    near = gap <= _GRID_ERROR or float(np.linalg.norm(off)) <= _SEEN * np.sqrt(solution.cost)
    return Found(column, solution, exact, 0.0 if near else gap, _mirrored(misfit, solution, column), steps)


def _mirrored(misfit: Residuals, solution: Solution, column: Floats) -> bool:
    """Whether the model seen from the other side of the trade fits too: calls of K/F as puts of F/K, rho as -rho.

    The two agree at the money, whatever the expiry, so without wings the sign of rho is anybody's guess; the search,
    which looks around one of them, does not see the other.
    """
    _, kappa, _, sigma, rho = column.tolist()
    reverting = kappa - rho * sigma
    other = column * (1.0, reverting / kappa, kappa / max(reverting, LOWEST[1]), 1.0, -1.0)
    if not (np.all(other >= LOWEST) and np.all(other <= HIGHEST)) or abs(rho) < _LEVEL:
        return False
    residuals, jacobian = misfit(coordinates(other))
    seen = WEAK * float(np.linalg.norm(jacobian[:, 4]))
    return float(np.linalg.norm(residuals)) <= 1.5 * np.sqrt(solution.cost) + seen


def _misfit(quotes: Quotes, fineness: Fineness) -> Residuals:
    """The weighted errors of the quotes, and their derivatives, at the coordinates of the search."""
    grid = quadrature(quotes, fineness)

    def misfit(x: Floats) -> tuple[Floats, Floats]:
        column = _column(x)
        with np.errstate(all="ignore"):  # prices that break down make a step that is not taken
            values = prices_and_gradient(grid, column)
        residuals = quotes.weight * (values[:, 0] - quotes.price)
        return residuals, quotes.weight[:, None] * values[:, 1:] * np.append(column[:4], 1.0)

    return misfit


def _best(quotes: Quotes, misfit: Residuals, first: list[Floats], last: list[Floats]) -> tuple[Solution, int]:
    """The best of the searches from `first` and, while it is doubtful, from `last`; and the steps of all."""
    scale = float(np.linalg.norm(quotes.weight * quotes.discount * quotes.forward))
    lower, upper, floor = coordinates(LOWEST), coordinates(HIGHEST), (scale * _ROUNDING) ** 2
    best = least_squares(misfit, coordinates(first[0]), lower, upper, floor)
    steps = best.steps
    for i, begin in enumerate(first[1:] + last, start=1):
        if best.cost <= floor or (i >= len(first) and not _doubtful(quotes, best)):
            break
        other = least_squares(misfit, coordinates(begin), lower, upper, floor)
        steps += other.steps
        best = other if other.cost < best.cost else best
    return best, steps


def _doubtful(quotes: Quotes, solution: Solution) -> bool:
    """Whether a search ended without a minimum, on a bound, on a plateau, or far from the quotes."""
    time_value = quotes.price - quotes.discount * np.maximum(quotes.sign * (quotes.forward - quotes.strike), 0.0)
    whole = float(np.sum((quotes.weight * time_value) ** 2))
    lost = not solution.converged or bool(solution.at_bound.any()) or weakest(solution.jacobian) < WEAK
    return lost or solution.cost > _POOR * _POOR * whole
