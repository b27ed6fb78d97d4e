"""The cost of a trade, taken or made, with its parts."""

import msgspec

from flatbook.costs.fees import fee_of_trade
from flatbook.costs.levels import Levels, walk
from flatbook.instruments import Contract, FeeSchedule, value_at


class TradeCost(msgspec.Struct, frozen=True):
    """Dollars, positive when paid, against fair."""

    half_spread: float
    fee: float
    impact: float

    @property
    def total(self) -> float:
        """All parts together."""
        return self.half_spread + self.fee + self.impact


FREE = TradeCost(0.0, 0.0, 0.0)


def cost_of_taking(
    contract: Contract,
    schedule: FeeSchedule,
    levels: Levels,
    quantity: float,
    fair: float,
    unit_price: float,
    index: float,
) -> TradeCost:
    """The cost of trading signed `quantity` at once against `levels`: offers when it buys, bids when it sells.

    The fee is charged on each piece at its own price, as the venue charges each fill.
    """
    if quantity == 0.0:
        return FREE
    direction = 1.0 if quantity > 0.0 else -1.0
    best = value_at(contract, levels.prices[0])
    fee = impact = 0.0
    for price, traded in walk(levels, abs(quantity), fair):
        fee += fee_of_trade(schedule, contract, price, traded, index, maker=False)
        impact += direction * traded * (value_at(contract, price) - best)
    return TradeCost(
        half_spread=unit_price * quantity * (best - value_at(contract, fair)),
        fee=unit_price * fee,
        impact=unit_price * impact,
    )


def cost_of_making(
    contract: Contract, schedule: FeeSchedule, price: float, quantity: float, fair: float, unit_price: float, index: float
) -> TradeCost:
    """The cost of a resting order for signed `quantity` being filled at its own `price`: an earning when the price is good."""
    fee = fee_of_trade(schedule, contract, price, abs(quantity), index, maker=True)
    return TradeCost(
        half_spread=unit_price * quantity * (value_at(contract, price) - value_at(contract, fair)),
        fee=unit_price * fee,
        impact=0.0,
    )
