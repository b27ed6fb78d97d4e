"""What a smile does when the forward moves: a choice that no quote decides, and what each choice does to delta.

Derman (1999), "Regimes of Volatility", and Bergomi (2009), "Smile Dynamics IV". With sigma(k) the smile at k = ln(K/F):

- `sticky_strike`: the vol of each strike stays where it is.
- `sticky_delta`: the smile moves with the forward, the vol of each k stays: of a fixed strike it changes by -dsigma/dk per unit
  of ln F. With the usual skew, puts dear, sigma' < 0: vol rises with the forward at every strike.
- `sticky_local`: the smile that a local-vol model would show, moved against the forward by as much: a strike's vol changes by
  +dsigma/dk. With the usual skew vol falls as the forward rises, and at the money twice as fast as along the skew.

One number tells them apart, the skew stickiness ratio R, the change of at-the-money vol per unit of ln F over the skew
dsigma/dk there: 0 for sticky delta, 1 for sticky strike, 2 for sticky local vol (to first order in a short time to
expiry). The vol of a fixed strike then changes by (R - 1) dsigma/dk.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import POSITIVE, columns, shaped
from flatbook.pricing.black import DELTA, GREEKS, VEGA, option_greeks
from flatbook.pricing.smiles import SVI

Dynamics = Literal["sticky_strike", "sticky_delta", "sticky_local"]

STICKINESS: dict[str, float] = {"sticky_delta": 0.0, "sticky_strike": 1.0, "sticky_local": 2.0}

_AFTER_EXPIRY_NOTHING = {"years": POSITIVE}


def vol_slope(svi: SVI, years: float, strike: ArrayLike, forward: ArrayLike, dynamics: Dynamics) -> Any:
    """Change of each strike's vol per unit of ln F, the strike fixed: (R - 1) dsigma/dk, in the shape of strikes and forward.

    Vols are annual decimals: -0.3 is three vol points down for a forward that is 10% up. Raises ValueError for what is not
    positive, and for a name that is none of the three.
    """
    sided = stickiness(dynamics) - 1.0
    shape, (terms, strike, at) = columns(_AFTER_EXPIRY_NOTHING, years=years, strike=strike, forward=forward)
    k = np.log(strike / at)
    return shaped(sided * _skew(svi, k, terms), shape)


def moved_vols(
    svi: SVI, years: float, strike: ArrayLike, forward_before: ArrayLike, forward_after: ArrayLike, dynamics: Dynamics
) -> Any:
    """Vols of strikes when the forward has moved, in the shape of strikes and forwards; `svi` is the smile before.

    sigma(ln(K/F) + (R - 1) ln(F'/F)), F before and F' after: exact for sticky strike and sticky delta at any move, and what
    sticky local vol means here. Raises ValueError as `vol_slope` does.
    """
    sided = stickiness(dynamics) - 1.0
    shape, (terms, strike, before, after) = columns(
        {"years": POSITIVE, "forward_before": POSITIVE, "forward_after": POSITIVE},
        years=years, strike=strike, forward_before=forward_before, forward_after=forward_after,
    )  # fmt: skip
    return shaped(svi.vol(np.log(strike / before) + sided * np.log(after / before), terms), shape)


def smile_delta(
    svi: SVI, years: float, strike: ArrayLike, forward: ArrayLike, sign: ArrayLike, dynamics: Dynamics, *, inverse: bool = False
) -> Any:
    """The delta of options whose vol moves with the forward: Black's, plus vega times dsigma/dF at a fixed strike.

    In the shape that strikes, forward and `sign` (+1 call, -1 put) take together. As everywhere here it is the derivative
    of the option's own value: dollars per dollar, or if `inverse` coins per dollar, of V/F, and times F the
    premium-adjusted delta. Raises ValueError as `vol_slope` does.
    """
    shape, (terms, strike, at, side) = columns(_AFTER_EXPIRY_NOTHING, years=years, strike=strike, forward=forward, sign=sign)
    k = np.log(strike / at)
    greeks = np.empty((GREEKS, k.size))
    option_greeks(at, strike, terms, svi.vol(k, terms), side, np.full(k.size, float(inverse)), greeks)
    by_forward = (stickiness(dynamics) - 1.0) * _skew(svi, k, terms) / at
    return shaped(greeks[DELTA] + greeks[VEGA] * by_forward, shape)


def stickiness(dynamics: str) -> float:
    """The skew stickiness ratio R of a choice by its name. Raises ValueError for a name that is none of the three."""
    if dynamics not in STICKINESS:
        raise ValueError(f"dynamics must be one of {', '.join(sorted(STICKINESS))}; it is {dynamics!r}")
    return STICKINESS[dynamics]


def _skew(svi: SVI, k: Floats, years: Floats) -> Floats:
    """dsigma/dk = w'/(2 sigma years)."""
    return svi.slope(k) / (2.0 * svi.vol(k, years) * years)
