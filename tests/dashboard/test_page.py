"""The page in a real browser: what it shows is what the desk said, and what is clicked reaches the desk."""

import re
import time
from urllib.parse import urlsplit

import pytest

from flatbook.dashboard import SnapshotServer
from flatbook.dashboard.exposure import exposure_table
from flatbook.dashboard.header import header_texts
from flatbook.dashboard.ladder import ladder_table
from flatbook.dashboard.reading_order import in_reading_order
from flatbook.dashboard.tables import quotes_table, terms_table
from flatbook.events import Flatten, Pause

EVERYTHING = """() => Object.fromEntries(
    [...document.querySelectorAll("[data-testid]")].map((element) => [element.dataset.testid, element.textContent])
)"""

pytestmark = pytest.mark.browser


def shown(page, testid: str) -> str:
    return page.get_by_test_id(testid).text_content()


def wait_for_sequence(page, sequence: int) -> None:
    page.wait_for_function(
        f"document.querySelector('[data-testid=sequence]')?.textContent === '{sequence:,}'", polling=50, timeout=15_000
    )


def opened(page, desk) -> None:
    page.goto(desk.url)
    wait_for_sequence(page, desk.shown.sequence)


def cells_by_testid(table) -> dict[str, str]:
    return {
        f"{column.testid}-{row.key}": cell if isinstance(cell, str) else cell[0]
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.testid
    }


def test_every_number_on_the_page_is_the_snapshots_as_it_changes(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    for step in (0, 1, 2, 9):
        snapshot = fake_desk.publish(step)
        wait_for_sequence(browser_page, snapshot.sequence)
        everything = browser_page.evaluate(EVERYTHING)
        header = header_texts(snapshot, 0.0, connected=True)
        for name in ("equity", "pnl", "capital", "mode", "mode-reason", "core-time", "orders", "fills-booked", "events"):
            cell = header[name]
            assert everything[name] == (cell if isinstance(cell, str) else cell[0]), name
        for table in (exposure_table(snapshot), terms_table(snapshot), ladder_table(snapshot, "vega")):
            for name, text in cells_by_testid(table).items():
                assert everything[name] == text, name
        quotes = cells_by_testid(quotes_table(snapshot))
        visible = [name for name in quotes if name in everything]
        assert len(visible) > 50
        assert {name: everything[name] for name in visible} == {name: quotes[name] for name in visible}
    assert browser_page.wrong == []


def test_the_page_and_the_snapshot_behind_it_agree_by_sequence(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    sequence = int(shown(browser_page, "sequence").replace(",", ""))
    behind = browser_page.request.get(f"{fake_desk.url}/snapshot.json?sequence={sequence}").json()
    assert float(shown(browser_page, "pnl").replace(",", "")) == pytest.approx(
        behind["pnl_usd"] - behind["pnl_terms"]["capital"], abs=0.006
    )
    assert float(shown(browser_page, "delta-BTC").replace(",", "")) == pytest.approx(behind["underlyings"][0]["delta"], abs=6e-5)


def test_the_last_row_of_the_explained_pnl_is_in_sight(browser_page, fake_desk):
    for width, height in ((1280, 900), (1600, 1120), (1920, 1080), (2560, 1440), (3840, 2160)):
        browser_page.set_viewport_size({"width": width, "height": height})
        opened(browser_page, fake_desk)
        grid = browser_page.get_by_test_id("terms-grid")
        assert grid.evaluate("(grid) => grid.scrollHeight <= grid.clientHeight"), width


def test_updates_leave_the_page_standing(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    browser_page.evaluate("() => { window.kept = document.querySelector('[data-testid=\"delta-BTC\"]') }")
    browser_page.get_by_test_id("quotes-grid").evaluate("(grid) => { grid.scrollTop = 2000 }")
    wait_for_sequence(browser_page, fake_desk.publish(6).sequence)
    assert browser_page.evaluate("() => window.kept.isConnected && window.kept.textContent") == shown(browser_page, "delta-BTC")
    assert browser_page.get_by_test_id("quotes-grid").evaluate("(grid) => grid.scrollTop") == 2000


def test_pause_asks_why_and_reaches_the_desk(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    browser_page.get_by_test_id("pause").click()
    sure = browser_page.get_by_test_id("confirm").locator("visible=true")
    assert sure.is_disabled(), "a command without a reason must not be given"
    browser_page.get_by_test_id("reason").locator("visible=true").fill("feed looks wrong")
    browser_page.get_by_test_id("who").locator("visible=true").fill("ann")
    sure.click()
    assert fake_desk.commands_within(5) == [Pause("ann", "feed looks wrong")]
    wait_for_sequence(browser_page, fake_desk.publish(1, mode="paused", mode_reason="ann: feed looks wrong").sequence)
    assert shown(browser_page, "mode") == "paused"


def test_flatten_needs_the_word_typed(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    browser_page.get_by_test_id("flatten").click()
    sure = browser_page.get_by_test_id("confirm").locator("visible=true")
    browser_page.get_by_test_id("who").locator("visible=true").fill("ann")
    browser_page.get_by_test_id("reason").locator("visible=true").fill("done for today")
    word = browser_page.get_by_test_id("word").locator("visible=true")
    word.fill("flatten")
    word.press("Enter")
    assert fake_desk.commands_within(1) == []
    assert sure.is_disabled()
    word.fill("FLATTEN")
    sure.click()
    assert fake_desk.commands_within(5) == [Flatten("ann", "done for today")]


def test_the_same_command_can_be_given_again_for_the_same_reason(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    for _ in range(2):
        browser_page.get_by_test_id("pause").click()
        reason = browser_page.get_by_test_id("reason").locator("visible=true")
        reason.wait_for(state="visible")
        assert reason.input_value() == "", "what is shown is what the desk's side has"
        reason.fill("feed looks wrong")
        browser_page.get_by_test_id("who").locator("visible=true").fill("ann")
        browser_page.get_by_test_id("confirm").locator("visible=true").click()
        assert fake_desk.commands_within(5) == [Pause("ann", "feed looks wrong")]
        reason.wait_for(state="detached")


def test_cancelling_sends_nothing(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    browser_page.get_by_test_id("resume").click()
    browser_page.get_by_test_id("reason").locator("visible=true").fill("no, wait")
    browser_page.get_by_test_id("cancel").locator("visible=true").click()
    assert fake_desk.commands_within(0.7) == []


def test_the_ladder_shows_the_greek_that_is_asked_for(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    for greek in ("Gamma", "Delta"):
        browser_page.get_by_test_id("greek").get_by_text(greek, exact=True).click()
        table = ladder_table(fake_desk.shown, greek.lower())
        browser_page.wait_for_function(
            f"document.querySelector('[data-testid=ladder-grid] th').textContent.startsWith('{greek}')", timeout=5_000
        )
        assert shown(browser_page, "ladder-total-BTC|all") == cells_by_testid(table)["ladder-total-BTC|all"]


def test_quotes_are_found_by_underlying_and_by_words(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    browser_page.get_by_test_id("quote-underlying").get_by_text("ETH", exact=True).click()
    count = browser_page.get_by_test_id("quotes-count")
    eth = sum(quote.underlying == "ETH" for quote in fake_desk.shown.quotes)
    count.get_by_text(f"{eth} of 400").wait_for(timeout=5_000)
    browser_page.get_by_test_id("quote-search").fill("27MAR26 sell")
    wanted = [quote for quote in fake_desk.shown.quotes if "ETH-27MAR26" in quote.key and quote.side == "sell"]
    count.get_by_text(re.compile(rf"^{len(wanted)} of 400$")).wait_for(timeout=5_000)


def test_pointing_at_a_quote_draws_its_reasons(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    spots = {view.name: view.spot for view in fake_desk.shown.underlyings}
    quote = in_reading_order(fake_desk.shown.quotes, spots, fake_desk.shown.now_ns)[4]
    browser_page.get_by_test_id(f"quote-{quote.key}-{quote.side}").hover()
    card = browser_page.locator("#why").text_content()
    assert quote.key in card
    assert all(name in card for name in quote.parts)


def test_the_charts_hold_the_timeline(browser_page, fake_desk):
    for step in range(1, 40):
        fake_desk.publish(2 * step)
    opened(browser_page, fake_desk)
    browser_page.wait_for_timeout(700)
    lines = browser_page.evaluate(
        """() => Object.fromEntries(["pnl", "delta", "vega"].map((name) => {
            const chart = getElement(document.querySelector(`[data-testid=chart-${name}]`)).chart;
            return [name, chart.getOption().series.map((line) => [line.name, line.data.length, line.data.at(-1)[1]])];
        }))"""
    )
    assert [line[:2] for line in lines["delta"]] == [["BTC", 40], ["ETH", 40]]
    assert lines["pnl"][0][2] == pytest.approx(fake_desk.shown.pnl_usd - fake_desk.shown.pnl_terms["capital"])
    assert lines["vega"][1][2] == pytest.approx(fake_desk.shown.underlyings[1].vega_cash)


def test_the_page_says_when_the_desk_is_gone_and_forgives_when_it_is_back(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    address, key = fake_desk.server.address, fake_desk.server.authkey
    fake_desk.server.close()
    banner = browser_page.get_by_test_id("banner")
    banner.get_by_text("The desk is gone. Last snapshot: 08:10:00 UTC, sequence 1,000.").wait_for(timeout=5_000)
    assert banner.is_visible()
    assert shown(browser_page, "pnl"), "the last numbers stay"
    fake_desk.server = SnapshotServer(address, key)
    wait_for_sequence(browser_page, fake_desk.publish(30).sequence)
    banner.wait_for(state="hidden", timeout=5_000)
    fake_desk.server.close()


def test_three_tabs_follow_the_desk_side_by_side(browser_page, fake_desk):
    tabs = [browser_page, *(browser_page.context.new_page() for _ in range(2))]
    for tab in tabs:
        tab.goto(fake_desk.url)
    for step in (3, 4, 5):
        snapshot = fake_desk.publish(step)
        for tab in tabs:
            wait_for_sequence(tab, snapshot.sequence)
            assert shown(tab, "pnl") == f"{snapshot.pnl_usd - snapshot.pnl_terms['capital']:+,.2f}"


def test_no_request_leaves_this_machine(browser_page, fake_desk):
    opened(browser_page, fake_desk)
    browser_page.get_by_test_id("flatten").click()
    time.sleep(0.5)
    hosts = {urlsplit(url).hostname for url in browser_page.requested if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
    assert hosts == {"127.0.0.1"}
