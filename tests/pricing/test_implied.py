"""The vol comes back out of the price it went into, and where no vol exists the answer says why."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.black import VALUE, VEGA, option_value_and_greeks
from flatbook.pricing.implied import (
    ABOVE_BOUND,
    BELOW_INTRINSIC,
    NOT_FINITE,
    OK,
    implied_total_vol,
    implied_vol,
    implied_vols,
)
from flatbook.pricing.normalised import normalised_black

CALL, PUT = 1.0, -1.0
ULP = 2.0**-52


def column(*rows: tuple[float, ...]) -> list[np.ndarray]:
    return [np.array(each, dtype=np.float64) for each in zip(*rows, strict=True)]


SAMPLES = [
    (0.0, 0.2, 0.079655674554057963),
    (-0.1, 0.01, 7.4744685724967554e-27),
    (-4.0, 0.5, 3.6622185117102118e-17),
    (-1.0, 4.0, 0.5620788047830263),
]


# ---- the reference samples and the normalised form


@pytest.mark.parametrize(("x", "s", "b"), SAMPLES)
def test_jaeckels_prices_give_his_deviations_back(x: float, s: float, b: float) -> None:
    assert implied_total_vol(b, x) == (pytest.approx(s, rel=4e-15), OK)


@pytest.mark.parametrize(("x", "s", "b"), SAMPLES)
def test_and_so_they_do_as_dollars(x: float, s: float, b: float) -> None:
    forward, strike = 100.0 * math.exp(x / 2), 100.0 * math.exp(-x / 2)  # sqrt(F K) = 100
    vol, status = implied_vol(100.0 * b, forward, strike, 0.25, CALL)
    assert status == OK
    assert vol == pytest.approx(2.0 * s, rel=1e-12)


@given(st.floats(-30.0, 0.0), st.floats(1e-6, 12.0))
def test_the_normalised_price_and_its_inverse_undo_each_other(x: float, s: float) -> None:
    b = normalised_black(x, s)
    total, status = implied_total_vol(b, x)
    if b < 1e-290 or b >= math.exp(x / 2):
        return
    vega = math.exp(-0.5 * ((x / s) ** 2 + s * s / 4)) / math.sqrt(2 * math.pi)
    # Computing b costs (x/s)^2 roundings of it, and near the bound the bound's own rounding counts.
    forgotten = ULP * (b * (4 + (x / s) ** 2) + 4 * math.exp(x / 2) * (b > 0.4 * math.exp(x / 2))) / (s * vega)
    if forgotten < 0.1:
        assert status == OK
        assert total == pytest.approx(s, rel=8 * ULP + 1.5 * forgotten)


def test_a_call_in_the_money_is_freed_of_its_intrinsic_value_first() -> None:
    x, s = np.array([0.01, 0.5, 2.0, 4.0]), 0.6
    price = normalised_black(x, s)
    total, status = implied_total_vol(price, x)
    assert status.tolist() == [OK] * 4
    vega = np.exp(-0.5 * ((x / s) ** 2 + s * s / 4)) / math.sqrt(2 * math.pi)
    assert np.all(np.abs(total / s - 1) < 8 * ULP + 2 * ULP * price / (s * vega))


@pytest.mark.parametrize(
    ("b", "x", "status"),
    [
        (0.0, -1.0, BELOW_INTRINSIC),
        (-0.1, -1.0, BELOW_INTRINSIC),
        (2.0 * math.sinh(0.5), 1.0, BELOW_INTRINSIC),
        (math.exp(-0.5), -1.0, ABOVE_BOUND),
        (math.exp(0.5), 1.0, ABOVE_BOUND),
        (1.0, 0.0, ABOVE_BOUND),
        (1e-3, -1e6, ABOVE_BOUND),
        (1e-3, 1e6, BELOW_INTRINSIC),
        (math.nan, -1.0, NOT_FINITE),
        (math.inf, -1.0, NOT_FINITE),
        (0.1, math.nan, NOT_FINITE),
        (0.1, -math.inf, NOT_FINITE),
    ],
)
def test_a_normalised_price_without_a_solution_is_refused_by_name(b: float, x: float, status: int) -> None:
    assert implied_total_vol(b, x) == (0.0, status)


def test_the_last_double_below_the_bound_has_a_solution() -> None:
    total, status = implied_total_vol(np.nextafter(1.0, 0.0), 0.0)
    assert status == OK
    assert total == pytest.approx(2 * 8.292361075813595, rel=1e-14)  # 2 N^-1(1 - 2^-54)


# ---- laws


@given(st.floats(0.01, 1e6), st.floats(-8.0, 8.0), st.floats(1e-4, 4.0), st.floats(0.01, 6.0), st.sampled_from([CALL, PUT]))
def test_a_vol_survives_the_round_trip_as_far_as_its_price_remembers_it(
    forward: float, distance: float, years: float, vol: float, sign: float
) -> None:
    strike = forward * math.exp(distance * vol * math.sqrt(years))
    numbers = option_value_and_greeks(forward, strike, years, vol, sign)
    value, vega = numbers[VALUE], max(numbers[VEGA], 1e-300)
    back, status = implied_vol(value, forward, strike, years, sign)
    # A price near its intrinsic value or its bound has rounded the vol away: nobody can recover it from that double.
    remembered = 8 * ULP * (value + forward * (abs(distance) < 1)) / vega
    remembered += 8 * ULP * max(value, forward, strike) / vega if sign * distance < 0 else 0.0
    if remembered < 1e-3 * vol:
        assert status == OK
        assert back == pytest.approx(vol, rel=1e-10, abs=remembered)  # the price is the less exact of the two
    else:
        assert status in (OK, BELOW_INTRINSIC, ABOVE_BOUND)


@given(st.floats(1e-9, 0.9999), st.floats(-20.0, 20.0), st.floats(1.0 + 1e-6, 1.5))
def test_a_dearer_option_has_more_vol(part: float, moneyness: float, dearer: float) -> None:
    strike, sign = 100.0 * math.exp(moneyness), CALL if moneyness >= 0 else PUT
    price = np.minimum(np.array([1.0, dearer]) * part, 0.99999) * min(100.0, strike)
    vol, _ = implied_vol(price, 100.0, strike, 0.5, sign)
    assert vol[1] >= vol[0] > 0.0


@given(st.floats(0.05, 2.0), st.floats(-0.4, 0.4))
def test_a_call_and_its_put_have_one_vol(vol: float, moved: float) -> None:
    strike = 100.0 * (1.0 + moved)
    values = option_value_and_greeks(100.0, strike, 0.5, vol, [CALL, PUT])
    back = implied_vol(values[VALUE], 100.0, strike, 0.5, [CALL, PUT]).vol
    assert back[0] == pytest.approx(back[1], rel=1e-12, abs=8 * ULP * max(strike, 100.0) / values[VEGA, 0])


@given(st.floats(0.2, 1.0), st.floats(0.05, 2.0))
def test_a_discounted_price_is_the_undiscounted_one_times_the_discount(discount: float, vol: float) -> None:
    value = option_value_and_greeks(100.0, 110.0, 0.5, vol, CALL)[VALUE]
    back, status = implied_vol(discount * value, 100.0, 110.0, 0.5, CALL, discount)
    assert status == OK
    assert back == pytest.approx(vol, rel=1e-12)


@given(st.integers(-300, 300))
def test_the_money_it_is_counted_in_does_not_matter(scale: int) -> None:
    one = implied_vol(5.0, 100.0, 110.0, 0.5, CALL)
    unit = 2.0**scale
    assert implied_vol(5.0 * unit, 100.0 * unit, 110.0 * unit, 0.5, CALL) == one


def test_vega_and_vol_agree_on_a_small_change_of_price() -> None:
    value, vega = option_value_and_greeks(100.0, 120.0, 0.5, 0.6, CALL)[[VALUE, VEGA]]
    vols = implied_vol([value, value + 1e-5], 100.0, 120.0, 0.5, CALL).vol
    assert vols[1] - vols[0] == pytest.approx(1e-5 / vega, rel=1e-4)


# ---- statuses


@pytest.mark.parametrize(
    ("price", "sign", "status"),
    [
        (0.0, CALL, BELOW_INTRINSIC),
        (-1.0, CALL, BELOW_INTRINSIC),
        (10.0, CALL, BELOW_INTRINSIC),
        (9.0, CALL, BELOW_INTRINSIC),
        (0.0, PUT, BELOW_INTRINSIC),
        (-1e308, PUT, BELOW_INTRINSIC),
        (1e-310, PUT, BELOW_INTRINSIC),
        (110.0, CALL, ABOVE_BOUND),
        (1e308, CALL, ABOVE_BOUND),
        (100.0, PUT, ABOVE_BOUND),
        (math.nan, CALL, NOT_FINITE),
        (math.inf, CALL, NOT_FINITE),
        (-math.inf, PUT, NOT_FINITE),
        (np.nextafter(10.0, 11.0), CALL, OK),
        (np.nextafter(110.0, 0.0), CALL, OK),
        (1e-300, PUT, OK),
    ],
)
def test_a_price_without_a_vol_is_refused_by_name(price: float, sign: float, status: int) -> None:
    vol, said = implied_vol(price, 110.0, 100.0, 1.0, sign)
    assert said == status
    assert (vol > 0.0) == (status == OK)


@pytest.mark.parametrize("name", ["forward", "strike", "years", "discount"])
@pytest.mark.parametrize("bad", [0.0, -5.0, math.nan, math.inf, -math.inf])
def test_a_market_that_is_no_market_has_no_vol(name: str, bad: float) -> None:
    market = {"forward": 100.0, "strike": 100.0, "years": 1.0, "sign": CALL, "discount": 1.0, name: bad}
    assert implied_vol(1.0, **market) == (0.0, NOT_FINITE)


ANY_YEARS = st.floats(max_value=1e6) | st.sampled_from([math.nan, math.inf])


@given(st.floats(), st.floats(), st.floats(), ANY_YEARS, st.floats(), st.sampled_from([CALL, PUT]))
def test_whatever_the_numbers_the_answer_is_a_vol_or_a_reason(
    price: float, forward: float, strike: float, years: float, discount: float, sign: float
) -> None:
    vol, status = implied_vol(price, forward, strike, years, sign, discount)
    assert (vol > 0.0) == (status == OK)
    assert math.isfinite(vol)


@given(st.floats(1e-320, 1e-290), st.floats(-10.0, 10.0))
def test_a_price_at_the_edge_of_what_a_double_holds_still_ends(price: float, moneyness: float) -> None:
    sign = CALL if moneyness >= 0 else PUT
    vol, status = implied_vol(price, 1.0, math.exp(moneyness), 1.0, sign)
    assert status in (OK, BELOW_INTRINSIC)
    assert math.isfinite(vol)


# ---- columns


def test_a_column_of_prices_keeps_its_bad_rows_to_itself() -> None:
    price = np.array([5.0, math.nan, 0.0, 5.0])
    hundred, one = np.full(4, 100.0), np.ones(4)
    vols, status = np.full(6, -7.0), np.full(6, -7, dtype=np.int64)
    implied_vols(price, hundred, hundred, one, one, vols, status)
    assert status.tolist() == [OK, NOT_FINITE, BELOW_INTRINSIC, OK, -7, -7]
    assert vols[0] == vols[3] == pytest.approx(0.12541, abs=1e-4)
    assert vols[[1, 2]].tolist() == [0.0, 0.0]


def test_a_row_that_is_no_option_has_no_vol() -> None:
    rows = column((5.0, 100.0, 100.0, 1.0, 0.0), (5.0, 100.0, 100.0, 1.0, math.nan), (5.0, 100.0, 100.0, 1.0, 1.0))
    vols, status = np.empty(3), np.empty(3, dtype=np.int64)
    implied_vols(*rows, vols, status)
    assert status.tolist() == [NOT_FINITE, NOT_FINITE, OK]


def test_a_rows_answer_is_the_same_to_the_bit_wherever_it_stands() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    n = 331
    forward, years, vol = np.full(n, 60_000.0), rng.uniform(0.001, 2.0, n), rng.uniform(0.05, 4.0, n)
    strike = forward * np.exp(rng.normal(0.0, 3.0, n) * vol * np.sqrt(years))
    sign = np.where(rng.random(n) < 0.5, CALL, PUT)
    price = option_value_and_greeks(forward, strike, years, vol, sign)[VALUE]
    price[::17], price[5::23] = math.nan, 1e9
    whole = implied_vol(price, forward, strike, years, sign)
    order = rng.permutation(n)
    shuffled = implied_vol(*(each[order] for each in (price, forward, strike, years, sign)))
    assert shuffled.vol.tobytes() == whole.vol[order].tobytes()
    assert shuffled.status.tobytes() == whole.status[order].tobytes()
    for start, stop in ((0, 1), (7, 8), (3, 12), (60, 68), (63, 65), (64, 128), (1, 130), (330, 331)):
        part = implied_vol(*(each[start:stop] for each in (price, forward, strike, years, sign)))
        assert part.vol.tobytes() == whole.vol[start:stop].tobytes()


def test_shapes_broadcast_scalars_stay_scalars_and_nothing_gives_nothing() -> None:
    grid = implied_vol(np.full((2, 1), 5.0), 100.0, [90.0, 100.0, 120.0], 1.0, PUT)
    assert grid.vol.shape == grid.status.shape == (2, 3)
    one = implied_vol(5, 100, 100, 1, 1)
    assert np.ndim(one.vol) == np.ndim(one.status) == 0
    assert implied_vol([], 100.0, [], 1.0, CALL).vol.shape == (0,)
    assert implied_total_vol([], 0.0).status.shape == (0,)
    assert grid.status.dtype == implied_total_vol(0.1, 0.0).status.dtype == np.int64


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"sign": 0.0}, r"sign must be \+1 for a call or -1 for a put; sign is 0.0"),
        ({"sign": [1.0, math.nan]}, r"sign\[1\] is nan"),
        ({"price": "dear"}, "price must be a number or an array of numbers; it is 'dear'"),
        ({"price": [1.0, 2.0], "strike": [1.0, 2.0, 3.0]}, r"do not broadcast together: price \(2,\)"),
    ],
)
def test_a_mistake_of_the_caller_is_named(given_: dict, words: str) -> None:
    arguments = {"price": 5.0, "forward": 100.0, "strike": 100.0, "years": 1.0, "sign": CALL} | given_
    with pytest.raises(ValueError, match=words):
        implied_vol(**arguments)
    with pytest.raises(ValueError, match="b must be a number"):
        implied_total_vol("dear", 0.0)
