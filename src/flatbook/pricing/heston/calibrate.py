"""Fitting the Heston model to option quotes, and saying how far the answer can be trusted."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats
from flatbook.pricing.arguments import shaped
from flatbook.pricing.heston.identified import NAMES, standard_errors, unidentified
from flatbook.pricing.heston.parameters import HestonParameters
from flatbook.pricing.heston.price import HestonPrice
from flatbook.pricing.heston.quotes import Quotes, read_quotes
from flatbook.pricing.heston.search import HIGHEST, LOWEST, Found, coordinates, search
from flatbook.pricing.implied import OK, implied_vol

_SIGN_OPEN = "the sign of rho is not identified: the opposite one, with another kappa and theta, fits these quotes as well"


class HestonFit(NamedTuple):
    """A fitted model and what is known about the fit. Columns have the shape of the quotes."""

    parameters: HestonParameters
    standard_errors: Floats  # of v0, kappa, theta, sigma, rho, from the residuals; infinite where nothing is known
    price: Floats  # the model's, by `heston_price`
    price_error: Floats  # model less quote
    vol_error: Floats  # model less quote, in implied vol; 0 where either has none
    has_vol: Flags  # whether both have one
    rmse: float  # of `price_error`
    vol_rmse: float  # of `vol_error` where there is one; 0 if nowhere
    iterations: int
    converged: bool
    reason: str  # why the search ended
    warnings: tuple[str, ...]  # a sentence each: a bound reached, parameters not identified, prices not accurate


def heston_calibrate(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    sign: ArrayLike,
    price: ArrayLike,
    discount: ArrayLike = 1.0,
    weight: ArrayLike | None = None,
    start: HestonParameters | None = None,
) -> HestonFit:
    """The Heston parameters whose option prices are nearest to the quoted ones, with the error of every quote.

    The quotes are scalars or arrays that broadcast: `price` discounted, in the forward's currency, `years` positive
    (ACT/365), `sign` +1 call or -1 put. `weight` is what a price error of one counts, such as one over half the
    bid-ask spread; 0 leaves a quote out of the fit but not of the report. Without it errors count as vols: one over
    Black's vega, with a floor in the wings. `start` is where to begin; without it the levels and the lean of
    the smiles say where. If that ends badly, other starts are tried, the same ones every time, and the best is kept.

    Least squares by Levenberg and Marquardt with the analytic gradient (Cui, del Bano Rollin and Germano 2017), within
    LOWEST and HIGHEST. Errors are those of the exact pricer; the grid that served the search is refined until it agrees.
    `warnings` name the parameters that rest on a bound and those that the quotes do not tell apart.

    Raises ValueError naming the argument: not what it must be, no quotes at all, or none with an implied vol.
    """
    quotes = read_quotes(forward, strike, years, sign, price, discount, weight)
    return _report(quotes, search(quotes, start))


def _report(quotes: Quotes, found: Found) -> HestonFit:
    """The fit with its errors, quote by quote, and its warnings."""
    solution, model, shape = found.solution, found.exact.price, quotes.shape
    error = model - quotes.price
    vol, status = implied_vol(model / quotes.discount, quotes.forward, quotes.strike, quotes.years, quotes.sign)
    has_vol = quotes.has_vol & (status == OK)
    vol_error = np.where(has_vol, vol - quotes.vol, 0.0)
    held = solution.at_bound
    return HestonFit(
        parameters=HestonParameters(*found.column.tolist()),
        standard_errors=standard_errors(solution.jacobian, solution.residuals, held, found.column),
        price=shaped(model, shape),
        price_error=shaped(error, shape),
        vol_error=shaped(vol_error, shape),
        has_vol=shaped(has_vol, shape),
        rmse=float(np.sqrt(np.mean(error * error))),
        vol_rmse=float(np.sqrt(np.mean(vol_error[has_vol] ** 2))) if has_vol.any() else 0.0,
        iterations=found.steps,
        converged=solution.converged,
        reason=solution.reason + (", within the bounds" if held.any() else ""),
        warnings=_warnings(found),
    )


def _warnings(found: Found) -> tuple[str, ...]:
    """All that is to be said against a fit, a sentence each."""
    solution = found.solution
    bounds = [_bound_sentence(int(i), solution.x) for i in np.flatnonzero(solution.at_bound)]
    open_ = unidentified(solution.jacobian, solution.residuals, solution.at_bound)
    sign = [_SIGN_OPEN] if found.mirrored else []
    return (*bounds, *open_, *sign, *_accuracy_sentences(found.exact, found.gap))


def _bound_sentence(i: int, x: Floats) -> str:
    """The warning about a parameter that would go further."""
    low = bool(x[i] <= coordinates(LOWEST)[i])
    side, bound = ("lower", LOWEST[i]) if low else ("upper", HIGHEST[i])
    return f"{NAMES[i]} stopped at its {side} bound, {bound:g}; the quotes would have it beyond"


def _accuracy_sentences(exact: HestonPrice, gap: float) -> list[str]:
    """Warnings where the numbers behind the fit are not what they should be."""
    inaccurate = int(np.count_nonzero(~exact.accurate))
    out = [f"{inaccurate} of the model's prices are not accurate to 1e-8 of themselves"] if inaccurate else []
    if gap > 0.0:
        out.append(f"the prices the search went by are off by {gap:.1e} of the forward, so a better fit may exist")
    return out
