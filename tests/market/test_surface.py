"""Live smiles: fitted to quotes, between their neighbours, with a fallback that says so, a doubt and an age for every row."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_DAY, NS_PER_YEAR, parse_utc
from flatbook.events import Ticker
from flatbook.instruments import CALL, PUT, Option, Perpetual
from flatbook.market import SMILE_STATES, Delivery, Freshness, Rules, Smiles, move_forwards
from flatbook.pricing import option_value_and_greeks
from flatbook.pricing.smiles import SVI, butterfly, calendar

FRESHNESS = Freshness(top_s=5.0, option_s=30.0, index_s=30.0)
STRIKES = range(70_000, 135_000, 5_000)
START_NS = parse_utc("2026-01-06T08:00:00Z")
LIVES = {1: 7, 2: 30}  # days, by tenor in the order of listing
NAN = math.nan


def rules(source: str = "quotes", dynamics: str = "sticky_strike", refit_s: float = 0.0) -> Rules:
    return Rules(FRESHNESS, Smiles(source, dynamics, refit_s), Delivery(30.0))  # type: ignore[arg-type]


def listed() -> list:
    coin = {"underlying": "BTC", "quote": "USD", "settlement": "BTC", "inverse": True}
    options = [
        Option(
            venue="alpha", symbol=f"{days}D-{strike}-{'C' if sign > 0 else 'P'}", tick=Decimal("0.0001"), lot=Decimal("0.1"),
            expiry_ns=START_NS + days * NS_PER_DAY, strike=Decimal(strike), sign=sign, **coin,
        )
        for days in LIVES.values() for strike in STRIKES for sign in (CALL, PUT)
    ]  # fmt: skip
    return [Perpetual("beta", "BTC-PERP", "BTC", "USDC", "USDC", Decimal("0.5"), Decimal("0.001")), *options]


@pytest.fixture
def world(make_world):
    """A perpetual at 100,000 and two expiries of thirteen strikes, of which nobody has said anything yet; smiles from quotes."""
    made = make_world(*listed(), quiet=tuple(contract.symbol for contract in listed()[1:]))
    made.rules = rules()
    return made


def smile(strike: float, years: float, level: float = 0.5, skew: float = -0.3) -> float:
    """An SVI slice, in units of deviations the same at every life; `skew` is its rho."""
    deviation = level * math.sqrt(years)
    k = math.log(strike / 100_000.0) / deviation
    return level * math.sqrt(1.0 + 0.2 * (skew * k + math.sqrt(k * k + 1.0) - 1.0))


def tell(
    world, days: int, *, half_spread: float = 0.004, forward: float = 100_000.0, skip=(), bids=True, mark=NAN, off=None, **shape
):
    """Quote every option of an expiry `half_spread` vols about the smile; `off` moves single strikes by vols."""
    years = (START_NS + days * NS_PER_DAY - world.ns) / NS_PER_YEAR
    for row, contract in enumerate(world.universe.contracts):
        if not contract.symbol.startswith(f"{days}D-") or float(contract.strike) in skip:
            continue
        strike = float(contract.strike)
        vol = smile(strike, years, **shape) + (off or {}).get(strike, 0.0)
        sides = [vol - half_spread, vol + half_spread]
        bid, ask = (float(option_value_and_greeks(forward, strike, years, each, contract.sign, True)[0]) for each in sides)
        world.tell(Ticker(row, bid if bids else NAN, ask, 1.0, 1.0, NAN, mark, forward, world.ns))


def state(world, tenor: int) -> str:
    return SMILE_STATES[int(world.btc.surface.state[tenor])]


def slots(world, tenor: int) -> np.ndarray:
    return world.btc.tenor_slots[tenor]


def wanted(world, tenor: int, **shape) -> np.ndarray:
    years = world.btc.averages.years.item(tenor)
    return np.array([smile(strike, years, **shape) for strike in world.block.strike[slots(world, tenor)]])


def slice_of(world, tenor: int) -> SVI:
    return SVI(*world.btc.surface.slices[:, tenor].tolist())


def test_vols_come_from_bids_and_asks(world):
    tell(world, 7)
    tell(world, 30)
    world.settle()
    for tenor in (1, 2):
        assert state(world, tenor) == "fitted"
        assert world.btc.vol[slots(world, tenor)] == pytest.approx(wanted(world, tenor), abs=0.002)
        assert world.btc.surface.inside[tenor] == 1.0
        assert world.btc.surface.rmse[tenor] < 0.001
    assert world.trusts("7D-100000-C")
    assert (world.btc.surface.vol_ns[slots(world, 1)] == world.ns).all()


def test_a_strike_that_nobody_quotes_has_its_smiles_vol_and_more_doubt(world):
    tell(world, 7, skip=(110_000.0, 70_000.0))
    world.settle()
    doubt = dict(zip(world.block.strike[slots(world, 1)], world.btc.surface.uncertainty[slots(world, 1)], strict=True))
    assert world.btc.vol[slots(world, 1)] == pytest.approx(wanted(world, 1), abs=0.005)
    assert doubt[100_000.0] == pytest.approx(0.004, rel=0.2), "half of bid to ask"
    assert doubt[70_000.0] > 1.5 * doubt[75_000.0], "beyond the last strike that is quoted nobody knows"
    assert not world.trusts("7D-110000-C"), "a row is no younger than its own last word"


def test_a_quote_that_the_others_contradict_is_marked_and_left_out(world):
    tell(world, 7, off={105_000.0: 0.25})
    world.settle()
    out = world.btc.surface.outlying[slots(world, 1)]
    assert set(world.block.strike[slots(world, 1)][out]) == {105_000.0}
    assert world.btc.vol[slots(world, 1)] == pytest.approx(wanted(world, 1), abs=0.003)


def test_one_sided_quotes_alone_are_no_smile_and_the_marks_stand_in(world):
    tell(world, 7, bids=False, mark=0.61)
    world.settle()
    assert state(world, 1) == "marks"
    assert "both sides" in world.btc.surface.reason[1]
    assert world.btc.vol[slots(world, 1)] == pytest.approx(0.61)
    assert world.btc.surface.uncertainty[slots(world, 1)] == pytest.approx(0.061)
    assert world.trusts("7D-100000-C")


def test_without_marks_the_old_vols_are_kept_and_grow_old(world):
    tell(world, 7)
    world.settle()
    before = world.btc.vol[slots(world, 1)].copy()
    for _ in range(4):
        world.ns += 10 * 10**9
        world.tell(*[event for event in world.says() if event.__class__ is not Ticker])
        tell(world, 7, bids=False)
        world.settle()
    assert state(world, 1) == "kept"
    assert (world.btc.vol[slots(world, 1)] == before).all()
    assert not world.trusts("7D-100000-C"), "its quotes are fresh, and no vol has been fitted to them for too long"


def test_a_thin_expiry_borrows_its_neighbours_shape_at_its_own_level(world):
    tell(world, 30)
    tell(world, 7, level=0.6, skip=tuple(float(strike) for strike in STRIKES if strike not in (95_000, 100_000, 105_000)))
    world.settle()
    assert state(world, 1) == "borrowed"
    assert "shape" in world.btc.surface.reason[1]
    near = np.abs(world.block.strike[slots(world, 1)] - 100_000) <= 5_000
    assert world.btc.vol[slots(world, 1)][near] == pytest.approx(wanted(world, 1, level=0.6)[near], abs=0.004)
    assert world.btc.surface.uncertainty[slots(world, 1)].min() > 0.05


@given(st.floats(0.3, 0.9), st.floats(0.3, 0.9), st.floats(-0.8, 0.5))
def test_whatever_is_quoted_the_surface_is_free_of_arbitrage(make_world, near, far, skew):
    """Even a far expiry that is quoted below a near one's total variance."""
    made = make_world(*listed(), quiet=tuple(contract.symbol for contract in listed()[1:]))
    made.rules = rules()
    tell(made, 7, level=near, skew=skew)
    tell(made, 30, level=0.4 * far, skew=skew)
    made.settle()
    if "fitted" in (state(made, 1), state(made, 2)):
        assert butterfly(slice_of(made, 1)).free
    if not np.isnan(made.btc.surface.slices[:, 1:]).any():
        assert butterfly(slice_of(made, 2)).free
        assert calendar(slice_of(made, 1), slice_of(made, 2)).free


def test_an_expiry_is_fitted_no_more_often_than_asked_and_never_forgotten(world):
    world.rules = rules(refit_s=5.0)
    tell(world, 7)
    world.settle()
    world.ns += 10**9
    tell(world, 7, level=0.55)
    world.settle()
    assert world.btc.vol[slots(world, 1)] == pytest.approx(wanted(world, 1), abs=0.003)
    assert world.btc.trust_until_ns == world.btc.surface.next_fit_ns == world.ns + 4 * 10**9, "the desk is woken for it"
    world.settle(after_s=4.0)
    assert world.btc.vol[slots(world, 1)] == pytest.approx(wanted(world, 1, level=0.55), abs=0.003)
    assert not any(world.btc.surface.dirty)


@pytest.mark.parametrize(("dynamics", "ratio"), [("sticky_strike", 0.0), ("sticky_delta", -1.0), ("sticky_local", 1.0)])
def test_between_two_fits_vols_move_with_the_forward_as_the_dynamics_say(world, dynamics, ratio):
    world.rules = rules(dynamics=dynamics)
    tell(world, 30)
    world.settle()
    before, fitted = world.btc.vol[slots(world, 2)].copy(), slice_of(world, 2)
    world.tell(world.top("BTC-PERP", 100_099.5, 100_100.5))
    world.settle()
    k = np.log(world.block.strike[slots(world, 2)] / 100_000.0)
    skew = fitted.slope(k) / (2.0 * before * world.btc.averages.years[2])
    assert world.btc.vol[slots(world, 2)] == pytest.approx(before + ratio * skew * math.log(1.001), abs=1e-12)


def test_the_same_quotes_give_the_same_bits(make_world):
    found = []
    for _ in range(2):
        made = make_world(*listed(), quiet=tuple(contract.symbol for contract in listed()[1:]))
        made.rules = rules()
        tell(made, 7)
        tell(made, 30)
        made.settle()
        found.append((made.btc.vol.tobytes(), made.btc.surface.slices.tobytes(), made.btc.surface.uncertainty.tobytes()))
    assert found[0] == found[1]


def test_a_fallback_is_told_once(world):
    def news() -> list[str]:
        return move_forwards(world.market, world.universe, 0, world.rules, world.ns)

    tell(world, 7, bids=False, mark=0.61)
    assert news() == [
        "2026-01-13 smile is marks: fewer than 5 strikes have both sides, uncrossed, and no neighbour lends a shape"
    ]
    world.ns += 1
    tell(world, 7, bids=False, mark=0.61)
    assert news() == []


def test_the_newer_word_holds_and_an_older_neighbour_gives_way(world):
    """The near expiry was at 150 %; a moment later the far one is quoted where that would leave no room."""
    tell(world, 7, level=1.5)
    world.settle()
    world.ns += 10**9
    tell(world, 30, level=0.5)
    world.settle()
    assert world.btc.vol[slots(world, 2)] == pytest.approx(wanted(world, 2, level=0.5), abs=0.003)
    assert state(world, 2) == "fitted"
    assert "contradict" in world.btc.surface.reason[1]
    world.ns += 10**9
    tell(world, 7, level=0.5)
    world.settle()
    assert calendar(slice_of(world, 1), slice_of(world, 2)).free
    assert 1 not in world.btc.surface.reason
