"""Nanoseconds per option: ours beside what users have today and beside C, in one run on one core, against the targets.

    python benchmarks/pricing.py [--seconds 2]

Every peer is first held against our numbers; contenders take turns, and each keeps its best round, because on a shared
machine the best is the one least disturbed. The whole run takes about two minutes.
"""

import argparse

import compile_times
import peers_c
import peers_vectorized
from flatbook.pricing import warm
from option_sets import chain, hard
from pricing_fits import chain_fit, heston_fit
from pricing_greeks import FEW, MANY, greeks, our_greeks, same_in_every_case, scenarios
from pricing_implied import implied
from race import Target, machine, targets


def starts() -> list[Target]:
    """How long a process waits until it may price, for the first time and every other."""
    cold, ready = compile_times.measure()
    return [
        Target("cold compile of all kernels, imports included", 12.0, cold.ready, "s"),
        Target("warm start, imports included", 0.7, ready.ready, "s"),
    ]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=2.0, help="about how long each race lasts")
    seconds = asked.parse_args().seconds
    print(machine())
    warm()
    libraries, columns, difficult = peers_c.build(), chain(FEW), hard()
    columns["price"] = our_greeks(columns)[0]
    vectorized = peers_vectorized.measure(columns, difficult.columns)
    same_in_every_case(libraries)
    rows = greeks(FEW, libraries, vectorized, seconds) + greeks(MANY, libraries, vectorized, seconds)
    rows += implied(columns, difficult, vectorized, seconds) + scenarios(libraries, seconds)
    rows += chain_fit(seconds) + heston_fit(seconds)
    if vectorized is None:
        print(f"\n{peers_vectorized.ABSENT}")
    targets(rows + starts())


if __name__ == "__main__":
    main()
