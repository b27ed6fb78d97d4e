"""What a venue charges for a trade and for a delivery."""

from decimal import Decimal

import msgspec

from flatbook.basics import ZERO, quantised
from flatbook.instruments.contracts import Contract, Future, Option, Perpetual, Spot


class Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Maker and taker rates as fractions of the underlying's notional; a negative rate is a rebate."""

    maker: Decimal
    taker: Decimal


class FeeSchedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One venue's rates by kind of contract. `option_cap` bounds an option's fee to a fraction of its premium."""

    spot: Rates
    perpetual: Rates
    future: Rates
    option: Rates
    option_cap: Decimal = Decimal("0.125")
    option_delivery: Decimal = Decimal("0.00015")
    future_delivery: Decimal = ZERO

    def rates(self, contract: Contract) -> Rates:
        """The rates that hold for `contract`."""
        match contract:
            case Spot():
                return self.spot
            case Perpetual():
                return self.perpetual
            case Future():
                return self.future
            case Option():
                return self.option


def trade_fee(
    schedule: FeeSchedule, contract: Contract, price: Decimal, quantity: Decimal, index: Decimal, *, maker: bool
) -> Decimal:
    """The fee of trading unsigned `quantity` at `price`, in the settlement asset; negative is a rebate.

    Options: rate x underlying, never above the cap on premium. `index` is the underlying in dollars.
    """
    rates = schedule.rates(contract)
    rate = rates.maker if maker else rates.taker
    if isinstance(contract, Option):
        return _capped_option_fee(rate, schedule.option_cap, contract, price, quantity, index)
    if contract.inverse:
        return quantised(rate * quantity / price)
    return quantised(rate * quantity * price)


def delivery_fee(schedule: FeeSchedule, contract: Contract, payoff: Decimal, quantity: Decimal, index: Decimal) -> Decimal:
    """The fee of delivering unsigned `quantity`, in the settlement asset; `payoff` is what one option pays."""
    if isinstance(contract, Option):
        return _capped_option_fee(schedule.option_delivery, schedule.option_cap, contract, payoff, quantity, index)
    notional = quantity / index if contract.inverse else quantity * index
    return quantised(schedule.future_delivery * notional)


def _capped_option_fee(rate: Decimal, cap: Decimal, option: Option, price: Decimal, quantity: Decimal, index: Decimal) -> Decimal:
    unit = Decimal(1) if option.inverse else index
    fee = rate * unit * quantity
    # A rebate is never capped: the cap protects whoever pays.
    return quantised(min(fee, cap * price * quantity) if fee > 0 else fee)
