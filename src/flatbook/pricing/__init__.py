"""What an option is worth and how that changes: kernels on plain arrays, importing nothing of the house but basics.

Years are ACT/365, vols annual decimals, sign +1 a call and -1 a put. Greeks are per unit: delta per dollar of forward (or spot),
gamma per dollar squared, vega per 1.00 of vol, theta, charm, color and veta per calendar year (dV/dt, so theta is negative for a
long option). Coin-settled ("inverse") options are worth V/F coins.

For people, scalars or numpy arrays that broadcast; a frozen record of arrays back; a ValueError that names the argument:

- `black76`, `black_scholes`: price and twelve Greeks. `inverse`: coin price and net Greeks. `strike_for_delta`.
- `implied_vol`, `implied_total_vol`: vols with a status; what has no vol has 0 and says why.
- `SVI`, `SSVI`, `sabr_vol`, with exact tests for arbitrage and repairs (`smiles`); `SVI.fit` for one expiry, `fit_surface`
  for a whole chain (`surface`).
- `heston_price`, `heston_calibrate` (`heston`). `asian_arithmetic`, `asian_geometric`, `curran_bound`,
  `settlement_average` (`averages`).

For the engine, kernels over contiguous float64 columns that write into their last arguments: `option_greeks` (value and six
Greeks), `implied_vols`, `smile_vols`, `scenario_values`, `fit_slice`, `settlement_greeks`. There delta is always the derivative
of a row's own value by the forward, in settlement units; a row of sign 0 is delta-one, worth F, or -1/F coins per dollar.
`warm` makes all kernels ready, once, at the start; `compiled` is how other rooms write kernels of their own.
"""

from flatbook.pricing.averages import (
    asian_arithmetic,
    asian_geometric,
    curran_bound,
    settlement_average,
    settlement_greeks,
    settlement_terms,
)
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
from flatbook.pricing.greeks import Greeks, black76, black_scholes
from flatbook.pricing.heston import HestonFit, HestonParameters, heston_calibrate, heston_price
from flatbook.pricing.implied import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    NOT_FINITE,
    OK,
    ImpliedTotalVol,
    ImpliedVol,
    implied_total_vol,
    implied_vol,
    implied_vols,
)
from flatbook.pricing.inverse import InverseGreeks, inverse
from flatbook.pricing.normalised import normalised_black
from flatbook.pricing.scenario import LOWEST_VOL, scenario_values
from flatbook.pricing.smile import smile_vol, smile_vols
from flatbook.pricing.smiles import SSVI, SVI, sabr_vol
from flatbook.pricing.strikes import strike_for_delta
from flatbook.pricing.surface import (
    Surface,
    SVIFit,
    fit_slice,
    fit_surface,
    fit_svi,
    moved_vols,
    smile_delta,
    vol_quotes,
    vol_slope,
)
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
    "SSVI",
    "SVI",
    "THETA",
    "VALUE",
    "VANNA",
    "VEGA",
    "VOLGA",
    "Greeks",
    "HestonFit",
    "HestonParameters",
    "ImpliedTotalVol",
    "ImpliedVol",
    "InverseGreeks",
    "SVIFit",
    "Surface",
    "asian_arithmetic",
    "asian_geometric",
    "black76",
    "black_scholes",
    "compiled",
    "curran_bound",
    "fit_slice",
    "fit_surface",
    "fit_svi",
    "heston_calibrate",
    "heston_price",
    "implied_total_vol",
    "implied_vol",
    "implied_vols",
    "inverse",
    "moved_vols",
    "normalised_black",
    "option_greeks",
    "option_value_and_greeks",
    "sabr_vol",
    "scenario_values",
    "settlement_average",
    "settlement_greeks",
    "settlement_terms",
    "smile_delta",
    "smile_vol",
    "smile_vols",
    "strike_for_delta",
    "vol_quotes",
    "vol_slope",
    "warm",
]
