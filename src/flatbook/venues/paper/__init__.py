"""Paper trading: what would have happened to our orders, our money and our positions in somebody else's market.

A paper world plays a feed of market events and keeps the venues' side of everything: the queue in front of our orders,
partial fills, races between cancel and fill, fees, funding on the hour, delivery at the index average, and an account
computed apart from the desk's ledger, which it states from time to time so that the two can be compared.
Instants are ns on the feed's clock, prices in the contract's price unit, quantities unsigned in its quantity unit,
amounts in the contract's settlement asset with the sign of what we receive. The market does not know that we
are there: what we take stays displayed, so the venue remembers it; what we rest changes nobody's mind.
"""

from flatbook.venues.paper.accounts import PaperAccounts, PaperPosition, fold_account, folded_accounts
from flatbook.venues.paper.parameters import LatencyParameters, MatchingParameters
from flatbook.venues.paper.takers import TakerFlow
from flatbook.venues.paper.world import PaperWorld

__all__ = [
    "LatencyParameters",
    "MatchingParameters",
    "PaperAccounts",
    "PaperPosition",
    "PaperWorld",
    "TakerFlow",
    "fold_account",
    "folded_accounts",
]
