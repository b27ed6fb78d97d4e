"""Kernels are compiled once, kept on disk, and never kept past a change in anything they call."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from flatbook.pricing import GREEKS, compiled, implied_vols, option_greeks, scenario_values, smile_vols, warm

KERNELS = (option_greeks, implied_vols, smile_vols, scenario_values)

HELPER = """
from flatbook.pricing import compiled
SCALE = {scale}

@compiled(inlined=True)
def doubled(x):
    return {factor} * x
"""
CALLER = """
from flatbook.pricing import compiled
from helper import SCALE, doubled

@compiled
def answer(x):
    return SCALE * doubled(x)

print(answer(10.0))
"""


@pytest.fixture
def desk(tmp_path: Path):
    """Write a helper, run a caller in another file in a fresh process, and read what it prints."""
    (tmp_path / "caller.py").write_text(CALLER)

    def run(factor: float, scale: float = 1.0) -> float:
        (tmp_path / "helper.py").write_text(HELPER.format(factor=factor, scale=scale))
        done = subprocess.run([sys.executable, "-B", "caller.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
        return float(done.stdout)

    return run


def test_a_kernel_notices_a_change_in_a_helper_of_another_file(desk) -> None:
    assert desk(factor=2.0) == 20.0
    assert desk(factor=3.125) == 31.25


def test_a_kernel_notices_a_change_in_a_constant_of_another_file(desk) -> None:
    assert desk(factor=2.0, scale=1.0) == 20.0
    assert desk(factor=2.0, scale=1.5) == 30.0


def test_a_compiled_function_can_be_called_and_still_says_what_it_is() -> None:
    @compiled
    def halved(x: float) -> float:
        """Half of x."""
        return x / 2

    assert halved(3.0) == 1.5
    assert halved.__name__ == "halved"
    assert halved.__doc__ == "Half of x."


def test_dividing_by_zero_gives_infinity_and_not_an_error() -> None:
    @compiled
    def reciprocal(x: float) -> float:
        return 1.0 / x

    assert reciprocal(0.0) == float("inf")


def test_after_warming_the_engines_columns_meet_no_further_compilation() -> None:
    warm()
    before = [len(kernel.signatures) for kernel in KERNELS]
    columns, n = np.ones((8, 64)), 5
    row = [column[:n] for column in columns]  # slots in use, of a column grown to its capacity
    option_greeks(*row[:6], np.empty((GREEKS, 64)))
    smile_vols(row[0][0], row[1], 0.5, columns[2], columns[3], 1, columns[4])
    implied_vols(*row[:5], np.empty(64), np.empty(64, dtype=np.int64))
    scenario_values(*row, np.zeros(3), np.zeros(2), np.empty((3, 2)))
    assert [len(kernel.signatures) for kernel in KERNELS] == before
