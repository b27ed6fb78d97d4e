"""Who says where an expiry's forward is: the exchange, a future, or calls and puts; and what happens when one falls silent."""

import math
from decimal import Decimal

import pytest

from flatbook.basics import NS_PER_DAY, NS_PER_YEAR, parse_utc
from flatbook.events import Ticker
from flatbook.instruments import CALL, PUT, Future, Option, Perpetual
from flatbook.market import FORWARD_SOURCES
from flatbook.pricing import option_value_and_greeks

EXPIRY_NS = parse_utc("2026-02-05T08:00:00Z")
PERP, FUTURE, CALL_SYMBOL, PUT_SYMBOL = "BTC-PERP", "BTC-30D", "BTC-30D-100000-C", "BTC-30D-100000-P"
NAN = math.nan


@pytest.fixture
def world(make_world):
    """A perpetual at 100,000, a dated future and a call and a put of its expiry, of which nobody has said anything yet."""
    coin = {"underlying": "BTC", "quote": "USD", "settlement": "BTC", "inverse": True}
    terms = {"tick": Decimal("0.0001"), "lot": Decimal("0.1"), "expiry_ns": EXPIRY_NS, "strike": Decimal(100_000)}
    return make_world(
        Perpetual("beta", PERP, "BTC", "USDC", "USDC", Decimal("0.5"), Decimal("0.001")),
        Future(venue="alpha", symbol=FUTURE, tick=Decimal("0.5"), lot=Decimal(10), expiry_ns=EXPIRY_NS, **coin),
        Option(venue="alpha", symbol=CALL_SYMBOL, sign=CALL, **terms, **coin),
        Option(venue="alpha", symbol=PUT_SYMBOL, sign=PUT, **terms, **coin),
        quiet=(FUTURE, CALL_SYMBOL, PUT_SYMBOL),
    )


def tell_options(world, forward: float, *, stated: float = NAN, half_spread: float = 0.0005) -> None:
    """Both options quoted about their value on `forward`; the exchange states `stated`, by default nothing."""
    years = (EXPIRY_NS - world.ns) / NS_PER_YEAR
    for symbol, sign in ((CALL_SYMBOL, 1.0), (PUT_SYMBOL, -1.0)):
        mark = float(option_value_and_greeks(forward, 100_000.0, years, 0.5, sign, True)[0])
        world.tell(Ticker(world.row(symbol), mark - half_spread, mark + half_spread, 1.0, 1.0, mark, 0.5, stated, world.ns))


def tell_future(world, mid: float) -> None:
    world.tell(world.top(FUTURE, mid - 0.5, mid + 0.5))


def tell_tape(world, mid: float) -> None:
    world.tell(world.top(PERP, mid - 0.5, mid + 0.5))


def settle(world, after_s: float = 0.0) -> float:
    """The forward of the expiry's options after that."""
    world.settle(after_s)
    return world.btc.forward.item(world.slot(CALL_SYMBOL))


def source(world) -> str:
    return FORWARD_SOURCES[int(world.btc.forwards.source[1])]


def basis(world, name: str) -> float:
    return world.btc.forwards.basis.item(FORWARD_SOURCES.index(name), 1)


def test_the_exchange_is_taken_at_its_word(world):
    tell_options(world, 101_000.0, stated=100_500.0)
    assert settle(world) == pytest.approx(100_500.0, rel=1e-12)
    assert source(world) == "underlying"


def test_without_the_exchange_the_future_says_it(world):
    tell_future(world, 100_600.0)
    settle(world)  # a future is believed once it has been looked at
    world.ns += 1
    tell_future(world, 100_700.0)
    assert settle(world) == pytest.approx(100_700.0)
    assert source(world) == "future"
    assert world.btc.tenor_ns[1] == world.ns


def test_without_either_calls_and_puts_say_it(world):
    tell_options(world, 100_800.0)
    assert settle(world) == pytest.approx(100_800.0, rel=1e-9)
    assert source(world) == "parity"
    assert world.trusts(CALL_SYMBOL)


def test_nobody_says_anything_and_nothing_is_trusted(world):
    world.settle()
    assert not world.trusts(CALL_SYMBOL)
    assert world.btc.forwards.source[1] == -1


def test_a_future_that_stands_apart_moves_the_forward_by_its_moves_alone(world):
    """It trades 20 bp above the exchange's underlying; it moves up by 10 bp between two words of the exchange."""
    tell_options(world, 100_500.0, stated=100_500.0)
    tell_future(world, 100_700.0)
    settle(world)
    world.ns += 1
    tell_future(world, 100_700.0)
    assert settle(world) == pytest.approx(100_500.0, rel=1e-9)
    assert basis(world, "future") == pytest.approx(100_700 / 100_500 - 1.0)
    world.ns += 1
    tell_future(world, 100_800.0)
    assert settle(world) == pytest.approx(100_500.0 * 100_800 / 100_700, rel=1e-9)
    assert source(world) == "future"


def test_when_the_exchange_speaks_again_the_basis_is_measured_anew(world):
    tell_options(world, 100_500.0, stated=100_500.0)
    tell_future(world, 100_700.0)
    settle(world)
    for mid, stated in ((100_700.0, NAN), (100_800.0, NAN), (100_800.0, 100_620.0)):
        world.ns += 1
        tell_future(world, mid)
        tell_options(world, 100_500.0, stated=stated)
        last = settle(world)
    assert last == pytest.approx(100_620.0, rel=1e-9)
    world.ns += 1
    tell_options(world, 100_500.0, stated=100_620.0)
    settle(world)
    assert basis(world, "future") == pytest.approx(100_800 / 100_620 - 1.0)


def test_a_future_long_silent_keeps_the_basis_it_had(world):
    tell_options(world, 100_500.0, stated=100_500.0)
    settle(world)
    tell_future(world, 100_700.0)
    settle(world)
    world.ns += 1
    tell_future(world, 100_700.0)
    settle(world)
    kept = basis(world, "future")
    for stated in (100_550.0, 100_600.0, 100_650.0):
        world.ns += 1
        tell_options(world, 100_500.0, stated=stated)
        settle(world)
    # The first of these came while the future's word was the latest and measured it; the later ones say nothing of it.
    assert basis(world, "future") == pytest.approx(100_700 / 100_550 - 1.0)
    assert kept != basis(world, "future")


def test_the_tape_moves_the_forward_whoever_last_stated_it(world):
    tell_options(world, 100_800.0)
    before = settle(world)
    tell_tape(world, 101_000.0)
    assert settle(world) == pytest.approx(before * 1.01, rel=1e-12)


def test_parity_takes_over_when_both_others_are_stale_without_a_jump(world):
    """The exchange falls silent; the options' mids have always implied 30 bp more than it stated."""
    tell_options(world, 100_800.0, stated=100_500.0)
    settle(world)
    world.ns += 31 * 10**9
    tell_tape(world, 100_000.0)
    tell_options(world, 100_800.0)
    assert settle(world) == pytest.approx(100_500.0, rel=1e-9)
    assert source(world) == "parity"
    assert basis(world, "parity") == pytest.approx(100_800 / 100_500 - 1.0, rel=1e-6)
    world.ns += 1
    tell_options(world, 100_900.0)
    assert settle(world) == pytest.approx(100_500.0 * 100_900 / 100_800, rel=1e-9)


def test_what_has_no_forward_any_more_is_not_trusted(world):
    tell_options(world, 100_800.0, stated=100_500.0)
    settle(world)
    assert world.trusts(CALL_SYMBOL)
    tell_tape(world, 100_000.0)
    world.settle(after_s=31.0)
    assert not world.trusts(CALL_SYMBOL)


def test_an_expiry_that_is_over_asks_nobody(world):
    world.ns += 31 * NS_PER_DAY
    tell_tape(world, 100_000.0)
    tell_options_after_expiry = Ticker(world.row(CALL_SYMBOL), 0.01, 0.011, 1.0, 1.0, 0.01, 0.5, NAN, world.ns)
    world.tell(tell_options_after_expiry)
    world.settle()
    assert world.btc.forwards.source[1] == -1
