"""Fees in float64, for deciding: the measured twin of the exact `instruments.trade_fee` that is booked."""

from flatbook.instruments import Contract, FeeSchedule, Option


def fee_of_trade(schedule: FeeSchedule, contract: Contract, price: float, quantity: float, index: float, *, maker: bool) -> float:
    """The fee of trading unsigned `quantity` at `price`, in the settlement asset; negative is a rebate.

    `index` is the underlying in dollars, which a linear option's fee is counted on.
    """
    rates = schedule.rates(contract)
    rate = float(rates.maker if maker else rates.taker)
    if isinstance(contract, Option):
        fee = rate * (1.0 if contract.inverse else index) * quantity
        # A rebate is never capped: the cap protects whoever pays.
        return min(fee, float(schedule.option_cap) * price * quantity) if fee > 0.0 else fee
    return rate * quantity / price if contract.inverse else rate * quantity * price
