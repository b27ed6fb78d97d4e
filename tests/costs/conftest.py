"""A venue's fees and one contract of each kind."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from flatbook.instruments import PUT, FeeSchedule, Future, Option, Perpetual, Rates, Spot

TICK, LOT, EXPIRY = Decimal("0.0001"), Decimal("0.1"), 10**18

CONTRACTS = SimpleNamespace(
    spot=Spot("any", "BTCUSDT", "BTC", "USDT", TICK, LOT),
    linear=Perpetual("any", "BTC-USDC", "BTC", "USDC", "USDC", TICK, LOT),
    inverse=Perpetual("any", "BTC-PERPETUAL", "BTC", "USD", "BTC", TICK, LOT, inverse=True),
    future=Future("any", "BTC-27MAR26", "BTC", "USD", "BTC", TICK, LOT, EXPIRY, inverse=True),
    coin_option=Option("any", "BTC-1-P", "BTC", "USD", "BTC", TICK, LOT, EXPIRY, Decimal(100_000), PUT, inverse=True),
    dollar_option=Option("any", "BTC-2-P", "BTC", "USDC", "USDC", TICK, LOT, EXPIRY, Decimal(100_000), PUT),
)

SCHEDULE = FeeSchedule(
    spot=Rates(Decimal("0.0008"), Decimal("0.001")),
    perpetual=Rates(Decimal("-0.0001"), Decimal("0.0005")),
    future=Rates(Decimal("-0.0001"), Decimal("0.0005")),
    option=Rates(Decimal("0.0003"), Decimal("0.0003")),
)


@pytest.fixture(scope="session")
def contracts() -> SimpleNamespace:
    return CONTRACTS


@pytest.fixture(scope="session")
def schedule() -> FeeSchedule:
    return SCHEDULE
