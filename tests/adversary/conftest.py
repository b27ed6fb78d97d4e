"""An adversary: a seeded world that plays every trick a market and a venue are known for, and never breaks their rules.

It moves prices gently and wildly, falls silent, crosses its books, loses messages; it answers requests late, in any of the ways a
venue may, tells fills twice, after the cancel, or before the acceptance; it lists and expires contracts, pays funding, states
balances rightly and wrongly, and lets an operator press every button. It keeps the venues' accounts, so that it always
knows what is true.
"""

from collections.abc import Callable
from decimal import Decimal
from random import Random

import msgspec
import pytest

from flatbook.basics import NS_PER_DAY, NS_PER_MINUTE, NS_PER_MS, NS_PER_SECOND, NS_PER_YEAR, Side, exact, parse_utc
from flatbook.engine import Alert, Effect, Parameters
from flatbook.events import (
    BalanceStatement,
    Beat,
    Delisted,
    Delivered,
    Deposited,
    Depth,
    Event,
    Fill,
    Flatten,
    FundingPaid,
    FundingRate,
    Gap,
    Index,
    Listed,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderRejected,
    Pause,
    PositionStatement,
    Recovered,
    ReduceOnly,
    RequestRefused,
    Resume,
    Ticker,
    Top,
    Trade,
)
from flatbook.instruments import CALL, PUT, Contract, Future, Option, Perpetual, Spot, expiry_of, intrinsic_value
from flatbook.orders import Amend, Place, Request
from flatbook.pricing import option_value_and_greeks
from flatbook.runtime import load_config
from flatbook.venues.paper import PaperAccounts, fold_account

START_NS = parse_utc("2026-01-06T08:00:00Z")
LIVES_NS = (20 * NS_PER_MINUTE, 2 * 60 * NS_PER_MINUTE, 30 * NS_PER_DAY)
SPOTS = {"BTC": 92_000.0, "ETH": 3_150.0}
NAN = float("nan")


def contracts_of(coin: str, spot: float) -> list[Contract]:
    """One of everything on a coin: spot, perpetuals and futures of both kinds, options of both kinds over three expiries."""
    tick, lot = (Decimal("0.5"), Decimal("0.1")) if coin == "BTC" else (Decimal("0.05"), Decimal(1))
    inverse = {"underlying": coin, "quote": "USD", "settlement": coin, "inverse": True}
    linear = {"underlying": coin, "quote": "USDC", "settlement": "USDC"}
    quarter = START_NS + LIVES_NS[-1]
    found: list[Contract] = [
        Spot("spot", f"{coin}_USDC", coin, "USDC", tick, Decimal("0.001")),
        Perpetual("alpha", f"{coin}-PERPETUAL", tick=tick, lot=Decimal(10), **inverse),
        Perpetual("beta", f"{coin}_USDC-PERPETUAL", tick=tick, lot=Decimal("0.001"), **linear),
        Future("alpha", f"{coin}-30D", tick=tick, lot=Decimal(10), expiry_ns=quarter, **inverse),
        Future("beta", f"{coin}_USDC-20M", tick=tick, lot=Decimal("0.001"), expiry_ns=START_NS + LIVES_NS[0], **linear),
    ]
    for place, life_ns in enumerate(LIVES_NS):
        for strike in (0.9, 1.0, 1.1):
            found += [_option(coin, place, life_ns, round(spot * strike, -2), sign, lot) for sign in (CALL, PUT)]
    return found


def _option(coin: str, place: int, life_ns: int, strike: float, sign: int, lot: Decimal) -> Option:
    terms = {"lot": lot, "expiry_ns": START_NS + life_ns, "strike": exact(strike), "sign": sign}
    if place == 1:
        return Option("beta", f"{coin}_USDC-{place}-{strike:.0f}-{sign}", coin, "USDC", "USDC", tick=Decimal("0.1"), **terms)
    coarse = {"wide_tick": Decimal("0.0005"), "wide_above": Decimal("0.005")}
    name = f"{coin}-{place}-{strike:.0f}-{sign}"
    return Option("alpha", name, coin, "USD", coin, tick=Decimal("0.0001"), inverse=True, **terms, **coarse)


class Standing:
    """An order as the venue sees it."""

    def __init__(self, place: Place) -> None:
        self.place, self.price, self.remaining = place, place.price, place.quantity
        self.accepted = self.gone = False


class Adversary:
    """`events()` is the next batch's, `hear(effects)` takes the desk's answers. All chance comes from `seed`."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.ns = START_NS
        self.spots, self.vols, self.peg = dict(SPOTS), dict.fromkeys(SPOTS, 0.5), 1.0
        self.contracts: list[Contract] = []
        self.listed: set[int] = set()
        self.waiting = [contract for coin, spot in SPOTS.items() for contract in contracts_of(coin, spot)]
        self.accounts = PaperAccounts()
        self.orders: dict[int, Standing] = {}
        self.requests: list[Request] = []
        self.told_fills: list[Fill] = []
        self.numbers = 0
        self.lied = False

    def opening(self) -> list[Event]:
        """Most contracts and all capital; some contracts are listed later."""
        held_back = self.dice.sample(range(len(self.waiting)), 8)
        now, later = [], []
        for place, contract in enumerate(self.waiting):
            (later if place in held_back else now).append(contract)
        self.waiting = now
        events = [self._list() for _ in now]
        self.waiting = later
        capital = (("alpha", "BTC", 20), ("alpha", "ETH", 300), ("beta", "USDC", 2_000_000), ("spot", "USDC", 1_000_000))
        return [*events, *(self._deposit(venue, asset, Decimal(amount)) for venue, asset, amount in capital)]

    def hear(self, effects: tuple[Effect, ...]) -> None:
        """The desk's requests arrive, to be answered some time."""
        for effect in effects:
            if isinstance(effect, Place):
                self.orders[effect.order_id] = Standing(effect)
            if not isinstance(effect, Alert):
                self.requests.append(effect)

    def events(self) -> list[Event]:
        """What happens next, after some time."""
        dice = self.dice
        self.lied = False
        self.ns += self._pause_ns()
        found: list[Event] = []
        for chance, happening in (
            (0.85, self._market),
            (0.80, self._answers),
            (0.30, self._takers),
            (0.15, self._told_again),
            (0.10, self._mischief),
            (0.08, self._statements),
            (0.06, self._money),
            (0.05, self._operator),
            (0.05, self._listings),
            (0.50, self._expiries),
        ):
            if dice.random() < chance:
                found += happening()
        dice.random() < 0.1 and found.append(Beat())
        return found

    def _pause_ns(self) -> int:
        return self.dice.choices(
            (0, 100 * NS_PER_MS, NS_PER_SECOND, 12 * NS_PER_SECOND, 3 * NS_PER_MINUTE), weights=(5, 58, 24, 7, 6)
        )[0] + self.dice.randrange(NS_PER_MS)

    def _market(self) -> list[Event]:
        """Prices move, mostly a little; some rows speak and others are silent."""
        dice = self.dice
        wild = dice.random() < 0.03
        for coin in self.spots:
            self.spots[coin] *= 1 + dice.gauss(0.0, 0.05 if wild else 0.0005)
            self.vols[coin] = min(4.0, max(0.05, self.vols[coin] * (1 + dice.gauss(0.0, 0.3 if wild else 0.005))))
        if dice.random() < 0.03:
            self.peg = min(1.05, max(0.9, self.peg * (1 + dice.gauss(0.0, 0.01))))
        events: list[Event] = [Index(coin, spot, self.ns) for coin, spot in self.spots.items() if dice.random() < 0.7]
        events += [Index("USDC", self.peg, self.ns)] * (dice.random() < 0.1)
        return events + [self._word(row) for row in sorted(self.listed) if dice.random() < 0.6]

    def _word(self, row: int) -> Event:
        contract, dice = self.contracts[row], self.dice
        spot = self.spots[contract.underlying]
        if isinstance(contract, Option):
            return self._ticker(row, contract, spot * 1.002)
        mid = spot * (1 + 1e-4 * (row % 5)) / (self.peg if contract.quote == "USDC" else 1.0)
        half = float(contract.tick) * dice.choice((0.5, 1, 5))
        if dice.random() < 0.2:
            sizes = tuple(dice.uniform(0.1, 5) for _ in range(3))
            bids, asks = ((tuple(mid + sign * half * n for n in (1, 2, 3))) for sign in (-1, 1))
            return Depth(row, bids, sizes, asks, sizes, self.ns)
        return Top(row, mid - half, mid + half, dice.uniform(0, 5), dice.uniform(0, 5), self.ns)

    def _ticker(self, row: int, option: Option, forward: float) -> Ticker:
        years = max(option.expiry_ns - self.ns, 0) / NS_PER_YEAR
        vol = self.vols[option.underlying]
        mark = float(option_value_and_greeks(forward, float(option.strike), years, vol, option.sign, option.inverse)[0])
        tick = float(option.tick)
        bid = mark - 2 * tick if mark > 3 * tick and self.dice.random() < 0.95 else NAN
        ask = mark + 2 * tick if self.dice.random() < 0.95 else NAN
        vol, forward = (self.dice.choice((value, value, value, NAN)) for value in (vol, forward))
        return Ticker(row, bid, ask, 5.0, 5.0, mark, vol, forward, self.ns)

    def _answers(self) -> list[Event]:
        """Some of the requests are answered, those of one order in turn."""
        events, busy, left = [], set(), []
        for request in self.requests:
            if request.order_id in busy or self.dice.random() < 0.25:
                busy.add(request.order_id)
                left.append(request)
            else:
                events += self._answer(request)
        self.requests = left
        return events

    def _answer(self, request: Request) -> list[Event]:
        order, luck = self.orders[request.order_id], self.dice.random()
        if isinstance(request, Place):
            return self._answer_place(order, luck)
        if order.gone:
            return [RequestRefused(request.order_id, "it is gone")]
        if isinstance(request, Amend):
            if luck < 0.2:
                return [RequestRefused(request.order_id, "not now")]
            order.price, order.remaining = request.price, request.quantity
            return [OrderAmended(request.order_id, request.price, request.quantity)]
        if luck < 0.1:
            return [*self._fill(order, order.remaining), RequestRefused(request.order_id, "it was filled")]
        late = self._fill(order, self._part(order)) if luck < 0.2 else []
        if order.gone:
            return [*late, RequestRefused(request.order_id, "it was filled")]
        # A fill that happened before the cancel may be told after it.
        return [*self._end(order, "by request"), *late] if luck < 0.15 else [*late, *self._end(order, "by request")]

    def _answer_place(self, order: Standing, luck: float) -> list[Event]:
        order_id = order.place.order_id
        if order.gone:
            return []
        if luck < 0.1 or order.place.row not in self.listed:
            order.gone = True
            return [OrderRejected(order_id, "the venue would rather not")]
        order.accepted = True
        accepted = OrderAccepted(order_id, f"v{order_id}")
        if order.place.immediate:
            taken = self._fill(order, order.remaining if luck < 0.6 else self._part(order))
            return [accepted, *taken, *([] if order.gone else self._end(order, "nothing more to take"))]
        if luck < 0.15:
            return [*self._fill(order, self._part(order)), accepted]
        return [accepted]

    def _takers(self) -> list[Event]:
        """Somebody trades with a few of our orders; some are pulled by the venue itself."""
        standing = [order for order in self.orders.values() if order.accepted and not order.gone]
        events: list[Event] = []
        for order in self.dice.sample(standing, min(len(standing), self.dice.randrange(4))):
            if self.dice.random() < 0.1:
                events += self._end(order, "the venue's own reasons")
            else:
                events += self._fill(order, order.remaining if self.dice.random() < 0.5 else self._part(order))
        return events

    def _told_again(self) -> list[Event]:
        return self.dice.choices(self.told_fills, k=2) if self.told_fills else []

    def _mischief(self) -> list[Event]:
        """Crossed books, empty books, lost messages, other people's trades, a recovery."""
        dice, row = self.dice, self.dice.choice(sorted(self.listed))
        spot = self.spots[self.contracts[row].underlying]
        return [
            dice.choice(
                (
                    Gap(dice.choice(("alpha", "beta", "spot"))),
                    Top(row, NAN, NAN, 0.0, 0.0, self.ns),
                    Top(row, spot * 1.01, spot * 0.99, 1.0, 1.0, self.ns),
                    Depth(row, (), (), (), (), self.ns),
                    Trade(row, spot * 2, 1e6, Side.BUY, self.ns),
                    FundingRate(row, dice.gauss(0.0, 0.01), self.ns),
                    Recovered(1),
                )
            )
        ]

    def _statements(self) -> list[Event]:
        """What the venues hold, now and then wrongly. Whatever they have booked is told already, or stands before this."""
        events: list[Event] = [
            BalanceStatement(venue, asset, amount)
            for venue, wallet in self.accounts.cash.items()
            for asset, amount in wallet.items()
        ]
        events += [PositionStatement(row, held.quantity) for row, held in self.accounts.positions.items()]
        if events and self.dice.random() < 0.1:
            self.lied = True
            wrong = self.dice.randrange(len(events))
            match events[wrong]:
                case BalanceStatement(venue, asset, amount):
                    events[wrong] = BalanceStatement(venue, asset, amount + Decimal("0.5"))
                case PositionStatement(row, quantity):
                    events[wrong] = PositionStatement(row, quantity + 1)
        return events

    def _money(self) -> list[Event]:
        perpetuals = [row for row, contract in enumerate(self.contracts) if isinstance(contract, Perpetual)]
        if not perpetuals or self.dice.random() < 0.5:
            venue, asset = self.dice.choice((("alpha", "BTC"), ("beta", "USDC"), ("spot", "ETH")))
            return [self._deposit(venue, asset, exact(round(self.dice.gauss(0.0, 5.0), 4)))]
        row = self.dice.choice(perpetuals)
        amount = exact(round(self.dice.gauss(0.0, 1e-4 if self.contracts[row].inverse else 5.0), 8))
        return [self._book(FundingPaid(self._number("p"), row, amount, self.contracts[row].settlement, self.ns))]

    def _operator(self) -> list[Event]:
        command = self.dice.choices((Pause, Resume, ReduceOnly, Flatten), weights=(2, 6, 1, 1))[0]
        return [command("the adversary", "a button is a button")]

    def _listings(self) -> list[Event]:
        """A contract that was held back comes, or one that is there goes and may come back."""
        dice = self.dice
        if self.waiting and dice.random() < 0.5:
            return [self._list()]
        gone = [row for row in range(len(self.contracts)) if row not in self.listed and not self._expired(row)]
        if gone and dice.random() < 0.7:
            self.listed.add(gone[0])
            return [Listed(gone[0], self.contracts[gone[0]])]
        trading = [row for row in sorted(self.listed) if isinstance(self.contracts[row], Option | Future) or dice.random() < 0.1]
        return self._withdraw(dice.choice(trading), "withdrawn") if trading else []

    def _expiries(self) -> list[Event]:
        """What has expired is delisted, its orders die, and what is held is delivered, told twice like everything else."""
        events: list[Event] = []
        for row in [row for row in sorted(self.listed) if self._expired(row)]:
            events += self._withdraw(row, "expired")
        for row in [row for row in sorted(self.accounts.positions) if self._expired(row) and self.accounts.position(row)]:
            delivered = self._deliver(row)
            events += [delivered] * self.dice.choice((1, 1, 2))
        return events

    def _deliver(self, row: int) -> Delivered:
        contract, held = self.contracts[row], self.accounts.position(row)
        average = exact(round(self.spots[contract.underlying], 2))
        price = intrinsic_value(contract, average) if isinstance(contract, Option) else average
        fee = Decimal("0.00001")
        return self._book(Delivered(self._number("x"), row, held, average, price, fee, contract.settlement, self.ns))

    def _withdraw(self, row: int, reason: str) -> list[Event]:
        self.listed.discard(row)
        standing = [order for order in self.orders.values() if order.place.row == row and order.accepted and not order.gone]
        return [Delisted(row), *(event for order in standing for event in self._end(order, reason))]

    def _expired(self, row: int) -> bool:
        return 0 < expiry_of(self.contracts[row]) <= self.ns

    def _list(self) -> Listed:
        contract = self.waiting.pop(0)
        self.contracts.append(contract)
        row = len(self.contracts) - 1
        self.listed.add(row)
        return Listed(row, contract)

    def _part(self, order: Standing) -> Decimal:
        lot = self.contracts[order.place.row].lot
        return lot * self.dice.randint(1, int(order.remaining / lot))

    def _end(self, order: Standing, reason: str) -> list[Event]:
        order.gone = True
        return [OrderCancelled(order.place.order_id, reason)]

    def _fill(self, order: Standing, quantity: Decimal) -> list[Event]:
        place = order.place
        contract = self.contracts[place.row]
        order.remaining -= quantity
        order.gone = not order.remaining
        fee = exact(round(self.dice.gauss(0.0, 1e-5 if contract.settlement in SPOTS else 1.0), 8))
        fill = Fill(
            f"{contract.venue}-{self._number('f')}", place.order_id, place.row, place.side, order.price, quantity, fee,
            contract.settlement, not place.immediate, self.ns,
        )  # fmt: skip
        self.told_fills.append(fill)
        return [self._book(fill)]

    def _deposit(self, venue: str, asset: str, amount: Decimal) -> Deposited:
        return self._book(Deposited(self._number("d"), venue, asset, amount))

    def _book(self, event: Event) -> Event:
        fold_account(self.accounts, self.contracts, event)
        return event

    def _number(self, letter: str) -> str:
        self.numbers += 1
        return f"{letter}{self.numbers}" if letter != "f" else str(self.numbers)


@pytest.fixture(scope="session")
def settings() -> Parameters:
    """The desk's own settings, but it quotes every option to the very end and hedges in small orders."""
    given = load_config(None).parameters()
    quoting = msgspec.structs.replace(given.quoting, min_days=0.0, min_delta=0.0, max_delta=1.0)
    hedging = msgspec.structs.replace(given.hedging, largest_order_coins={"BTC": 1.0, "ETH": 20.0})
    return msgspec.structs.replace(given, quoting=quoting, hedging=hedging)


@pytest.fixture
def adversary() -> Callable[[int], Adversary]:
    """The adversary of a seed."""
    return Adversary
