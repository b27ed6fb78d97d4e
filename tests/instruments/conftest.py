"""Contracts with the venues' own numbers."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from flatbook.basics import parse_utc
from flatbook.instruments import CALL, Future, Option, Perpetual, Spot

EXPIRY_NS = parse_utc("2026-03-27T08:00:00Z")


@pytest.fixture(scope="session")
def option() -> Callable[..., Option]:
    """A Deribit inverse option, or a dollar-settled one with `inverse=False`."""

    def make(strike: int = 10_000, sign: int = CALL, *, inverse: bool = True, symbol: str = "") -> Option:
        return Option(
            venue="deribit",
            symbol=symbol or f"BTC-27MAR26-{strike}-{'C' if sign > 0 else 'P'}",
            underlying="BTC",
            quote="USD" if inverse else "USDC",
            settlement="BTC" if inverse else "USDC",
            tick=Decimal("0.0001") if inverse else Decimal(5),
            lot=Decimal("0.1"),
            expiry_ns=EXPIRY_NS,
            strike=Decimal(strike),
            sign=sign,
            inverse=inverse,
            wide_tick=Decimal("0.0005") if inverse else None,
            wide_above=Decimal("0.005") if inverse else None,
        )

    return make


@pytest.fixture(scope="session")
def perpetual() -> Callable[..., Perpetual]:
    """Deribit's BTC-PERPETUAL (10 USD a contract, tick 0.5), or its linear sister."""

    def make(*, inverse: bool = True) -> Perpetual:
        if inverse:
            return Perpetual("deribit", "BTC-PERPETUAL", "BTC", "USD", "BTC", Decimal("0.5"), Decimal(10), inverse=True)
        return Perpetual("deribit", "BTC_USDC-PERPETUAL", "BTC", "USDC", "USDC", Decimal("0.5"), Decimal("0.001"))

    return make


@pytest.fixture(scope="session")
def future() -> Callable[..., Future]:
    """A dated future of either kind."""

    def make(*, inverse: bool = True) -> Future:
        quote, settlement = ("USD", "BTC") if inverse else ("USDC", "USDC")
        return Future("deribit", "BTC-27MAR26", "BTC", quote, settlement, Decimal("2.5"), Decimal(10), EXPIRY_NS, inverse=inverse)

    return make


@pytest.fixture(scope="session")
def spot() -> Spot:
    """Bitcoin for dollars."""
    return Spot("spot", "BTC/USDC", "BTC", "USDC", Decimal("0.01"), Decimal("0.0001"))
