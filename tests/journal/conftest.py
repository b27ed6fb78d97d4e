import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flatbook.basics import NS_PER_MS
from flatbook.events import Batch, Beat, Top
from flatbook.journal import Header, Journal, effects_digest, new_header

START_NS = 1_767_686_400_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.journal"


@pytest.fixture
def header() -> Header:
    return new_header(created_ns=START_NS, seed=7, market="simulated")


@pytest.fixture
def batch() -> Callable[[int], Batch]:
    """The batch of a sequence: always the same one, so that whoever reads it back knows what it must hold."""

    def build(sequence: int) -> Batch:
        tops = (Top(row, 100.0 + sequence, 101.0 + sequence, 1.0, 2.0, sequence) for row in range(sequence % 5))
        return Batch(sequence, START_NS + sequence * NS_PER_MS, (Beat(), *tops))

    return build


@pytest.fixture
def digest() -> Callable[[int], bytes]:
    def build(sequence: int) -> bytes:
        return effects_digest((), (float(sequence),))

    return build


@pytest.fixture
def fill(batch, digest) -> Callable[[Journal, int], None]:
    """Append batches up to and with a sequence."""

    def append(journal: Journal, until: int) -> None:
        for sequence in range(journal.last_sequence + 1, until + 1):
            journal.append(batch(sequence), digest(sequence))

    return append


@pytest.fixture
def written(path, header, fill) -> Path:
    """A journal of twenty batches, closed."""
    with Journal.create(path, header) as journal:
        fill(journal, 20)
    return path


@pytest.fixture
def start_script() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a Python script of its own process, with arguments; whatever still runs at the end is killed."""
    children: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-u", "-c", script, *map(str, arguments)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()
