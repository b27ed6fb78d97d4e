"""What is traded, where, and what it pays.

A contract is a frozen record: a spot pair, a perpetual, a dated future or an option, on one venue. Its quantity
is counted in the venue's own unit: dollars for inverse perpetuals and futures, coins for everything else. Its
price is counted in `quote`; what it pays is counted in `settlement`. A linear contract pays
quantity x (exit - entry); an inverse one pays quantity x (1/entry - 1/exit) coins; an inverse option's premium and
pay-off are coins.

The universe numbers contracts: a row is a contract's number, given at listing and never reused. Within its
underlying a row has a slot, the index of its numbers in every per-underlying column of the house; an expiry of an
underlying has a tenor, the index of its forward and smile. Tenor 0 is spot.
"""

from flatbook.instruments.contracts import (
    CALL,
    PUT,
    Contract,
    Future,
    Option,
    Perpetual,
    Spot,
    contract_key,
    expiry_of,
    price_on_tick,
    quantity_on_lot,
)
from flatbook.instruments.fees import FeeSchedule, Rates, delivery_fee, trade_fee
from flatbook.instruments.payoffs import intrinsic_value, open_notional, price_at, settlement_value, value_at
from flatbook.instruments.universe import Block, Universe
from flatbook.instruments.venues import Venue

__all__ = [
    "CALL",
    "PUT",
    "Block",
    "Contract",
    "FeeSchedule",
    "Future",
    "Option",
    "Perpetual",
    "Rates",
    "Spot",
    "Universe",
    "Venue",
    "contract_key",
    "delivery_fee",
    "expiry_of",
    "intrinsic_value",
    "open_notional",
    "price_at",
    "price_on_tick",
    "quantity_on_lot",
    "settlement_value",
    "trade_fee",
    "value_at",
]
