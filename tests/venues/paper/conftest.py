"""A small language for matching scenarios: a second of market time, then what happens; and what the venue answers."""

from decimal import Decimal

import pytest

from flatbook.basics import BUY, NS_PER_SECOND, SELL
from flatbook.events import (
    BalanceStatement,
    Delisted,
    Delivered,
    Deposited,
    Depth,
    Fill,
    FundingPaid,
    FundingRate,
    Index,
    Listed,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderRejected,
    PositionStatement,
    RequestRefused,
    Ticker,
    Top,
    Trade,
)
from flatbook.instruments import FeeSchedule, Perpetual, Rates, Venue
from flatbook.orders import Amend, Cancel, Place, Purpose
from flatbook.venues.paper import LatencyParameters, PaperWorld

FREE = Rates(Decimal(0), Decimal(0))
SIDES = {"buy": BUY, "sell": SELL}
PERPETUAL = Perpetual("beta", "BTC-PERP", "BTC", "USDC", "USDC", tick=Decimal(1), lot=Decimal(1))


class ScriptedFeed:
    """Market events at given instants."""

    def __init__(self, events):
        self.events = sorted(events, key=lambda pair: pair[0])

    def next_ns(self):
        return self.events[0][0] if self.events else None

    def take(self, until_ns):
        taken = [pair for pair in self.events if pair[0] <= until_ns]
        self.events = self.events[len(taken) :]
        return [ns for ns, _ in taken], [event for _, event in taken]

    def close(self):
        pass


def _levels(words):
    pairs = [word.split("x") for word in words]
    return tuple(float(price) for price, _ in pairs), tuple(float(size) for _, size in pairs)


def _number(word):
    return float("nan") if word == "-" else float(word)


def market_event(words, ns):
    """`top 100 102 5 5`, `depth 100x5 99x3 | 101x2`, `trade sell 100 6`, `ticker ...`, `index 50000`, `rate 0.0001`."""
    kind, *rest = words
    match kind:
        case "top":
            return Top(0, *(_number(word) for word in rest), ns)
        case "depth":
            middle = rest.index("|")
            return Depth(0, *_levels(rest[:middle]), *_levels(rest[middle + 1 :]), ns)
        case "trade":
            return Trade(0, float(rest[1]), float(rest[2]), SIDES[rest[0]], ns)
        case "ticker":
            bid, ask, bid_size, ask_size = (_number(word) for word in rest)
            return Ticker(0, bid, ask, bid_size, ask_size, (bid + ask) / 2, 0.5, 50_000.0, ns)
        case "index":
            return Index("BTC", float(rest[0]), ns)
        case "rate":
            return FundingRate(0, float(rest[0]), ns)
        case "pass":
            return Index("PASS", 1.0, ns)
    return None


def request(words):
    """`place 1 buy 100 3 [post] [now]`, `amend 1 101 2`, `cancel 1`."""
    kind, order_id, *rest = words
    if kind == "place":
        flags = {"post_only": "post" in rest, "immediate": "now" in rest}
        return Place(int(order_id), 0, SIDES[rest[0]], Decimal(rest[1]), Decimal(rest[2]), Purpose.QUOTE, **flags)
    if kind == "amend":
        return Amend(int(order_id), 0, Decimal(rest[0]), Decimal(rest[1]))
    return Cancel(int(order_id), 0)


def told(event):
    """The venue's answer in the words of the scenario; None for market events."""
    match event:
        case OrderAccepted(order_id, _):
            return f"accepted {order_id}"
        case OrderAmended(order_id, price, remaining):
            return f"amended {order_id} {price} {remaining}"
        case OrderCancelled(order_id, reason) | OrderRejected(order_id, reason) | RequestRefused(order_id, reason):
            verb = {OrderCancelled: "cancelled", OrderRejected: "rejected", RequestRefused: "refused"}[type(event)]
            return f"{verb} {order_id}: {reason}"
        case Fill():
            role = "maker" if event.maker else "taker"
            return f"fill {event.order_id} {event.side.word} {event.quantity} at {event.price} {role}"
        case Delivered():
            return f"delivered {event.quantity} at {event.price} index {event.index_average}"
        case FundingPaid():
            return f"funding {event.amount.normalize():f} {event.asset}"
        case Delisted(row):
            return f"delisted {row}"
        case Deposited():
            return f"deposited {event.amount} {event.asset}"
        case BalanceStatement(_, asset, amount):
            return f"cash {amount.normalize():f} {asset}"
        case PositionStatement(_, quantity):
            return f"holds {quantity}"
    return None


def parsed(script):
    """Lines `second  what` as (ns, words)."""
    for line in script.strip().splitlines():
        second, *words = line.split()
        yield round(float(second) * NS_PER_SECOND), words


@pytest.fixture
def venue():
    return Venue("beta", FeeSchedule(spot=FREE, perpetual=FREE, future=FREE, option=FREE))


@pytest.fixture
def open_world(venue):
    """A paper world over scripted market events on row 0."""

    def build(events, contract=PERPETUAL, request_ns=0, response_ns=0, **options):
        listed = [(0, Listed(0, contract))] if contract is not None else []
        latency = LatencyParameters(request_ns=request_ns, response_ns=response_ns)
        return PaperWorld(ScriptedFeed([*listed, *events]), [venue], latency=latency, **options)

    return build


@pytest.fixture
def play(open_world):
    """Play a scenario; returns `second  answer` lines, without the statements unless asked for."""

    def run(script, contract=PERPETUAL, statements=False, **options):
        lines = list(parsed(script))
        market = [(ns, event) for ns, words in lines if (event := market_event(words, ns)) is not None]
        world = open_world(market, contract, **options)
        answers = []

        def advance(until_ns):
            while (ns := world.next_ns()) is not None and ns <= until_ns:
                for event in world.advance(ns):
                    words = told(event)
                    if words and (statements or not isinstance(event, BalanceStatement | PositionStatement)):
                        answers.append(f"{ns / NS_PER_SECOND:g} {words}")

        for ns, words in lines:
            if words[0] in ("place", "amend", "cancel"):
                advance(ns)
                world.send([request(words)], ns)
        advance(1 << 61)
        return answers

    return run


@pytest.fixture
def expect():
    """The non-empty lines of a text, each stripped to single spaces."""
    return lambda text: [" ".join(line.split()) for line in text.strip().splitlines()]
