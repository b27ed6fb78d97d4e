"""Price and six Greeks, and scenario revaluation: flatbook, C, numpy, QuantLib and py_vollib over the same columns."""

import ctypes

import numpy as np

import peers_c
import peers_vectorized
from flatbook.pricing import GREEKS, option_greeks, scenario_values
from option_sets import Columns, chain, every_case
from peers_python import (
    NAMES,
    OBJECT_ROWS,
    numpy_greeks,
    numpy_scenarios,
    objects,
    quantlib_greeks,
    quantlib_scenarios,
    vollib_greeks,
)
from race import Target, Work, race, table

FEW, MANY = 2_000, 100_000
AGREED = 1e-10  # relative: what peers may differ by at most; all but py_vollib's bumps and days agree far closer
SPOT_MOVES, VOL_MOVES = np.linspace(-0.3, 0.3, 9), np.linspace(-0.3, 0.3, 5)
LIMIT = 1.2  # times the C limit

Libraries = dict[str, ctypes.CDLL]
Vectorized = peers_vectorized.Measured | None


def agree(name: str, theirs: object, ours: np.ndarray, tolerance: float = AGREED) -> None:
    """Stop unless a peer's answer is ours: a fast wrong answer is not an answer."""
    error = np.max(np.abs(np.asarray(theirs, dtype=np.float64) - ours) / np.maximum(np.abs(ours), 1e-200))
    assert error < tolerance, f"{name} is off by {error:.1e} of our answer"


def our_greeks(columns: Columns, inverse: np.ndarray | None = None, out: np.ndarray | None = None) -> np.ndarray:
    """Price and six Greeks by flatbook, linear unless said otherwise, into `out` or a new array."""
    forward, strike, years, vol, sign = (columns[name] for name in NAMES)
    out = np.empty((GREEKS, forward.size)) if out is None else out
    option_greeks(forward, strike, years, vol, sign, np.zeros(forward.size) if inverse is None else inverse, out)
    return out


def same_in_every_case(libraries: Libraries) -> None:
    """Stop unless the C kernel answers as ours on inverse, delta-one, expired and not yet known rows as well."""
    columns, inverse = every_case(FEW)
    ours, out = our_greeks(columns, inverse), np.empty((GREEKS, FEW))
    for name, library in libraries.items():
        peers_c.greeks(library, columns, inverse, out)()
        agree(f"{name}, in every case,", out, ours)


def greeks(rows: int, libraries: Libraries, vectorized: Vectorized, seconds: float) -> list[Target]:
    """Price and six Greeks of `rows` options, in place over the same columns."""
    columns, linear = chain(rows), np.zeros(rows)
    forward, strike, years, vol, sign = (columns[name] for name in NAMES)
    ours, out = our_greeks(columns), np.empty((GREEKS, rows))
    contenders: dict[str, Work] = {"flatbook": lambda: option_greeks(forward, strike, years, vol, sign, linear, out)}
    for name, library in libraries.items():
        contenders[name] = peers_c.greeks(library, columns, linear, out)
        contenders[f"{name}; linear only"] = peers_c.greeks(library, columns, linear, out, linear_only=True)
    for name, work in contenders.items():
        out[:] = np.nan
        work()
        agree(name, out, ours)
    contenders["numpy and scipy"] = lambda: numpy_greeks(forward, strike, years, vol, sign)
    agree("numpy", numpy_greeks(forward, strike, years, vol, sign), ours)
    figures = {name: best * 1e9 / rows for name, best in race(contenders, seconds * 3).items()}
    same_work = {name: figures[name] for name in libraries}
    if rows == FEW:
        figures |= one_at_a_time(columns, ours, vectorized, seconds)
    table(f"Price and six Greeks, {rows:,} rows", "ns an option", figures)
    if libraries:
        print("  Linear only: without the inverse, delta-one, expired and unknown rows that flatbook's kernel also serves.")
    return greeks_targets(rows, figures["flatbook"], same_work)


def greeks_targets(rows: int, ours: float, same_work: dict[str, float]) -> list[Target]:
    """Against the fastest C that does the same work; in microseconds where the target is."""
    if rows == FEW:
        return [Target(f"price and six Greeks, {rows:,} rows", 20.0, ours * rows / 1e3, "us")]
    if not same_work:
        print(f"  {peers_c.ABSENT}")
        return []
    fastest = min(same_work, key=lambda name: same_work[name])
    print(f"  The C limit is the fastest that does the same work: {fastest}.")
    return [Target(f"price and six Greeks, {rows:,} rows, times the C limit", LIMIT, ours / same_work[fastest], "x")]


def one_at_a_time(columns: Columns, ours: np.ndarray, vectorized: Vectorized, seconds: float) -> dict[str, float]:
    """Peers that know value and four Greeks; those that take one option at a time are given fewer."""
    options = objects(columns)
    agree("QuantLib", np.array(quantlib_greeks(options)).T, ours[:5, :OBJECT_ROWS])
    units = np.array([1.0, 1.0, 1.0, 0.01, 1.0 / 365.0])[:, None]  # a vol point and a day
    agree("py_vollib", np.array(vollib_greeks(options)).T, ours[:5, :OBJECT_ROWS] * units)
    best = race({"QuantLib": lambda: quantlib_greeks(options), "py_vollib": lambda: vollib_greeks(options)}, seconds)
    figures = {f"{name}, value and four Greeks": time * 1e9 / OBJECT_ROWS for name, time in best.items()}
    if vectorized:
        agree("py_vollib_vectorized", vectorized.answers["value"], ours[0])
        agree("py_vollib_vectorized's delta, a bump", vectorized.answers["delta"], ours[1], 1e-2)
        figures["py_vollib_vectorized, value and five Greeks"] = vectorized.seconds["greeks"] * 1e9 / ours.shape[1]
    return figures


def scenarios(libraries: Libraries, seconds: float) -> list[Target]:
    """Every row revalued in every cell of a grid of spot and vol moves."""
    columns, cells = chain(FEW), SPOT_MOVES.size * VOL_MOVES.size
    one, out, options = np.ones(FEW), np.empty((SPOT_MOVES.size, VOL_MOVES.size)), objects(columns)
    few_columns = {name: column[:OBJECT_ROWS] for name, column in columns.items()}
    forward, strike, years, vol, sign = (columns[name] for name in NAMES)
    linear, now = np.zeros(FEW), our_greeks(columns)[0].sum()
    contenders: dict[str, Work] = {
        "flatbook": lambda: scenario_values(forward, strike, years, vol, sign, linear, one, one, SPOT_MOVES, VOL_MOVES, out),
        "numpy and scipy": lambda: numpy_scenarios(columns, SPOT_MOVES, VOL_MOVES),
    }
    contenders["flatbook"]()
    agree("numpy", numpy_scenarios(columns, SPOT_MOVES, VOL_MOVES), out + now)
    for name, library in libraries.items():
        contenders[name], total = peers_c.scenarios(library, columns, one, SPOT_MOVES, VOL_MOVES)
        contenders[name]()
        agree(name, total[:cells].reshape(out.shape), out + now)
    agree(
        "QuantLib",
        quantlib_scenarios(options, SPOT_MOVES, VOL_MOVES),
        numpy_scenarios(few_columns, SPOT_MOVES, VOL_MOVES).reshape(-1),
    )
    figures = {name: best * 1e9 / (FEW * cells) for name, best in race(contenders, seconds * 2).items()}
    quantlib = race({"QuantLib": lambda: quantlib_scenarios(options, SPOT_MOVES, VOL_MOVES)}, seconds / 2)
    figures["QuantLib blackFormula"] = quantlib["QuantLib"] * 1e9 / (OBJECT_ROWS * cells)
    table(f"Scenario revaluation, {FEW:,} rows x {cells} cells", "ns a revaluation", figures)
    return [Target("scenario", 5.0, figures["flatbook"], "ns")]
