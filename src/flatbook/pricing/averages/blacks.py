"""Black's value over whatever broadcasts, by the room's kernel: the brick that every average here is built from."""

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.black import GREEKS, VALUE, option_greeks

_LEAST = 1e-300  # stands for a forward of nothing, whose logarithm the kernel takes all the same


def black_values(forward: ArrayLike, strike: ArrayLike, deviation: ArrayLike, sign: ArrayLike) -> Floats:
    """Undiscounted values on `forward` at total deviation `deviation` (vol * sqrt(years)), in the broadcast shape.

    A strike at or below 0 is exercised for certain: a call is worth forward less strike, a put nothing.
    """
    shape = np.broadcast_shapes(*(np.shape(each) for each in (forward, strike, deviation, sign)))
    f, k, w, s = (_column(each, shape) for each in (forward, strike, deviation, sign))
    out = np.empty((GREEKS, f.size))
    alive = k > 0.0
    option_greeks(np.maximum(f, _LEAST), np.where(alive, k, 1.0), np.ones(f.size), w, s, np.zeros(f.size), out)
    return np.where(alive, out[VALUE], np.maximum(s, 0.0) * (f - k)).reshape(shape)


def _column(values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """A column of its own: a view of a broadcast is read-only, and kernels are compiled anew for those."""
    column = np.empty(shape)
    column[...] = values
    return column.reshape(-1)
