"""The first thing a journal says: who wrote it, when, over which market, and on which build."""

import hashlib
import platform
from importlib.metadata import version

import llvmlite.binding as llvm
import msgspec

import flatbook

FORMAT_VERSION = 1


class Header(msgspec.Struct, frozen=True):
    """What a reader must know before the first batch.

    `created_ns` is the wall clock at creation; `market` is `simulated` or a recording's name; `build` names what the
    determinism promise hangs on; `numeraire` is the asset that reports count in.
    """

    format_version: int
    flatbook_version: str
    created_ns: int
    seed: int
    market: str
    build: str
    numeraire: str


def new_header(*, created_ns: int, seed: int, market: str, numeraire: str = "USD") -> Header:
    """The header of a journal that this build begins now."""
    return Header(
        format_version=FORMAT_VERSION,
        flatbook_version=flatbook.__version__,
        created_ns=created_ns,
        seed=seed,
        market=market,
        build=describe_build(),
        numeraire=numeraire,
    )


def describe_build() -> str:
    """Python, numpy, numba and the CPU family, in one line: two equal lines promise bit-identical steps."""
    parts = (f"python {platform.python_version()}", f"numpy {version('numpy')}", f"numba {version('numba')}", _cpu_family())
    return ", ".join(parts)


def _cpu_family() -> str:
    """Architecture, LLVM's name for the CPU and a short hash of its features: machine code is chosen by all three."""
    features = llvm.get_host_cpu_features().flatten()
    mark = hashlib.blake2b(features.encode(), digest_size=4).hexdigest()
    return f"{platform.machine()} {llvm.get_host_cpu_name()} {mark}"
