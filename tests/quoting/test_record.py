"""What quoting knows of a row before the first price."""

from decimal import Decimal

import msgspec
import numpy as np
import pytest

from flatbook.instruments import FeeSchedule, Rates, Venue
from flatbook.quoting import Quotes, ensure

DERIBIT = Rates(Decimal(0), Decimal("0.0005"))
FEES = FeeSchedule(DERIBIT, DERIBIT, DERIBIT, Rates(Decimal("0.0003"), Decimal("0.0003")), Decimal("0.125"))
VENUES = {"alpha": Venue("alpha", FEES)}


@pytest.fixture
def described(world, quoting_policy):
    quotes = Quotes()
    ensure(quotes, world.universe, quoting_policy(venues=("alpha",)), VENUES)
    return quotes.underlyings[0]


def test_ticks_fees_and_caps_are_the_contracts_own(world, described):
    slot = world.slot("BTC-30D-100000-C")
    assert (described.tick[slot], described.wide_tick[slot], described.wide_above[slot]) == (0.0001, 0.0005, 0.005)
    assert (described.maker_rate[slot], described.fee_cap[slot]) == (0.0003, 0.125)
    perp = world.slot("BTC-INVERSE")
    assert (described.tick[perp], described.wide_tick[perp], described.wide_above[perp]) == (0.5, 0.5, np.inf)


def test_only_venues_of_the_policy_are_eligible(world, described):
    for slot, contract in enumerate(world.universe.contracts):
        assert described.eligible[slot] == (contract.venue == "alpha")


def test_rows_listed_later_are_described_then_and_the_others_left_alone(world, quoting_policy):
    quotes = Quotes()
    ensure(quotes, world.universe, quoting_policy(), VENUES)
    entry = quotes.underlyings[0]
    entry.target[0, 0] = 99.0
    call = world.universe.contracts[world.row("BTC-30D-100000-C")]
    world.announce(*(msgspec.structs.replace(call, symbol=f"NEW{strike}", strike=Decimal(strike)) for strike in range(1, 60)))
    ensure(quotes, world.universe, quoting_policy(), VENUES)
    assert entry.known == world.block.size
    assert entry.target[0, 0] == 99.0
    assert entry.target.shape == (2, world.block.capacity)
    assert np.isnan(entry.target[:, world.block.size - 1]).all()
