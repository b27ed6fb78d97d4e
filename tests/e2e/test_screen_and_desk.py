"""The desk, its screen and a browser together: what is shown is what is so, and what is clicked happens."""

import signal
import time

import pytest

from flatbook.dashboard.exposure import exposure_table, limits_table
from flatbook.dashboard.header import header_texts
from flatbook.dashboard.ladder import ladder_table
from flatbook.dashboard.table import Table
from flatbook.dashboard.tables import quotes_table, terms_table
from flatbook.events import Flatten, Pause, Resume
from flatbook.journal import JournalReader
from flatbook.runtime import replay_journal

LOTS = {"BTC": 0.001, "ETH": 0.01}
HEADER = ("equity", "pnl", "mode", "core-time", "orders", "fills-booked", "events")

pytestmark = pytest.mark.browser


def cells_by_testid(table: Table) -> dict[str, str]:
    return {
        f"{column.testid}-{row.key}": cell if isinstance(cell, str) else cell[0]
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.testid
    }


def assert_the_page_says_what_the_desk_knows(viewer) -> None:
    """Every text of one instant of the page against the snapshot of the same sequence."""
    everything = viewer.everything()
    snapshot = viewer.behind(int(everything["sequence"].replace(",", "")))
    header = header_texts(snapshot, 0.0, connected=True)
    for name in HEADER:
        assert everything[name] == (header[name] if isinstance(header[name], str) else header[name][0]), name
    for table in (exposure_table(snapshot), terms_table(snapshot), limits_table(snapshot), ladder_table(snapshot, "vega")):
        for name, text in cells_by_testid(table).items():
            assert everything[name] == text, name
    quotes = {name: text for name, text in cells_by_testid(quotes_table(snapshot)).items() if name in everything}
    assert {name: everything[name] for name in quotes} == quotes
    assert len(quotes) > 20 or not snapshot.quotes
    # And once without the screen's own tables, by hand.
    bitcoin = next(view for view in snapshot.underlyings if view.name == "BTC")
    assert float(everything["delta-BTC"].replace(",", "")) == pytest.approx(bitcoin.delta, abs=6e-5)
    assert float(everything["equity"].replace(",", "")) == pytest.approx(snapshot.equity_usd, abs=0.006)


def assert_the_page_says_that_nobody_is_there(viewer) -> None:
    """The banner of the screen while it is there, and the browser's own when the screen has left as well."""
    told = viewer.page.locator("[data-testid=banner]:visible, [data-testid=silence]:visible")
    told.first.wait_for(timeout=15_000)
    viewer.page.get_by_test_id("silence").wait_for(state="visible", timeout=15_000)


def test_the_page_shows_what_the_desk_knows_within_a_minute_and_until_it_stops(start_desk, viewer):
    began = time.monotonic()
    desk = start_desk()
    viewer.page.goto(desk.url)
    viewer.page.wait_for_function("document.querySelector('[data-testid=delta-BTC]')?.textContent.length > 1", timeout=60_000)
    assert time.monotonic() - began < 60
    first = viewer.wait_until(lambda snapshot: len(snapshot.quotes) > 500, "quotes")
    assert first.equity_usd > 1e6
    for _ in range(4):
        assert_the_page_says_what_the_desk_knows(viewer)
        viewer.page.wait_for_timeout(700)
    assert viewer.behind().sequence > first.sequence
    desk.process.send_signal(signal.SIGINT)
    assert f"The journal is {desk.journal}" in desk.said().strip().splitlines()[-1]
    assert desk.process.returncode == 0
    assert_the_page_says_that_nobody_is_there(viewer)
    assert replay_journal(desk.journal).difference is None


def test_pause_resume_and_flatten_are_done_and_a_killed_desk_is_missed(start_desk, viewer, eager):
    desk = start_desk("--speed", 10, "--config", eager)
    viewer.page.goto(desk.url)
    viewer.wait_until(lambda snapshot: len(snapshot.quotes) > 500 and snapshot.fills_booked >= 3, "quotes and fills")

    viewer.command("pause", "feed looks wrong")
    paused = viewer.wait_until(lambda snapshot: snapshot.mode == "paused" and not snapshot.quotes, "no quote is left")
    assert paused.mode_reason == "ann: feed looks wrong"
    viewer.page.wait_for_function("document.querySelector('[data-testid=quotes-count]').textContent === '0 of 0'", timeout=15_000)
    assert viewer.shown("mode") == "paused"
    assert_the_page_says_what_the_desk_knows(viewer)
    viewer.page.wait_for_timeout(1_000)
    assert viewer.behind().quotes == [], "and none comes back by itself"

    viewer.command("resume", "it was nothing")
    viewer.wait_until(lambda snapshot: snapshot.mode == "running" and len(snapshot.quotes) > 500, "quotes again")
    viewer.page.wait_for_function("document.querySelector('[data-testid=mode]').textContent === 'running'", timeout=15_000)

    viewer.command("flatten", "done for today", word="FLATTEN")
    flat: set[str] = set()

    def each_was_flat(snapshot) -> bool:
        flat.update(view.name for view in snapshot.underlyings if abs(view.delta - view.target) <= LOTS[view.name])
        return snapshot.mode == "paused" and not snapshot.quotes and flat == set(LOTS)

    viewer.wait_until(each_was_flat, "every delta within a lot of its target")
    assert_the_page_says_what_the_desk_knows(viewer)

    desk.process.kill()
    assert_the_page_says_that_nobody_is_there(viewer)
    with JournalReader(desk.journal) as reader:
        events = [event for entry in reader.batches() for event in entry.batch.events]
    commands = [event for event in events if isinstance(event, Pause | Resume | Flatten)]
    assert commands == [Pause("ann", "feed looks wrong"), Resume("ann", "it was nothing"), Flatten("ann", "done for today")]
    assert replay_journal(desk.journal).difference is None
