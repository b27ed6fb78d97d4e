"""Run by `peers_vectorized.py` in an environment of its own: times py_vollib_vectorized on columns from a folder.

    .venv-peers/bin/python benchmarks/peers/vectorized.py FOLDER

FOLDER holds price, forward, strike, years, vol and sign as .npy, and the same with `hard_` before the name; left there are
value, delta, gamma, vega, theta, implied and hard_implied. The best time of each job, in seconds, is printed as JSON.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

warnings.simplefilter("ignore")  # deprecations inside the library
vollib: Any = import_module("py_vollib_vectorized")  # absent from the environment that checks types
INPUTS = ("price", "forward", "strike", "years", "vol", "sign")
GREEKS = ("delta", "gamma", "vega", "theta")


def best(work: Callable[[], object], seconds: float = 2.0) -> float:
    """The best time of `work` within about `seconds`, its first call, which compiles, left out."""
    work()
    least, stop = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < stop:
        start = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - start)
    return least


def main() -> None:
    folder = Path(sys.argv[1])
    price, forward, strike, years, vol, sign = (np.load(folder / f"{name}.npy") for name in INPUTS)
    hard = {name: np.load(folder / f"hard_{name}.npy") for name in INPUTS}
    flag, hard_flag = np.where(sign > 0, "c", "p"), np.where(hard["sign"] > 0, "c", "p")

    def values() -> Any:
        return vollib.vectorized_black(flag, forward, strike, years, 0.0, vol, return_as="numpy")

    def greeks() -> dict[str, Any]:
        return vollib.get_all_greeks(flag, forward, strike, years, 0.0, vol, model="black", return_as="dict")

    def implied() -> Any:
        return vollib.vectorized_implied_volatility_black(
            price, forward, strike, 0.0, years, flag, on_error="ignore", return_as="numpy"
        )

    def hard_implied() -> Any:
        columns = hard["price"], hard["forward"], hard["strike"], 0.0, hard["years"], hard_flag
        return vollib.vectorized_implied_volatility_black(*columns, on_error="ignore", return_as="numpy")

    jobs = {"greeks": lambda: (values(), greeks()), "implied": implied, "hard_implied": hard_implied}
    np.save(folder / "value.npy", values())
    for name in GREEKS:
        np.save(folder / f"{name}.npy", np.asarray(greeks()[name], dtype=np.float64))
    np.save(folder / "implied.npy", implied())
    np.save(folder / "hard_implied.npy", hard_implied())
    print(json.dumps({name: best(work) for name, work in jobs.items()}))


if __name__ == "__main__":
    main()
