"""Tick to decision: from one new price of the perpetual to approved requests, with 2,000 options quoted on it.

    python benchmarks/tick.py [--steps 2000]

The desk is the built-in one (desk.toml: its spreads, its tolerance, its request budget), only its limits are wide enough for
a chain of this size. It was built through events alone, quotes every row worth a quote and holds 200 options. Measured is
`step(state, batch)` for a batch of one `Top`; what the venues answer, and the rest of the market, comes in a batch of its own
between two measured steps. Read the ratios; the microseconds are this machine's.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec
import numpy as np

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
from flatbook.pricing import warm
from flatbook.runtime.config import load_config
from pricing import OBJECT_ROWS, numpy_greeks, objects, quantlib_greeks
from pricing import chain as pricing_chain
from stages import Stages

START_NS = parse_utc("2026-01-06T08:00:00Z")
SPOT = 92_000.0
LEAD, INVERSE, SPOT_ROW, FIRST_OPTION = 0, 1, 2, 3
TICK = 0.5
HELD = 200
SPACING_NS = 100 * NS_PER_MS  # the built-in desk's batch
ANSWER_NS = 8 * NS_PER_MS  # there and back again
TOLD_AT_ONCE = 20  # option tickers between two measured steps: the whole chain in ten seconds
Moves = Iterator[float]
Timing = tuple[float, float]
Fold = Callable[[State, Batch], tuple[Effect, ...]]


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


def one_tick(rng: np.random.Generator) -> Moves:
    """Up or down one tick, never further than a hundred from where it began."""
    place = 0
    while True:
        place += 1 if (rng.random() < 0.5 or place < -100) and place < 100 else -1
        yield SPOT + place * TICK


def random_walk(rng: np.random.Generator) -> Moves:
    """Five basis points a step, on the tick."""
    spot = SPOT
    while True:
        spot *= 1.0 + 5e-4 * rng.standard_normal()
        yield round(spot / TICK) * TICK


def measure(desk: BenchDesk, moves: Moves, steps: int, warm_up: int, fold: Fold = step) -> tuple[list[Timing], float]:
    """The timing of each measured step, and requests a step."""
    timings: list[Timing] = []
    asked = 0
    for count in range(steps + warm_up):
        desk.spot = next(moves)
        batch = desk.batch(desk.top(desk.spot), after_ns=SPACING_NS - ANSWER_NS)
        effects, timing = timed(fold, desk.state, batch)
        if count >= warm_up:
            timings.append(timing)
            asked += len(effects)
        desk.between(effects)
    return timings, asked / steps


def timed(fold: Fold, state: State, batch: Batch) -> tuple[tuple[Effect, ...], Timing]:
    """One step, with the seconds it took on the wall and on the processor: other programs only lengthen the first."""
    busy, start = time.thread_time(), time.perf_counter()
    effects = fold(state, batch)
    return effects, (time.perf_counter() - start, time.thread_time() - busy)


def measure_ticker(desk: BenchDesk, steps: int) -> tuple[list[Timing], float]:
    """The same for a batch of one option's ticker, which has its expiry's smile fitted anew."""
    timings: list[Timing] = []
    asked = 0
    for count in range(steps):
        row = desk.options[count * 37 % len(desk.options)]
        batch = desk.batch(*tickers([row], desk.spot, desk.now_ns), after_ns=SPACING_NS - ANSWER_NS)
        effects, timing = timed(step, desk.state, batch)
        timings.append(timing)
        asked += len(effects)
        desk.between(effects)
    return timings, asked / steps


def repricing_peers() -> dict[str, float]:
    """Median seconds that others need to price 2,000 options and their Greeks, and to do nothing else."""
    columns = pricing_chain(2_000)
    few = objects(columns)
    return {
        "numpy and scipy, value and six Greeks": _median(lambda: numpy_greeks(*columns.values()), 400),
        "QuantLib objects, value and four Greeks": _median(lambda: quantlib_greeks(few), 20) * 2_000 / OBJECT_ROWS,
    }


def _median(work: Callable[[], object], times: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    once()
    return statistics.median(once() for _ in range(times))


def report(name: str, timings: list[Timing], asked: float) -> float:
    """Print one line and return the median on the wall, in microseconds."""
    wall, busy = 1e6 * np.array(timings).T
    figures = [*np.quantile(wall, (0.5, 0.99)).tolist(), *np.quantile(busy, (0.5, 0.99)).tolist()]
    print(f"  {name:<46}" + "".join(f"{figure:>9.0f}" for figure in figures) + f"{asked:>12.1f}", flush=True)
    return figures[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2_000)
    steps = parser.parse_args().steps
    warm()
    desk = opened(parameters())
    working, held = len(desk.state.orders.open), len(desk.state.inventory.positions)
    print(f"{len(desk.options):,} options, 2 perpetuals, spot; {working:,} quotes working, {held} positions")
    print(f"{steps:,} measured steps each; the target is p50 <= 150 us and p99 <= 1,000 us\n")
    print(f"tick to decision, before the disk{'':>23}wall, us       processor, us    requests")
    print(f"{'':>54}p50      p99      p50      p99      a step")
    rng = np.random.Generator(np.random.PCG64(5))
    ticks, walk = one_tick(rng), random_walk(rng)
    p50 = report("perpetual moves one tick", *measure(desk, ticks, steps, 200))
    tick_stages = measure_stages(desk, ticks, steps // 2)
    report("perpetual walks 5 bp a step", *measure(desk, walk, steps, 200))
    walk_stages = measure_stages(desk, walk, steps // 2)
    report("an option's ticker (its smile is fitted anew)", *measure_ticker(desk, steps // 4))
    validate(desk.state)
    report("5 bp, the request budget lifted", *measure(opened(parameters(1e6)), walk, steps // 20, 10))
    print_peers(p50)
    tick_stages.print("one tick")
    walk_stages.print("5 bp")


def opened(made: Parameters) -> BenchDesk:
    desk = BenchDesk(made)
    desk.open()
    return desk


def measure_stages(desk: BenchDesk, moves: Moves, steps: int) -> Stages:
    """A second pass with the engine's own functions wrapped."""
    with Stages() as stages:
        measure(desk, moves, steps, 0, stages.fold)
    return stages


def print_peers(p50: float) -> None:
    print("\nbeside it: only pricing 2,000 options              us   against our whole step")
    for name, seconds in repricing_peers().items():
        print(f"  {name:<42}{1e6 * seconds:>10.0f}{1e6 * seconds / p50:>16.2f} x")


if __name__ == "__main__":
    main()
