"""How long a process waits for its kernels: compiled for the first time, and loaded from the disk cache.

    python benchmarks/compile_times.py

Each figure is a child process's own time from its first line to kernels that are ready, numpy and numba imported on the
way; what the interpreter needs to start comes before it. The children use a cache folder of their own, empty at first.
"""

import os
import subprocess
import sys
import tempfile
from typing import NamedTuple

WARM_STARTS = 5  # the best of them: a cache file that is not in memory yet is the disk's time, not ours
CHILD = """
import time
start = time.perf_counter()
from flatbook.pricing import warm
imported = time.perf_counter()
warm()
print(imported - start, time.perf_counter() - start)
"""


class Start(NamedTuple):
    """Seconds to import the room, and to have it imported with every kernel ready."""

    imported: float
    ready: float


def measure() -> tuple[Start, Start]:
    """A cold start, everything compiled, and the best warm one."""
    with tempfile.TemporaryDirectory(prefix="flatbook-kernels-") as cache:
        cold = _start(cache)
        return cold, min((_start(cache) for _ in range(WARM_STARTS)), key=lambda start: start.ready)


def _start(cache: str) -> Start:
    """One child, with `cache` as the folder of its compiled kernels."""
    said = subprocess.run(
        [sys.executable, "-c", CHILD], env=os.environ | {"NUMBA_CACHE_DIR": cache}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    return Start(*map(float, said.split()))


def main() -> None:
    for name, start in zip(("cold", "warm"), measure(), strict=True):
        print(f"{name} start: imported after {start.imported:.2f} s, kernels ready after {start.ready:.2f} s")


if __name__ == "__main__":
    main()
