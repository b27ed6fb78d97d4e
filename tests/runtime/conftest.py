"""Desks as people start them: another process, a folder of its own, and settings under which much happens quickly."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flatbook.basics import NS_PER_MINUTE, parse_utc
from flatbook.runtime.config import DESK_TOML, builtin_text
from flatbook.simulation import MarketParameters, SimulatedMarket
from flatbook.venues.recordings import RecordingWriter

FLATBOOK = (sys.executable, "-c", "from flatbook.cli import main; main()")


def changed(text: str, **figures: object) -> str:
    """A settings text with some keys given other figures; every key must be there."""
    for key, figure in figures.items():
        text, count = re.subn(rf"(?m)^{key} = [^#\n]*", f"{key} = {figure} ", text)
        assert count, f"{key} is no key of these settings"
    return text


@pytest.fixture(scope="session")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of a desk that asks for no edge at all, so that takers trade with it all the time, and saves its state often."""
    path = tmp_path_factory.mktemp("settings") / "lively.toml"
    free = 'option = { maker = "0", taker = "0.0003" }'
    text = changed(
        builtin_text(DESK_TOML),
        edge_vol_points=0.0,
        edge_bps=0.0,
        hedge_share=0.0,
        stale_vol_points=0.0,
        stale_bps=0.0,
        min_days=0.0,
        min_delta=0.0,
        max_delta=1.0,
        option=free.partition(" = ")[2],
        snapshot_s=0.8,
        average_min=1,  # the recording begins a minute and a half before its expiry
        patience_s=1,
    )
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three minutes of a small simulated market as a recording; at 08:00 in its middle options expire and funding is paid."""
    start_ns = parse_utc("2026-01-06T07:58:30Z")
    market = SimulatedMarket(5, start_ns, parameters=MarketParameters(strikes=5))
    target = tmp_path_factory.mktemp("recordings") / "morning"
    with RecordingWriter(target, name="morning", source="a simulated market") as writer:
        writer.extend(zip(*market.take(start_ns + 3 * NS_PER_MINUTE), strict=True))
    return target


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """Where a desk of this test keeps its journal."""
    return tmp_path / "var"


@pytest.fixture
def flatbook() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command to its end: `flatbook("replay", path)`."""

    def run(*arguments: object, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*FLATBOOK, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False)

    return run


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command and let it run; whatever still runs at the end is killed."""
    children: list[subprocess.Popen[str]] = []

    def begin(*arguments: object) -> subprocess.Popen[str]:
        command = [FLATBOOK[0], "-u", *FLATBOOK[1:], *map(str, arguments)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        children.append(child)
        return child

    yield begin
    for child in children:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.fixture
def change() -> Callable[..., str]:
    return changed
