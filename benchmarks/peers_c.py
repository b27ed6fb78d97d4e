"""The limit: `peers/limit.c`, compiled here and now in every way a C programmer would try, and called through ctypes.

Not part of the product: it is what the product is held against. Without gcc there is no limit, and the benchmark says so.
"""

import ctypes
import math
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from peers_python import NAMES
from race import compiler

SOURCE = Path(__file__).parent / "peers" / "limit.c"
NATIVE = ("-O3", "-march=native")
WIDE = "-mprefer-vector-width=512"
# From the letter of the standard to what a numerical programmer allows: errno and traps given up, then exact order too.
FLAGS: dict[str, tuple[str, ...]] = {
    "-O3 -march=native": NATIVE,
    "-O3 -march=native, no errno, no traps": (*NATIVE, "-fno-math-errno", "-fno-trapping-math"),
    "the same, 512 bits wide": (*NATIVE, "-fno-math-errno", "-fno-trapping-math", WIDE),
    "-ffast-math in the order written, 512 bits": (*NATIVE, "-ffast-math", "-fno-associative-math", WIDE),
    "-ffast-math, 512 bits": (*NATIVE, "-ffast-math", WIDE),
}
LIBRARY_FLAGS = ("-O3 -march=native", "-ffast-math, 512 bits")
ABSENT = "No gcc on this machine: the C limit is not shown and its target not judged. Install gcc (Debian: apt-get install gcc)."

Columns = dict[str, np.ndarray]
Job = Callable[[], object]


def build() -> dict[str, ctypes.CDLL]:
    """The kernels by how they were compiled: polynomials under every set of flags, the C library's functions under two."""
    if not compiler():
        return {}
    with tempfile.TemporaryDirectory(prefix="flatbook-limit-") as folder:
        made = {f"C {name}": _library(Path(folder) / f"p{i}", flags) for i, (name, flags) in enumerate(FLAGS.items())}
        for i, name in enumerate(LIBRARY_FLAGS):
            made[f"C {name}, libm's exp, log, erfc"] = _library(Path(folder) / f"l{i}", (*FLAGS[name], "-DLIBRARY"))
    return made


def _library(place: Path, flags: tuple[str, ...]) -> ctypes.CDLL:
    """Compiled, then linked without the flags: linking with -ffast-math would switch denormals off in this process."""
    made, shared = place.with_suffix(".o"), place.with_suffix(".so")
    subprocess.run(["gcc", *flags, "-fPIC", "-c", str(SOURCE), "-o", str(made)], check=True)
    subprocess.run(["gcc", "-shared", str(made), "-o", str(shared), "-lmvec", "-lm"], check=True)
    return ctypes.CDLL(str(shared))


def greeks(library: ctypes.CDLL, columns: Columns, inverse: np.ndarray, out: np.ndarray, *, linear_only: bool = False) -> Job:
    """Price and six Greeks of `columns` into `out` (7, n), ready to be called."""
    kernel = library.greeks_linear if linear_only else library.greeks
    kernel.restype, kernel.argtypes = None, [ctypes.c_int64, *[ctypes.c_void_p] * 7]
    held = (*(columns[name] for name in NAMES), inverse, out)
    places = [each.ctypes.data for each in held]
    return _holding(held, lambda: kernel(out.shape[1], *places))


def scenarios(
    library: ctypes.CDLL, columns: Columns, weight: np.ndarray, spot: np.ndarray, lift: np.ndarray
) -> tuple[Job, np.ndarray]:
    """Revaluation of `columns` in every cell, ready to be called, and where it leaves the book's value by cell."""
    kernel = library.scenarios
    kernel.restype, kernel.argtypes = None, [ctypes.c_int64, *[ctypes.c_void_p] * 6, ctypes.c_int64, *[ctypes.c_void_p] * 5]
    cells = spot.size * lift.size
    width = math.ceil((cells + 1) / 8) * 8  # and the present, as ours does
    factor, raised, floor = np.ones(width), np.zeros(width), np.full(width, 0.01)
    factor[:cells], raised[:cells] = np.repeat(1.0 + spot, lift.size), np.tile(lift, spot.size)
    shift, total = np.log(factor), np.zeros(width)
    held = (*(columns[name] for name in NAMES), weight, factor, shift, raised, floor, total)
    places = [each.ctypes.data for each in held]
    rows = weight.size

    def revalue() -> None:
        total[:] = 0.0
        kernel(rows, *places[:6], width, *places[6:])

    return _holding(held, revalue), total


def _holding(held: tuple[np.ndarray, ...], work: Job) -> Job:
    """`work`, keeping alive the arrays whose addresses it was given."""
    work.__dict__["held"] = held
    return work
