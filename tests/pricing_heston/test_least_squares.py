"""The search: known minima, bounds, and how it ends when it cannot go on."""

import numpy as np
import pytest

from flatbook.pricing.heston.least_squares import least_squares

FAR = np.full(2, 100.0)


def rosenbrock(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.array([10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]]), np.array([[-20.0 * x[0], 10.0], [-1.0, 0.0]])


def line(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Five points that no line meets: least squares at intercept 1.4, slope 0.6."""
    t, y = np.arange(5.0), np.array([1.0, 3.0, 2.0, 3.0, 4.0])
    matrix = np.column_stack((np.ones(5), t))
    return matrix @ x - y, matrix


def test_it_follows_a_curved_valley_to_its_end() -> None:
    found = least_squares(rosenbrock, np.array([-1.2, 1.0]), -FAR, FAR, floor=1e-24)
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-11)
    assert found.converged
    assert found.reason == "every quote is fitted to rounding"
    assert found.cost <= 1e-24


def test_it_stops_where_no_step_helps() -> None:
    found = least_squares(line, np.zeros(2), -FAR, FAR, floor=0.0)
    assert found.x == pytest.approx([1.4, 0.6], abs=1e-6)
    assert found.converged
    assert found.reason == "no step lowers the error further"
    assert not found.at_bound.any()


def test_it_rests_on_a_bound_and_fits_the_rest() -> None:
    found = least_squares(line, np.zeros(2), np.array([-9.0, -9.0]), np.array([9.0, 0.5]), floor=0.0)
    assert found.x == pytest.approx([1.6, 0.5], abs=1e-6)  # the mean of y less half the mean of t
    assert found.at_bound.tolist() == [False, True]
    assert found.converged


def test_a_start_outside_the_bounds_is_brought_inside() -> None:
    found = least_squares(line, np.array([50.0, -50.0]), np.zeros(2), np.ones(2), floor=0.0)
    assert np.all((found.x >= 0.0) & (found.x <= 1.0))
    assert found.converged


def test_steps_into_nothing_are_not_taken() -> None:
    def cliff(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        bad = np.nan if x[0] > 1.0 else 0.0
        return np.array([x[0] - 3.0 + bad]), np.array([[1.0]])

    found = least_squares(cliff, np.zeros(1), np.array([-9.0]), np.array([9.0]), floor=0.0)
    assert found.x[0] <= 1.0
    assert found.x[0] > 0.9
    assert not found.converged


def test_a_start_without_prices_ends_at_once_and_says_so() -> None:
    found = least_squares(lambda x: (np.array([np.nan]), np.array([[np.nan]])), np.zeros(1), -FAR[:1], FAR[:1], floor=0.0)
    assert not found.converged
    assert found.reason == "the prices at the start are not finite"
    assert found.steps == 0


def test_a_direction_that_nothing_depends_on_is_left_alone() -> None:
    def flat(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.array([x[0] - 1.0, 2.0 * x[0]]), np.array([[1.0, 0.0], [2.0, 0.0]])

    found = least_squares(flat, np.array([0.0, 0.7]), -FAR, FAR, floor=0.0)
    assert found.x == pytest.approx([0.2, 0.7], abs=1e-6)
    assert found.converged


def test_it_never_runs_for_ever() -> None:
    def endless(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.array([np.exp(-x[0])]), np.array([[-np.exp(-x[0])]])

    found = least_squares(endless, np.zeros(1), np.array([-1e9]), np.array([1e9]), floor=0.0)
    assert found.steps <= 100
    assert not found.converged
    assert found.reason == "100 steps were not enough"
