"""Sides, exact amounts, columns and faults."""

from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import (
    BUY,
    SELL,
    Amount,
    Correlation,
    Fraction,
    InputFault,
    NotNegative,
    Positive,
    PositiveCount,
    Side,
    exact,
    filled,
    grown,
    quantised,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_a_side_signs_a_quantity():
    assert (BUY * Decimal(3), SELL * Decimal(3)) == (3, -3)


@pytest.mark.parametrize(("side", "other", "word"), [(BUY, SELL, "buy"), (SELL, BUY, "sell")])
def test_each_side_undoes_the_other_and_has_a_word(side: Side, other: Side, word: str):
    assert side.opposite is other
    assert side.word == word


@given(FINITE)
def test_an_exact_amount_reads_back_as_the_float_it_was(number):
    assert float(exact(number)) == number


def test_an_exact_amount_has_the_digits_a_person_reads_not_the_binary_ones():
    assert exact(0.1) == Decimal("0.1")
    assert exact(np.float64(0.3)) == Decimal("0.3")


@given(st.decimals(-(10**15), 10**15, allow_nan=False, places=18))
def test_rounding_to_twelve_places_moves_an_amount_by_half_a_place_at_most(number):
    rounded = quantised(number)
    assert abs(rounded - number) <= Decimal("0.5e-12")
    assert quantised(rounded) == rounded


def test_half_a_place_goes_to_the_even_neighbour_so_that_roundings_do_not_drift():
    assert quantised(Decimal("0.0000000000005")) == 0
    assert quantised(Decimal("0.0000000000015")) == Decimal("0.000000000002")


def test_an_amount_names_its_asset():
    assert Amount(Decimal(-2), "BTC") == Amount(Decimal("-2.0"), "BTC")
    assert Amount(Decimal(1), "BTC") != Amount(Decimal(1), "ETH")


@given(st.lists(FINITE, max_size=20), st.integers(0, 40))
def test_a_grown_column_keeps_every_slot_and_fills_the_new_ones(numbers, capacity):
    column = np.array(numbers)
    wider = grown(column, capacity, -1.0)
    assert wider.shape[0] == max(capacity, len(numbers))
    assert wider[: len(numbers)].tolist() == numbers
    assert (wider[len(numbers) :] == -1.0).all()


def test_a_column_that_is_wide_enough_is_the_very_same_column():
    column = filled(4, 2.0)
    assert grown(column, 4, 0.0) is column


def test_two_sided_columns_grow_along_the_slots_and_keep_their_kind():
    sides = np.ones((2, 3), dtype=np.int64)
    assert grown(sides, 5, 0).tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0]]
    assert grown(sides, 5, 0).dtype == np.int64


@pytest.mark.parametrize(
    ("kind", "allowed", "refused"),
    [
        (Positive, [1e-12, 5.0], [0.0, -1.0]),
        (NotNegative, [0.0, 5.0], [-1e-12]),
        (Fraction, [0.0, 1.0], [-0.1, 1.1]),
        (Correlation, [-0.99, 0.0, 0.99], [-1.0, 1.0]),
        (PositiveCount, [1, 9], [0, -1]),
    ],
)
def test_a_number_outside_its_bounds_is_never_read(kind, allowed, refused):
    for number in allowed:
        assert msgspec.convert(number, kind) == number
    for number in refused:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(number, kind)


@pytest.mark.parametrize(
    ("where", "remedy", "sentence"),
    [
        ("", "", "delta is missing."),
        ("desk.toml, limits", "", "desk.toml, limits: delta is missing."),
        ("desk.toml, limits", "give it in dollars", "desk.toml, limits: delta is missing; give it in dollars."),
    ],
)
def test_a_fault_reads_as_one_sentence(where, remedy, sentence):
    assert str(InputFault("delta is missing", where=where, remedy=remedy)) == sentence
