"""What a Jacobian says about parameters, on Jacobians made to say one thing."""

import numpy as np
import pytest

from flatbook.pricing.heston.identified import standard_errors, unidentified, weakest

FREE = np.zeros(5, dtype=bool)
COLUMN = np.array([0.04, 2.0, 0.05, 0.5, -0.5])
QUIET = np.zeros(20)


def made(strengths: list[float], axes: np.ndarray | None = None) -> np.ndarray:
    """A Jacobian of 20 quotes with these strengths along these axes (rows)."""
    rng = np.random.Generator(np.random.PCG64(2))
    basis = np.linalg.qr(rng.standard_normal((20, 5)))[0]
    return basis @ np.diag(strengths) @ (np.eye(5) if axes is None else axes)


def test_a_jacobian_that_sees_everything_leaves_nothing_open() -> None:
    assert unidentified(made([1.0, 0.5, 0.2, 0.1, 0.01]), QUIET, FREE) == []
    assert weakest(made([1.0, 0.5, 0.2, 0.1, 0.01])) == pytest.approx(0.01, rel=1e-6)


def test_a_parameter_that_nothing_depends_on_is_named_alone() -> None:
    assert unidentified(made([1.0, 0.0, 1.0, 1.0, 1.0]), QUIET, FREE) == [
        "kappa is not identified: other values of it fit these quotes as well"
    ]
    assert weakest(made([1.0, 0.0, 1.0, 1.0, 1.0])) < 1e-7


def test_two_that_trade_off_are_named_together() -> None:
    axes = np.eye(5)
    axes[1], axes[2] = (0, 0.8, 0.6, 0, 0), (0, -0.6, 0.8, 0, 0)
    sentences = unidentified(made([1.0, 1.0, 1e-5, 1.0, 1.0], axes), QUIET, FREE)
    assert len(sentences) == 1
    assert sentences[0].startswith("kappa and theta are not identified apart")


def test_noise_hides_what_is_weak() -> None:
    jacobian = made([1.0, 1.0, 1.0, 1.0, 0.01])
    residuals = np.full(20, 0.01)  # worth one and more steps along rho, and next to nothing along the others
    assert unidentified(jacobian, residuals * 0.01, FREE) == []
    assert unidentified(jacobian, residuals, FREE)[0].startswith("rho is not identified")


def test_a_parameter_at_its_bound_is_not_judged() -> None:
    held = np.array([False, True, False, False, False])
    assert unidentified(made([1.0, 0.0, 1.0, 1.0, 1.0]), QUIET, held) == []
    errors = standard_errors(made([1.0, 0.0, 1.0, 1.0, 1.0]), np.full(20, 0.1), held, COLUMN)
    assert np.isinf(errors).tolist() == held.tolist()
    assert unidentified(made([1.0] * 5), QUIET, ~FREE) == []
    assert np.isinf(standard_errors(made([1.0] * 5), QUIET, ~FREE, COLUMN)).all()


def test_too_few_quotes_are_counted_without_those_of_no_weight() -> None:
    jacobian = made([1.0] * 5)
    jacobian[4:] = 0.0
    assert unidentified(jacobian, QUIET, FREE)[0].startswith("4 quotes cannot identify v0, kappa, theta, sigma, rho")
    assert np.isinf(standard_errors(jacobian, QUIET, FREE, COLUMN)).all()


def test_standard_errors_are_those_of_least_squares() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    jacobian, residuals = rng.standard_normal((20, 5)), rng.standard_normal(20)
    covariance = np.linalg.inv(jacobian.T @ jacobian) * (residuals @ residuals / 15)
    expected = np.sqrt(np.diag(covariance)) * np.append(COLUMN[:4], 1.0)  # four of them are logarithms
    np.testing.assert_allclose(standard_errors(jacobian, residuals, FREE, COLUMN), expected, rtol=1e-10)


def test_a_broken_jacobian_is_as_weak_as_can_be() -> None:
    assert weakest(np.full((3, 5), np.nan)) == 0.0
    assert weakest(np.zeros((3, 5))) == 0.0
