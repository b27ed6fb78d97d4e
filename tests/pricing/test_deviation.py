"""The deviation comes back to the last digit from any price that has one, and from its own row alone."""

import mpmath as mp
import numpy as np
import pytest

from flatbook.pricing.deviation import BLOCK, DEVIATION, DISTANCE, PART, ROOM, ROWS, STEPS, deviations, solve
from flatbook.pricing.normalised import normalised_black

ULP = 2.0**-52


def exact(x: float, w: float) -> tuple[mp.mpf, mp.mpf, mp.mpf]:
    """c(w), 1 - c(w) and phi(d1), with far more digits than anything here cancels."""
    x, w = mp.mpf(x), mp.mpf(w)
    d1 = w / 2 - x / w
    rest = mp.exp(x) * mp.ncdf(d1 - w)
    return mp.ncdf(d1) - rest, mp.ncdf(-d1) + rest, mp.npdf(d1)


def off(x: float, part: float, room: float, w: float) -> float:
    """The relative error of w, as the solution for these doubles, from the price's residual at w."""
    with mp.workdps(40 - round(min(np.log10(w), 0.0))):
        c, left, density = exact(x, w)
        residual = c - mp.mpf(part) if part < 0.5 else mp.mpf(room) - left
        return float(abs(residual / density / mp.mpf(w)))


def problems(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seeded distances, parts and rooms all over the plane: by deviation, by price, near the bound and at the turn."""
    rng = np.random.Generator(np.random.PCG64(seed))
    x = np.where(rng.random(rows) < 0.1, 0.0, np.exp(rng.uniform(np.log(1e-14), np.log(500.0), rows)))
    kind = rng.integers(0, 4, rows)
    part = np.exp(-(rng.uniform(0.0, 1.0, rows) ** 2) * 690.0)
    part = np.where(kind == 1, rng.uniform(0.0, 1.0, rows), part)
    part = np.where(kind == 2, 1.0 - np.exp(-rng.uniform(0.0, 36.0, rows)), part)
    at_turn = normalised_black(-x, np.maximum(np.sqrt(2.0 * x), 1e-9)) * np.exp(x / 2.0)
    part = np.where(kind == 3, at_turn * (1.0 + rng.choice([0.0, 1e-16, 1e-12, -1e-3], rows)), part)
    return x, part, 1.0 - part


def block(x: float, part: float, steps: int) -> float:
    """One row's answer, its block filled up with something else."""
    rows = np.full(ROWS, np.nan)
    rows[DISTANCE : DISTANCE + BLOCK], rows[PART : PART + BLOCK], rows[ROOM : ROOM + BLOCK] = 1.0, 0.25, 0.75
    rows[DISTANCE + 5], rows[PART + 5], rows[ROOM + 5] = x, part, 1.0 - part
    solve(rows, steps)
    return rows[DEVIATION + 5]


def test_any_price_gives_its_deviation_to_a_few_units_in_the_last_place() -> None:
    x, part, room = problems(1_500, 7)
    w = deviations(x, part, room)
    worst = max(off(*row) for row in zip(x.tolist(), part.tolist(), room.tolist(), w.tolist(), strict=True))
    assert worst < 8 * ULP


@pytest.mark.parametrize("w", [1e-9, 1e-6, 1e-3, 0.05, 0.3, 0.499, 0.501, 0.7, 1.0, 1.5, 2.0, 5.0, 10.0, 30.0])
def test_a_grid_of_deviations_out_of_the_money_and_in_width(w: float) -> None:
    x = np.array([0.0, 1e-12, 1e-6, 0.01, 0.2, 0.5, 1.0, 2.0, 6.0, 15.0, 29.5]) * w
    with mp.workdps(60):
        prices = [exact(each, w)[:2] for each in x]
    part, room = np.array(prices, dtype=np.float64).T
    solvable = room > 1e-300  # both c and its room are given to full precision here, so nothing is lost near the bound
    back = deviations(x[solvable], part[solvable], room[solvable])
    np.testing.assert_allclose(back, w, rtol=8 * ULP)


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-100, 1e-30, 1e-12])
@pytest.mark.parametrize("part", [2.3e-308, 1e-300, 1e-190, 1e-60, 1e-17])
def test_at_the_money_the_smallest_price_is_as_good_as_any(x: float, part: float) -> None:
    w = deviations(np.array([x]), np.array([part]), np.array([1.0]))[0]
    with mp.workdps(700):
        c, _, density = exact(x, w)
        assert abs(float((c - mp.mpf(part)) / density / mp.mpf(w))) < 8 * ULP


def test_two_steps_are_enough_for_any_row() -> None:
    x, part, room = problems(4_096, 11)
    table = np.empty((x.size // BLOCK, ROWS))
    for start, column in ((DISTANCE, x), (PART, part), (ROOM, room)):
        table[:, start : start + BLOCK] = column.reshape(-1, BLOCK)
    for rows in table:
        solve(rows, 2)
    np.testing.assert_array_equal(table[:, DEVIATION : DEVIATION + BLOCK].reshape(-1), deviations(x, part, room))


def test_the_search_alone_finds_every_answer_too() -> None:
    x, part, room = problems(512, 13)
    searched = np.array([block(each, value, 0) for each, value in zip(x.tolist(), part.tolist(), strict=True)])
    np.testing.assert_allclose(searched, deviations(x, part, room), rtol=16 * ULP)


def test_the_search_ends_where_there_is_hardly_an_answer() -> None:
    for x, part in ((0.0, 1.0 - ULP / 2), (1e-300, 3e-308), (1400.0, 1e-3), (1400.0, 2.3e-308), (1e-5, 2.3e-308)):
        for steps in (0, STEPS):
            assert 0.0 < block(x, part, steps) < 200.0


def test_an_answer_is_the_same_to_the_bit_wherever_its_row_stands() -> None:
    x, part, room = problems(300, 17)
    whole = deviations(x, part, room)
    order = np.random.Generator(np.random.PCG64(1)).permutation(x.size)
    assert deviations(x[order], part[order], room[order]).tobytes() == whole[order].tobytes()
    for start, stop in ((0, 1), (1, 2), (3, 70), (63, 65), (64, 128), (5, 133), (299, 300)):
        assert deviations(x[start:stop], part[start:stop], room[start:stop]).tobytes() == whole[start:stop].tobytes()


def test_no_rows_have_no_deviations() -> None:
    nothing = np.empty(0)
    assert deviations(nothing, nothing, nothing).shape == (0,)
