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

import numpy as np

from bench_desk import ANSWER_NS, SPACING_NS, SPOT, TICK, BenchDesk, parameters
from chain import tickers
from flatbook.engine import Effect, Parameters, State, step, validate
from flatbook.events import Batch
from flatbook.pricing import warm
from option_sets import chain as pricing_chain
from peers_python import OBJECT_ROWS, numpy_greeks, objects, quantlib_greeks
from stages import Stages

Moves = Iterator[float]
Timing = tuple[float, float]
Fold = Callable[[State, Batch], tuple[Effect, ...]]


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
