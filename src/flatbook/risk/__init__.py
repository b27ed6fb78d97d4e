"""What the book is exposed to, and what it costs to hold it.

Every row has Greeks in settlement units per unit of contract; cash Greeks are dollars: `delta_cash` the P&L of a
100% move of the underlying to first order, `gamma_cash` the change of delta_cash for a 1% move, `vega_cash` per vol point,
`theta_cash` per day. A coin-settled row's delta is net of its premium, because the premium's coins are counted where
they are: coin balances and the coin value of positions are inventory like any other.

Factors are, per underlying, the relative move of spot (loading: delta_cash) and the move of its 30-day vol level
(loading: vega per 1.00 of vol, longer tenors moving less by the square root of time). The exposure x is the book's sum of
loadings, measured from the target. Holding it costs (gamma/2) x' S x dollars a year, with S the factors'
annual covariance and gamma the risk aversion per dollar: the one price of risk that leans quotes and moves hedges.
"""

from flatbook.risk.factors import FactorModel, HoldingCost, covariance, holding_cost
from flatbook.risk.ladder import DELTA_BUCKETS, EXPIRY_BUCKETS, Cell, dollar_delta, ladder
from flatbook.risk.record import Exposure, Risk, UnderlyingRisk, ensure
from flatbook.risk.revalue import coin_value, convexity, expose, keep_marks, remark, row_cash
from flatbook.risk.scenarios import scenario_grid

__all__ = [
    "DELTA_BUCKETS",
    "EXPIRY_BUCKETS",
    "Cell",
    "Exposure",
    "FactorModel",
    "HoldingCost",
    "Risk",
    "UnderlyingRisk",
    "coin_value",
    "convexity",
    "covariance",
    "dollar_delta",
    "ensure",
    "expose",
    "holding_cost",
    "keep_marks",
    "ladder",
    "remark",
    "row_cash",
    "scenario_grid",
]
