"""Value and Greeks: reference numbers, laws, and the last instant."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing import (
    DELTA,
    GAMMA,
    GREEKS,
    THETA,
    VALUE,
    VANNA,
    VEGA,
    VOLGA,
    option_greeks,
    option_value_and_greeks,
)

CALL, PUT, LINE = 1.0, -1.0, 0.0

forwards = st.floats(0.01, 1e6)
moneynesses = st.floats(-1.5, 1.5)  # ln(K/F)
terms = st.floats(1e-4, 3.0)
vols = st.floats(0.05, 3.0)
signs = st.sampled_from([CALL, PUT])
all_signs = st.sampled_from([CALL, PUT, LINE])
settlements = st.booleans()


def strike_at(forward: float, moneyness: float) -> float:
    return forward * math.exp(moneyness)


# Reference numbers


def test_a_textbook_option_on_spot_prices_through_its_forward() -> None:
    # S=K=100, T=1, r=5%, q=2%, vol 20%: the forward is S e^(r-q), the price is discounted afterwards.
    forward, discount = 100.0 * math.exp(0.03), math.exp(-0.05)
    call, put = option_value_and_greeks(forward, 100.0, 1.0, 0.2, [CALL, PUT]).T
    assert discount * call[VALUE] == pytest.approx(9.227005508154048, rel=1e-12)
    assert discount * put[VALUE] == pytest.approx(6.330080627549919, rel=1e-12)
    spot_per_forward = math.exp(0.03)  # dF/dS
    assert discount * call[DELTA] * spot_per_forward == pytest.approx(0.586851146134764, rel=1e-12)
    assert discount * put[DELTA] * spot_per_forward == pytest.approx(-0.3933475271719913, rel=1e-12)
    assert discount * call[GAMMA] * spot_per_forward**2 == pytest.approx(0.01895057875500871, rel=1e-12)
    assert discount * call[VEGA] == pytest.approx(37.90115751001743, rel=1e-12)
    assert discount * call[VANNA] * spot_per_forward == pytest.approx(-0.09475289377504356, rel=1e-12)
    assert discount * call[VOLGA] == pytest.approx(2.368822344376089, rel=1e-12)
    # In calendar time the spot option also earns r on its price and its forward rolls down at r - q.
    carried = 0.05 * call[VALUE] - 0.03 * forward * call[DELTA] + call[THETA]
    assert discount * carried == pytest.approx(-5.089318913998333, rel=1e-12)


def test_a_live_deribit_row_is_reproduced_to_its_published_digits() -> None:
    years = 0.8824990  # BTC-27SEP24-40000-C at 1699593511632 ms
    coin = option_value_and_greeks(39165.86, 40000.0, years, 0.6086, CALL, True)
    dollars = option_value_and_greeks(39165.86, 40000.0, years, 0.6086, CALL)
    # The published vol is rounded to a hundredth of a point: its Greeks cannot be held closer than that moves them.
    assert coin[VALUE] == pytest.approx(0.2169, abs=0.5e-4)
    assert dollars[DELTA] == pytest.approx(0.59833, abs=1.5e-5)
    assert dollars[GAMMA] == pytest.approx(0.00002, abs=0.5e-5)
    assert dollars[VEGA] / 100 == pytest.approx(142.30124, abs=2e-3)
    assert dollars[THETA] / 365 == pytest.approx(-13.4441, abs=2e-3)
    # The exchange's delta is not premium-adjusted: in coin, ours is, and differs by the premium.
    assert 39165.86 * coin[DELTA] == pytest.approx(dollars[DELTA] - coin[VALUE], rel=1e-13)


@pytest.mark.parametrize("deviation", [0.003, 0.01, 0.1, 0.5, 2.0])
@pytest.mark.parametrize("distance", [0.0, 0.3, -1.0, 2.0, -4.0, 8.0, -20.0, 30.0])
def test_every_number_is_right_to_rounding(distance: float, deviation: float, exact_black: Callable[..., list[float]]) -> None:
    forward, years = 60_000.0, 0.25
    strike = forward * math.exp(distance * deviation)
    vol, sign = deviation / math.sqrt(years), CALL if distance >= 0 else PUT
    ours = option_value_and_greeks(forward, strike, years, vol, sign)
    exact = np.array(exact_black(forward, strike, years, vol, int(sign)))
    d1 = abs(math.log(forward / strike) / deviation + deviation / 2)
    d2 = abs(d1 - deviation)
    # One rounding of ln(F/K) moves d1 by 1e-16/deviation, and a tail by d1 times that.
    rounding = 1e-15 * (1.0 + d1) * (1.0 / deviation + 1.0 + d1)
    assert ours[[VALUE, DELTA, GAMMA, VEGA, THETA]] == pytest.approx(exact[[VALUE, DELTA, GAMMA, VEGA, THETA]], rel=rounding)
    vega = exact[VEGA]
    assert ours[VANNA] == pytest.approx(exact[VANNA], rel=rounding, abs=rounding * vega / forward / deviation * (1 + d2))
    assert ours[VOLGA] == pytest.approx(exact[VOLGA], rel=rounding, abs=rounding * vega / vol * (1 + d1 * d2))


@pytest.mark.parametrize("moneyness", [-0.1, -0.03, 0.0, 0.02, 0.1])
@pytest.mark.parametrize("sign", [CALL, PUT])
def test_near_the_money_value_and_delta_hold_thirteen_digits(
    moneyness: float, sign: float, exact_black: Callable[..., list[float]]
) -> None:
    ours = option_value_and_greeks(60_000.0, strike_at(60_000.0, moneyness), 0.08, 0.5, sign)
    exact = exact_black(60_000.0, strike_at(60_000.0, moneyness), 0.08, 0.5, int(sign))
    assert ours[:5] == pytest.approx(exact[:5], rel=1e-13)


# Inverse options


@given(forwards, moneynesses, terms, vols, signs)
def test_an_inverse_option_is_the_dollar_option_counted_in_coin(
    forward: float, moneyness: float, years: float, vol: float, sign: float
) -> None:
    strike = strike_at(forward, moneyness)
    dollars = option_value_and_greeks(forward, strike, years, vol, sign)
    coin = option_value_and_greeks(forward, strike, years, vol, sign, True)
    assert coin[VALUE] == pytest.approx(dollars[VALUE] / forward, rel=1e-14)
    assert coin[DELTA] == pytest.approx((dollars[DELTA] - coin[VALUE]) / forward, rel=1e-9, abs=1e-12 / forward)
    gamma = dollars[GAMMA] / forward - 2.0 * (dollars[DELTA] - coin[VALUE]) / forward**2
    assert coin[GAMMA] == pytest.approx(gamma, rel=1e-9, abs=1e-12 / forward**2)
    assert coin[[VEGA, THETA, VOLGA]] == pytest.approx(dollars[[VEGA, THETA, VOLGA]] / forward, rel=1e-13)
    vanna = dollars[VANNA] / forward - dollars[VEGA] / forward**2
    assert coin[VANNA] == pytest.approx(vanna, rel=1e-9, abs=1e-12 * dollars[VEGA] / forward**2)


@given(forwards, moneynesses, terms, vols)
def test_net_deltas_of_an_inverse_call_and_put_differ_by_strike_over_forward(
    forward: float, moneyness: float, years: float, vol: float
) -> None:
    strike = strike_at(forward, moneyness)
    call, put = option_value_and_greeks(forward, strike, years, vol, [CALL, PUT], True).T
    assert forward * (call[DELTA] - put[DELTA]) == pytest.approx(strike / forward, rel=1e-12)


def test_the_venues_pay_off_examples_hold_at_expiry() -> None:
    assert option_value_and_greeks(12_500.0, 10_000.0, 0.0, 0.5, CALL, True)[VALUE] == pytest.approx(0.2)
    assert option_value_and_greeks(5_000.0, 10_000.0, 0.0, 0.5, PUT, True)[VALUE] == pytest.approx(1.0)


# Laws


@given(forwards, moneynesses, terms, vols)
def test_a_call_less_a_put_is_the_forward_less_the_strike(forward: float, moneyness: float, years: float, vol: float) -> None:
    strike = strike_at(forward, moneyness)
    call, put = option_value_and_greeks(forward, strike, years, vol, [CALL, PUT]).T
    assert call[VALUE] - put[VALUE] == pytest.approx(forward - strike, rel=1e-14, abs=4e-16 * (forward + strike))
    assert call[DELTA] - put[DELTA] == pytest.approx(1.0, rel=1e-15)
    assert call[[GAMMA, VEGA, THETA, VANNA, VOLGA]] == pytest.approx(put[[GAMMA, VEGA, THETA, VANNA, VOLGA]], rel=1e-15)


@given(forwards, moneynesses, st.floats(0.01, 3.0), st.floats(0.1, 2.0), signs, settlements)
def test_greeks_are_what_bumping_the_inputs_shows(
    forward: float, moneyness: float, years: float, vol: float, sign: float, inverse: bool
) -> None:
    # Bumps are a small part of the option's own width, so that central differences see a nearly straight line.
    deviation = vol * math.sqrt(years)
    strike = strike_at(forward, moneyness * min(1.0, 2.0 * deviation))
    df, dv, dt = 1e-4 * forward * min(deviation, 1.0), 1e-4 * vol, 1e-4 * years
    here = option_value_and_greeks(forward, strike, years, vol, sign, inverse)
    up, down = option_value_and_greeks([forward + df, forward - df], strike, years, vol, sign, inverse).T
    rich, cheap = option_value_and_greeks(forward, strike, years, [vol + dv, vol - dv], sign, inverse).T
    later, sooner = option_value_and_greeks(forward, strike, [years - dt, years + dt], vol, sign, inverse).T
    unit = 1.0 / forward if inverse else 1.0
    vega = here[VEGA]
    assert (up[VALUE] - down[VALUE]) / (2 * df) == pytest.approx(here[DELTA], rel=1e-6, abs=1e-6 * unit)
    assert (up[DELTA] - down[DELTA]) / (2 * df) == pytest.approx(here[GAMMA], rel=1e-6, abs=1e-6 * unit / forward / deviation)
    assert (rich[VALUE] - cheap[VALUE]) / (2 * dv) == pytest.approx(vega, rel=1e-6, abs=1e-7 * forward * unit)
    assert (later[VALUE] - sooner[VALUE]) / (2 * dt) == pytest.approx(here[THETA], rel=1e-6, abs=1e-7 * forward * unit / years)
    assert (rich[DELTA] - cheap[DELTA]) / (2 * dv) == pytest.approx(here[VANNA], rel=1e-6, abs=1e-6 * unit / vol)
    assert (rich[VEGA] - cheap[VEGA]) / (2 * dv) == pytest.approx(here[VOLGA], rel=1e-5, abs=1e-6 * forward * unit / vol)


@given(forwards, moneynesses, terms, vols, signs)
def test_more_vol_or_more_time_is_never_worth_less(
    forward: float, moneyness: float, years: float, vol: float, sign: float
) -> None:
    strike = strike_at(forward, moneyness)
    value = option_value_and_greeks(forward, strike, [years, years * 1.01, years], [vol, vol, vol * 1.01], sign)[VALUE]
    slack = 1e-14 * max(forward, strike)
    assert value[1] >= value[0] - slack
    assert value[2] >= value[0] - slack


@given(forwards, moneynesses, terms, vols, signs)
def test_value_lies_between_intrinsic_and_its_bound(
    forward: float, moneyness: float, years: float, vol: float, sign: float
) -> None:
    strike = strike_at(forward, moneyness)
    value = option_value_and_greeks(forward, strike, years, vol, sign)[VALUE]
    assert max(sign * (forward - strike), 0.0) <= value <= (forward if sign > 0 else strike) * (1 + 1e-15)


@given(forwards, st.floats(-30.0, 30.0), st.floats(-1.0, 10.0), st.floats(0.0, 20.0), all_signs, settlements)
def test_no_finite_input_ever_gives_a_nan(
    forward: float, moneyness: float, years: float, vol: float, sign: float, inverse: bool
) -> None:
    numbers = option_value_and_greeks(forward, strike_at(forward, moneyness), years, vol, sign, inverse)
    assert np.all(np.isfinite(numbers))


@pytest.mark.parametrize("vol", [0.0, 1e-300, 1e-18, 1e-12, 1e-9, 1e-6])
@pytest.mark.parametrize("strike", [59_999.0, 60_000.0, 60_001.0])
def test_a_vanishing_vol_leaves_the_intrinsic_value(vol: float, strike: float) -> None:
    numbers = option_value_and_greeks(60_000.0, strike, 0.1, vol, [CALL, PUT])
    assert np.all(np.isfinite(numbers))
    assert numbers[VALUE] == pytest.approx([max(60_000.0 - strike, 0.0), max(strike - 60_000.0, 0.0)], abs=60_000.0 * vol)


# The last instant, and rows that are not options


@pytest.mark.parametrize("years", [0.0, -0.01])
@pytest.mark.parametrize(("strike", "call_delta"), [(50_000.0, 1.0), (60_000.0, 0.5), (70_000.0, 0.0)])
def test_at_expiry_only_intrinsic_value_and_a_step_of_delta_remain(years: float, strike: float, call_delta: float) -> None:
    call, put = option_value_and_greeks(60_000.0, strike, years, 0.5, [CALL, PUT]).T
    assert call[VALUE] == max(60_000.0 - strike, 0.0)
    assert put[VALUE] == max(strike - 60_000.0, 0.0)
    assert (call[DELTA], put[DELTA]) == pytest.approx((call_delta, call_delta - 1.0), abs=1e-15)
    assert not np.any(call[GAMMA:])
    assert not np.any(put[GAMMA:])


def test_an_expired_coin_option_still_has_the_curvature_of_its_pay_off() -> None:
    # (F-K)/F bends in F although F-K does not: delta K/F^2, gamma -2K/F^3, and nothing in vol or time.
    coin = option_value_and_greeks(60_000.0, 50_000.0, 0.0, 0.5, CALL, True)
    assert coin[:3] == pytest.approx([1 / 6, 50_000.0 / 60_000.0**2, -2 * 50_000.0 / 60_000.0**3], rel=1e-14)
    assert not np.any(coin[VEGA:])


def test_a_linear_line_is_worth_its_forward_and_an_inverse_one_minus_its_reciprocal() -> None:
    linear = option_value_and_greeks(2_000.0, 0.0, 0.0, 0.0, LINE)
    coin = option_value_and_greeks(2_000.0, 0.0, 0.0, 0.0, LINE, True)
    assert linear.tolist() == [2_000.0, 1.0, 0, 0, 0, 0, 0]
    assert coin.tolist() == pytest.approx([-1 / 2_000, 1 / 2_000**2, -2 / 2_000**3, 0, 0, 0, 0], rel=1e-15)


def test_an_inverse_perpetual_gains_the_difference_of_reciprocals() -> None:
    entry, leave = option_value_and_greeks([50_000.0, 40_000.0], 0.0, 0.0, 0.0, LINE, True)[VALUE]
    assert 10_000 * (leave - entry) == pytest.approx(10_000 * (1 / 50_000 - 1 / 40_000), rel=1e-14)


@pytest.mark.parametrize("sign", [CALL, PUT, LINE])
@pytest.mark.parametrize("inverse", [False, True])
def test_a_row_whose_forward_is_not_known_yet_is_worth_nothing_rather_than_nan(sign: float, inverse: bool) -> None:
    assert not np.any(option_value_and_greeks(0.0, 60_000.0, 0.1, 0.5, sign, inverse))


# Shape and determinism


def test_the_kernel_writes_its_rows_and_leaves_the_spare_capacity_alone(book: dict[str, np.ndarray]) -> None:
    columns = [column[:11].copy() for column in book.values()]
    out = np.full((GREEKS, 16), -7.0)
    option_greeks(*columns, out)
    assert np.all(out[:, 11:] == -7.0)
    assert out[:, :11] == pytest.approx(option_value_and_greeks(*columns), rel=1e-15)


def test_a_row_is_worth_the_same_alone_as_in_company(book: dict[str, np.ndarray]) -> None:
    # Rows beside it decide whether it falls in the wide loop or in what is left over; a trader must not see which.
    together = option_value_and_greeks(*book.values())
    for row in range(0, 300, 37):
        alone = option_value_and_greeks(*(column[row] for column in book.values()))
        assert alone == pytest.approx(together[:, row], rel=1e-12)


def test_the_same_input_gives_the_same_bits(book: dict[str, np.ndarray]) -> None:
    assert option_value_and_greeks(*book.values()).tobytes() == option_value_and_greeks(*book.values()).tobytes()


def test_scalars_and_grids_broadcast() -> None:
    assert option_value_and_greeks(100.0, 100.0, 1.0, 0.2, CALL).shape == (GREEKS,)
    assert option_value_and_greeks(100.0, [[90.0], [100.0]], 1.0, [0.2, 0.3, 0.4], PUT).shape == (GREEKS, 2, 3)
