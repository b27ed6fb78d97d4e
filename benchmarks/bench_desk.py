"""A desk to measure: 2,000 options listed, told, quoted and partly held, with venues that agree to everything."""

from decimal import Decimal

import msgspec

from chain import options, standing, tickers
from flatbook.basics import NS_PER_MS, ZERO, parse_utc
from flatbook.engine import Effect, Parameters, State, encode_parameters, new_state, step, validate
from flatbook.events import (
    Batch,
    Configured,
    Deposited,
    Event,
    Fill,
    Index,
    Listed,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    Ticker,
    Top,
)
from flatbook.instruments import Option
from flatbook.orders import Amend, Cancel, Place, Purpose
from flatbook.runtime.config import load_config

START_NS = parse_utc("2026-01-06T08:00:00Z")
SPOT = 92_000.0
LEAD, INVERSE, SPOT_ROW, FIRST_OPTION = 0, 1, 2, 3
TICK = 0.5
HELD = 200
SPACING_NS = 100 * NS_PER_MS  # the built-in desk's batch
ANSWER_NS = 8 * NS_PER_MS  # there and back again
TOLD_AT_ONCE = 20  # option tickers between two measured steps: the whole chain in ten seconds


class BenchDesk:
    """The engine with venues that agree to everything: what is asked is accepted, and a hedge is filled at its price."""

    def __init__(self, parameters: Parameters) -> None:
        self.state: State = new_state(parameters)
        self.now_ns = START_NS
        self.spot = SPOT
        self.options: list[tuple[int, Option]] = []
        self._turn = self._filled = 0

    def fold(self, *events: Event, after_ns: int) -> tuple[Effect, ...]:
        return step(self.state, self.batch(*events, after_ns=after_ns))

    def batch(self, *events: Event, after_ns: int) -> Batch:
        self.now_ns += after_ns
        return Batch(self.state.sequence + 1, self.now_ns, events)

    def open(self) -> None:
        """List everything, deposit the capital, tell the market, and quote until the desk has what it wants."""
        settings = load_config(None)
        contracts = standing()
        self.options = [(FIRST_OPTION + place, option) for place, option in enumerate(options("alpha", SPOT, START_NS))]
        listings = [Listed(row, contract) for row, contract in enumerate([*contracts, *(option for _, option in self.options)])]
        capital = [Deposited(f"d{n}", each.venue, each.asset, each.amount) for n, each in enumerate(settings.deposits)]
        self.fold(Configured(encode_parameters(self.state.parameters)), *listings, *capital, after_ns=0)
        told = self.fold(self.top(SPOT), *self.rest_of_market(), *tickers(self.options, SPOT, self.now_ns), after_ns=SPACING_NS)
        self.between(told)
        self.settle()
        self._hold()
        self.settle()
        validate(self.state)

    def settle(self) -> None:
        """Turn until nothing is placed any more; the request budget makes that take a while."""
        quiet = 0
        while quiet < 5:
            effects = self.fold(self.top(self.spot), after_ns=SPACING_NS - ANSWER_NS)
            quiet = 0 if any(isinstance(effect, Place) for effect in effects) else quiet + 1
            self.between(effects)

    def top(self, spot: float, row: int = LEAD) -> Top:
        return Top(row, spot - 0.5 * TICK, spot + 0.5 * TICK, 20.0, 20.0, self.now_ns)

    def rest_of_market(self) -> list[Event]:
        """The other perpetual, spot and the indices."""
        others = [self.top(self.spot, row) for row in (INVERSE, SPOT_ROW)]
        return [*others, Index("BTC", self.spot, self.now_ns), Index("USDC", 1.0, self.now_ns)]

    def between(self, effects: tuple[Effect, ...]) -> None:
        """What is not measured: the venues answer, the rest of the market follows, twenty options are told anew."""
        self._turn += 1
        first = self._turn * TOLD_AT_ONCE % len(self.options)
        told: list[Ticker] = tickers(self.options[first : first + TOLD_AT_ONCE], self.spot, self.now_ns)
        effects = self.fold(*self._answers(effects), *self.rest_of_market(), *told, after_ns=ANSWER_NS)
        while answers := self._answers(effects):
            effects = self.fold(*answers, after_ns=ANSWER_NS)

    def _answers(self, effects: tuple[Effect, ...]) -> list[Event]:
        answers: list[Event] = []
        for effect in effects:
            match effect:
                case Place():
                    answers.append(OrderAccepted(effect.order_id, str(effect.order_id)))
                    if effect.purpose is not Purpose.QUOTE:
                        answers.append(self._fill(effect.order_id, effect.quantity))
                case Amend():
                    answers.append(OrderAmended(effect.order_id, effect.price, effect.quantity))
                case Cancel():
                    answers.append(OrderCancelled(effect.order_id, "by request"))
                case _:
                    pass
        return answers

    def _fill(self, order_id: int, quantity: Decimal) -> Fill:
        order = self.state.orders.open[order_id]
        self._filled += 1
        asset = self.state.universe.contracts[order.row].settlement
        return Fill(f"f{self._filled}", order_id, order.row, order.side, order.price, quantity, ZERO, asset, True, self.now_ns)

    def _hold(self) -> None:
        """Somebody trades 0.1 coins with every tenth option, once with the bid and once with the offer."""
        book, slots = self.state.orders.quote_id[0], self.state.universe.slot_of
        stride = len(self.options) // HELD
        wanted = [(row, place % 2) for place, (row, _) in enumerate(self.options[::stride])]
        ids = [int(book[axis, slots[row]]) or int(book[1 - axis, slots[row]]) for row, axis in wanted]
        fills = [self._fill(order_id, Decimal("0.1")) for order_id in ids if order_id]
        self.between(self.fold(*fills, after_ns=SPACING_NS))


def parameters(requests_per_s: float | None = None) -> Parameters:
    """The built-in desk with limits wide enough for 4,000 quotes; `requests_per_s` replaces its budget."""
    made = load_config(None).parameters()
    wide = {
        name: msgspec.structs.replace(limit, delta_cash=1e8, gamma_cash=1e8, vega_cash=1e7)
        for name, limit in made.limits.underlyings.items()
    }
    limits = msgspec.structs.replace(made.limits, underlyings=wide, working_orders=10_000, largest_loss=1e8)
    quoting = made.quoting
    if requests_per_s is not None:
        quoting = msgspec.structs.replace(quoting, requests_per_s=requests_per_s, burst=int(requests_per_s))
    return msgspec.structs.replace(made, limits=limits, quoting=quoting)
