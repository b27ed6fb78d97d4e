"""The whole program as a person has it: a desk in its own process, its screen, and a browser before it."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flatbook.dashboard import answers, screen_url
from flatbook.engine import Snapshot
from flatbook.runtime.config import DESK_TOML, builtin_text

CHROMIUM_ARGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


FLATBOOK = (sys.executable, "-u", "-c", "from flatbook.cli import main; main()")
EVERYTHING = """() => Object.fromEntries(
    [...document.querySelectorAll("[data-testid]")].map((element) => [element.dataset.testid, element.textContent])
)"""


class RealDesk:
    """A desk in its own process and where its page and journal are."""

    def __init__(self, process: subprocess.Popen[str], port: int, var: Path) -> None:
        self.process = process
        self.url = screen_url(port)
        self.journal = var / "simulated.journal"

    def said(self) -> str:
        """Everything it said, once it has ended."""
        return self.process.communicate(timeout=30)[0]


@pytest.fixture
def start_desk(tmp_path: Path) -> Iterator[Callable[..., RealDesk]]:
    """`flatbook run` with these options, on a free port; it is killed at the end if it still runs."""
    desks: list[RealDesk] = []

    def start(*options: object) -> RealDesk:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        var = tmp_path / "var"
        command = [
            sys.executable,
            "-u",
            "-c",
            "from flatbook.cli import main; main()",
            "run",
            "--port",
            port,
            "--var",
            var,
            *options,
        ]
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        desks.append(RealDesk(process, port, var))
        assert answers(desks[-1].url, 60), "the screen did not answer within a minute"
        return desks[-1]

    yield start
    for desk in desks:
        desk.process.kill()
        desk.process.wait()
        desk.process.stdout.close()


@pytest.fixture
def eager(tmp_path: Path) -> Path:
    """The built-in settings with hardly any edge, so that takers trade with the desk at once."""
    text = builtin_text(DESK_TOML)
    for key, figure in {"edge_vol_points": 0.05, "edge_bps": 0.1, "hedge_share": 0.0, "patience_s": 1}.items():
        text, count = re.subn(rf"(?m)^{key} = [^#\n]*", f"{key} = {figure} ", text)
        assert count, f"{key} is no key of these settings"
    path = tmp_path / "eager.toml"
    path.write_text(text, encoding="utf-8")
    return path


class Viewer:
    """Somebody before the page: reads it whole, compares it with what is behind it, and clicks."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def shown(self, name: str) -> str:
        """The text of one place on the page."""
        return self.page.get_by_test_id(name).text_content()

    def everything(self) -> dict[str, str]:
        """Every text that has a name, as they stand at one instant."""
        return self.page.evaluate(EVERYTHING)

    def behind(self, sequence: int | None = None) -> Snapshot | None:
        """The snapshot behind the page: the newest, or that of a sequence; None while there is none."""
        query = "" if sequence is None else f"?sequence={sequence}"
        answer = self.page.request.get(f"{self.page.url.rstrip('/')}/snapshot.json{query}")
        return msgspec.json.decode(answer.body(), type=Snapshot) if answer.ok else None

    def wait_until(self, fits: Callable[[Snapshot], bool], what: str, patience_s: float = 60.0) -> Snapshot:
        """The first snapshot behind the page that fits."""
        deadline = time.monotonic() + patience_s
        while (shown := self.behind()) is None or not fits(shown):
            stands = f"{shown.mode}, {shown.orders_working} orders" if shown else "nothing"
            assert time.monotonic() < deadline, f"not within {patience_s:.0f} s: {what}; there is {stands}"
            self.page.wait_for_timeout(100)
        return shown

    def command(self, name: str, reason: str, word: str = "") -> None:
        """Press a button, say who and why, and confirm."""
        self.page.get_by_test_id(name).click()
        for field, text in (("reason", reason), ("who", "ann"), ("word", word)):
            if text:
                self.page.get_by_test_id(field).locator("visible=true").fill(text)
        self.page.get_by_test_id("confirm").locator("visible=true").click()


@pytest.fixture
def viewer(chromium: str) -> Iterator[Viewer]:
    """A viewer with a real headless Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright in this environment: make browser")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGS))
        yield Viewer(browser.new_context(viewport={"width": 1920, "height": 1080}).new_page())
        browser.close()
