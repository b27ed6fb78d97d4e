"""What a contract pays, exactly. All amounts are in the contract's settlement asset unless said otherwise."""

from decimal import Decimal

from flatbook.basics import ZERO, quantised
from flatbook.instruments.contracts import Contract, Option, Perpetual


def open_notional(contract: Contract, price: Decimal, quantity: Decimal) -> Decimal:
    """What trading signed `quantity` at `price` puts on the other side of the position, in the settlement asset.

    Value of the position at mark m is then `settlement_value(contract, m, quantity) + open_notional(...)`, whatever
    the entry: linear -q*p, inverse +q/p (a long of q dollars at p owes q/p coins less as the price rises),
    option -q*premium.
    """
    return -settlement_value(contract, price, quantity)


def settlement_value(contract: Contract, price: Decimal, quantity: Decimal) -> Decimal:
    """The value of signed `quantity` at `price`: linear q*p, inverse -q/p, option q*premium."""
    if contract.inverse and not isinstance(contract, Option):
        return quantised(-quantity / price)
    return quantised(quantity * price)


def intrinsic_value(option: Option, delivery_price: Decimal) -> Decimal:
    """What one option pays at expiry: max(0, s(S-K)) in dollars, divided by S when settled in the coin."""
    dollars = max(ZERO, option.sign * (delivery_price - option.strike))
    return quantised(dollars / delivery_price) if option.inverse else dollars


def delivery_value(contract: Contract, delivery_price: Decimal) -> Decimal:
    """The price at which a contract is closed by delivery: the pay-off of an option, the index average of a future."""
    assert not isinstance(contract, Perpetual), "a perpetual is never delivered"
    return intrinsic_value(contract, delivery_price) if isinstance(contract, Option) else delivery_price


def value_at(contract: Contract, price: float) -> float:
    """The value of one unit at `price`, in the settlement asset: `settlement_value` for measuring instead of booking."""
    return -1.0 / price if contract.inverse and not isinstance(contract, Option) else price


def price_at(contract: Contract, value: float) -> float:
    """The price at which one unit is worth `value`: the inverse function of `value_at`."""
    return -1.0 / value if contract.inverse and not isinstance(contract, Option) else value
