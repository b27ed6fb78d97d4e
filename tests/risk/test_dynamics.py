"""What vols do while the forward moves is in every delta: a bump of the market moves a book by its delta, to second order."""

import math

import numpy as np
import pytest

from flatbook.basics import NS_PER_YEAR
from flatbook.events import Ticker
from flatbook.instruments import Option
from flatbook.market import SMILE_STATES, Delivery, Freshness, Rules, Smiles
from flatbook.pricing import DELTA, VALUE, VEGA, option_value_and_greeks
from flatbook.pricing.smiles import SVI
from flatbook.pricing.surface import smile_delta

SPOT = 100_000.0
DYNAMICS = ("sticky_strike", "sticky_delta", "sticky_local")
COIN, DOLLAR = "BTC-30D", "BTC-7D"  # the first pays coins, the second dollars
PUT, CALL = "90000-P", "110000-C"
ROWS = [f"{expiry}-{option}" for expiry in (COIN, DOLLAR) for option in (PUT, "100000-C", CALL)]


def skewed(strike: float, forward: float, years: float) -> float:
    """A smile whose puts are dear, in units of deviations."""
    k = math.log(strike / forward) / (0.6 * math.sqrt(years))
    return 0.6 - 0.04 * k + 0.012 * k * k


@pytest.fixture
def quoted(make_world):
    """A world whose vols were fitted to skewed quotes under these dynamics."""

    def make(dynamics: str):
        world = make_world()
        world.rules = Rules(Freshness(5.0, 30.0, 30.0), Smiles("quotes", dynamics, 0.0), Delivery(30.0))
        for row, contract in enumerate(world.universe.contracts):
            if isinstance(contract, Option):
                forward, strike = world.btc.forward.item(world.universe.slot_of[row]), float(contract.strike)
                years = (contract.expiry_ns - world.ns) / NS_PER_YEAR
                vols = [skewed(strike, forward, years) + half for half in (-0.002, 0.002)]
                bid, ask = (
                    float(option_value_and_greeks(forward, strike, years, vol, contract.sign, contract.inverse)[0])
                    for vol in vols
                )
                world.tell(Ticker(row, bid, ask, 1.0, 1.0, math.nan, math.nan, forward, world.ns))
        world.settle()
        states = world.btc.surface.state[world.block.tenor[world.block.sign != 0.0]]
        assert {SMILE_STATES[state] for state in states} == {"fitted"}
        return world

    return make


def bump(world, by: float) -> None:
    """The perpetuals stand `by` from where they stood at first, and no option says anything."""
    mid = SPOT * (1.0 + by)
    world.tell(world.top("BTC-PERP", mid - 0.5, mid + 0.5), world.top("BTC-INVERSE", mid - 0.5, mid + 0.5))
    world.settle()


def value_and_forward(world, symbol: str) -> tuple[float, float]:
    slot = world.slot(symbol)
    return world.marks.greeks.item(VALUE, slot), world.btc.forward.item(slot)


def greek(world, symbol: str, which: int) -> float:
    return world.marks.greeks.item(which, world.slot(symbol))


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("symbol", ROWS)
def test_delta_is_the_slope_of_the_rows_value_with_all_that_moves(quoted, dynamics, symbol):
    world = quoted(dynamics)
    delta = greek(world, symbol, DELTA)
    seen = []
    for by in (1e-4, -1e-4):
        bump(world, by)
        seen.append(value_and_forward(world, symbol))
    (up, above), (down, below) = seen
    assert (up - down) / (above - below) == pytest.approx(delta, rel=1e-5)


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("symbol", [f"{COIN}-{PUT}", f"{DOLLAR}-{CALL}"])
def test_what_delta_misses_is_of_second_order(quoted, dynamics, symbol):
    """Half the move leaves a quarter of it."""
    world = quoted(dynamics)
    value, forward = value_and_forward(world, symbol)
    delta = greek(world, symbol, DELTA)
    left = []
    for by in (2e-4, 1e-4):
        bump(world, by)
        moved, there = value_and_forward(world, symbol)
        left.append(moved - value - delta * (there - forward))
    assert left[0] / left[1] == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize("symbol", ROWS)
def test_vols_that_stick_to_their_strikes_leave_black_alone(quoted, symbol):
    world = quoted("sticky_strike")
    slot = world.slot(symbol)
    before = world.btc.vol[slot]
    plain = option_value_and_greeks(
        world.btc.forward[slot], world.block.strike[slot], world.marks.years[slot], before, world.block.sign[slot],
        world.block.inverse[slot],
    )  # fmt: skip
    assert world.marks.greeks[:, slot] == pytest.approx(plain[: len(world.marks.greeks[:, slot])], rel=1e-12)
    assert world.btc.surface.slope[slot] == 0.0
    bump(world, 0.003)
    assert world.btc.vol[slot] == before


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("expiry", [COIN, DOLLAR])
def test_it_is_the_delta_that_pricing_gives_the_fitted_smile(quoted, dynamics, expiry):
    world = quoted(dynamics)
    tenor = int(world.block.tenor[world.slot(f"{expiry}-{PUT}")])
    svi, slots = SVI(*world.btc.surface.slices[:, tenor].tolist()), world.btc.tenor_slots[tenor]
    expected = smile_delta(
        svi, world.btc.averages.years.item(tenor), world.block.strike[slots], world.btc.forward[slots], world.block.sign[slots],
        dynamics, inverse=expiry == COIN,
    )  # fmt: skip
    assert world.marks.greeks[DELTA, slots] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("symbol", ROWS)
def test_with_dear_puts_a_smile_that_follows_adds_delta_and_one_of_local_vols_takes_as_much_away(quoted, symbol):
    strike, follows, local = (quoted(dynamics) for dynamics in DYNAMICS)
    added = greek(follows, symbol, DELTA) - greek(strike, symbol, DELTA)
    assert added > 0.0
    assert greek(local, symbol, DELTA) - greek(strike, symbol, DELTA) == pytest.approx(-added, rel=1e-9)
    assert greek(follows, symbol, VEGA) == greek(local, symbol, VEGA) == greek(strike, symbol, VEGA)


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_the_books_delta_is_what_the_book_gains(quoted, dynamics):
    """Coins and dollars netted: what the whole book is worth more per move of spot."""
    world = quoted(dynamics)
    world.held = {
        f"{COIN}-{PUT}": -2.0,
        f"{COIN}-{CALL}": 3.0,
        f"{DOLLAR}-{PUT}": 1.5,
        f"{DOLLAR}-{CALL}": -1.0,
        "BTC-INVERSE": 20_000.0,
    }
    world.coins = 0.7

    def worth() -> float:
        size = world.block.size
        rows = world.quantity()[:size] * world.btc.unit_price[:size] * world.marks.greeks[VALUE, :size]
        return float(rows.sum()) + world.coins * world.btc.spot

    expected = world.exposure().delta_cash
    bump(world, 1e-4)
    up = worth()
    bump(world, -1e-4)
    assert (up - worth()) / 2e-4 == pytest.approx(expected, rel=1e-5)


def test_the_way_back_is_the_way_there(quoted):
    """However the tape wandered, at the old forward the vols are the old ones."""
    world = quoted("sticky_local")
    before = world.btc.vol.copy()
    for by in (0.001, -0.0005, 0.002, 0.0):
        bump(world, by)
    assert world.btc.vol == pytest.approx(before, abs=1e-13)
    assert np.isfinite(world.btc.vol).all()
