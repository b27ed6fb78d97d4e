"""Two underlyings, a spot pair among them."""

from decimal import Decimal

import pytest

from flatbook.instruments import CALL, Option, Perpetual, Spot, Universe

OPTION, PERPETUAL, SPOT, ETHER = range(4)


@pytest.fixture
def universe() -> Universe:
    universe = Universe()
    tick, lot = Decimal("0.0001"), Decimal("0.1")
    universe.list_contract(
        Option("deribit", "BTC-1-C", "BTC", "USD", "BTC", tick, lot, 10**18, Decimal(100_000), CALL, inverse=True)
    )
    universe.list_contract(Perpetual("deribit", "BTC-PERPETUAL", "BTC", "USD", "BTC", tick, Decimal(10), inverse=True))
    universe.list_contract(Spot("spot", "BTCUSDT", "BTC", "USDT", tick, lot))
    universe.list_contract(Perpetual("linear", "ETH-USDC", "ETH", "USDC", "USDC", tick, lot))
    return universe
