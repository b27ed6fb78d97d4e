"""Numbers as a trader reads them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.dashboard import format as shown

DAY = 86_400 * 10**9


@pytest.mark.parametrize(
    ("value", "places", "signed", "text"),
    [
        (1234567.891, 2, False, "1,234,567.89"),
        (-1234.5, 0, True, "-1,234"),
        (1234.6, 0, True, "+1,235"),
        (0.0, 2, True, "0.00"),
        (-0.001, 2, True, "0.00"),
        (-0.001, 2, False, "0.00"),
        (math.nan, 2, True, "–"),
        (math.inf, 0, False, "–"),
    ],
)
def test_a_number_has_commas_a_sign_when_asked_and_never_reads_minus_zero(value, places, signed, text):
    assert shown.number(value, places, signed=signed) == text


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_what_is_read_off_the_screen_is_the_number_to_its_last_shown_place(value, places):
    # A double near a thousand million has steps of a ten-millionth, and the text is read back as one.
    slack = 0.5001 * 10.0**-places + 2.3e-16 * abs(value)
    assert float(shown.number(value, places, signed=True).replace(",", "")) == pytest.approx(value, abs=slack)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_float_there_is_has_a_text(value):
    for text in (
        shown.cash(value),
        shown.cents(value),
        shown.coins(value),
        shown.percent(value),
        shown.price(value),
        shown.quantity(value),
    ):
        assert text
        assert "nan" not in text
        assert "inf" not in text


@pytest.mark.parametrize(
    ("price", "text"),
    [(93641.2, "93,641.2"), (3214.85, "3,214.85"), (4.25, "4.2500"), (0.0345, "0.03450"), (0.0, "0.00000")],
)
def test_a_price_has_the_decimals_its_size_needs(price, text):
    assert shown.price(price) == text


def test_a_part_of_a_price_is_shown_with_the_decimals_of_that_price():
    assert shown.price(-12.5, like=93641.2, signed=True) == "-12.5"
    assert shown.price(0.00012, like=0.0345, signed=True) == "+0.00012"


@pytest.mark.parametrize(("value", "text"), [(2.5, "2.500"), (1200.0, "1,200"), (120.5, "120.500"), (250000.0, "250,000")])
def test_dollars_of_an_inverse_contract_need_no_decimals_and_coins_do(value, text):
    assert shown.quantity(value) == text


def test_instants_read_as_utc():
    assert shown.clock(1_767_686_400_485_000_000) == "08:00:00"
    assert shown.clock(1_767_686_400_485_000_000, milliseconds=True) == "08:00:00.485"
    assert shown.day_and_clock(1_767_686_400_485_000_000) == "2026-01-06 08:00:00.485"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.44, "0.4 s"), (-0.2, "0.0 s"), (95, "95 s"), (600, "10 min"), (18_000, "5 h"), (math.inf, "–")],
)
def test_an_age_is_in_the_unit_that_fits(seconds, text):
    assert shown.age(seconds) == text


@pytest.mark.parametrize(("largest", "unit"), [(99_000, "$"), (100_000, "k $"), (250e6, "m $"), (3e12, "bn $"), (0, "$")])
def test_a_ladder_of_large_numbers_is_counted_in_a_larger_unit(largest, unit):
    assert shown.cash_unit(largest)[1] == unit


def test_names_keep_each_rows_own_order_when_no_row_has_them_all():
    merged = shown.merged_order([["fair", "lean", "fees"], ["fair", "lean", "adverse", "fees"], ["fair", "rounding"]])
    assert [name for name in merged if name != "rounding"] == ["fair", "lean", "adverse", "fees"]
    assert merged.index("rounding") > merged.index("fair")


@given(st.permutations(list("abcdefg")), st.lists(st.sets(st.sampled_from("abcdefg"))))
def test_rows_cut_from_one_order_give_that_order_once_a_row_has_them_all(order, cuts):
    rows = [[name for name in order if name in cut] for cut in cuts]
    assert shown.merged_order([list(order), *rows]) == list(order)


@pytest.mark.parametrize(("count", "words"), [(0, "0 orders"), (1, "1 order"), (1_280, "1,280 orders")])
def test_one_of_a_thing_has_no_s(count, words):
    assert shown.counted(count, "order") == words
