"""What every test of the house may lean on: one hypothesis profile, services that may not be missing quietly, and a world.

A `World` is a small market and a book in it, for the rooms between the market and the quotes; tests of the engine have their
own desk.
"""

import math
import os
import shutil
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from flatbook.basics import NS_PER_DAY, NS_PER_SECOND, NS_PER_YEAR, Floats, parse_utc
from flatbook.events import Depth, Event, Gap, Index, Ticker, Top
from flatbook.instruments import (
    CALL,
    PUT,
    Block,
    Contract,
    FeeSchedule,
    Future,
    Option,
    Perpetual,
    Rates,
    Spot,
    Universe,
    Venue,
    expiry_of,
)
from flatbook.market import (
    Delivery,
    Freshness,
    Market,
    Rules,
    Smiles,
    UnderlyingMarket,
    move_forwards,
    observe_depth,
    observe_gap,
    observe_index,
    observe_ticker,
    observe_top,
    refresh_trust,
)
from flatbook.market import ensure as make_room
from flatbook.pricing import option_value_and_greeks
from flatbook.quoting import BOTH_SIDES, Quotes, Quoting, Terms, UnderlyingQuotes, set_targets
from flatbook.quoting import ensure as make_quotes_room
from flatbook.risk import (
    Exposure,
    FactorModel,
    Risk,
    UnderlyingRisk,
    covariance,
    expose,
    holding_cost,
    keep_marks,
    remark,
    scenario_grid,
)
from flatbook.risk import ensure as make_risk_room

# Set where every service is installed on purpose; there a test that skips for want of one has found a fault.
REQUIRE_SERVICES = os.environ.get("FLATBOOK_REQUIRE_SERVICES") == "1"

# Two shared cores make wall-clock deadlines a lottery; where results are recorded the examples are the same each time.
settings.register_profile(
    "flatbook", deadline=None, print_blob=True, derandomize=REQUIRE_SERVICES, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("flatbook")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if REQUIRE_SERVICES and report.skipped and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped with FLATBOOK_REQUIRE_SERVICES=1: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Debian's Chromium is; tests that need it skip, and say what to run, where it is not."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine: make browser")
    return path


START_NS = parse_utc("2026-01-06T08:00:00Z")
FRESHNESS = Freshness(top_s=5.0, option_s=30.0, index_s=30.0)
MARKS = Rules(FRESHNESS, Smiles("marks", "sticky_strike", 0.0), Delivery(30.0))
FREE = Rates(Decimal(0), Decimal("0.0005"))
FEES = FeeSchedule(spot=FREE, perpetual=FREE, future=FREE, option=Rates(Decimal("0.0003"), Decimal("0.0003")))
STRIKES = (80_000, 90_000, 95_000, 100_000, 105_000, 110_000, 120_000)


def bitcoin() -> list[Contract]:
    """One of everything: linear and inverse perpetuals, spot, an inverse future, and a strip of options of either kind.

    `BTC-30D-100000-C` pays coins on alpha, `BTC-7D-100000-C` pays dollars on beta.
    """
    half, lot = Decimal("0.5"), Decimal("0.001")
    coin = {"underlying": "BTC", "quote": "USD", "settlement": "BTC", "inverse": True}
    dollar = {"underlying": "BTC", "quote": "USDC", "settlement": "USDC"}
    steps = {"wide_tick": Decimal("0.0005"), "wide_above": Decimal("0.005")}
    month, week, quarter = (START_NS + days * NS_PER_DAY for days in (30, 7, 90))
    listed: list[Contract] = [
        Perpetual(venue="beta", symbol="BTC-PERP", tick=half, lot=lot, **dollar),
        Perpetual(venue="alpha", symbol="BTC-INVERSE", tick=half, lot=Decimal(10), **coin),
        Spot("spot", "BTC/USDC", "BTC", "USDC", Decimal("0.01"), Decimal("0.0001")),
        Future(venue="alpha", symbol="BTC-90D", tick=half, lot=Decimal(10), expiry_ns=quarter, **coin),
    ]
    for strike in STRIKES:
        for sign, letter in ((CALL, "C"), (PUT, "P")):
            terms = {"strike": Decimal(strike), "sign": sign, "lot": Decimal("0.1")}
            name, cheap = f"BTC-30D-{strike}-{letter}", Decimal("0.0001")
            listed.append(Option(venue="alpha", symbol=name, tick=cheap, expiry_ns=month, **terms, **coin, **steps))
            name = f"BTC-7D-{strike}-{letter}"
            listed.append(Option(venue="beta", symbol=name, tick=Decimal(5), expiry_ns=week, **terms, **dollar))
    return listed


@dataclass
class World:
    """A small market and a book in it, without an engine: what the world says goes in, measures come out.

    `held` is the book by symbol, in contract units; `coins` the house's cash and open notional in the coin.
    """

    universe: Universe = field(default_factory=Universe)
    market: Market = field(default_factory=Market)
    risk: Risk = field(default_factory=Risk)
    quotes: Quotes = field(default_factory=Quotes)
    ns: int = START_NS
    rules: Rules = MARKS
    held: dict[str, float] = field(default_factory=dict)
    coins: float = 0.0

    def announce(self, *contracts: Contract) -> None:
        for contract in contracts:
            make_room(self.market, self.universe, self.universe.list_contract(contract))
        make_risk_room(self.risk, self.universe)

    def tell(self, *events: Event) -> None:
        """The world speaks now; nothing is worked out before `settle`."""
        for event in events:
            match event:
                case Top():
                    observe_top(self.market, self.universe, event, self.ns)
                case Depth():
                    observe_depth(self.market, self.universe, event, self.ns)
                case Ticker():
                    observe_ticker(self.market, self.universe, event, self.ns)
                case Index():
                    observe_index(self.market, self.universe, event, self.ns)
                case Gap():
                    observe_gap(self.market, self.universe, event)
                case _:
                    raise AssertionError(f"a world is not told of {event}")

    def settle(self, after_s: float = 0.0) -> None:
        """Work out what the world said, `after_s` seconds after it was said."""
        self.ns += round(after_s * NS_PER_SECOND)
        for index, block in enumerate(self.universe.blocks):
            entry, marks = self.market.underlyings[index], self.risk.underlyings[index]
            move_forwards(self.market, self.universe, index, self.rules, self.ns)
            refresh_trust(self.market, self.universe, index, FRESHNESS, self.ns)
            remark(marks, entry, block, self.ns)
            keep_marks(marks, entry, block, self.ns)

    def says(self, spot: float = 100_000.0, vol: float = 0.5, quiet: tuple[str, ...] = ()) -> list[Event]:
        """A whole market at this spot: forwards at 5% a year, a smile around `vol`, a top for all but the `quiet`."""
        events: list[Event] = [Index("BTC", spot, self.ns), Index("USDC", 1.0, self.ns)]
        for row, contract in enumerate(self.universe.contracts):
            if contract.symbol in quiet:
                continue
            if not isinstance(contract, Option):
                mid = forward_of(contract, spot)
                events.append(self.top(contract.symbol, mid - 0.5, mid + 0.5))
                continue
            forward, strike = forward_of(contract, spot), float(contract.strike)
            smiled = vol + 0.2 * math.log(strike / forward) ** 2 - 0.05 * math.log(strike / forward)
            years = (contract.expiry_ns - START_NS) / NS_PER_YEAR
            mark = float(option_value_and_greeks(forward, strike, years, smiled, contract.sign, contract.inverse)[0])
            spread = 0.002 if contract.inverse else 150.0
            bid, ask = max(mark - spread, float(contract.tick)), mark + spread
            events.append(Ticker(row, bid, ask, 10.0, 10.0, mark, smiled, forward, self.ns))
        return events

    def row(self, symbol: str) -> int:
        return next(row for row, contract in enumerate(self.universe.contracts) if contract.symbol == symbol)

    def slot(self, symbol: str) -> int:
        return self.universe.slot_of[self.row(symbol)]

    def top(self, symbol: str, bid: float, ask: float) -> Top:
        """A top with five coins on either side."""
        row = self.row(symbol)
        size = 5.0 * (bid if self.universe.contracts[row].inverse else 1.0)
        return Top(row, bid, ask, size, size, self.ns)

    @property
    def block(self) -> Block:
        return self.universe.blocks[0]

    @property
    def btc(self) -> UnderlyingMarket:
        return self.market.underlyings[0]

    @property
    def marks(self) -> UnderlyingRisk:
        return self.risk.underlyings[0]

    def trusts(self, symbol: str) -> bool:
        return bool(self.btc.trusted[self.slot(symbol)])

    def quantity(self) -> Floats:
        column = np.zeros(self.block.capacity)
        for symbol, held in self.held.items():
            column[self.slot(symbol)] = held
        return column

    def exposure(self, widening: float = 0.0) -> Exposure:
        expose(self.marks, self.btc, self.block, self.quantity(), self.coins, widening)
        return copy(self.marks.exposure)

    def gains(self, spot_moves: list[float], vol_moves: list[float]) -> Floats:
        """Dollars gained in each cell of full revaluation."""
        grid = np.array(spot_moves), np.array(vol_moves)
        return scenario_grid(self.block, self.btc, self.marks, self.quantity(), self.coins, *grid)

    def quote(self, policy: Quoting, model: FactorModel, *, hedge_rate: float = 0.0, sides: int = BOTH_SIDES) -> None:
        """Targets for the book as it is held, priced by the factor model."""
        exposure = self.exposure()
        together = covariance(model, np.array([self.at_the_money_vol]))
        cost = holding_cost(model, together, np.array([exposure.delta_cash]), np.array([exposure.vega_level]))
        curve = cost.curvature[:, :, 0]
        terms = Terms(
            float(cost.gradient[0, 0]), float(cost.gradient[1, 0]), float(curve[0, 0]), float(curve[0, 1]), float(curve[1, 1]),
            model.risk_aversion, hedge_rate, sides,
        )  # fmt: skip
        make_quotes_room(self.quotes, self.universe, policy, {name: Venue(name, FEES) for name in ("alpha", "beta", "spot")})
        set_targets(self.quoted, policy, FRESHNESS, terms, self.block, self.btc, self.marks, self.ns)

    @property
    def at_the_money_vol(self) -> float:
        """That of the first option nearest the forward; 0 in a world without options."""
        options = np.flatnonzero(self.block.sign)
        away = np.abs(self.block.strike[options] - self.btc.forward[options])
        return self.btc.vol.item(int(options[np.argmin(away)])) if options.size else 0.0

    @property
    def quoted(self) -> UnderlyingQuotes:
        return self.quotes.underlyings[0]

    def bid(self, symbol: str) -> float:
        return self.quoted.target.item(0, self.slot(symbol))

    def ask(self, symbol: str) -> float:
        return self.quoted.target.item(1, self.slot(symbol))


def forward_of(contract: Contract, spot: float) -> float:
    return spot * (1.0 + 0.05 * max(expiry_of(contract) - START_NS, 0) / NS_PER_YEAR)


@pytest.fixture(scope="session")
def make_world() -> Callable[..., World]:
    """Worlds of one's own contracts, by default one of everything in BTC, told a whole market and settled."""

    def make(*contracts: Contract, spot: float = 100_000.0, vol: float = 0.5, quiet: tuple[str, ...] = ()) -> World:
        world = World()
        world.announce(*(contracts or bitcoin()))
        world.tell(*world.says(spot, vol, quiet))
        world.settle()
        return world

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


@pytest.fixture(scope="session")
def factor_model() -> Callable[..., FactorModel]:
    """Plausible factors; keywords replace figures."""

    def make(**changes: float) -> FactorModel:
        figures = {
            "risk_aversion": 1e-6, "horizon_s": 3600.0, "spot_vol_floor": 0.4, "vol_of_vol": 0.9,
            "spot_vol_correlation": -0.2, "spot_correlation": 0.8, "vol_correlation": 0.7,
        }  # fmt: skip
        return FactorModel(**(figures | changes))

    return make


@pytest.fixture(scope="session")
def quoting_policy() -> Callable[..., Quoting]:
    """A policy that quotes half a coin of everything on every venue; keywords replace figures."""

    def make(**changes: object) -> Quoting:
        figures: dict[str, object] = {
            "venues": ("alpha", "beta", "spot"), "kinds": ("option", "perpetual", "future", "spot"), "size_coins": {"BTC": 0.5},
            "edge_vol_points": 0.8, "edge_bps": 2.0, "min_delta": 0.0, "max_delta": 1.0, "min_days": 0.1, "max_days": 400.0,
            "hedge_share": 0.3, "stale_vol_points": 1.0, "stale_bps": 2.0, "tolerance": 0.2,
            "requests_per_s": 1000.0, "burst": 1000,
        }  # fmt: skip
        return Quoting(**(figures | changes))  # type: ignore[arg-type]

    return make
