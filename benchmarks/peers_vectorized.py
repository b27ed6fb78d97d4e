"""py_vollib_vectorized as a peer: a child process in `.venv-peers`, for it needs an older py_vollib than our tests do.

It cannot take turns with the others; it is timed right before them, on the same columns, passed as files.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
ABSENT = "py_vollib_vectorized is not shown: its environment .venv-peers is absent; `make bench-peers` makes it."

Columns = dict[str, np.ndarray]


class Measured(NamedTuple):
    """Best times in seconds by job (greeks, implied, hard_implied), and what the jobs answered, as columns."""

    seconds: dict[str, float]
    answers: Columns


def measure(liquid: Columns, hard: Columns) -> Measured | None:
    """Times and answers on both sets of options, each with its `price`; nothing if the environment is absent."""
    if not PYTHON.exists():
        return None
    with tempfile.TemporaryDirectory(prefix="flatbook-peers-") as name:
        folder = Path(name)
        for prefix, columns in (("", liquid), ("hard_", hard)):
            for column, values in columns.items():
                np.save(folder / f"{prefix}{column}.npy", values)
        child = [str(PYTHON), str(HERE / "peers" / "vectorized.py"), name]
        said = subprocess.run(child, stdout=subprocess.PIPE, text=True, check=True).stdout
        wanted = ("value", "delta", "gamma", "vega", "theta", "implied", "hard_implied")
        return Measured(json.loads(said.splitlines()[-1]), {each: np.load(folder / f"{each}.npy") for each in wanted})
