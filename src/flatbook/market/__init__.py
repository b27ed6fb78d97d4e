"""What the world says now, and how far it may be trusted.

Every underlying has one reference price, the mid of its lead row (a perpetual) while that is fresh, its index
otherwise. Spot and the forward of each expiry stand in a ratio to the reference, set anew whenever the world states
them, so that between two statements the tape moves them all. An expiry's forward is the word of the exchange, of a dated
future or of put-call parity, the freshest less its kept basis.

Vols come from a smile an expiry, fitted to bids and asks free of arbitrage; where quotes show none, the venue's mark vols
stand in, and say so. Each row has its vol, the vol's uncertainty and its age. In its last day an option is one on the index
average that it settles at.

A row is trusted while its numbers are fresh, its top is not crossed and its underlying's reference is alive. A number
that is not known never leaves this room as NaN: the row is untrusted and carries the last or a neutral number.
Prices are in the contract's price unit, forwards and spot in dollars, vols annual decimals, ages in ns.
"""

from flatbook.market.forwards import FORWARD_SOURCES
from flatbook.market.freshness import refresh_trust
from flatbook.market.observe import (
    observe_depth,
    observe_funding,
    observe_gap,
    observe_index,
    observe_ticker,
    observe_top,
)
from flatbook.market.record import Market, UnderlyingMarket, asset_price, choose_lead, ensure
from flatbook.market.reference import move_forwards
from flatbook.market.rules import Delivery, Freshness, Rules, Smiles
from flatbook.market.surface import SMILE_STATES

__all__ = [
    "FORWARD_SOURCES",
    "SMILE_STATES",
    "Delivery",
    "Freshness",
    "Market",
    "Rules",
    "Smiles",
    "UnderlyingMarket",
    "asset_price",
    "choose_lead",
    "ensure",
    "move_forwards",
    "observe_depth",
    "observe_funding",
    "observe_gap",
    "observe_index",
    "observe_ticker",
    "observe_top",
    "refresh_trust",
]
