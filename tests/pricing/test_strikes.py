"""A strike found from a delta has that delta, under each of the market's four conventions."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import QuantLib
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize, special

from flatbook.pricing.greeks import black76
from flatbook.pricing.inverse import inverse
from flatbook.pricing.strikes import strike_for_delta

CALL, PUT = 1.0, -1.0
PLAIN = ("forward", "spot")
ADJUSTED = ("premium_adjusted_forward", "premium_adjusted_spot")
CONVENTIONS = (*PLAIN, *ADJUSTED)

forwards = st.floats(0.01, 1e6)
terms = st.floats(1e-3, 3.0)
vols = st.floats(0.05, 2.0)
carries = st.floats(-0.1, 0.1)
signs = st.sampled_from([CALL, PUT])
conventions = st.sampled_from(CONVENTIONS)


def delta_at(strike: Any, forward: float, years: float, vol: float, sign: float, convention: str, carry: float = 0.0) -> Any:
    """The delta of a strike by the convention, from the Greeks of the room."""
    option = inverse if convention in ADJUSTED else black76
    held = math.exp(-carry * years) if convention.endswith("spot") else 1.0
    return held * option(forward, strike, years, vol, sign).delta


def exact_delta(strike: Any, forward: float, deviation: float, sign: float, adjusted: bool) -> Any:
    """The forward delta in mpmath's working precision."""
    w = mpmath.mpf(deviation)
    d1 = mpmath.log(forward / strike) / w + w / 2
    d = d1 - w if adjusted else d1
    return sign * mpmath.erfc(-sign * d / mpmath.sqrt(2)) / 2 * (strike / forward if adjusted else 1)


def greatest(deviation: float) -> tuple[float, float]:
    """The largest premium-adjusted delta a call can have, and its ln(K/F), by a plain search."""
    d2 = optimize.brentq(
        lambda d: -0.5 * d * d - 0.5 * math.log(2 * math.pi) - special.log_ndtr(d) - math.log(deviation), -deviation - 1, 40.0
    )
    with mpmath.workdps(30):  # the top is flat: a rounding of d2 does not show in it
        w = mpmath.mpf(deviation)
        return float(mpmath.exp(-w * (d2 + w / 2)) * mpmath.erfc(-d2 / mpmath.sqrt(2)) / 2), float(-w * (d2 + w / 2))


# Reference points


def test_the_delta_neutral_straddle_lies_where_the_textbook_says() -> None:
    forward, years, vol = 60_000.0, 0.25, 0.6
    half = math.exp(0.5 * vol**2 * years)
    assert strike_for_delta(0.5, forward, years, vol, CALL) == pytest.approx(forward * half, rel=1e-15)
    assert strike_for_delta(-0.5, forward, years, vol, PUT) == pytest.approx(forward * half, rel=1e-15)
    adjusted = strike_for_delta([0.5 / half, -0.5 / half], forward, years, vol, [CALL, PUT], "premium_adjusted_forward")
    assert adjusted == pytest.approx([forward / half] * 2, rel=1e-14)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("sign", [CALL, PUT])
def test_quantlib_finds_the_same_strikes(convention: str, sign: float) -> None:
    spot, years, vol, rate, carry = 2_000.0, 0.75, 0.65, 0.05, 0.02
    name = {"forward": "Fwd", "spot": "Spot", "premium_adjusted_forward": "PaFwd", "premium_adjusted_spot": "PaSpot"}[convention]
    kind = QuantLib.Option.Call if sign > 0 else QuantLib.Option.Put
    theirs = QuantLib.BlackDeltaCalculator(
        kind,
        getattr(QuantLib.DeltaVolQuote, name),
        spot,
        math.exp(-rate * years),
        math.exp(-carry * years),
        vol * math.sqrt(years),
    )
    forward = spot * math.exp((rate - carry) * years)
    for size in (0.02, 0.1, 0.25, 0.4, *((0.8, 1.5) if sign < 0 and convention in ADJUSTED else ())):
        ours = strike_for_delta(sign * size, forward, years, vol, sign, convention, carry)
        assert theirs.deltaFromStrike(ours) == pytest.approx(sign * size, rel=1e-9)
        if size < 1.0:  # their search does not look for puts beyond a whole delta
            assert ours == pytest.approx(theirs.strikeFromDelta(sign * size), rel=1e-8)


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("sign", [CALL, PUT])
@pytest.mark.parametrize("deviation", [1e-3, 0.05, 0.4, 3.0])
@pytest.mark.parametrize("share", [1e-300, 1e-30, 1e-4, 0.1, 0.45, 0.7, 0.99, 1 - 1e-9])
def test_the_strike_is_as_exact_as_its_delta_allows(share: float, deviation: float, sign: float, adjusted: bool) -> None:
    forward, convention = 60_000.0, "premium_adjusted_forward" if adjusted else "forward"
    delta = sign * share * (greatest(deviation)[0] if adjusted and sign > 0 else 2.0 if adjusted else 1.0)
    strike = strike_for_delta(delta, forward, 0.25, 2.0 * deviation, sign, convention)
    with mpmath.workdps(60):
        here = exact_delta(mpmath.mpf(strike), forward, deviation, sign, adjusted)
        elasticity = strike / here * mpmath.diff(lambda k: exact_delta(k, forward, deviation, sign, adjusted), strike)
        off = float((here - delta) / here / elasticity)  # of the strike, relatively
    # A rounding of delta moves the strike by one over its elasticity; one of ln(K/F) and of w move it by their sizes.
    assert abs(off) <= 1e-15 * (1 + deviation + 1 / abs(float(elasticity)) + abs(math.log(strike / forward)))


@pytest.mark.parametrize("deviation", [1e-4, 0.03, 0.5, 2.0, 6.0])
@pytest.mark.parametrize("distance", [1e-14, 1e-10, 1e-6, 1e-3])
def test_just_below_the_greatest_delta_the_right_hand_strike_is_found(distance: float, deviation: float) -> None:
    top, summit = greatest(deviation)
    strike = strike_for_delta(top * (1.0 - distance), 1.0, 1.0, deviation, CALL, "premium_adjusted_forward")
    assert math.log(strike) >= summit - 1e-9 * (1 + deviation)
    with mpmath.workdps(40):
        assert float(exact_delta(mpmath.mpf(strike), 1.0, deviation, CALL, True) / top) == pytest.approx(
            1.0 - distance, abs=4e-15
        )


# Laws


@given(forwards, terms, vols, carries, st.floats(1e-6, 0.98), signs, conventions)
def test_the_strike_of_a_delta_has_that_delta(
    forward: float, years: float, vol: float, carry: float, share: float, sign: float, convention: str
) -> None:
    bound = math.exp(-carry * years) if convention.endswith("spot") else 1.0
    if convention in ADJUSTED and sign > 0:
        bound *= greatest(vol * math.sqrt(years))[0]
    elif convention in ADJUSTED:
        bound *= 3.0
    delta = sign * share * bound
    strike = strike_for_delta(delta, forward, years, vol, sign, convention, carry)
    deviation = vol * math.sqrt(years)
    assert delta_at(strike, forward, years, vol, sign, convention, carry) == pytest.approx(delta, rel=1e-13 * (1 + 1 / deviation))


@given(forwards, terms, vols, st.floats(-3.0, 3.0), signs, conventions)
def test_the_delta_of_a_strike_has_that_strike(
    forward: float, years: float, vol: float, width: float, sign: float, convention: str
) -> None:
    deviation = vol * math.sqrt(years)
    strike = forward * math.exp(width * deviation)
    if convention in ADJUSTED and sign > 0:
        assume(width * deviation > greatest(deviation)[1] + 0.05 * deviation)  # else the other branch, or too flat
    delta = delta_at(strike, forward, years, vol, sign, convention, 0.03)
    found = strike_for_delta(delta, forward, years, vol, sign, convention, 0.03)
    # In the money a plain delta is nearly 1 and says little: its distance from 1 has lost these digits.
    assert found == pytest.approx(strike, rel=1e-9)


@given(forwards, terms, vols, st.floats(0.01, 0.5), conventions)
def test_smaller_deltas_are_further_out_of_the_money(
    forward: float, years: float, vol: float, size: float, convention: str
) -> None:
    sizes = size * np.array([1.0, 0.5, 0.1])
    puts = strike_for_delta(-sizes, forward, years, vol, PUT, convention)
    assert np.all(np.diff(puts) < 0.0)
    if convention in PLAIN or size < greatest(vol * math.sqrt(years))[0]:
        assert np.all(np.diff(strike_for_delta(sizes, forward, years, vol, CALL, convention)) > 0.0)


@pytest.mark.parametrize("delta", [-1.0, -1.5, -30.0, -1e6])
def test_a_premium_adjusted_put_may_have_more_than_a_whole_delta(delta: float) -> None:
    strike = strike_for_delta(delta, 60_000.0, 0.5, 0.6, PUT, "premium_adjusted_forward")
    assert inverse(60_000.0, strike, 0.5, 0.6, PUT).delta == pytest.approx(delta, rel=1e-14)


def test_the_carry_moves_the_spot_conventions_alone() -> None:
    for convention in CONVENTIONS:
        free, carried = (strike_for_delta(0.25, 60_000.0, 1.0, 0.6, CALL, convention, carry) for carry in (0.0, 0.1))
        assert (free == carried) == (not convention.endswith("spot"))


# Deltas that no strike has


@pytest.mark.parametrize("delta", [1.0, 1.5, -1.0, -7.0])
def test_a_plain_delta_of_a_whole_unit_is_a_sure_exercise(delta: float) -> None:
    words = rf"nearer to 0 than that of a sure exercise; delta is {delta}, that of a sure exercise is {math.copysign(1.0, delta)}"
    with pytest.raises(ValueError, match=words):
        strike_for_delta(delta, 100.0, 1.0, 0.2, math.copysign(1.0, delta))


def test_a_spot_delta_is_bounded_by_what_the_carry_leaves() -> None:
    assert strike_for_delta(0.95, 100.0, 1.0, 0.2, CALL, "spot", 0.05) > 0.0
    with pytest.raises(ValueError, match=r"that of a sure exercise is 0\.9512"):
        strike_for_delta(0.96, 100.0, 1.0, 0.2, CALL, "spot", 0.05)


@pytest.mark.parametrize("carry", [0.0, 0.05])
@pytest.mark.parametrize("deviation", [1e-3, 0.2, 3.0])
def test_beyond_the_greatest_premium_adjusted_delta_that_delta_is_named_and_does(deviation: float, carry: float) -> None:
    top = greatest(deviation)[0] * math.exp(-carry)
    with pytest.raises(ValueError, match="no strike has a delta so large") as said:
        strike_for_delta(1.01 * top, 100.0, 1.0, deviation, CALL, "premium_adjusted_spot", carry)
    named = float(str(said.value).rpartition(" is ")[2])
    assert named == pytest.approx(top, rel=1e-14)
    assert strike_for_delta(named, 100.0, 1.0, deviation, CALL, "premium_adjusted_spot", carry) == pytest.approx(
        100.0 * math.exp(greatest(deviation)[1]), rel=1e-6
    )


# Bad input, and shape


@pytest.mark.parametrize(("delta", "sign"), [(-0.25, CALL), (0.25, PUT), (0.0, CALL), (0.0, PUT)])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_delta_of_the_wrong_sign_is_refused(delta: float, sign: float, convention: str) -> None:
    with pytest.raises(ValueError, match=rf"positive for a call and negative for a put; delta is {delta}, sign is {sign}"):
        strike_for_delta(delta, 100.0, 1.0, 0.2, sign, convention)


def test_the_row_at_fault_is_named() -> None:
    with pytest.raises(ValueError, match=r"negative for a put; delta is 0\.2, sign is -1\.0 in row 2"):
        strike_for_delta([0.2, 0.1, 0.2], 100.0, 1.0, 0.2, [CALL, CALL, PUT])


@pytest.mark.parametrize(("years", "vol"), [(0.0, 0.2), (1.0, 0.0), (1e-12, 1e-6)])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_without_time_or_vol_delta_says_nothing_about_the_strike(years: float, vol: float, convention: str) -> None:
    with pytest.raises(ValueError, match="or delta is a step"):
        strike_for_delta(0.25, 100.0, years, vol, CALL, convention)


def test_an_unknown_convention_is_refused_and_the_known_ones_told() -> None:
    with pytest.raises(ValueError, match=r"convention must be one of forward, spot, .*; it is 'sticky'"):
        strike_for_delta(0.25, 100.0, 1.0, 0.2, CALL, "sticky")  # type: ignore[arg-type]


@pytest.mark.parametrize(("vol", "delta"), [(100.0, 0.2), (1e200, 0.2), (30.0, 1e-300)])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_strike_beyond_doubles_is_refused(vol: float, delta: float, convention: str) -> None:
    with pytest.raises(ValueError, match=r"outside double precision|no strike has a delta so large"):
        strike_for_delta(delta, 1e300, 1.0, vol, CALL, convention)


SOUND = {"delta": 0.25, "forward": 100.0, "years": 1.0, "vol": 0.2, "sign": CALL, "carry": 0.0}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((name, number) for name in ("delta", "carry") for number in (math.nan, math.inf)),
        *(("forward", number) for number in (0.0, -1.0, math.nan, math.inf)),
        *((name, number) for name in ("years", "vol") for number in (-1e-9, math.nan, math.inf)),
        *(("sign", number) for number in (0.0, 2.0, math.nan)),
    ],
)
def test_an_argument_that_makes_no_sense_is_named(name: str, number: float) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be .*; {name} is "):
        strike_for_delta(**{**SOUND, name: number})


def test_a_carry_of_another_world_is_named() -> None:
    with pytest.raises(ValueError, match=r"carry \* years must be between -300 and 300"):
        strike_for_delta(0.25, 100.0, 2.0, 0.2, CALL, "spot", 200.0)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_scalars_give_scalars_arrays_their_broadcast_shape_and_nothing_nothing(convention: str) -> None:
    assert isinstance(strike_for_delta(0.25, 100, 1, 0.2, CALL, convention), float)
    assert strike_for_delta([[0.1], [0.2]], 100.0, 1.0, [0.2, 0.3, 0.4], CALL, convention).shape == (2, 3)
    assert strike_for_delta([], 100.0, 1.0, 0.2, CALL, convention).shape == (0,)
