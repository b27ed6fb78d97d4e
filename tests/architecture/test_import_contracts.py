"""The directions of imports hold, and breaking them is reported by name."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = "Imports go down only, and neighbours on a line do not see each other"
PURE_CORE = "The core reads no clock, rolls no dice, writes no log and opens nothing"


class Copy:
    """A copy of the package in which a violation can be planted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "src" / "flatbook", root / "src" / "flatbook", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", root)

    def plant(self, module: str, line: str) -> None:
        with (self.root / "src" / "flatbook" / module).open("a") as file:
            file.write(f"\n{line}\n")

    def lint(self) -> tuple[int, str]:
        command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo", "--config", "pyproject.toml"]
        environment = os.environ | {"PYTHONPATH": str(self.root / "src"), "COLUMNS": "200"}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path) -> Copy:
    return Copy(tmp_path)


@pytest.fixture(scope="module")
def contracts() -> list[dict]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_the_house_keeps_both_contracts(copy):
    status, report = copy.lint()
    assert status == 0, report
    assert f"{LAYERS} KEPT" in report
    assert f"{PURE_CORE} KEPT" in report


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("basics/side.py", "import flatbook.pricing", "flatbook.basics.side -> flatbook.pricing"),
        ("risk/__init__.py", "from flatbook.engine import snapshot", "flatbook.risk -> flatbook.engine.snapshot"),
        ("quoting/__init__.py", "import flatbook.hedging", "flatbook.quoting -> flatbook.hedging"),
        ("simulation/__init__.py", "from flatbook.venues import port", "flatbook.simulation -> flatbook.venues.port"),
    ],
    ids=["upwards", "core to snapshot", "neighbours", "world to port"],
)
def test_an_import_upwards_or_sideways_is_reported_by_name(copy, module, line, named):
    copy.plant(module, line)
    status, report = copy.lint()
    assert status == 1
    assert f"{LAYERS} BROKEN" in report
    assert f"{PURE_CORE} KEPT" in report
    assert named in report


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("engine/snapshot.py", "import time", "flatbook.engine.snapshot -> time"),
        ("ledger/__init__.py", "from datetime import datetime", "flatbook.ledger -> datetime"),
        ("market/__init__.py", "import os.path", "flatbook.market -> os"),
        ("limits/__init__.py", "def f():\n    from random import random", "flatbook.limits -> random"),
    ],
    ids=["clock", "calendar", "files", "dice inside a function"],
)
def test_a_core_that_reads_a_clock_or_opens_something_is_reported_by_name(copy, module, line, named):
    copy.plant(module, line)
    status, report = copy.lint()
    assert status == 1
    assert f"{PURE_CORE} BROKEN" in report
    assert f"{LAYERS} KEPT" in report
    assert named in report


def test_a_room_without_a_place_is_reported_by_name(copy):
    room = copy.root / "src" / "flatbook" / "attic"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room nobody planned."""\n')
    status, report = copy.lint()
    assert status == 1
    assert f"{LAYERS} BROKEN" in report
    assert "attic" in report


def test_every_room_of_the_core_is_under_the_second_contract_and_strictly_typed(contracts):
    """A new core room could be placed on its line and forgotten in the two other lists."""
    layers = next(c for c in contracts if c["id"] == "layers")["layers"]
    names = [name.strip() for line in layers for name in line.split("|")]
    shells = {"cli", "runtime", "dashboard", "journal", "venues", "simulation"}
    core = {f"flatbook.{name}" for name in names if not name.startswith("(") and name not in shells}
    sources = next(c for c in contracts if c["id"] == "pure-core")["source_modules"]
    assert set(sources) == core
    strict = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pyright"]["strict"]
    assert {f"src/{name.replace('.', '/')}" for name in core} <= set(strict)


def test_a_room_in_parentheses_does_not_exist_yet(contracts):
    """Once a planned room is built its parentheses go, or its absence would pass for a kept contract."""
    layers = next(c for c in contracts if c["id"] == "layers")["layers"]
    planned = [name.strip() for line in layers for name in line.split("|") if name.strip().startswith("(")]
    assert not [name for name in planned if (ROOT / "src" / "flatbook" / name.strip("()")).exists()]
