"""The geometric average, a closed form, against QuantLib's and against the definition."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flatbook.pricing.averages import asian_geometric
from flatbook.pricing.black import VALUE, option_value_and_greeks


@pytest.mark.parametrize("sign", [1, -1])
def test_continuous_average_agrees_with_quantlib(ql: Any, process: Callable[..., Any], sign: int) -> None:
    expiry = ql.Date(1, 1, 2027)
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if sign > 0 else ql.Option.Put, 85.0)
    option = ql.ContinuousAveragingAsianOption(ql.Average.Geometric, payoff, ql.EuropeanExercise(expiry))
    option.setPricingEngine(ql.AnalyticContinuousGeometricAveragePriceAsianEngine(process(80.0, 0.05, -0.03, 0.2)))
    assert asian_geometric(80, 85, 1, 0.2, sign, 0.05, -0.03) == pytest.approx(option.NPV(), rel=1e-11)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("done", "mean"), [(0, None), (3, 92.0)])
def test_fixings_agree_with_quantlib_begun_or_not(
    ql: Any, process: Callable[..., Any], sign: int, done: int, mean: float | None
) -> None:
    dates = [ql.Date(1, 1, 2026) + 73 * i for i in range(1, 6)]
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if sign > 0 else ql.Option.Put, 101.0)
    product = 1.0 if mean is None else mean**done
    option = ql.DiscreteAveragingAsianOption(ql.Average.Geometric, product, done, dates, payoff, ql.EuropeanExercise(dates[-1]))
    option.setPricingEngine(ql.AnalyticDiscreteGeometricAveragePriceAsianEngine(process(100.0, 0.06, 0.03, 0.2)))
    ours = asian_geometric(100, 101, 1, 0.2, sign, 0.06, 0.03, 5 + done, done, mean)
    assert ours == pytest.approx(option.NPV(), rel=1e-11)


def test_the_published_value_of_ten_fixings() -> None:
    # Clewlow and Strickland, "Implementing derivatives models", p. 118.
    assert asian_geometric(100, 100, 1, 0.2, 1, 0.06, 0.03, 10) == pytest.approx(5.3425606635, abs=1e-9)


def test_fixings_agree_with_paths(paths: Callable[..., np.ndarray]) -> None:
    prices = paths(100.0, 1.0, 0.5, 6, 100_000)
    payoff = np.maximum(95.0 - np.exp(np.log(prices).mean(axis=1)), 0.0)
    assert asian_geometric(100, 95, 1, 0.5, -1, fixings=6) == pytest.approx(payoff.mean(), abs=4 * payoff.std() / 300)


def test_one_fixing_is_the_european_option_and_many_the_continuous_average() -> None:
    european = option_value_and_greeks(100, 120, 0.5, 0.6, 1)[VALUE]
    assert asian_geometric(100, 120, 0.5, 0.6, 1, fixings=1) == pytest.approx(float(european), rel=1e-13)
    near = asian_geometric(100, 120, 0.5, 0.6, 1, fixings=1_000_000)
    assert near == pytest.approx(asian_geometric(100, 120, 0.5, 0.6, 1), rel=1e-5)


def test_a_begun_continuous_average_is_halfway_at_half_time() -> None:
    # ln G = (ln 90)/2 + (the mean of the logarithms to come)/2.
    deviation, mean = 0.5 * 0.4 * np.sqrt(1 / 3), 0.5 * np.log(90) + 0.5 * (np.log(100) - 0.5 * 0.16 * 0.5)
    expected = option_value_and_greeks(np.exp(mean + 0.5 * deviation**2), 95, 1.0, deviation, 1)[VALUE]
    assert asian_geometric(100, 95, 1, 0.4, 1, elapsed=0.5, average=90) == pytest.approx(float(expected), rel=1e-13)


def test_shapes() -> None:
    assert asian_geometric(100, np.full((2, 1), 90.0), 1, 0.2, [1, -1, 1]).shape == (2, 3)
    assert asian_geometric(100, [], 1, 0.2, 1, fixings=4).shape == (0,)
    assert isinstance(asian_geometric(100, 100, 1, 0.2, 1), float)
    assert asian_geometric(100, 90, 1, 0.2, [1, -1], elapsed=1.0, average=95) == pytest.approx([5.0, 0.0])
