"""Implied vol from prices: how fast, how true, and whether any that exists is missed, on liquid and on hard prices."""

import numpy as np

from flatbook.pricing import OK
from flatbook.pricing.implied import implied_vols
from option_sets import Columns, Hard, beyond_promise, missed, worst_error
from peers_python import OBJECT_ROWS, objects, quantlib_implied, vollib_implied_vols
from peers_vectorized import Measured
from race import Target, Work, race, table

LIQUID_NS, HARD_NS = 150.0, 300.0


def implied(liquid: Columns, hard: Hard, vectorized: Measured | None, seconds: float) -> list[Target]:
    """Vols of every price of both sets; `liquid` holds the columns of a chain and their `price`."""
    rows = one_set("Implied vol, liquid prices, out of the money", liquid, 1.0, vectorized, "implied", LIQUID_NS, seconds)
    rows += one_set("Implied vol, hard prices", hard.columns, hard.conditioning, vectorized, "hard_implied", HARD_NS, seconds)
    found, _ = ours(hard.columns)
    print("  of which flatbook, worst error by what makes them hard:")
    for family in dict.fromkeys(hard.family.tolist()):
        here = hard.family == family
        worst = worst_error(found[here], hard.columns["vol"][here], hard.conditioning[here])
        print(f"    {family:<40}{np.count_nonzero(here):>6} prices {worst:>12,.1f} roundings")
    beyond = beyond_promise(found, hard.columns["vol"], hard.conditioning)
    return [*rows, Target("hard vols further off than 1e-12 and 1e-15 x conditioning", 0, beyond, "vols")]


def ours(columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Our vols and statuses."""
    vols, status = np.empty(columns["price"].size), np.empty(columns["price"].size, dtype=np.int64)
    implied_vols(columns["price"], columns["forward"], columns["strike"], columns["years"], columns["sign"], vols, status)
    return vols, status


def one_set(
    title: str, columns: Columns, conditioning: np.ndarray | float, vectorized: Measured | None, job: str, limit: float,
    seconds: float,
) -> list[Target]:  # fmt: skip
    """Times on one set of prices, then what each contender got wrong there."""
    price, forward, strike, years, sign = (columns[name] for name in ("price", "forward", "strike", "years", "sign"))
    vols, status = np.empty(price.size), np.empty(price.size, dtype=np.int64)
    options, prices = objects(columns), price[:OBJECT_ROWS].tolist()
    best = race({"flatbook": lambda: implied_vols(price, forward, strike, years, sign, vols, status)}, seconds)
    contenders: dict[str, Work] = {
        "QuantLib blackFormulaImpliedStdDev, accuracy 1e-14": lambda: quantlib_implied(options, prices),
        "py_vollib (Jaeckel's method)": lambda: vollib_implied_vols(options, prices),
    }
    figures = {"flatbook": best["flatbook"] * 1e9 / price.size}
    figures |= {name: time * 1e9 / OBJECT_ROWS for name, time in race(contenders, seconds).items()}
    everything = objects(columns, price.size)
    found = {
        "flatbook": np.where(status == OK, vols, np.nan),
        "QuantLib blackFormulaImpliedStdDev, accuracy 1e-14": np.array(quantlib_implied(everything, price.tolist())),
        "py_vollib (Jaeckel's method)": np.array(vollib_implied_vols(everything, price.tolist())),
    }
    if vectorized is not None:
        figures["py_vollib_vectorized"] = vectorized.seconds[job] * 1e9 / price.size
        found["py_vollib_vectorized"] = vectorized.answers[job]
    table(title, "ns a solve", figures)
    for name, answers in found.items():
        worst = worst_error(answers, columns["vol"], conditioning)
        print(f"  {name:<52}{missed(answers):>6} of {price.size} not found, worst of the others off by {worst:,.1f} roundings")
    words = title.lower()
    return [
        Target(words, limit, figures["flatbook"], "ns"),
        Target(f"{words}: not found", 0, missed(found["flatbook"]), "vols"),
    ]
