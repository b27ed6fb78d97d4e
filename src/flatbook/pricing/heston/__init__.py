"""The Heston model: options when the variance of the forward is itself random, reverts to a mean and leans with the price.

Two ways in. `heston_price` prices European options on forwards to nearly full relative accuracy at any strike and
expiry, and says of each how accurate it is. `heston_calibrate` finds the `HestonParameters` nearest to quoted prices
in a few milliseconds, and says what they miss, where they rest on a bound and which of them the quotes do not tell apart.

From the inside out: `characteristic` has the moments of the forward and where they are finite, `contour` chooses for
each option a path of integration through the saddle point, `price` integrates until two rules agree; `gradient` has
the moments' derivatives, `quadrature` turns them into prices on a grid fixed by the quotes, `least_squares` searches,
`identified` judges. Everything is plain numpy: nothing here has to be compiled before it is fast.
"""

from flatbook.pricing.heston.calibrate import HestonFit, heston_calibrate
from flatbook.pricing.heston.parameters import HestonParameters
from flatbook.pricing.heston.price import HestonPrice, heston_price

__all__ = ["HestonFit", "HestonParameters", "HestonPrice", "heston_calibrate", "heston_price"]
