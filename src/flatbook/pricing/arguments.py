"""Arguments as people pass them, made into the columns that kernels take; one clear sentence where that cannot be."""

import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Flags, Floats

Shape = tuple[int, ...]

_NUMBER_KINDS = "biufO"  # numpy's letters for booleans, integers, floats and objects such as Decimal


@dataclass(frozen=True)
class Rule:
    """What an argument must be: a test over the whole column, and the words for it."""

    holds: Callable[[Floats], Flags]
    words: str


POSITIVE = Rule(lambda x: (x > 0.0) & (x < np.inf), "a positive finite number")
NOT_NEGATIVE = Rule(lambda x: (x >= 0.0) & (x < np.inf), "a finite number, not negative")
FINITE = Rule(np.isfinite, "a finite number")
SIGN = Rule(lambda x: np.abs(x) == 1.0, "+1 for a call or -1 for a put")
CORRELATION = Rule(lambda x: np.abs(x) < 1.0, "between -1 and 1, both excluded")

# One name means one thing throughout the room, so the name alone says what is allowed; the rest must be finite.
_RULES = {
    "forward": POSITIVE,
    "spot": POSITIVE,
    "strike": POSITIVE,
    "years": NOT_NEGATIVE,
    "vol": NOT_NEGATIVE,
    "sign": SIGN,
    "discount": POSITIVE,
    "rho": CORRELATION,
}


def broadcast(**given: ArrayLike) -> tuple[Shape, list[Floats]]:
    """The shape that named scalars and arrays take together, and each as a contiguous float64 column of that size.

    Empty arrays are columns of size 0. Raises ValueError, naming the argument, for what is no number or does not fit.
    """
    arrays = [_numbers(name, value) for name, value in given.items()]
    try:
        shape = np.broadcast_shapes(*(each.shape for each in arrays))
    except ValueError:
        shapes = ", ".join(f"{name} {each.shape}" for name, each in zip(given, arrays, strict=True))
        raise ValueError(f"these shapes do not broadcast together: {shapes}; give scalars or arrays of one shape") from None
    return shape, [_column(each, shape) for each in arrays]


def _column(array: Floats, shape: Shape) -> Floats:
    """The array as a column of its own where it must be spread out or may not be written.

    To numba a read-only column is another type, and for another type it would compile a kernel again.
    """
    if array.shape == shape and array.flags.writeable:
        return np.ascontiguousarray(array).reshape(-1)
    return np.array(np.broadcast_to(array, shape), order="C").reshape(-1)


def columns(rules: dict[str, Rule] | None = None, **given: ArrayLike) -> tuple[Shape, list[Floats]]:
    """`broadcast`, every value checked: by `rules` where they name the argument, else by what its name always means.

    Raises ValueError that names the argument, the value and, in an array, the place of the first that will not do.
    """
    for name, value in given.items():
        check(name, value, (rules or {}).get(name))
    return broadcast(**given)


def check(name: str, value: ArrayLike, rule: Rule | None = None) -> None:
    """Raise ValueError unless every number of `value` obeys `rule`, or the rule of that name."""
    rule = rule or _RULES.get(name, FINITE)
    numbers = _numbers(name, value)
    bad = ~np.asarray(rule.holds(numbers))
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        where = f"{name}[{', '.join(map(str, place))}]" if place else name
        raise ValueError(f"{name} must be {rule.words}; {where} is {float(numbers[place])!r}")


def require(holds: Flags, words: str, **given: Floats) -> None:
    """Raise ValueError of `words`, with the numbers of the first row, unless a condition over several columns holds."""
    if holds.all():
        return
    row = int(np.argmin(holds))
    where = f" in row {row}" if holds.size > 1 else ""
    raise ValueError(f"{words}; {', '.join(f'{name} is {float(each[row])!r}' for name, each in given.items())}{where}")


def shaped(column: Any, shape: Shape) -> Any:
    """A result column in the caller's shape; a scalar if scalars were given."""
    return column.reshape(shape)[()]


def _numbers(name: str, value: ArrayLike) -> Floats:
    """`value` as float64; a text, date or complex number is none, though numpy would make one of some of them."""
    try:
        given = np.asarray(value)
        if given.dtype.kind in _NUMBER_KINDS:
            return given.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name} must be a number or an array of numbers; it is {reprlib.repr(value)}")
