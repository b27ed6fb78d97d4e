"""What is left after the quotes have had their chance: the hedge.

The delta of an underlying (coins, collateral included) is compared with its target. Inside the band nothing is done: a
trade that costs more than the risk it removes is not worth doing. The band is Whalley and Wilmott's, from the book's own
gamma, the cost of trading and the risk aversion, and never narrower than a chosen least width. Outside it the hedge trades
back into the band (how far is a choice: its edge, its middle, between), in the cheapest trusted spot, perpetual or future,
one order an underlying at a time: passively at the touch while there is patience, crossing when patience is spent or the
breach is urgent. While one is in flight no other is sent.
"""

from flatbook.hedging.band import half_band
from flatbook.hedging.choose import HedgeRow, cheapest_row, taking_rate
from flatbook.hedging.decide import Wish, decide_hedge, hold_off
from flatbook.hedging.record import Hedges, Hedging, UnderlyingHedge, ensure, remember_reason

__all__ = [
    "HedgeRow",
    "Hedges",
    "Hedging",
    "UnderlyingHedge",
    "Wish",
    "cheapest_row",
    "decide_hedge",
    "ensure",
    "half_band",
    "hold_off",
    "remember_reason",
    "taking_rate",
]
