"""What a trade costs: one object for deciding, simulating and booking.

A cost is in dollars and positive when paid. It has parts: the half-spread between fair and the best price, the fee or
rebate, and the impact of walking the book beyond its best level. Making a trade instead of taking it earns the
half-spread, which is then negative. Quantities are signed where they decide a direction (positive buys), in the
contract's quantity unit; prices and fair are in its price unit; a unit price is dollars per settlement unit.
"""

from flatbook.costs.fees import fee_of_trade
from flatbook.costs.levels import Levels, walk
from flatbook.costs.trading import TradeCost, cost_of_making, cost_of_taking

__all__ = ["Levels", "TradeCost", "cost_of_making", "cost_of_taking", "fee_of_trade", "walk"]
