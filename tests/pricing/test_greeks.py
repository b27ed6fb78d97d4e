"""Thirteen numbers by two models: reference rows, other people's libraries, exact derivatives, laws and limits."""

import math
import warnings
from statistics import NormalDist
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.pricing.greeks import Greeks, black76, black_scholes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package announces its successor on import
    import QuantLib
    from py_vollib.black import black as vollib_black
    from py_vollib.black.greeks import analytical as vollib_black_greeks
    from py_vollib.black_scholes_merton import black_scholes_merton as vollib_merton
    from py_vollib.black_scholes_merton.greeks import analytical as vollib_merton_greeks

CALL, PUT = 1.0, -1.0
NEEDS_DENSITY = ("gamma", "vega", "vanna", "volga", "speed", "zomma", "color", "veta")

spots = st.floats(0.01, 1e6)
widths = st.floats(-4.0, 4.0)  # ln(K/S) in standard deviations
terms = st.floats(1e-3, 3.0)
vols = st.floats(0.05, 3.0)
rates = st.floats(-0.2, 0.3)
signs = st.sampled_from([CALL, PUT])


def strike_at(spot: float, width: float, years: float, vol: float) -> float:
    return spot * math.exp(width * vol * math.sqrt(years))


# Reference numbers

TEXTBOOK = {
    "price": (9.227005508154048, 6.330080627549919),
    "delta": (0.586851146134764, -0.3933475271719913),
    "gamma": (0.01895057875500871, 0.01895057875500871),
    "vega": (37.90115751001743, 37.90115751001743),
    "theta": (-5.089318913998333, -2.293569138108273),
    "vanna": (-0.09475289377504356, -0.09475289377504356),
    "volga": (2.368822344376089, 2.368822344376089),
    "charm": (-0.03563942396482651, -0.05524339743096161),
    "speed": (-0.000426388021987696, -0.000426388021987696),
    "zomma": (-0.09356848260285552, -0.09356848260285552),
    "color": (0.01044650653869855, 0.01044650653869855),
    "veta": (-17.00814443262032, -17.00814443262032),
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_textbook_option_has_the_textbook_numbers(name: str) -> None:
    numbers = black_scholes(100.0, 100.0, 1.0, 0.2, [CALL, PUT], 0.05, 0.02)
    assert getattr(numbers, name) == pytest.approx(TEXTBOOK[name], rel=1e-12)


def test_a_live_deribit_row_comes_out_as_published() -> None:
    years = (1_727_424_000_000 - 1_699_593_511_632) / (365 * 86_400_000)  # BTC-27SEP24-40000-C
    row = black76(39165.86, 40000.0, years, 0.6086, CALL)
    # The vol is published to a hundredth of a point, and by its rounding a Greek moves by its derivative to vol.
    half_tick = 0.5e-4
    rho_by_vol = row.vega * math.sqrt(years) * NormalDist().inv_cdf(row.delta) / 0.6086  # F phi(d1) T d1 / vol
    assert row.price / 39165.86 == pytest.approx(0.2169, abs=0.5e-4)
    assert row.delta == pytest.approx(0.59833, abs=0.5e-5 + half_tick * abs(row.vanna))
    assert row.gamma == pytest.approx(0.00002, abs=0.5e-5)
    assert row.vega / 100 == pytest.approx(142.30124, abs=0.5e-5 + half_tick * abs(row.volga) / 100)
    assert row.theta / 365 == pytest.approx(-13.4441, abs=0.5e-4 + half_tick * abs(row.veta) / 365)
    assert row.rho / 100 == pytest.approx(131.82621, abs=0.5e-5 + half_tick * rho_by_vol)


# The price in 45-digit arithmetic, and its derivatives by mpmath


def exact_price(spot: Any, years: Any, vol: Any, rate: Any, strike: float, sign: int, carry: Any) -> Any:
    deviation = vol * mpmath.sqrt(years)
    d1 = (mpmath.log(spot / strike) + (rate - carry) * years) / deviation + deviation / 2
    d2 = d1 - deviation
    held, paid = spot * mpmath.exp(-carry * years), strike * mpmath.exp(-rate * years)
    # mpmath's ncdf loses the lower tail below its working precision; erfc does not.
    upto = [mpmath.erfc(-sign * d / mpmath.sqrt(2)) / 2 for d in (d1, d2)]
    return sign * (held * upto[0] - paid * upto[1])


# Orders of the derivative by spot, years, vol and rate; a derivative by years is minus one by calendar time.
ORDERS = {
    "price": (0, 0, 0, 0),
    "delta": (1, 0, 0, 0),
    "gamma": (2, 0, 0, 0),
    "vega": (0, 0, 1, 0),
    "theta": (0, 1, 0, 0),
    "vanna": (1, 0, 1, 0),
    "volga": (0, 0, 2, 0),
    "charm": (1, 1, 0, 0),
    "speed": (3, 0, 0, 0),
    "zomma": (2, 0, 1, 0),
    "color": (2, 1, 0, 0),
    "veta": (0, 1, 1, 0),
    "rho": (0, 0, 0, 1),
}


def exact_greeks(
    spot: float, strike: float, years: float, vol: float, sign: float, rate: float, carry: float
) -> dict[str, float]:
    """Every Greek as a numerical derivative of the price alone: no formula of ours or anybody's."""
    with mpmath.workdps(45):
        at = tuple(mpmath.mpf(number) for number in (spot, years, vol, rate))
        held = mpmath.mpf(carry)

        def price(*moved: Any) -> Any:
            return exact_price(*moved, strike, int(sign), held)

        found = {name: mpmath.diff(price, at, orders) if any(orders) else price(*at) for name, orders in ORDERS.items()}
        return {name: float(number) * (-1 if ORDERS[name][1] else 1) for name, number in found.items()}


def sizes(numbers: Greeks, spot: float, strike: float, years: float, vol: float, rate: float, carry: float) -> dict[str, float]:
    """How large the terms are of which each Greek is a sum: what its rounding is measured against."""
    w = vol * math.sqrt(years)
    d1 = abs((math.log(spot / strike) + (rate - carry) * years) / w + w / 2)
    d2, drift = abs(d1 - w) + w, abs(rate - carry) / w
    gamma, vega, delta = numbers.gamma, numbers.vega, abs(numbers.delta)
    earned, leg = (abs(carry), numbers.rho / years) if numbers.delta > 0 else (abs(rate), spot * delta)
    by_time = abs(carry) + (1 + d1) * drift + (1 + d1) * (1 + d2) / (2 * years)
    return {
        "theta": earned * numbers.price + abs(rate - carry) * leg + vega * vol / (2 * years),
        "vanna": vega * (1 + d2) / (spot * w),
        "volga": vega * (1 + d1) * (1 + d2) / vol,
        "charm": abs(carry) * delta + vega * vol / (spot * w) * (drift + (1 + d2) / (2 * years)),
        "speed": gamma / spot * (1 + (1 + d1) / w),
        "zomma": gamma * (1 + d1) * (1 + d2) / vol,
        "color": gamma * by_time,
        "veta": vega * by_time,
    }


@pytest.mark.parametrize("deviation", [0.005, 0.05, 0.3, 2.0])
@pytest.mark.parametrize("width", [0.0, 0.4, -1.0, 3.0, -9.0, 20.0])
@pytest.mark.parametrize(("rate", "carry"), [(0.05, 0.02), (-0.03, 0.12)])
def test_every_greek_is_the_derivative_of_the_exact_price(width: float, deviation: float, rate: float, carry: float) -> None:
    spot, years = 60_000.0, 0.4
    vol, strike, sign = deviation / math.sqrt(years), spot * math.exp(width * deviation), CALL if width >= 0.0 else PUT
    ours = black_scholes(spot, strike, years, vol, sign, rate, carry)
    exact = exact_greeks(spot, strike, years, vol, sign, rate, carry)
    d1 = abs((math.log(spot / strike) + (rate - carry) * years) / deviation + deviation / 2)
    rounding = 1e-15 * (1 + d1) * ((1 + abs(math.log(spot / strike)) + abs(rate - carry) * years) / deviation + 1 + d1)
    size = sizes(ours, spot, strike, years, vol, rate, carry)
    for name, number in exact.items():
        assert getattr(ours, name) == pytest.approx(number, rel=rounding, abs=rounding * size.get(name, 0.0)), name


@pytest.mark.parametrize("sign", [CALL, PUT])
@pytest.mark.parametrize("moneyness", [-0.2, -0.03, 0.0, 0.05, 0.2])
def test_a_traded_option_holds_twelve_digits(moneyness: float, sign: float) -> None:
    row = (60_000.0, 60_000.0 * math.exp(moneyness), 0.15, 0.55, sign, 0.045, 0.01)
    exact = exact_greeks(*row)
    for name, number in black_scholes(*row)._asdict().items():
        assert number == pytest.approx(exact[name], rel=1e-12), name


@pytest.mark.parametrize("sign", [CALL, PUT])
@pytest.mark.parametrize("discount", [1.0, 0.93, 1.04])
def test_black76_differentiates_by_the_forward_at_a_constant_rate(discount: float, sign: float) -> None:
    forward, strike, years, vol = 60_000.0, 66_000.0, 0.7, 0.6
    rate = -math.log(discount) / years
    ours = black76(forward, strike, years, vol, sign, discount)._asdict()
    exact = exact_greeks(forward, strike, years, vol, sign, rate, rate)
    # In `exact` the carry stays where it is when the rate moves: the spot, not the forward, is held.
    for name, number in exact.items():
        assert ours[name] == pytest.approx(number, rel=1e-12), name


# Other people's libraries


@pytest.fixture(scope="module")
def rows(book: dict[str, np.ndarray]) -> list[tuple[float, float, float, float, float]]:
    return list(zip(*(book[name].tolist() for name in ("forward", "strike", "years", "vol", "sign")), strict=True))


def test_quantlib_agrees_on_a_discounted_chain(rows: list[tuple[float, ...]]) -> None:
    discount = 0.97
    ours = black76(*np.array(rows).T, discount)
    for i, (forward, strike, years, vol, sign) in enumerate(rows):
        kind = QuantLib.Option.Call if sign > 0 else QuantLib.Option.Put
        theirs = QuantLib.BlackCalculator(QuantLib.PlainVanillaPayoff(kind, strike), forward, vol * math.sqrt(years), discount)
        # QuantLib subtracts whole probabilities, so its own far wings are only good to a part in 1e16 of the forward.
        assert ours.price[i] == pytest.approx(theirs.value(), rel=1e-11, abs=1e-14 * forward)
        assert ours.delta[i] == pytest.approx(theirs.deltaForward(), rel=1e-11, abs=1e-14)
        assert ours.gamma[i] == pytest.approx(theirs.gammaForward(), rel=1e-11)
        assert ours.vega[i] == pytest.approx(theirs.vega(years), rel=1e-11)
        # Their rho moves the forward with the rate, as ours does, and the discount too.
        assert ours.rho[i] == pytest.approx(theirs.rho(years), rel=1e-11, abs=1e-14 * forward * years)


@pytest.mark.parametrize("days", [1, 30, 365, 900])
@pytest.mark.parametrize(("rate", "carry"), [(0.05, 0.02), (-0.01, 0.08), (0.0, 0.0)])
def test_quantlibs_european_engine_agrees_on_a_spot_option(days: int, rate: float, carry: float) -> None:
    today, day_count = QuantLib.Date(6, 1, 2026), QuantLib.Actual365Fixed()
    QuantLib.Settings.instance().evaluationDate = today
    curve = {name: QuantLib.FlatForward(today, level, day_count) for name, level in (("rate", rate), ("carry", carry))}
    vol = QuantLib.BlackConstantVol(today, QuantLib.NullCalendar(), 0.6, day_count)
    process = QuantLib.BlackScholesMertonProcess(
        QuantLib.QuoteHandle(QuantLib.SimpleQuote(2_000.0)),
        QuantLib.YieldTermStructureHandle(curve["carry"]),
        QuantLib.YieldTermStructureHandle(curve["rate"]),
        QuantLib.BlackVolTermStructureHandle(vol),
    )
    for strike in (1_700.0, 2_000.0, 2_300.0):
        for sign, kind in ((CALL, QuantLib.Option.Call), (PUT, QuantLib.Option.Put)):
            theirs = QuantLib.VanillaOption(QuantLib.PlainVanillaPayoff(kind, strike), QuantLib.EuropeanExercise(today + days))
            theirs.setPricingEngine(QuantLib.AnalyticEuropeanEngine(process))
            ours = black_scholes(2_000.0, strike, days / 365, 0.6, sign, rate, carry)
            said = (theirs.NPV(), theirs.delta(), theirs.gamma(), theirs.vega(), theirs.theta(), theirs.rho())
            found = (ours.price, ours.delta, ours.gamma, ours.vega, ours.theta, ours.rho)
            assert found == pytest.approx(said, rel=1e-9, abs=1e-11)


def test_py_vollib_agrees_on_both_models(rows: list[tuple[float, ...]]) -> None:
    rate, carry = 0.04, 0.015
    for spot, strike, years, vol, sign in rows[::15]:
        flag = "c" if sign > 0 else "p"
        merton, forward = (flag, spot, strike, years, rate, vol, carry), (flag, spot, strike, years, rate, vol)
        ours = black_scholes(spot, strike, years, vol, sign, rate, carry)
        assert ours.price == pytest.approx(vollib_merton(*merton), rel=1e-9, abs=1e-9)
        for name, unit in (("delta", 1), ("gamma", 1), ("vega", 100), ("theta", 365), ("rho", 100)):
            theirs = getattr(vollib_merton_greeks, name)(*merton)
            assert getattr(ours, name) / unit == pytest.approx(theirs, rel=1e-9, abs=1e-10), name
        ours = black76(spot, strike, years, vol, sign, math.exp(-rate * years))
        assert ours.price == pytest.approx(vollib_black(*forward), rel=1e-9, abs=1e-9)
        for name, unit in (("delta", 1), ("gamma", 1), ("vega", 100), ("theta", 365)):
            theirs = getattr(vollib_black_greeks, name)(*forward)
            assert getattr(ours, name) / unit == pytest.approx(theirs, rel=1e-9, abs=1e-10), name
        # Their rho of a forward option holds the forward: -years * price, the other one our docstring names.
        assert -years * ours.price / 100 == pytest.approx(vollib_black_greeks.rho(*forward), rel=1e-9, abs=1e-10)


# Laws


@given(spots, widths, terms, vols, rates, rates)
def test_a_call_less_a_put_is_a_forward_contract(
    spot: float, width: float, years: float, vol: float, rate: float, carry: float
) -> None:
    strike = strike_at(spot, width, years, vol)
    both = black_scholes(spot, strike, years, vol, [CALL, PUT], rate, carry)
    held, paid = math.exp(-carry * years), strike * math.exp(-rate * years)
    spread = {
        "price": (spot * held - paid, spot * held + paid),
        "delta": (held, held),
        "theta": (carry * spot * held - rate * paid, abs(carry * spot * held) + abs(rate * paid)),
        "charm": (carry * held, abs(carry * held)),
        "rho": (years * paid, years * paid),
    }
    for name, (call, put) in both._asdict().items():
        law, size = spread.get(name, (0.0, abs(call) * 1e-3))
        slack = abs(both.vega[0]) * vol / years if name in ("theta", "charm") else 0.0
        unit = spot if name == "charm" else 1.0
        assert call - put == pytest.approx(law, rel=0.0, abs=1e-14 * (size + slack * (1 + 1 / (vol * math.sqrt(years))) / unit))


@given(spots, widths, terms, vols, rates, rates, signs)
def test_every_option_obeys_the_black_scholes_equation(
    spot: float, width: float, years: float, vol: float, rate: float, carry: float, sign: float
) -> None:
    strike = strike_at(spot, width, years, vol)
    option = black_scholes(spot, strike, years, vol, sign, rate, carry)
    parts = (
        option.theta,
        (rate - carry) * spot * option.delta,
        0.5 * vol**2 * spot**2 * option.gamma,
        -rate * option.price,
    )
    assert sum(parts) == pytest.approx(0.0, abs=1e-14 * sum(abs(part) for part in parts))


@given(spots, widths, terms, vols, rates, signs)
def test_a_forward_is_a_spot_that_earns_the_rate(
    spot: float, width: float, years: float, vol: float, rate: float, sign: float
) -> None:
    strike = strike_at(spot, width, years, vol)
    on_forward = black76(spot, strike, years, vol, sign, math.exp(-rate * years))
    on_spot = black_scholes(spot, strike, years, vol, sign, rate, rate)
    w = vol * math.sqrt(years)
    # The discount's last digit is a rate of 1e-16 a year over the years, which these are multiplied by.
    times_rate = {"theta": on_spot.price, "charm": abs(on_spot.delta), "color": on_spot.gamma, "veta": on_spot.vega}
    for name, number in on_forward._asdict().items():
        size = sizes(on_spot, spot, strike, years, vol, rate, rate).get(name, 0.0)
        slack = 1e-13 * size * (1 + 1 / w) + 1e-15 / years * times_rate.get(name, 0.0)
        assert number == pytest.approx(getattr(on_spot, name), rel=1e-12, abs=slack), name


@given(spots, widths, terms, vols, rates, rates, signs)
def test_price_stays_within_its_bounds_and_long_options_are_convex(
    spot: float, width: float, years: float, vol: float, rate: float, carry: float, sign: float
) -> None:
    strike = strike_at(spot, width, years, vol)
    option = black_scholes(spot, strike, years, vol, sign, rate, carry)
    held, paid = spot * math.exp(-carry * years), strike * math.exp(-rate * years)
    assert max(sign * (held - paid), 0.0) * (1 - 1e-14) - 1e-15 * held <= option.price
    assert option.price <= (held if sign > 0 else paid) * (1 + 1e-14)
    assert option.gamma >= 0.0
    assert option.vega >= 0.0
    assert sign * option.delta >= 0.0
    assert sign * option.rho >= 0.0


@given(
    st.floats(1e-6, 1e9),
    st.floats(-50.0, 50.0),
    st.floats(0.0, 30.0),
    st.floats(0.0, 20.0),
    st.floats(-3.0, 3.0),
    st.floats(-3.0, 3.0),
    signs,
)
def test_no_sound_input_ever_gives_a_nan(
    spot: float, moneyness: float, years: float, vol: float, rate: float, carry: float, sign: float
) -> None:
    try:
        numbers = black_scholes(spot, spot * math.exp(moneyness), years, vol, sign, rate, carry)
    except ValueError as said:
        assert "too large or too small" in str(said)  # noqa: PT017 - either finite numbers or these words
    else:
        assert np.all(np.isfinite(numbers))


# Limits: no time, or no vol


@pytest.mark.parametrize("sign", [CALL, PUT])
@pytest.mark.parametrize(("strike", "call_delta"), [(50_000.0, 1.0), (60_000.0, 0.5), (70_000.0, 0.0)])
@pytest.mark.parametrize("discount", [1.0, 0.9])
def test_at_expiry_only_intrinsic_value_and_a_step_of_delta_remain(
    strike: float, call_delta: float, sign: float, discount: float
) -> None:
    option = black76(60_000.0, strike, 0.0, 0.5, sign, discount)
    step = call_delta if sign > 0 else call_delta - 1.0
    assert option.price == discount * max(sign * (60_000.0 - strike), 0.0)
    assert option.delta == pytest.approx(discount * step, rel=1e-15)
    # No rate follows from a discount over no time: it scales the answer, and time does nothing to it.
    assert not np.any([option.theta, option.charm, option.rho])
    assert not np.any([getattr(option, name) for name in NEEDS_DENSITY])


@pytest.mark.parametrize("sign", [CALL, PUT])
@pytest.mark.parametrize("strike", [1_500.0, 2_500.0])
def test_without_vol_an_option_is_a_riskless_position_that_still_earns_and_pays(strike: float, sign: float) -> None:
    spot, years, rate, carry = 2_000.0, 0.8, 0.07, 0.03
    option = black_scholes(spot, strike, years, 0.0, sign, rate, carry)
    with mpmath.workdps(50):
        nearly = exact_greeks(spot, strike, years, 1e-3, sign, rate, carry)
    for name, number in option._asdict().items():
        assert number == pytest.approx(nearly[name], rel=1e-14, abs=1e-50), name
    if sign * (spot - strike) > 0.0:
        held, paid = spot * math.exp(-carry * years), strike * math.exp(-rate * years)
        assert option.price == pytest.approx(sign * (held - paid), rel=1e-14)
        assert option.theta == pytest.approx(sign * (carry * held - rate * paid), rel=1e-14)
        assert option.charm == pytest.approx(sign * carry * math.exp(-carry * years), rel=1e-14)
        assert option.rho == pytest.approx(sign * years * paid, rel=1e-14)
    else:
        assert not np.any(option)


@pytest.mark.parametrize("sign", [CALL, PUT])
def test_on_the_strike_without_vol_a_half_of_the_position_remains(sign: float) -> None:
    option = black_scholes(100.0, 100.0, 2.0, 0.0, sign, 0.05, 0.05)
    discount = math.exp(-0.1)
    assert option.price == 0.0
    assert option.delta == pytest.approx(sign * discount / 2, rel=1e-15)
    assert option.theta == 0.0  # what the half of the spot earns is what the half of the strike costs
    assert option.charm == pytest.approx(sign * 0.05 * discount / 2, rel=1e-15)
    assert option.rho == pytest.approx(sign * 2.0 * 100.0 * discount / 2, rel=1e-15)


def test_at_expiry_a_spot_option_carries_what_it_is_about_to_become() -> None:
    option = black_scholes(100.0, 80.0, 0.0, 0.5, CALL, 0.05, 0.02)
    moment = black_scholes(100.0, 80.0, 1e-9, 0.5, CALL, 0.05, 0.02)
    assert option.theta == pytest.approx(0.02 * 100.0 - 0.05 * 80.0, rel=1e-14)
    assert moment.theta == pytest.approx(option.theta, rel=1e-8)
    assert (option.price, option.delta, option.rho) == (20.0, 1.0, 0.0)


@pytest.mark.parametrize("vol", [1e-300, 1e-12, 1e-11, 1e-9, 1e-6])
def test_a_vanishing_vol_moves_nothing_but_the_time_value(vol: float) -> None:
    numbers = black76(60_000.0, [59_999.0, 60_000.0, 60_001.0], 0.1, vol, CALL)
    assert np.all(np.isfinite(numbers))
    assert numbers.price == pytest.approx([1.0, 0.0, 0.0], abs=60_000.0 * vol)


def test_a_price_so_far_out_that_its_density_has_no_doubles_is_zero() -> None:
    far = black76(100.0, 100.0 * math.exp(40 * 0.1), 1.0, 0.1, [CALL, PUT])
    assert (far.price[0], far.delta[0], far.gamma[0], far.rho[0]) == pytest.approx((0.0, 0.0, 0.0, 0.0), abs=1e-300)
    assert far.delta[1] == -1.0


# Shape and bad input


def test_scalars_give_scalars_and_arrays_their_broadcast_shape() -> None:
    one = black76(100.0, 100, 1, 0.2, CALL)
    assert all(isinstance(number, float) for number in one)
    grid = black_scholes(100.0, [[90.0], [100.0]], 1.0, [0.2, 0.3, 0.4], PUT, 0.05, 0.0)
    assert all(number.shape == (2, 3) for number in grid)
    assert grid.price[1, 0] == pytest.approx(black_scholes(100.0, 100.0, 1.0, 0.2, PUT, 0.05, 0.0).price, rel=1e-14)


@pytest.mark.parametrize("shape", [(0,), (3, 0)])
def test_no_options_have_no_numbers(shape: tuple[int, ...]) -> None:
    assert all(number.shape == shape for number in black76(np.empty(shape), 100.0, 1.0, 0.2, CALL))
    assert all(number.shape == shape for number in black_scholes(np.empty(shape), 100.0, 1.0, 0.2, CALL, 0.0, 0.0))


def test_a_row_is_worth_the_same_alone_as_in_company(book: dict[str, np.ndarray]) -> None:
    columns = [book[name] for name in ("forward", "strike", "years", "vol", "sign")]
    together = np.array(black76(*columns))
    for row in range(0, 300, 37):
        alone = np.array(black76(*(column[row] for column in columns)))
        assert alone == pytest.approx(together[:, row], rel=1e-10)
    assert np.array(black76(*columns)).tobytes() == together.tobytes()


def test_strided_integer_and_reversed_columns_are_read_as_they_stand() -> None:
    strikes = np.arange(80, 120)[::-2]
    assert black76(100, strikes, 1, 0.2, CALL).price == pytest.approx(
        [black76(100.0, float(strike), 1.0, 0.2, CALL).price for strike in strikes], rel=1e-13
    )


SOUND = {"spot": 100.0, "strike": 100.0, "years": 1.0, "vol": 0.2, "sign": CALL, "rate": 0.05, "carry": 0.0}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((name, number) for name in ("spot", "strike") for number in (0.0, -1.0, math.nan, math.inf)),
        *((name, number) for name in ("years", "vol") for number in (-1e-9, math.nan, math.inf)),
        *(("sign", number) for number in (0.0, 2.0, math.nan)),
        *((name, number) for name in ("rate", "carry") for number in (math.nan, -math.inf)),
    ],
)
def test_an_argument_that_makes_no_sense_is_named(name: str, number: float) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be .*; {name} is "):
        black_scholes(**{**SOUND, name: number})
    with pytest.raises(ValueError, match=rf"^{name} must be .*; {name}\[1\] is "):
        black_scholes(**{**SOUND, name: [SOUND[name], number]})


@pytest.mark.parametrize("number", [0.0, -0.5, math.nan, math.inf])
def test_a_discount_that_makes_no_sense_is_named(number: float) -> None:
    with pytest.raises(ValueError, match=r"^discount must be a positive finite number; discount is"):
        black76(100.0, 100.0, 1.0, 0.2, CALL, number)


@pytest.mark.parametrize("name", ["rate", "carry"])
@pytest.mark.parametrize("rate", [301.0, -301.0, 1e308])
def test_a_rate_of_another_world_is_named(name: str, rate: float) -> None:
    with pytest.raises(ValueError, match=rf"{name} \* years must be between -300 and 300"):
        black_scholes(**{**SOUND, name: rate, "years": 2.0 if rate > 1e300 else 1.0})


@pytest.mark.parametrize(
    "extreme", [{"forward": 1e-310}, {"years": 1e-320, "discount": 0.99}, {"vol": 1e160, "years": 1e-320}, {"forward": 1e308}]
)
def test_numbers_beyond_doubles_are_refused_and_never_nan(extreme: dict[str, float]) -> None:
    row = {"forward": 100.0, "strike": 100.0, "years": 1.0, "vol": 0.2, "sign": CALL, **extreme}
    try:
        assert np.all(np.isfinite(black76(**row)))
    except ValueError as said:
        assert "too large or too small for an answer" in str(said)  # noqa: PT017 - either finite numbers or these words
