"""Which row carries the hedge."""

from decimal import Decimal

import msgspec
import pytest

from flatbook.basics import BUY, NS_PER_DAY, NS_PER_HOUR, SELL
from flatbook.events import Index, Top
from flatbook.hedging import Hedges, cheapest_row, ensure
from flatbook.instruments import FeeSchedule, Rates, Venue

EVERYWHERE = ("alpha", "beta", "spot")


def venue(name: str, taker: str) -> Venue:
    rates = Rates(Decimal(0), Decimal(taker))
    return Venue(name, FeeSchedule(rates, rates, rates, rates))


@pytest.fixture
def cheapest(world):
    """The symbol chosen, given taker rates by venue, the venues allowed, and what is to be traded."""

    def choose(alpha="0.0005", beta="0.0005", spot="0.001", allowed=EVERYWHERE, side=BUY, coins=0.1) -> str | None:
        venues = {name: venue(name, rate) for name, rate in (("alpha", alpha), ("beta", beta), ("spot", spot))}
        best = cheapest_row(world.block, world.btc, world.universe, venues, allowed, side, coins, world.ns)
        return None if best is None else world.universe.contracts[best.row].symbol

    return choose


def test_among_equals_the_first_listed_is_taken(world, cheapest):
    twin = msgspec.structs.replace(world.universe.contracts[0], symbol="BTC-TWIN")
    world.announce(twin)
    world.tell(world.top("BTC-TWIN", 99_999.5, 100_000.5))
    world.settle()
    assert cheapest(allowed=("beta",)) == "BTC-PERP"
    assert cheapest(allowed=("beta",), side=SELL) == "BTC-PERP"


def test_the_lower_fee_wins_at_equal_spreads(cheapest):
    assert cheapest(spot="0.0001") == "BTC/USDC"


def test_a_tighter_spread_can_beat_a_lower_fee(world, cheapest):
    world.tell(world.top("BTC/USDC", 99_900.0, 100_100.0))  # ten basis points of half-spread
    world.settle()
    assert cheapest(spot="0", alpha="0.001") == "BTC-PERP"


@pytest.mark.parametrize(("side", "thin"), [(BUY, (5.0, 0.01)), (SELL, (0.01, 5.0))])
def test_a_thin_book_is_dear_for_a_large_hedge_on_its_thin_side_only(world, cheapest, side, thin):
    # Selling a hundredth of a coin uses up what is shown, and every further hundredth costs the spread again.
    world.tell(Top(world.row("BTC-PERP"), 99_999.5, 100_000.5, *thin, world.ns))
    world.settle()
    fees = {"alpha": "0.00051", "beta": "0.0005"}
    assert cheapest(**fees, side=side, coins=0.01) == "BTC-PERP"
    assert cheapest(**fees, side=side, coins=1.0) in ("BTC-INVERSE", "BTC-90D")
    assert cheapest(**fees, side=side.opposite, coins=1.0) == "BTC-PERP"


def test_only_allowed_venues_hedge(cheapest):
    assert cheapest(allowed=("beta", "spot")) == "BTC-PERP"
    assert cheapest(allowed=("alpha",)) in ("BTC-INVERSE", "BTC-90D")
    assert cheapest(allowed=()) is None


def test_an_untrusted_or_withdrawn_row_carries_no_hedge(world, cheapest):
    world.tell(world.top("BTC-PERP", 100_001.0, 100_000.0))
    world.ns += 1
    world.tell(Index("BTC", 100_000.0, world.ns))
    world.settle()
    assert cheapest(allowed=("beta", "spot")) == "BTC/USDC"
    world.universe.withdraw(world.row("BTC/USDC"))
    world.settle()
    assert cheapest(allowed=("beta", "spot")) is None


def test_a_future_in_its_last_hour_is_no_hedge(world, cheapest):
    world.ns += 90 * NS_PER_DAY - NS_PER_HOUR
    world.tell(world.top("BTC-90D", 100_000.0, 100_000.0), world.top("BTC-PERP", 99_999.5, 100_000.5))
    world.settle()
    assert cheapest() == "BTC-90D"
    world.ns += 1
    assert cheapest() == "BTC-PERP"


def test_the_cost_is_half_the_spread_and_the_fee(world):
    venues = {name: venue(name, "0.0005") for name in EVERYWHERE}
    best = cheapest_row(world.block, world.btc, world.universe, venues, EVERYWHERE, SELL, 0.1, world.ns)
    assert best.cost_rate == pytest.approx(0.0005 + 0.5 / 100_000, rel=2e-4)
    assert best.bid < best.ask


def test_every_underlying_has_a_hedge_of_its_own(world):
    hedges = Hedges()
    ensure(hedges, world.universe)
    ensure(hedges, world.universe)
    assert len(hedges.underlyings) == 1
    assert (hedges.underlyings[0].band, hedges.underlyings[0].wanted_row) == (0.0, -1)
