"""Times of things that do the same, taken in turns; and the tables they end in.

On a shared machine another program may take half of it for a second. Each round runs every contender once, so all of
them meet the same weather, and each keeps its best round.
"""

import os
import platform
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

Work = Callable[[], object]


class Target(NamedTuple):
    """One sentence of what was promised: its words, the number not to exceed, what was measured, and the unit of both."""

    words: str
    limit: float
    measured: float
    unit: str

    @property
    def verdict(self) -> str:
        return "met" if self.measured <= self.limit else "missed"


def race(contenders: dict[str, Work], seconds: float = 2.0) -> dict[str, float]:
    """The best time of each contender, in seconds, over rounds for about `seconds`; at least three rounds."""
    best = dict.fromkeys(contenders, float("inf"))
    for work in contenders.values():
        work()  # the first call may compile, allocate, or find cold memory
    stop, rounds = time.perf_counter() + seconds, 0
    while rounds < 3 or time.perf_counter() < stop:
        # Back and forth, so that nobody always comes after the one that emptied the cache.
        order = list(contenders) if rounds % 2 else list(reversed(contenders))
        for name in order:
            start = time.perf_counter()
            contenders[name]()
            best[name] = min(best[name], time.perf_counter() - start)
        rounds += 1
    return best


def table(title: str, unit: str, figures: dict[str, float]) -> None:
    """Print named figures, ours first, with how many times as long each takes."""
    ours = next(iter(figures.values()))
    print(f"\n{title} ({unit})")
    for name, figure in figures.items():
        print(f"  {name:<72}{figure:>12,.2f}{figure / ours:>12,.2f} x")


def targets(rows: list[Target]) -> None:
    """Print what was promised beside what was measured."""
    print("\nAgainst the targets")
    for row in rows:
        print(f"  {row.words:<70}{f'<= {row.limit:g} {row.unit}':>16}{f'{row.measured:,.4g} {row.unit}':>18}  {row.verdict}")


def machine() -> str:
    """The machine and the tools the figures belong to, in one line."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    wide = "AVX-512" if any("avx512f" in line for line in _lines("/proc/cpuinfo")) else "no AVX-512"
    tools = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "QuantLib", "py_vollib"))
    busy = os.getloadavg()[0]
    python, cores = platform.python_version(), os.cpu_count()
    return f"{model} ({wide}), {cores} cores, {busy:.1f} of them busy, Python {python}, {tools}, {compiler() or 'no gcc'}"


def compiler() -> str:
    """gcc's name and version, or nothing if there is none."""
    try:
        said = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return "gcc " + said.splitlines()[0].split()[-1]


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
