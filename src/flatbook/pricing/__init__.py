"""What an option is worth and how that changes: numba kernels on plain arrays, importing nothing of the house but basics.

Black-76 on the forward, undiscounted, as the option venues mark. Years are ACT/365, vols annual decimals. Values and
Greeks are in settlement units per unit of contract: dollars for linear options, coins for inverse ones (value V/F).
Greeks are per unit: delta per dollar of forward, gamma per dollar squared, vega per 1.00 of vol, theta per calendar
year (dV/dt, negative for a long option), vanna d2V/dFdvol, volga d2V/dvol2.

A row is an option (sign +1 call, -1 put) or delta-one (sign 0): a spot, perpetual or future, worth F, or -1/F coins
per dollar when inverse. Delta is always the derivative of the row's own value by the forward. So an inverse option's
delta in coins is F times it (the premium-adjusted one, N(s d1)s - V/F), and the exchange's published delta, which is not
adjusted, is that plus the value.

Three ways in: kernels take contiguous float64 columns and write into the last arguments (`option_greeks`,
`implied_vol`, `smile_vols`, `scenario_values`); their friendly faces take scalars or anything that broadcasts and
return arrays (`option_value_and_greeks`, `implied_vol_and_status`, `smile_vol`); `warm` makes the kernels ready, once, at
the start. `compiled` is how other rooms write kernels of their own.
"""

from flatbook.pricing.black import (
    DELTA,
    GAMMA,
    GREEKS,
    THETA,
    VALUE,
    VANNA,
    VEGA,
    VOLGA,
    option_greeks,
    option_value_and_greeks,
)
from flatbook.pricing.compiled import compiled
from flatbook.pricing.implied import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    NOT_FINITE,
    OK,
    implied_vol,
    implied_vol_and_status,
    implied_vols,
)
from flatbook.pricing.scenario import LOWEST_VOL, scenario_values
from flatbook.pricing.smile import smile_vol, smile_vols
from flatbook.pricing.warm import warm

__all__ = [
    "ABOVE_BOUND",
    "BELOW_INTRINSIC",
    "DELTA",
    "GAMMA",
    "GREEKS",
    "LOWEST_VOL",
    "NOT_FINITE",
    "OK",
    "THETA",
    "VALUE",
    "VANNA",
    "VEGA",
    "VOLGA",
    "compiled",
    "implied_vol",
    "implied_vol_and_status",
    "implied_vols",
    "option_greeks",
    "option_value_and_greeks",
    "scenario_values",
    "smile_vol",
    "smile_vols",
    "warm",
]
