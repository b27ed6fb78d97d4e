"""What a fact earned or cost against the mark of its moment."""

from flatbook.events import Delivered, Deposited, Fill, FundingPaid
from flatbook.instruments import Contract, Universe, price_at, value_at
from flatbook.inventory import to_float
from flatbook.pnl.record import FEES, FUNDING, SETTLEMENT, SPREAD, FillRecord, Pnl, add, keep


def spread_earned(contract: Contract, price: float, signed: float, mark_value: float, unit_price: float) -> float:
    """Dollars that trading `signed` units at `price` gained against `mark_value`, before fees.

    For spot the mark value is the coin's price over the quote asset's, so that what is gained is what the balances gain.
    """
    return unit_price * signed * (mark_value - value_at(contract, price))


def delivery_earned(contract: Contract, price: float, position: float, mark_value: float, unit_price: float) -> float:
    """Dollars that closing `position` at the delivery `price` gained against the last `mark_value`, before fees."""
    return unit_price * position * (value_at(contract, price) - mark_value)


def record_fill(
    pnl: Pnl,
    universe: Universe,
    fill: Fill,
    now_ns: int,
    *,
    mark_value: float,
    unit_price: float,
    fee_unit_price: float,
    purpose: str,
    delta_cash: float = 0.0,
) -> FillRecord:
    """Judge a fill against the mark before it, and keep it. `fee_unit_price` is dollars per unit of the fee's asset."""
    contract, underlying = universe.contracts[fill.row], universe.underlying_of[fill.row]
    price, quantity = to_float(fill.price), to_float(fill.quantity)
    spread_usd = spread_earned(contract, price, fill.side * quantity, mark_value, unit_price)
    fee_usd = to_float(fill.fee) * fee_unit_price
    add(pnl, underlying, SPREAD, spread_usd)
    add(pnl, underlying, FEES, -fee_usd)
    record = FillRecord(
        fill_id=fill.fill_id,
        order_id=fill.order_id,
        ns=now_ns,
        row=fill.row,
        side=fill.side,
        price=price,
        quantity=quantity,
        fair=price_at(contract, mark_value),
        spread_usd=spread_usd,
        fee_usd=fee_usd,
        delta_cash=delta_cash,
        purpose=purpose,
        maker=fill.maker,
    )
    keep(pnl, record)
    return record


def record_funding(pnl: Pnl, universe: Universe, paid: FundingPaid, unit_price: float) -> float:
    """Funding received, in dollars at this moment; negative when paid."""
    funding_usd = to_float(paid.amount) * unit_price
    add(pnl, universe.underlying_of[paid.row], FUNDING, funding_usd)
    return funding_usd


def record_delivery(
    pnl: Pnl, universe: Universe, delivered: Delivered, *, mark_value: float, unit_price: float, fee_unit_price: float
) -> float:
    """What delivery earned against the last mark, in dollars and before its fee, which is booked beside it."""
    contract, underlying = universe.contracts[delivered.row], universe.underlying_of[delivered.row]
    position, price = to_float(delivered.quantity), to_float(delivered.price)
    earned_usd = delivery_earned(contract, price, position, mark_value, unit_price)
    add(pnl, underlying, SETTLEMENT, earned_usd)
    add(pnl, underlying, FEES, -to_float(delivered.fee) * fee_unit_price)
    return earned_usd


def record_deposit(pnl: Pnl, deposited: Deposited, unit_price: float) -> float:
    """Capital that came in, in dollars at this moment: it is nobody's profit."""
    deposit_usd = to_float(deposited.amount) * unit_price
    pnl.deposits_usd += deposit_usd
    return deposit_usd
