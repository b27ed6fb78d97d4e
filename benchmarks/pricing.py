"""Nanoseconds per option: ours beside what users have today, in one run on one core.

Run it with `python benchmarks/pricing.py`; it takes about half a minute. Each figure is the best of several
repetitions, because on a shared machine the best is the one least disturbed.
"""

import math
import time
import warnings
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from flatbook.pricing import implied_vol, option_greeks, scenario_values, warm

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package announces its successor on import
    import QuantLib
    from vollib.black import black as vollib_price
    from vollib.black.greeks import analytical as vollib
    from vollib.black.implied_volatility import implied_volatility as vollib_implied

ROWS = 2_000
OBJECT_ROWS = 200  # the libraries that price one object at a time get fewer, or the run would take minutes
SPOT_MOVES, VOL_MOVES = np.linspace(-0.3, 0.3, 9), np.linspace(-0.3, 0.3, 5)
Columns = dict[str, np.ndarray]


def chain(rows: int) -> Columns:
    """Seeded options around one forward, a day to a year, within two and a half deviations of the money."""
    rng = np.random.Generator(np.random.PCG64(1))
    years, vol = rng.uniform(1 / 365, 1.0, rows), rng.uniform(0.3, 1.2, rows)
    distance = rng.uniform(-2.5, 2.5, rows)
    forward = np.full(rows, 60_000.0)
    strike = forward * np.exp(distance * vol * np.sqrt(years))
    return {"forward": forward, "strike": strike, "years": years, "vol": vol, "sign": np.where(distance > 0, 1.0, -1.0)}


def best_ns(work: Callable[[], object], per: int, seconds: float = 1.5) -> float:
    """The best time of `work` within about `seconds`, in nanoseconds divided by `per`."""
    work()
    best, stop = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < stop:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best * 1e9 / per


def numpy_greeks(forward: np.ndarray, strike: np.ndarray, years: np.ndarray, vol: np.ndarray, sign: np.ndarray) -> tuple:
    """The same seven numbers as a careful numpy user writes them."""
    root = np.sqrt(years)
    deviation = vol * root
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    n1, n2 = ndtr(sign * d1), ndtr(sign * d2)
    density = np.exp(-0.5 * d1 * d1) * 0.3989422804014327
    vega = forward * density * root
    per_vol = 1.0 / vol
    return (
        sign * (forward * n1 - strike * n2),
        sign * n1,
        density / (forward * deviation),
        vega,
        -0.5 * vega * vol / years,
        -density * d2 * per_vol,
        vega * d1 * d2 * per_vol,
    )


def objects(columns: Columns) -> list[tuple[float, float, float, float, float]]:
    return list(zip(*(column[:OBJECT_ROWS].tolist() for column in columns.values()), strict=True))


def kind(sign: float) -> int:
    return QuantLib.Option.Call if sign > 0 else QuantLib.Option.Put


def quantlib_greeks(options: list) -> None:
    for forward, strike, years, vol, sign in options:
        one = QuantLib.BlackCalculator(QuantLib.PlainVanillaPayoff(kind(sign), strike), forward, vol * math.sqrt(years), 1.0)
        one.value(), one.deltaForward(), one.gammaForward(), one.vega(years), one.theta(forward, years)


def quantlib_values(options: list) -> None:
    for forward, strike, years, vol, sign in options:
        QuantLib.blackFormula(kind(sign), strike, forward, vol * math.sqrt(years), 1.0)


def vollib_greeks(options: list) -> None:
    for forward, strike, years, vol, sign in options:
        arguments = ("c" if sign > 0 else "p", forward, strike, years, 0.0, vol)
        vollib_price(*arguments[:5], vol)
        vollib.delta(*arguments), vollib.gamma(*arguments), vollib.vega(*arguments), vollib.theta(*arguments)


def quantlib_implied(options: list, prices: list[float]) -> None:
    for (forward, strike, years, _, sign), price in zip(options, prices, strict=True):
        QuantLib.blackFormulaImpliedStdDev(kind(sign), strike, forward, price) / math.sqrt(years)


def vollib_implied_vols(options: list, prices: list[float]) -> None:
    for (forward, strike, years, _, sign), price in zip(options, prices, strict=True):
        vollib_implied(price, forward, strike, 0.0, years, "c" if sign > 0 else "p")


def table(title: str, unit: str, figures: dict[str, float]) -> None:
    """Print named figures, ours first, with how many times as long each takes."""
    ours = next(iter(figures.values()))
    print(f"\n{title} ({unit})")
    for name, figure in figures.items():
        print(f"  {name:<46}{figure:>12,.1f}{figure / ours:>12,.1f} x")


def greeks(columns: Columns) -> None:
    inverse, out, options = np.ones(ROWS), np.empty((7, ROWS)), objects(columns)
    names = ("forward", "strike", "years", "vol", "sign")
    forward, strike, years, vol, sign = (columns[name] for name in names)
    figures = {
        "flatbook, value and six Greeks, inverse": best_ns(
            lambda: option_greeks(forward, strike, years, vol, sign, inverse, out), ROWS
        ),
        "numpy and scipy, value and six Greeks, linear": best_ns(lambda: numpy_greeks(*columns.values()), ROWS),
        "QuantLib BlackCalculator, value and four Greeks": best_ns(lambda: quantlib_greeks(options), OBJECT_ROWS),
        "py_vollib, value and four Greeks": best_ns(lambda: vollib_greeks(options), OBJECT_ROWS),
    }
    table(f"Option value and Greeks, {ROWS:,} rows", "ns an option", figures)


def implied(columns: Columns) -> None:
    forward, strike, years, _, sign = columns.values()
    price = numpy_greeks(*columns.values())[0]
    vols, status = np.empty(ROWS), np.empty(ROWS, dtype=np.int64)
    options, prices = objects(columns), price[:OBJECT_ROWS].tolist()
    figures = {
        "flatbook": best_ns(lambda: implied_vol(price, forward, strike, years, sign, vols, status), ROWS),
        "QuantLib blackFormulaImpliedStdDev": best_ns(lambda: quantlib_implied(options, prices), OBJECT_ROWS),
        "py_vollib (Jaeckel)": best_ns(lambda: vollib_implied_vols(options, prices), OBJECT_ROWS),
    }
    table("Implied vol, out of the money", "ns an option", figures)
    print(f"  worst vol off by {np.max(np.abs(vols / columns['vol'] - 1)):.1e} of itself; {np.count_nonzero(status)} refused")


def scenarios(columns: Columns) -> None:
    forward, strike, years, vol, sign = columns.values()
    inverse, quantity, unit_price = np.ones(ROWS), np.ones(ROWS), forward
    cells, out, options = SPOT_MOVES.size * VOL_MOVES.size, np.empty((SPOT_MOVES.size, VOL_MOVES.size)), objects(columns)

    def numpy_values() -> None:
        for x in SPOT_MOVES:
            for lift in VOL_MOVES:
                moved, shocked = forward * (1 + x), np.maximum(vol + lift, 0.01)
                deviation = shocked * np.sqrt(years)
                d1 = np.log(moved / strike) / deviation + 0.5 * deviation
                (sign * (moved * ndtr(sign * d1) - strike * ndtr(sign * (d1 - deviation)))).sum()

    book = (forward, strike, years, vol, sign, inverse, quantity, unit_price)
    figures = {
        "flatbook": best_ns(lambda: scenario_values(*book, SPOT_MOVES, VOL_MOVES, out), ROWS * cells),
        "numpy and scipy": best_ns(numpy_values, ROWS * cells),
        "QuantLib blackFormula": best_ns(lambda: quantlib_values(options), OBJECT_ROWS),
    }
    table(f"Scenario revaluation, {ROWS:,} rows x {cells} cells", "ns a row and cell", figures)


def main() -> None:
    start = time.perf_counter()
    warm()
    print(f"kernels ready in {time.perf_counter() - start:.2f} s (compiled, or loaded from the cache)")
    columns = chain(ROWS)
    greeks(columns)
    implied(columns)
    scenarios(columns)


if __name__ == "__main__":
    main()
