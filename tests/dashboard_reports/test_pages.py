"""The pages say what the records say, escape what others wrote, and need nothing but themselves."""

import re

import msgspec
import pytest

from flatbook.dashboard.reports import (
    RunRecord,
    TieOut,
    backtest_page,
    backtest_summary,
    measure_book,
    positions_page,
    positions_summary,
)
from flatbook.engine.snapshot import AlertView

NASTY = '<img src=x onerror="alert(1)"></script>'


def without_plotly(page: str) -> str:
    """The page less its largest script, which is not ours."""
    return page.replace(max(re.findall(r"<script>.*?</script>", page, flags=re.DOTALL), key=len), "")


def terminal(renderable) -> str:
    from rich.console import Console

    out = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    out.print(renderable)
    return out.export_text()


@pytest.fixture
def book_view(chain, hold):
    return measure_book(hold({"BTC-27FEB26-70000-C": -12.0, "BTC-PERPETUAL": -150_000.0, "ETH": 30.0}), chain)


@pytest.fixture
def page(run_record) -> str:
    return without_plotly(backtest_page(run_record))


def test_the_headline_numbers_are_on_the_page(page, run_record):
    final = run_record.final
    for number in (
        f"{final.pnl_usd:+,.0f}",
        f"{final.equity_usd:,.0f}",
        f"{len(run_record.fills):,}",
        "2,400,000",
        "312 refused",
    ):
        assert number in page


def test_every_section_is_there(page):
    sections = ("P&amp;L", "Inventory and Greeks", "Spread captured", "Markouts", "Worst moments", "book at the end", "Tie-out")
    assert [name for name in sections if name not in page] == []


def test_the_page_asks_nothing_of_anybody(run_record, book_view):
    for whole in (backtest_page(run_record), positions_page(book_view)):
        assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:)""", without_plotly(whole))
        assert "@import" not in without_plotly(whole)


def test_what_others_wrote_is_escaped(build_run):
    record = build_run(points=20, fills=4)
    alert = AlertView(record.start_ns, "warning", NASTY)
    spoilt = msgspec.structs.replace(record, title=NASTY, market=NASTY, parameters=NASTY, alerts=[alert])
    page = without_plotly(backtest_page(spoilt))
    assert NASTY not in page
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_symbol_in_a_plot_cannot_end_its_script(book_view):
    renamed = msgspec.structs.replace(book_view, risks=[msgspec.structs.replace(each, key=NASTY) for each in book_view.risks])
    data = re.findall(r'data-figure="risks">(.*?)</script>', positions_page(renamed), flags=re.DOTALL)[0]
    assert data.endswith("}")


def test_a_run_that_ties_out_says_so_and_one_that_does_not_says_by_how_much(page, build_run):
    assert "Tied out to the cent" in page
    broken = TieOut(1_000_000.0, 1_000_000.0, 1_000_012.5, 7, ["BTC-PERPETUAL: ledger 3, inventory 4"])
    off = build_run(points=20, fills=4, tie_out=broken)
    shown = without_plotly(backtest_page(off))
    assert "Does not tie out" in shown
    assert "12.50" in shown
    assert "ledger 3, inventory 4" in shown


def test_a_gap_of_a_cent_is_no_tie():
    assert TieOut(1.0, 1.0, 1.0099, 1).holds
    assert not TieOut(1.0, 1.0, 1.02, 1).holds
    assert not TieOut(1.0, 1.0, 1.0, 1, ["something"]).holds


def test_a_run_without_a_single_batch_still_has_a_report(build_run):
    empty = msgspec.structs.replace(
        build_run(points=20, fills=4), timeline=[], fills=[], hedges=[], alerts=[], wall_s=0.0, expiries={}
    )
    assert "The run took no batch" in without_plotly(backtest_page(empty))
    assert "none of our quotes was filled" in terminal(backtest_summary(empty))


def test_a_run_of_days_shows_dates_in_its_lists(build_run):
    days = build_run(points=40, step_ns=6 * 3_600_000_000_000, fills=30)
    assert "2026-01-09 " in without_plotly(backtest_page(days)).split("<h3>Fills")[1]


def test_the_terminal_tells_the_same(run_record):
    shown = terminal(backtest_summary(run_record))
    for words in (
        f"{run_record.final.pnl_usd:+,.2f}",
        "Where the P&L came from",
        "Largest drawdowns",
        "Tied out to the cent",
        "BTC",
    ):
        assert words in shown


def test_a_record_can_be_kept_and_read_again(run_record):
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(run_record), type=RunRecord) == run_record


def test_the_book_is_told_on_page_and_terminal_alike(book_view):
    page, shown = without_plotly(positions_page(book_view)), terminal(positions_summary(book_view))
    for words in ("Greeks ladder", "Scenarios", "Largest risks", "deribit:BTC-PERPETUAL", "+30%"):
        assert words in page
    for words in ("Gamma ladder", "P&L if spot and vol jump", "Largest risks", "deribit:BTC-PERPETUAL", "+30%"):
        assert words in shown


def test_counts_of_one_are_singular_and_the_two_deltas_of_a_perpetual_are_told_apart(chain, hold):
    view = measure_book(hold({"BTC": 20.0}), chain)
    for shown in (positions_page(view), terminal(positions_summary(view))):
        assert "1 underlyings" not in shown
        assert "1 underlying" in shown
        assert "1 position on" in shown
        assert "the ladder counts" in " ".join(shown.split())


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_draws_every_figure_offline_and_nothing_overflows(run_record, book_view, chromium, tmp_path, scheme):
    sync_api = pytest.importorskip("playwright.sync_api")
    written = {"run.html": (backtest_page(run_record), 6), "book.html": (positions_page(book_view), 3)}
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, (whole, figures) in written.items():
            (tmp_path / name).write_text(whole, encoding="utf-8")
            page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme, offline=True)
            faults: list[str] = []
            page.on("pageerror", lambda error, faults=faults: faults.append(str(error)))
            page.goto((tmp_path / name).as_uri())
            page.wait_for_function(f"document.querySelectorAll('.figure .main-svg').length >= {figures}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280
            assert faults == []
        browser.close()
