"""Funding of perpetual positions: accrued continuously, paid on the hour."""

from decimal import Context, Decimal
from math import isfinite

import msgspec

from flatbook.basics import NS_PER_HOUR, ZERO, exact, quantised
from flatbook.events import FundingPaid
from flatbook.instruments import Perpetual

_DIVISION = Context(prec=40)
_RATE_PERIOD_NS = 8 * NS_PER_HOUR


class _Accrual(msgspec.Struct):
    contract: Perpetual
    rate: Decimal = ZERO
    since_ns: int = 0
    amount: Decimal = ZERO


class FundingBook:
    """What each perpetual position has earned or owed since the last payment, in its settlement asset.

    Accrues -q x mark x rate x dt/8h for linear and -q/mark x rate x dt/8h coins for inverse contracts, cut exactly at
    every change of rate or position; the mark is the one at the cut.
    """

    def __init__(self) -> None:
        self._accruals: dict[int, _Accrual] = {}

    def open_row(self, row: int, contract: Perpetual, ns: int) -> None:
        """A perpetual is listed; listing it again changes nothing."""
        if row not in self._accruals:
            self._accruals[row] = _Accrual(contract, since_ns=ns)

    def rows(self) -> list[int]:
        """The perpetuals, in listing order."""
        return list(self._accruals)

    def set_rate(self, row: int, rate: float) -> None:
        """The rate per eight hours from now on; accrue at the old one first. What is no number leaves the old one in force."""
        if isfinite(rate):
            self._accruals[row].rate = exact(rate)

    def accrue(self, row: int, quantity: Decimal, mark: float | None, ns: int) -> None:
        """Let time pass up to `ns` for a position of `quantity` at `mark`."""
        accrual = self._accruals[row]
        elapsed_ns, accrual.since_ns = ns - accrual.since_ns, ns
        if quantity and accrual.rate and mark:
            worth = _notional(accrual.contract, quantity, exact(mark))
            accrual.amount -= _DIVISION.divide(worth * accrual.rate * elapsed_ns, Decimal(_RATE_PERIOD_NS))

    def pay(self, row: int, ns: int) -> FundingPaid | None:
        """What is due on the hour, or None when nothing is."""
        accrual = self._accruals[row]
        amount, accrual.amount = quantised(accrual.amount), ZERO
        if not amount:
            return None
        contract = accrual.contract
        return FundingPaid(f"{contract.venue}:{contract.symbol}:{ns}", row, amount, contract.settlement, ns)


def _notional(contract: Perpetual, quantity: Decimal, mark: Decimal) -> Decimal:
    return _DIVISION.divide(quantity, mark) if contract.inverse else quantity * mark
