"""What people pass becomes columns, or one sentence that names what is wrong."""

import math
import re
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from flatbook.pricing.arguments import CORRELATION, NOT_NEGATIVE, POSITIVE, Rule, broadcast, check, columns, require, shaped


def test_scalars_and_arrays_become_columns_of_one_size() -> None:
    shape, (forward, strike, years) = columns(forward=100, strike=[[90.0], [110.0]], years=[1.0, 2.0, 3.0])
    assert shape == (2, 3)
    assert forward.tolist() == [100.0] * 6
    assert strike.tolist() == [90.0, 90.0, 90.0, 110.0, 110.0, 110.0]
    assert years.tolist() == [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]
    assert all(column.dtype == np.float64 and column.flags.c_contiguous for column in (forward, strike, years))


def test_scalars_alone_are_columns_of_one() -> None:
    shape, (spot,) = columns(spot=5)
    assert shape == ()
    assert spot.tolist() == [5.0]


def test_nothing_is_a_column_of_nothing() -> None:
    shape, (vol, sign) = columns(vol=np.empty((0, 4)), sign=1.0)
    assert shape == (0, 4)
    assert vol.size == sign.size == 0


@pytest.mark.parametrize(
    "given",
    [
        [1, 2],
        (1.0, 2.0),
        np.array([1, 2], dtype=np.int8),
        np.array([1, 2], dtype=np.float32),
        [Decimal(1), Decimal(2)],
        np.array([9.0, 1.0, 9.0, 2.0])[1::2],
        pl.Series([1.0, 2.0]),
    ],
)
def test_numbers_of_every_kind_become_doubles(given: Any) -> None:
    assert broadcast(rate=given)[1][0].tolist() == [1.0, 2.0]


def test_a_contiguous_column_is_not_copied() -> None:
    column = np.array([1.0, 2.0])
    assert np.shares_memory(broadcast(rate=column)[1][0], column)


@pytest.mark.parametrize(
    "given", ["5", ["a", "b"], 1j, np.array([1j]), [[1.0], [1.0, 2.0]], np.datetime64("2026-01-06"), 10**400, {}, object()]
)
def test_what_is_no_number_is_refused_by_name(given: Any) -> None:
    for take in (lambda: broadcast(spot=given), lambda: check("spot", given), lambda: columns(spot=given)):
        with pytest.raises(ValueError, match=r"^spot must be a number or an array of numbers; it is "):
            take()


def test_a_missing_number_is_not_a_number() -> None:
    with pytest.raises(ValueError, match=r"^rate must be a finite number; rate\[1\] is nan$"):
        check("rate", [1.0, None])
    with pytest.raises(ValueError, match=r"^rate must be a finite number; rate\[1\] is nan$"):
        check("rate", pl.Series([1.0, None]))


def test_a_long_list_is_not_read_out() -> None:
    with pytest.raises(ValueError, match="it is ") as said:
        check("spot", [*range(100_000), "a"])
    assert len(str(said.value)) < 200


def test_shapes_that_do_not_fit_are_told_with_their_names() -> None:
    words = "these shapes do not broadcast together: spot (2,), strike (), vol (3,); give scalars or arrays of one shape"
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        columns(spot=[1.0, 2.0], strike=1.0, vol=[0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        *((name, (1e-300, 1e300), (0.0, -1.0)) for name in ("forward", "spot", "strike", "discount")),
        *((name, (0.0, 1e300), (-1e-300, -1.0)) for name in ("years", "vol")),
        ("sign", (1.0, -1.0), (0.0, 0.5)),
        ("rho", (0.0, -0.999), (1.0, -1.0)),
        ("anything_else", (-1e300, 0.0), ()),
    ],
)
def test_a_name_says_what_is_allowed(name: str, good: tuple[float, ...], bad: tuple[float, ...]) -> None:
    check(name, good)
    for number in (*bad, math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match=rf"^{name} must be .*; {name}\[1\] is {re.escape(repr(number))}$"):
            check(name, [good[0], number])


def test_a_rule_given_goes_before_the_name() -> None:
    shape, _ = columns({"rho": POSITIVE}, rho=3.0)
    assert shape == ()
    with pytest.raises(ValueError, match=r"^rho must be between -1 and 1, both excluded; rho is 3\.0$"):
        columns({"sigma": NOT_NEGATIVE}, rho=3.0)
    check("kappa", 0.5, CORRELATION)
    with pytest.raises(ValueError, match=r"^kappa must be even; kappa is 3\.0$"):
        check("kappa", 3.0, Rule(lambda x: x % 2 == 0, "even"))


def test_the_first_bad_place_is_named_however_many_dimensions() -> None:
    with pytest.raises(ValueError, match=r"vol\[1, 0\] is -0\.5$"):
        check("vol", [[0.1, 0.2], [-0.5, -0.6]])


def test_every_argument_is_checked_before_their_shapes() -> None:
    with pytest.raises(ValueError, match=r"^strike must be"):
        columns(spot=[1.0, 2.0], strike=[1.0, -1.0, 3.0])


def test_a_condition_over_columns_names_the_first_row_that_breaks_it() -> None:
    low, high = np.array([1.0, 5.0, 7.0]), np.array([2.0, 4.0, 6.0])
    require(low[:1] < high[:1], "low must be below high", low=low, high=high)
    require(np.empty(0, dtype=np.bool_), "low must be below high", low=low[:0])
    with pytest.raises(ValueError, match=r"^low must be below high; low is 5\.0, high is 4\.0 in row 1$"):
        require(low < high, "low must be below high", low=low, high=high)
    with pytest.raises(ValueError, match=r"^low must be below high; low is 5\.0$"):
        require(low[1:2] < high[1:2], "low must be below high", low=low[1:2])


def test_results_go_back_in_the_callers_shape() -> None:
    assert shaped(np.arange(6.0), (2, 3)).tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert isinstance(shaped(np.array([7.0]), ()), float)
    assert shaped(np.empty(0), (0, 2)).shape == (0, 2)
