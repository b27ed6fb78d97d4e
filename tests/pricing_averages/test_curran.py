"""Curran's bound: published digits, its definition by plain quadrature, and that it is a bound."""

import numpy as np
import pytest

from flatbook.pricing.averages import asian_arithmetic, curran_bound
from flatbook.pricing.black import VALUE, option_value_and_greeks


def test_twelve_fixings_have_the_digits_of_the_reference() -> None:
    assert curran_bound(100, 100, 1, 0.2, 1, 0.04, fixings=12) == pytest.approx(5.890676809, abs=5e-10)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("first", [None, 0.01, 0.6])
def test_the_bound_is_the_pay_off_on_the_average_expected_given_the_geometric_one(sign: int, first: float | None) -> None:
    strike, years, vol, drift, n = 104.0, 1.0, 0.5, 0.03, 7
    dates = np.linspace(years / n if first is None else first, years, n)
    covariance = vol**2 * np.minimum.outer(dates, dates)
    explained = covariance.mean(axis=1) / np.sqrt(covariance.mean())
    z = np.linspace(-9, 9, 400_001)
    means = np.zeros(z.size)
    for date, part in zip(dates, explained, strict=True):
        means += 100 * np.exp(drift * date + part * z - 0.5 * part**2) / n
    payoff = np.maximum(sign * (means - strike), 0.0) * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    expected = np.exp(-0.05) * payoff.sum() * (z[1] - z[0])
    assert curran_bound(100, strike, years, vol, sign, 0.05, 0.02, n, first=first) == pytest.approx(expected, abs=1e-7)


def test_the_bound_is_below_the_price_and_close() -> None:
    strikes = np.linspace(60, 160, 21)
    for fixings in (2, 12, 100, None):
        exact = asian_arithmetic(100, strikes, 1, 0.3, 1, 0.04, fixings=fixings).price
        gap = exact - curran_bound(100, strikes, 1, 0.3, 1, 0.04, fixings=fixings)
        assert np.all(gap > -1e-11)
        assert gap.max() < 4e-3


def test_parity_holds_for_the_bounds() -> None:
    strikes = np.array([50.0, 100.0, 200.0])
    call, put = (curran_bound(100, strikes, 1, 0.6, s, 0.03, 0.03, 9) for s in (1, -1))
    np.testing.assert_allclose(call - put, np.exp(-0.03) * (100 - strikes), atol=1e-11)


def test_one_fixing_is_the_european_option() -> None:
    european = option_value_and_greeks(100, 120, 0.5, 0.6, 1)[VALUE]
    assert curran_bound(100, 120, 0.5, 0.6, 1, fixings=1) == pytest.approx(float(european), rel=1e-12)


def test_many_fixings_tend_to_the_continuous_bound() -> None:
    limit = curran_bound(100, 100, 1, 0.3, 1)
    gaps = [curran_bound(100, 100, 1, 0.3, 1, fixings=n) - limit for n in (500, 1000)]
    assert gaps[0] / gaps[1] == pytest.approx(2.0, rel=1e-2)


def test_a_begun_average_certain_rows_and_extremes() -> None:
    begun = curran_bound(100, 104, 1, 0.3, 1, fixings=4, elapsed=2, average=102)
    assert begun == pytest.approx(0.5 * curran_bound(100, 106, 1, 0.3, 1, fixings=2), rel=1e-13)
    assert curran_bound(100, 40, 1, 0.3, [1, -1], fixings=2, elapsed=1, average=102) == pytest.approx([61.0, 0.0])
    assert curran_bound(100, 90, 1, 0.0, [1, -1], fixings=3) == pytest.approx([10.0, 0.0])
    wild = curran_bound(100, [1e-6, 100, 1e6], 1, 9.0, 1, fixings=3)
    assert np.all((wild >= 0) & (wild <= 100))
    assert curran_bound(100, 100, 1, 1e-6, 1) == pytest.approx(100e-6 * np.sqrt(1 / 6 / np.pi), rel=1e-6)


def test_shapes() -> None:
    assert curran_bound(100, np.full((2, 1), 90.0), 1, 0.2, 1, fixings=[3, 4, 3]).shape == (2, 3)
    assert curran_bound(np.zeros((0, 2)), 100, 1, 0.2, 1).shape == (0, 2)
    assert isinstance(curran_bound(100, 100, 1, 0.2, 1), float)
