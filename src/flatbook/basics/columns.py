"""Growing float64 columns. A numbered thing is a slot in columns, never an object."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Numbers = NDArray[Any]


def filled(size: int, value: float) -> Floats:
    """A float64 column of `size` slots, each holding `value`."""
    return np.full(size, value, dtype=np.float64)


def grown(column: Numbers, capacity: int, value: float) -> Numbers:
    """`column` with its last axis widened to `capacity`, new slots holding `value`; old slots keep their place."""
    size = column.shape[-1]
    if capacity <= size:
        return column
    wider = np.full((*column.shape[:-1], capacity), value, dtype=column.dtype)
    wider[..., :size] = column
    return wider
