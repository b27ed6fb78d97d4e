"""Where our quotes stand, part by part.

A quote is fair value, shaded by the lean, framed by the spread. The lean of a row is the gradient of the holding cost
along its loadings: what one more unit would add to the cost of the book; long risk lowers both sides, so that the
market's own flow takes it. The half-spread is the sum of what a maker must be paid for: the intensity half-spread (1/gamma)
ln(1 + gamma/k) of Avellaneda and Stoikov, half the curvature of the holding cost over the quoted size, the expected cost
of hedging the fill, the maker fee, and a charge for the age of what we know. The market's own book is never crossed.

Parts are kept in the contract's price unit: fair and lean add to both sides, the others are paid to us on either side
(subtracted from a bid, added to an offer); rounding goes away from the market. Their signed sum is the price exactly.
"""

from flatbook.quoting.differences import AMEND, CANCEL, KEEP, PLACE, wanted_changes
from flatbook.quoting.explain import PART_NAMES, explain
from flatbook.quoting.parameters import Quoting
from flatbook.quoting.record import Quotes, UnderlyingQuotes, ensure
from flatbook.quoting.targets import BOTH_SIDES, NO_QUOTES, ONLY_REDUCING, Terms, set_targets

__all__ = [
    "AMEND",
    "BOTH_SIDES",
    "CANCEL",
    "KEEP",
    "NO_QUOTES",
    "ONLY_REDUCING",
    "PART_NAMES",
    "PLACE",
    "Quotes",
    "Quoting",
    "Terms",
    "UnderlyingQuotes",
    "ensure",
    "explain",
    "set_targets",
    "wanted_changes",
]
