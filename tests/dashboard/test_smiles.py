"""The vol surface's panel: one line an expiry, and whatever is not a plain fit catches the eye and says why."""

import msgspec
import pytest

from flatbook.dashboard.smiles import smiles_table

STATES = ("fitted", "repaired", "borrowed", "marks", "kept")


def text(cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def style(cell) -> str:
    return "" if isinstance(cell, str) else cell[1]


@pytest.fixture
def line(make_snapshot):
    """The cells of one expiry by the titles of their columns; keywords replace what is so of it."""

    def make(**changes):
        snapshot = make_snapshot()
        table = smiles_table(msgspec.structs.replace(snapshot, smiles=[msgspec.structs.replace(snapshot.smiles[0], **changes)]))
        return dict(zip((column.title for column in table.columns), table.rows[0].cells, strict=True))

    return make


def test_every_expiry_is_a_line_and_every_line_has_its_own_key(make_snapshot):
    snapshot = make_snapshot(3)
    table = smiles_table(snapshot)
    assert len(table.rows) == len(snapshot.smiles) == 16
    assert len({row.key for row in table.rows}) == 16
    assert all(len(row.cells) == len(table.columns) for row in table.rows)
    assert [text(row.cells[0]) for row in table.rows[:2]] == ["BTC 2026-01-07", "BTC 2026-01-09"]


def test_a_line_is_known_by_its_expiry_whatever_becomes_of_its_smile(make_snapshot):
    before, after = (smiles_table(make_snapshot(step)) for step in (0, 9))
    assert [row.key for row in before.rows] == [row.key for row in after.rows]
    assert before.rows != after.rows


def test_numbers_are_in_the_units_of_their_headers(line, make_snapshot):
    cells = line(forward=93_700.04, at_the_money_vol=0.4815, skew=0.0234, rmse=0.0021, inside=0.9545, age_s=1.26)
    shown = [text(cells[name]) for name in ("Forward", "ATM", "Skew", "RMSE", "Inside", "Age")]
    assert shown == ["93,700.0", "48.1", "+2.3", "0.21", "95", "1.3"]
    units = {column.title: column.unit for column in smiles_table(make_snapshot()).columns}
    assert {name: units[name] for name in ("Forward", "Basis", "ATM", "Skew", "RMSE", "Inside", "Age")} == {
        "Forward": "$", "Basis": "bp", "ATM": "%", "Skew": "pt", "RMSE": "pt", "Inside": "%", "Age": "s",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("apart", "expected"),
    [
        ({}, ""),
        ({"future": 0.0012}, "future +12.0"),
        ({"underlying": -0.00003, "parity": 0.00104}, "underlying -0.3 parity +10.4"),
    ],
)
def test_basis_says_how_far_the_others_stand_from_the_forward_in_force(line, apart, expected):
    assert text(line(apart=apart)["Basis"]) == expected


def test_the_source_of_the_forward_is_named_and_may_be_nobody(line):
    assert text(line(source="parity")["From"]) == "parity"
    assert text(line(source="")["From"]) == ""


def test_a_forward_that_only_calls_and_puts_vouch_for_is_flagged(line):
    assert style(line(source="parity")["From"]) == "warning"
    assert style(line(source="future")["From"]) == style(line(source="underlying")["From"]) == "dim"


@pytest.mark.parametrize("state", STATES)
def test_whatever_has_a_reason_is_flagged_and_says_it(line, state):
    cells = line(state=state, reason="its quotes contradict the others")
    assert cells["Smile"] == (state, "warning")
    assert text(cells["Why"]) == "its quotes contradict the others"


@pytest.mark.parametrize(("state", "flagged"), [("fitted", False), ("marks", False), ("borrowed", True), ("kept", True)])
def test_without_a_reason_only_a_fit_and_chosen_marks_are_plain(line, state, flagged):
    assert (style(line(state=state, reason="")["Smile"]) == "warning") is flagged


@pytest.mark.parametrize("state", ["marks", "kept"])
def test_what_was_not_fitted_has_no_quality_of_fit(line, state):
    cells = line(state=state, rmse=0.0, inside=0.0)
    assert (text(cells["RMSE"]), text(cells["Inside"])) == ("", "")


def test_outliers_are_counted_and_flagged_and_none_is_no_news(line):
    assert line(outliers=3)["Out"] == ("3", "warning")
    assert text(line(outliers=0)["Out"]) == ""


def test_a_flat_smile_has_no_skew_and_no_sign(line):
    assert text(line(skew=0.0)["Skew"]) == "0.0"
    assert text(line(skew=-0.0004)["Skew"]) == "0.0"


def test_before_any_quote_the_panel_says_so(make_snapshot):
    table = smiles_table(make_snapshot(smiles=[]))
    assert table.rows == ()
    assert table.empty == "no expiry has a vol yet"


@pytest.mark.browser
def test_every_panel_has_room_and_no_reason_is_cut_off_even_while_the_ladder_is_empty(browser_page, fake_desk):
    fake_desk.publish(1, ladder=[])
    heights = """() => Object.fromEntries([...document.querySelectorAll("section.panel")].map(
        (panel) => [panel.dataset.testid, panel.clientHeight]))"""
    for width, height in ((1280, 900), (1600, 1120), (1920, 1080), (2560, 1440), (3840, 2160)):
        browser_page.set_viewport_size({"width": width, "height": height})
        browser_page.goto(fake_desk.url)
        browser_page.get_by_test_id("smile-state-BTC-" + str(fake_desk.shown.smiles[0].expiry_ns)).wait_for()
        squeezed = {name: tall for name, tall in browser_page.evaluate(heights).items() if tall < 100}
        assert squeezed == {}, width
        grid = browser_page.get_by_test_id("smiles-grid")
        assert grid.evaluate("(grid) => grid.scrollWidth <= grid.clientWidth"), width
        assert grid.evaluate("(grid) => grid.clientHeight") > 200, width
