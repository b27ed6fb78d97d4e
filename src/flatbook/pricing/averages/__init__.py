"""Options on averages of a price: arithmetic and geometric, continuous and on dates, begun or not; and the settlement average.

`asian_geometric` is a closed form. `asian_arithmetic` is exact to about 1e-13 of the spot by a quadrature that says how far off
it may be, in some milliseconds; `curran_bound` is a bound below it, tight to parts in ten thousand, from Black's formula alone.
All three take the same arguments and count rates as `black_scholes` does.

`settlement_average` is what the desk needs of them: an option on the index's average over the last half hour before expiry, from
days before to the last second, in dollars or coins, with its Greeks. Its kernel `settlement_greeks` stands in for `option_greeks`
row by row, with `settlement_terms` in the place of years; it takes the average for lognormal, and says what that costs.
"""

from flatbook.pricing.averages.arithmetic import AsianPrice, asian_arithmetic
from flatbook.pricing.averages.curran import curran_bound
from flatbook.pricing.averages.geometric import asian_geometric
from flatbook.pricing.averages.settlement import (
    AGEING,
    EFFECTIVE_YEARS,
    FIXING,
    HALF_HOUR,
    KNOWN,
    SETTLEMENT_TERMS,
    WEIGHT,
    SettlementGreeks,
    SettlementTerms,
    settlement_average,
    settlement_greeks,
    settlement_terms,
)

__all__ = [
    "AGEING",
    "EFFECTIVE_YEARS",
    "FIXING",
    "HALF_HOUR",
    "KNOWN",
    "SETTLEMENT_TERMS",
    "WEIGHT",
    "AsianPrice",
    "SettlementGreeks",
    "SettlementTerms",
    "asian_arithmetic",
    "asian_geometric",
    "curran_bound",
    "settlement_average",
    "settlement_greeks",
    "settlement_terms",
]
