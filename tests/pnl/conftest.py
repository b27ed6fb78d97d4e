"""A linear and an inverse option, a perpetual of each kind and a spot pair on two underlyings."""

from decimal import Decimal

import pytest

from flatbook import pnl as room
from flatbook.instruments import CALL, Option, Perpetual, Spot, Universe
from flatbook.pnl import Pnl

TICK, LOT = Decimal("0.0001"), Decimal("0.1")


@pytest.fixture
def universe() -> Universe:
    universe = Universe()
    universe.list_contract(Perpetual("a", "LINEAR", "BTC", "USDC", "USDC", TICK, LOT))
    universe.list_contract(Perpetual("b", "INVERSE", "BTC", "USD", "BTC", TICK, LOT, inverse=True))
    universe.list_contract(Option("b", "CALL", "BTC", "USD", "BTC", TICK, LOT, 10**18, Decimal(100_000), CALL, inverse=True))
    universe.list_contract(Spot("c", "ETHUSDT", "ETH", "USDT", TICK, LOT))
    return universe


@pytest.fixture
def pnl(universe) -> Pnl:
    pnl = Pnl()
    room.ensure(pnl, universe)
    return pnl
