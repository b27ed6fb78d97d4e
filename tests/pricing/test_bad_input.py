"""Every public function, every argument, everything that cannot be used: a sentence that names the argument, or a status."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flatbook.pricing import (
    OK,
    SVI,
    HestonParameters,
    asian_arithmetic,
    asian_geometric,
    black76,
    black_scholes,
    curran_bound,
    fit_surface,
    fit_svi,
    heston_calibrate,
    heston_price,
    implied_total_vol,
    implied_vol,
    inverse,
    moved_vols,
    normalised_black,
    sabr_vol,
    settlement_average,
    settlement_terms,
    smile_delta,
    strike_for_delta,
    vol_quotes,
    vol_slope,
)

HESTON = HestonParameters(0.04, 2.0, 0.05, 0.6, -0.5)
SLICE = SVI(0.02, 0.1, -0.3, 0.0, 0.2)
OPTION = {"forward": 100.0, "strike": 110.0, "years": 0.5, "vol": 0.4, "sign": 1.0}
SPOT = {"spot": 100.0, "strike": 110.0, "years": 0.5, "vol": 0.4, "sign": 1.0}
ASIAN = SPOT | {"rate": 0.02, "carry": 0.01}
STRIKES = [80.0, 90.0, 100.0, 110.0, 120.0, 130.0]
DYNAMIC = {"svi": SLICE, "years": 0.5, "strike": STRIKES}

GOOD: dict[Callable[..., Any], dict[str, Any]] = {
    black76: OPTION | {"discount": 0.98},
    black_scholes: SPOT | {"rate": 0.02, "carry": 0.01},
    inverse: OPTION,
    strike_for_delta: {"delta": 0.25, "forward": 100.0, "years": 0.5, "vol": 0.4, "sign": 1.0, "carry": 0.01},
    normalised_black: {"x": -0.1, "s": 0.2},
    sabr_vol: {"strike": 90.0, "forward": 100.0, "years": 1.0, "alpha": 0.3, "beta": 0.7, "rho": -0.2, "nu": 0.4},
    heston_price: {"forward": 100.0, "strike": 110.0, "years": 0.5, "sign": 1.0, "parameters": HESTON, "discount": 0.98},
    asian_arithmetic: ASIAN | {"fixings": 6},
    asian_geometric: ASIAN | {"fixings": 6},
    curran_bound: ASIAN | {"fixings": 6},
    settlement_average: OPTION | {"window_years": 1e-4},
    settlement_terms: {"years": 0.5, "window_years": 1e-4},
    vol_slope: DYNAMIC | {"forward": 100.0, "dynamics": "sticky_delta"},
    moved_vols: DYNAMIC | {"forward_before": 100.0, "forward_after": 101.0, "dynamics": "sticky_local"},
    smile_delta: DYNAMIC | {"forward": 100.0, "sign": 1.0, "dynamics": "sticky_delta"},
    vol_quotes: {"expiry": 0, "years": 0.5, "forward": 100.0, "strike": 110.0, "sign": 1.0, "bid": 5.0, "ask": 6.0},
    fit_svi: {"k": np.log(np.array(STRIKES) / 100), "bid_vol": [0.4] * 6, "ask_vol": [0.42] * 6, "years": 0.5},
    fit_surface: {
        "years": [0.5], "forward": [100.0], "expiry": [0] * 6, "strike": STRIKES, "bid_vol": [0.4] * 6, "ask_vol": [0.42] * 6
    },
}  # fmt: skip
# What means something where it would elsewhere be a fault: an absent side of a quote, a rate or a carry below zero.
ALLOWED = {"bid": (math.nan, -1.0, 0.0), "ask": (math.nan, -1.0, 0.0), "bid_vol": (math.nan, 0.0), "ask_vol": (math.nan, 0.0)}
ANY_SIGN = {"rate", "carry", "x", "delta", "rho", "k", "expiry", "nu", "beta", "sign"}
MAY_BE_ZERO = {"years", "vol", "s", "nu", "weight"}
OBJECTS = ("parameters", "svi", "dynamics", "fixings")


def faults() -> list[tuple[Callable[..., Any], str, float]]:
    found = []
    for function, given in GOOD.items():
        for name in given:
            if name in OBJECTS:
                continue
            bad = [math.nan, math.inf, -math.inf, *([] if name in ANY_SIGN else [-1.0])]
            found += [(function, name, value) for value in bad if not _means_something(name, value)]
    return found


def _means_something(name: str, value: float) -> bool:
    return any(value == each or (math.isnan(value) and math.isnan(each)) for each in ALLOWED.get(name, ()))


def numbers(answer: Any) -> list[np.ndarray]:
    """Every array of numbers in an answer."""
    parts = answer if isinstance(answer, tuple) else (answer,)
    return [np.asarray(each, dtype=np.float64) for each in parts if np.asarray(each).dtype.kind in "fiub"]


@pytest.mark.parametrize(("function", "name", "value"), faults(), ids=lambda each: each.__name__ if callable(each) else str(each))
def test_what_cannot_be_used_is_refused_by_name(function, name, value):
    given = GOOD[function]
    bad = np.full(np.shape(given[name]), value) if np.shape(given[name]) else value
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        function(**(given | {name: bad}))


@pytest.mark.parametrize("function", GOOD, ids=lambda each: each.__name__)
def test_what_can_be_used_gives_numbers(function):
    for column in numbers(function(**GOOD[function])):
        assert np.isfinite(column).all()


@pytest.mark.parametrize(
    "function", [each for each in GOOD if each not in (fit_svi, fit_surface)], ids=lambda each: each.__name__
)
def test_nothing_in_is_nothing_out(function):
    """Empty arrays are as good as others: every number of the answer is an empty array."""
    empty = {name: value if name in OBJECTS else [] for name, value in GOOD[function].items()}
    if function in (vol_slope, moved_vols, smile_delta):
        empty["years"] = 0.5  # of the slice, one number
    assert all(column.size == 0 for column in numbers(function(**empty)))


@pytest.mark.parametrize(
    "function", [each for each in GOOD if "strike" in GOOD[each] and each is not fit_surface], ids=lambda each: each.__name__
)
def test_shapes_that_do_not_fit_are_told_by_name(function):
    with pytest.raises(ValueError, match=r"strike.*\(2,\)|shape"):
        function(**(GOOD[function] | {"strike": [90.0, 110.0], "years": [0.1, 0.2, 0.3]}))


@pytest.mark.parametrize("name", ["price", "forward", "strike", "years", "discount"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.0, 0.0])
def test_an_implied_vol_is_a_status_and_never_a_guess(name, value):
    given = {"price": 5.0, "forward": 100.0, "strike": 110.0, "years": 0.5, "sign": 1.0, "discount": 1.0} | {name: value}
    vol, status = implied_vol(**given)
    assert status != OK
    assert vol == 0.0


@pytest.mark.parametrize(
    ("b", "x"), [(math.nan, -0.1), (0.1, math.nan), (math.inf, -0.1), (0.1, math.inf), (-0.1, -0.1), (2.0, -0.1)]
)
def test_an_implied_total_vol_is_a_status_and_never_a_guess(b, x):
    total_vol, status = implied_total_vol(b, x)
    assert status != OK
    assert total_vol == 0.0


def test_an_implied_vol_of_nothing_is_nothing():
    assert [column.size for column in implied_vol([], [], [], [], [])] == [0, 0]
    assert [column.size for column in implied_total_vol([], [])] == [0, 0]


def test_a_calibration_to_nothing_says_so():
    with pytest.raises(ValueError, match="quote"):
        heston_calibrate([], [], [], [], [])


@pytest.mark.parametrize("name", ["forward", "strike", "years", "price"])
def test_a_calibration_names_what_it_cannot_use(name):
    given = {
        "forward": [100.0] * 6,
        "strike": STRIKES,
        "years": [0.5] * 6,
        "sign": [1.0] * 6,
        "price": [22.0, 14.0, 8.0, 4.0, 2.0, 1.0],
    }
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        heston_calibrate(**(given | {name: [math.nan] * 6}))


@pytest.mark.parametrize("name", ["v0", "kappa", "theta", "sigma", "rho"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -2.0])
def test_parameters_are_named_too(name, value):
    with pytest.raises(ValueError, match=name):
        HestonParameters(**({"v0": 0.04, "kappa": 2.0, "theta": 0.05, "sigma": 0.6, "rho": -0.5} | {name: value}))
