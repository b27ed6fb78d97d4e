"""A move of the market, split by the Greeks of the moment before."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook import pnl as room
from flatbook import pricing
from flatbook.pnl import NO_UNDERLYING, TERMS, explain, explain_translation

GREEKS = ("value", "delta", "gamma", "vega", "theta", "vanna", "volga")


def column(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)


def split(quantity, greeks, new_value, forwards, vols, years=0.0, unit_price=1.0) -> dict[str, float]:
    """The terms of a move of one slot."""
    terms = np.zeros(len(TERMS))
    old_greeks = np.array([[greeks.get(name, 0.0)] for name in GREEKS])
    old, new = (column(forwards[0]), column(forwards[1])), (column(vols[0]), column(vols[1]))
    price = column(unit_price)
    explain(column(quantity), old_greeks, column(new_value), *old, *new, years, price, price, terms)
    return {name: usd for name, usd in zip(TERMS, terms.tolist(), strict=True) if usd}


def test_a_term_has_the_number_of_the_greek_that_explains_it():
    assert all(TERMS.index(name) == getattr(pricing, name.upper()) for name in GREEKS[1:])


def test_a_linear_future_is_delta_and_nothing_else():
    terms = split(3.0, {"value": 100.0, "delta": 1.0}, 104.0, (100.0, 104.0), (0.0, 0.0))
    assert terms == {"delta": 12.0}


def test_each_greek_explains_its_own_part():
    greeks = {"value": 10.0, "delta": 0.5, "gamma": 0.02, "vega": 40.0, "theta": -73.0, "vanna": 0.3, "volga": 8.0}
    terms = split(-2.0, greeks, 13.0, (100.0, 104.0), (0.5, 0.55), years=1 / 365, unit_price=2.0)
    expected = {
        "delta": -4 * 0.5 * 4,
        "gamma": -4 * 0.02 * 8,
        "vega": -4 * 40 * 0.05,
        "theta": -4 * -0.2,
        "vanna": -4 * 0.3 * 4 * 0.05,
        "volga": -4 * 8 * 0.00125,
    }
    assert {name: terms[name] for name in expected} == pytest.approx(expected)
    assert math.fsum(terms.values()) == pytest.approx(-4 * 3.0, abs=1e-12)


def test_an_inverse_perpetual_is_explained_to_third_order():
    """v = -1/F: delta 1/F^2, gamma -2/F^3; what is left after a 1% move is a third-order millionth."""
    old, new = 50_000.0, 50_500.0
    greeks = {"value": -1 / old, "delta": 1 / old**2, "gamma": -2 / old**3}
    terms = split(10_000.0, greeks, -1 / new, (old, new), (0.0, 0.0), unit_price=new)
    assert terms["delta"] == pytest.approx(101.0)
    assert terms["gamma"] == pytest.approx(-1.01)
    assert abs(terms["residual"]) < 0.011


@pytest.mark.parametrize("inverse", [0.0, 1.0], ids=["linear", "inverse"])
def test_what_real_greeks_leave_unexplained_is_of_third_order(inverse):
    """Half the move of forward and vol, and a quarter of the time, leave about an eighth of the residual."""

    def residual(step: float) -> float:
        old, new = (50_000.0, 0.25, 0.60), (50_000 * (1 + 0.02 * step), 0.25 - 0.0001 * step**2, 0.60 + 0.02 * step)
        before, after = (greeks_at(*point, inverse) for point in (old, new))
        greeks = dict(zip(GREEKS, before, strict=True))
        unit_price = new[0] if inverse else 1.0
        terms = split(10.0, greeks, after[0], (old[0], new[0]), (old[2], new[2]), 0.0001 * step**2, unit_price)
        return terms["residual"] / unit_price

    assert abs(residual(0.5)) < abs(residual(1.0)) / 6
    assert abs(residual(0.25)) < abs(residual(0.5)) / 6


def greeks_at(forward: float, years: float, vol: float, inverse: float) -> list[float]:
    """Black-76 value and six Greeks of a 52,000 call."""
    found = pricing.option_value_and_greeks(forward, 52_000.0, years, vol, 1.0, inverse)
    return [float(number) for number in np.ravel(found)]


def test_slots_without_a_position_are_not_looked_at():
    terms = np.zeros(len(TERMS))
    nothing = column(float("nan"))
    explain(column(0.0), np.full((7, 1), np.nan), *[nothing] * 5, 1.0, nothing, nothing, terms)
    assert not terms.any()


def test_moves_add_to_what_was_explained_before(pnl, universe):
    for _ in range(2):
        n = universe.blocks[0].capacity
        quantity, flat, ones = np.zeros(n), np.zeros(n), np.ones(n)
        quantity[0] = 5.0
        greeks = np.zeros((7, n))
        greeks[1, 0] = 1.0
        explain(quantity, greeks, ones, flat, ones, flat, flat, 0.0, ones, ones, pnl.terms[0])
    assert room.terms_total(pnl)["delta"] == room.total(pnl) == 10.0


def test_the_price_of_a_coin_earns_on_what_exceeds_the_target(pnl):
    explain_translation(pnl, 0, asset_quantity=12.0, target_quantity=10.0, old_price=90_000.0, new_price=91_000.0)
    assert room.terms_total(pnl) | {"delta": 2_000.0, "capital": 10_000.0} == room.terms_total(pnl)


def test_a_stablecoin_that_slips_belongs_to_no_underlying(pnl):
    explain_translation(pnl, NO_UNDERLYING, 1_000_000.0, 0.0, 1.0, 0.999)
    assert pnl.other[TERMS.index("delta")] == pytest.approx(-1_000.0)
    assert not pnl.terms[0].any()


NUMBERS = st.floats(-100, 100).map(lambda number: round(number, 6))


@given(
    quantity=NUMBERS,
    greeks=st.fixed_dictionaries(dict.fromkeys(GREEKS, NUMBERS)),
    new_value=NUMBERS,
    forwards=st.tuples(NUMBERS, NUMBERS),
    vols=st.tuples(st.floats(0, 2), st.floats(0, 2)),
)
def test_the_parts_always_sum_to_the_change_of_value(quantity, greeks, new_value, forwards, vols):
    terms = split(quantity, greeks, new_value, forwards, vols, years=0.01, unit_price=3.0)
    change = 3.0 * quantity * (new_value - greeks["value"])
    scale = max((abs(usd) for usd in terms.values()), default=0.0)
    assert math.fsum(terms.values()) == pytest.approx(change, rel=1e-12, abs=1e-12 * max(scale, 1.0))
