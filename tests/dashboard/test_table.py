"""What crosses to the browser is what changed, and applying it gives the new table."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from flatbook.dashboard.table import Column, Row, Table, signed_cell, table_patch, texts_patch

COLUMNS = (Column("Contract", text=True), Column("Price", testid="price"))
rows = st.lists(
    st.builds(Row, st.sampled_from("abcdef"), st.tuples(st.sampled_from(["1", "2"])), st.just("")), unique_by=lambda row: row.key
)
tables = st.builds(lambda made: Table(COLUMNS, tuple(made)), rows)


def applied(known: dict, order: list, patch: dict | None) -> tuple[dict, list]:
    """What grid.js does with a patch."""
    if patch is None:
        return known, order
    if "columns" in patch:
        known, order = {}, []
    known = known | {row.key: row for row in patch.get("rows", [])}
    order = patch.get("order", order)
    return {key: row for key, row in known.items() if key in order}, order


@given(st.lists(tables, min_size=1))
def test_a_browser_that_applies_every_patch_shows_the_newest_table(sequence):
    known, order, shown = {}, [], None
    for table in sequence:
        known, order = applied(known, order, table_patch(shown, table))
        shown = table
    assert [known[key] for key in order] == list(shown.rows)


def test_nothing_is_sent_when_nothing_changed():
    table = Table(COLUMNS, (Row("a", ("a", "1")),))
    assert table_patch(table, Table(COLUMNS, (Row("a", ("a", "1")),))) is None


def test_one_moved_price_sends_one_row_and_no_order():
    old = Table(COLUMNS, (Row("a", ("a", "1")), Row("b", ("b", "1"))))
    patch = table_patch(old, Table(COLUMNS, (Row("a", ("a", "1")), Row("b", ("b", "2")))))
    assert patch == {"rows": [Row("b", ("b", "2"))]}


def test_new_columns_send_the_table_afresh():
    old = Table(COLUMNS, (Row("a", ("a", "1")),))
    patch = table_patch(old, Table(COLUMNS[:1], (Row("a", ("a",)),)))
    assert patch is not None
    assert patch["columns"] == COLUMNS[:1]
    assert patch["rows"] == [Row("a", ("a",))]


def test_only_texts_that_differ_are_sent():
    assert texts_patch({"pnl": "1", "age": "0.1 s"}, {"pnl": "1", "age": "0.6 s", "mode": ("paused", "paused")}) == {
        "age": "0.6 s",
        "mode": ("paused", "paused"),
    }


def test_a_row_travels_as_a_short_list():
    assert msgspec.json.encode(Row("a", ("a", ("+1", "up"), ("", "bar", 0.5)))) == b'["a",["a",["+1","up"],["","bar",0.5]],""]'


def test_a_number_that_rounds_to_nothing_has_no_colour():
    assert signed_cell("0.00", -0.001) == "0.00"
    assert signed_cell("-1.00", -1.0) == ("-1.00", "down")
    assert signed_cell("+1.00", 1.0) == ("+1.00", "up")
