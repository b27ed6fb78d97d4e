"""A small desk that tests can drive by hand: one inverse and one linear perpetual, spot, and a strip of options."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from flatbook.basics import BUY, NS_PER_DAY, NS_PER_MS, Side, parse_utc
from flatbook.engine import Alert, Effect, Parameters, State, new_state, step, validate
from flatbook.events import Batch, Deposited, Event, Fill, Index, Listed, OrderAccepted, OrderAmended, OrderCancelled, Ticker, Top
from flatbook.hedging import Hedging
from flatbook.instruments import Contract, FeeSchedule, Option, Perpetual, Rates, Spot, Venue
from flatbook.limits import Limits, UnderlyingLimits
from flatbook.market import Delivery, Freshness, Smiles
from flatbook.orders import Amend, Cancel, Order, Place, Purpose
from flatbook.pricing import option_value_and_greeks
from flatbook.quoting import Quoting
from flatbook.risk import FactorModel

START_NS = parse_utc("2026-01-06T08:00:00Z")
FREE = Rates(Decimal(0), Decimal("0.0005"))
FEES = FeeSchedule(spot=FREE, perpetual=FREE, future=FREE, option=Rates(Decimal("0.0003"), Decimal("0.0003")))
STRIKES = (80_000, 90_000, 95_000, 100_000, 105_000, 110_000, 120_000)
SPOT, FORWARD, VOL = 100_000.0, 100_500.0, 0.5


def parameters(**changes: object) -> Parameters:
    given = {
        "venues": (Venue("alpha", FEES), Venue("beta", FEES), Venue("spot", FEES)),
        "leads": {},
        "freshness": Freshness(top_s=5.0, option_s=30.0, index_s=30.0),
        "smiles": Smiles("marks", "sticky_strike", 0.0),
        "delivery": Delivery(30.0),
        "factors": FactorModel(
            risk_aversion=1e-6,
            horizon_s=3600.0,
            spot_vol_floor=0.4,
            vol_of_vol=0.9,
            spot_vol_correlation=-0.2,
            spot_correlation=0.8,
            vol_correlation=0.7,
        ),
        "quoting": Quoting(
            venues=("alpha",),
            kinds=("option", "perpetual"),
            size_coins={"BTC": 0.5},
            edge_vol_points=0.8,
            edge_bps=2.0,
            min_delta=0.02,
            max_delta=0.98,
            min_days=0.1,
            max_days=400.0,
            hedge_share=0.3,
            stale_vol_points=1.0,
            stale_bps=2.0,
            tolerance=0.2,
            requests_per_s=1000.0,
            burst=1000,
        ),
        "hedging": Hedging(
            venues=("beta",),
            target_coins={"BTC": 10.0},
            least_band_coins={"BTC": 0.2},
            largest_order_coins={"BTC": 5.0},
            aim=0.5,
            patience_s=0.0,
            urgent=3.0,
            slippage_bps=5.0,
        ),
        "limits": Limits(
            underlyings={"BTC": UnderlyingLimits(delta_cash=1_000_000.0, gamma_cash=200_000.0, vega_cash=50_000.0)},
            order_notional=1_000_000.0,
            largest_loss=100_000.0,
            working_orders=500,
            widening=0.25,
        ),
    }
    return Parameters(**(given | changes))  # type: ignore[arg-type]


def contracts() -> list[Contract]:
    dime, lot = Decimal("0.5"), Decimal("0.001")
    listed: list[Contract] = [
        Perpetual("beta", "BTC_USDC-PERPETUAL", "BTC", "USDC", "USDC", dime, lot),
        Perpetual("alpha", "BTC-PERPETUAL", "BTC", "USD", "BTC", dime, Decimal(10), inverse=True),
        Spot("spot", "BTC/USDC", "BTC", "USDC", Decimal("0.01"), Decimal("0.0001")),
    ]
    expiry = START_NS + 30 * NS_PER_DAY
    for strike in STRIKES:
        for sign in (1, -1):
            name = f"BTC-30D-{strike}-{'C' if sign > 0 else 'P'}"
            listed.append(
                Option(
                    "alpha",
                    name,
                    "BTC",
                    "USD",
                    "BTC",
                    Decimal("0.0001"),
                    Decimal("0.1"),
                    expiry,
                    Decimal(strike),
                    sign,
                    inverse=True,
                    wide_tick=Decimal("0.0005"),
                    wide_above=Decimal("0.005"),
                )
            )
    return listed


@dataclass
class Desk:
    """A state and the few moves a test makes with it; every move is one batch."""

    state: State
    rows: dict[str, int] = field(default_factory=dict)
    ns: int = START_NS
    fills: int = 0
    effects: tuple[Effect, ...] = ()

    def feed(self, *events: Event, after_ms: int = 100) -> tuple[Effect, ...]:
        self.ns += after_ms * NS_PER_MS
        effects = step(self.state, Batch(self.state.sequence + 1, self.ns, tuple(events)))
        validate(self.state)
        return effects

    def open(self, spot: float = SPOT) -> tuple[Effect, ...]:
        listed = contracts()
        self.rows = {contract.symbol: row for row, contract in enumerate(listed)}
        listings = [Listed(row, contract) for row, contract in enumerate(listed)]
        capital = [
            Deposited("d1", "alpha", "BTC", Decimal(10)),
            Deposited("d2", "beta", "USDC", Decimal(500_000)),
            Deposited("d3", "spot", "USDC", Decimal(500_000)),
        ]
        return self.feed(*listings, *capital, *self.market(spot))

    def market(self, spot: float = SPOT, vol: float = VOL) -> list[Event]:
        forward = spot * FORWARD / SPOT
        events: list[Event] = [Index("BTC", spot, self.ns), Index("USDC", 1.0, self.ns)]
        for symbol in ("BTC_USDC-PERPETUAL", "BTC-PERPETUAL", "BTC/USDC"):
            events.append(self.top(symbol, spot - 0.5, spot + 0.5))
        for row, contract in enumerate(contracts()):
            if isinstance(contract, Option):
                years = (contract.expiry_ns - self.ns) / (365 * NS_PER_DAY)
                mark = float(option_value_and_greeks(forward, float(contract.strike), years, vol, contract.sign, True)[0])
                bid, ask = max(mark - 0.002, 0.0001), mark + 0.002
                events.append(Ticker(row, bid, ask, 10.0, 10.0, mark, vol, forward, self.ns))
        return events

    def top(self, symbol: str, bid: float, ask: float, size: float = 5.0) -> Top:
        return Top(self.rows[symbol], bid, ask, size, size, self.ns)

    def fill(self, symbol: str, side: Side, price: str, quantity: str, *, order_id: int = 0, fee: str = "0") -> Fill:
        row = self.rows[symbol]
        self.fills += 1
        asset = self.state.universe.contracts[row].settlement
        return Fill(f"f{self.fills}", order_id, row, side, Decimal(price), Decimal(quantity), Decimal(fee), asset, True, self.ns)

    def answer(self, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
        """The venue says yes to everything, amends included."""
        answers: list[Event] = []
        for effect in effects:
            match effect:
                case Place():
                    answers.append(OrderAccepted(effect.order_id, str(effect.order_id)))
                case Amend():
                    answers.append(OrderAmended(effect.order_id, effect.price, effect.quantity))
                case Cancel():
                    answers.append(OrderCancelled(effect.order_id, "by request"))
                case Alert():
                    pass
        return self.feed(*answers)

    def settle(self, effects: tuple[Effect, ...] = ()) -> None:
        """Let the venue say yes until the desk asks for nothing more."""
        for _ in range(20):
            effects = self.answer(effects)
            if not any(not isinstance(effect, Alert) for effect in effects):
                return
        raise AssertionError("the desk never comes to rest")

    def quote(self, symbol: str, side: Side = BUY) -> float:
        """The price of our working quote; NaN when there is none."""
        order = self.quote_order(symbol, side)
        return float(order.price) if order else float("nan")

    def quote_order(self, symbol: str, side: Side = BUY) -> Order | None:
        """Our open quote on that side of the row."""
        row = self.rows[symbol]
        quotes = (order for order in self.state.orders.open.values() if order.purpose is Purpose.QUOTE)
        return next((order for order in quotes if order.row == row and order.side is side), None)

    def hit(self, symbol: str, side: Side, quantity: str | None = None) -> Fill:
        """Somebody trades with our quote: `side` is ours."""
        order = self.quote_order(symbol, side)
        assert order is not None, f"there is no {side.word} quote in {symbol} to be hit"
        return self.fill_of(order, str(order.price), quantity)

    def fill_of(self, order: Order | Place, price: str | None = None, quantity: str | None = None, fee: str = "0") -> Fill:
        """A fill of an order of ours, whole unless `quantity` is given, at its own price unless `price` is."""
        symbol = self.state.universe.contracts[order.row].symbol
        size = quantity or str(order.quantity)
        return self.fill(symbol, order.side, price or str(order.price), size, order_id=order.order_id, fee=fee)

    def quotes_working(self) -> int:
        """How many quotes of ours are in the market, or on their way there."""
        return sum(order.purpose is Purpose.QUOTE for order in self.state.orders.open.values())

    @property
    def delta(self) -> float:
        """Coins of delta, collateral included; the target is 10."""
        return self.state.risk.underlyings[0].exposure.delta

    @staticmethod
    def hedges(effects: tuple[Effect, ...]) -> list[Place]:
        """The hedges among what the desk wants placed."""
        return [effect for effect in effects if isinstance(effect, Place) and effect.purpose is not Purpose.QUOTE]

    @staticmethod
    def quotes(effects: tuple[Effect, ...]) -> list[Place | Amend]:
        """What the desk wants placed or moved for quoting's sake."""
        return [
            effect
            for effect in effects
            if isinstance(effect, Amend) or (isinstance(effect, Place) and effect.purpose is Purpose.QUOTE)
        ]

    @staticmethod
    def cancels(effects: tuple[Effect, ...]) -> list[Cancel]:
        """What the desk wants out of the book."""
        return [effect for effect in effects if isinstance(effect, Cancel)]

    @staticmethod
    def told(effects: tuple[Effect, ...], level: str = "") -> list[str]:
        """What people are told, of that level or of any."""
        return [effect.text for effect in effects if isinstance(effect, Alert) and level in ("", effect.level)]


@pytest.fixture
def make_desk() -> Callable[..., Desk]:
    def make(**changes: object) -> Desk:
        return Desk(new_state(parameters(**changes)))

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Iterator[Desk]:
    """A desk with its market open; whatever a test does to it, its books must be in order at the end."""
    made = make_desk()
    made.effects = made.open()
    yield made
    validate(made.state)


@pytest.fixture
def running(desk: Desk) -> Desk:
    """The same desk with all of its quotes in the book."""
    desk.settle(desk.effects)
    assert desk.quotes_working() == 30
    return desk
