"""What the doctor looks at. Every check returns a finding and raises nothing: a check that fails is a finding too."""

import os
import platform
import shutil
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from math import exp
from pathlib import Path
from typing import NamedTuple

import numpy as np

# How a level is coloured; `information` asks nothing of anyone.
LEVELS = {"ok": "green", "information": "cyan", "warning": "yellow", "problem": "bold red"}

_OLDEST_PYTHON = (3, 11)
_SCARCE_BYTES = 200_000_000
_COMFORTABLE_BYTES = 2_000_000_000
_SLOW_COMMIT_S = 0.020
# No clock that is right can be before the day that this was written.
_NOT_BEFORE_S = 1_767_225_600  # 2026-01-01T00:00:00Z
# An annual call on the money, spot 100, rate 5%, yield 2%, vol 20%: the textbook price, undiscounted.
_REFERENCE_FORWARD = 100.0 * exp(0.03)
_REFERENCE_PRICE = 9.227005508154048 * exp(0.05)


class Finding(NamedTuple):
    """What was looked at, how it is (a key of LEVELS), what was found, and what to do about it ("" for nothing)."""

    what: str
    level: str
    found: str
    remedy: str = ""


def examine(var: Path, port: int) -> list[Finding]:
    """Every finding about this machine, for a journal in `var` and a page on `port`."""
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("Python", python_version),
        ("CPU", cpu_features),
        ("kernels", kernels_agree),
        ("SQLite", sqlite_version),
        ("durable writes", lambda: durable_writes(var)),
        ("disk", lambda: disk_space(var)),
        ("port", lambda: port_is_free(port)),
        ("page", page_is_importable),
        ("Chromium", chromium_is_here),
        ("clock", clock_is_sane),
    )
    return [_guarded(what, check) for what, check in checks]


def _guarded(what: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding(
            what, "problem", f"{type(error).__name__}: {error}", "if this is none of the machine's doing, report a bug"
        )


def python_version() -> Finding:
    """3.11 or newer."""
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding("Python", "problem", found, "install Python 3.11 or newer")
    return Finding("Python", "ok", found)


def cpu_features() -> Finding:
    """How wide the kernels will be: eight numbers at a time with AVX-512, four with AVX2."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    width = "AVX-512, 8 numbers wide" if "avx512f" in flags else "AVX2, 4 numbers wide" if "avx2" in flags else "no AVX seen"
    return Finding("CPU", "information", f"{os.cpu_count()} cores, {platform.machine()}, {width}")


def kernels_agree() -> Finding:
    """The compiled pricing kernel gives the textbook's number."""
    from flatbook.pricing import GREEKS, VALUE, option_greeks

    started_s = time.perf_counter()
    out = np.zeros((GREEKS, 1))
    column = np.ones(1)
    option_greeks(column * _REFERENCE_FORWARD, column * 100.0, column, column * 0.2, column, column * 0.0, out)
    taken_s = time.perf_counter() - started_s
    error = abs(float(out[VALUE, 0]) / _REFERENCE_PRICE - 1.0)
    found = f"call {out[VALUE, 0]:.9f}, relative error {error:.1e}, ready in {taken_s:.1f} s"
    if error > 1e-9:
        return Finding("kernels", "problem", found, "remove __pycache__ and try again; then report the CPU and this number")
    return Finding("kernels", "ok", found)


def sqlite_version() -> Finding:
    """New enough for WAL with strict tables."""
    if sqlite3.sqlite_version_info < (3, 37):
        return Finding("SQLite", "problem", sqlite3.sqlite_version, "use a Python built with SQLite 3.37 or newer")
    return Finding("SQLite", "ok", sqlite3.sqlite_version)


def durable_writes(var: Path) -> Finding:
    """What a commit costs when it waits for the disk, as the journal's do."""
    var.mkdir(parents=True, exist_ok=True)
    place = var / f".doctor-{os.getpid()}.sqlite"
    try:
        median_s = _median_commit_s(place)
    except (sqlite3.Error, OSError) as error:
        return Finding("durable writes", "problem", f"{var}: {error}", "make the folder writable, or choose another with --var")
    finally:
        for leftover in var.glob(f"{place.name}*"):
            leftover.unlink()
    found = f"{1e3 * median_s:.2f} ms a commit in {var.resolve()}"
    if median_s > _SLOW_COMMIT_S:
        return Finding("durable writes", "warning", found, "orders wait for the disk: put --var on a faster one")
    return Finding("durable writes", "ok", found)


def _median_commit_s(place: Path) -> float:
    connection = sqlite3.connect(place, isolation_level=None)
    try:
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute("create table written (number integer)")
        taken: list[float] = []
        for number in range(20):
            started_s = time.perf_counter()
            connection.execute("insert into written values (?)", (number,))
            taken.append(time.perf_counter() - started_s)
        return sorted(taken)[len(taken) // 2]
    finally:
        connection.close()


def disk_space(var: Path) -> Finding:
    """Room for the journal to grow."""
    place = next(folder for folder in (var, *var.resolve().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.1f} GB free"
    if free < _SCARCE_BYTES:
        return Finding("disk", "problem", found, "free some space: a desk that cannot write its journal stops")
    if free < _COMFORTABLE_BYTES:
        return Finding("disk", "warning", found, "a busy day's journal can take a gigabyte")
    return Finding("disk", "ok", found)


def port_is_free(port: int) -> Finding:
    """Nobody else answers where the page is going to be."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            found = f"127.0.0.1:{port}: {(error.strerror or str(error)).lower()}"
            return Finding("port", "problem", found, "stop what holds it (another desk?), or choose one with --port")
    return Finding("port", "ok", f"127.0.0.1:{port} is free")


def page_is_importable() -> Finding:
    """The page's own packages are there."""
    try:
        import nicegui

        import flatbook.dashboard
    except ImportError as error:
        return Finding("page", "problem", str(error), "install the requirements again, or run with --headless")
    assert flatbook.dashboard
    return Finding("page", "ok", f"NiceGUI {nicegui.__version__}")


def chromium_is_here() -> Finding:
    """Only the tests of the page need it."""
    path = shutil.which("chromium")
    if path is None:
        return Finding("Chromium", "information", "absent; only the tests of the page need it", "make browser")
    return Finding("Chromium", "information", path)


def clock_is_sane() -> Finding:
    """The clock is past this version's own date, and goes at the pace of the monotonic one."""
    wall_ns, steady_ns = time.time_ns(), time.monotonic_ns()
    time.sleep(0.05)
    drift_ms = ((time.time_ns() - wall_ns) - (time.monotonic_ns() - steady_ns)) / 1e6
    found = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(wall_ns / 1e9))}, {abs(drift_ms):.3f} ms astray in 50 ms"
    if wall_ns < _NOT_BEFORE_S * 1_000_000_000:
        return Finding("clock", "problem", found, "set the clock: every batch is stamped with it")
    if abs(drift_ms) > 5.0:
        return Finding("clock", "warning", found, "the clock is being stepped: let a time service slew it")
    return Finding("clock", "ok", found)
