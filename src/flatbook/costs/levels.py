"""One side of a book, and what is met when walking it."""

from collections.abc import Sequence

import msgspec


class Levels(msgspec.Struct, frozen=True):
    """The prices of one side, best first, with the size at each. A top of the book is levels of length one."""

    prices: tuple[float, ...]
    sizes: tuple[float, ...]

    def __post_init__(self) -> None:
        assert len(self.prices) == len(self.sizes), "every level has a size"
        assert self.prices, "a side without a level has no price to trade at"


def walk(levels: Levels, quantity: float, fair: float) -> list[tuple[float, float]]:
    """The (price, quantity) pieces in which unsigned `quantity` would trade against `levels`.

    Beyond what the book shows it is taken to thin out evenly: the price leaves fair by the last level's distance again
    each time the shown size is used up once more. So the cost is known and convex for any size.
    """
    pieces, left = _shown(levels, quantity)
    if left > 0.0:
        pieces.append((_beyond(levels, left, fair), left))
    return pieces


def _shown(levels: Levels, quantity: float) -> tuple[list[tuple[float, float]], float]:
    pieces: list[tuple[float, float]] = []
    left = quantity
    for price, size in zip(levels.prices, levels.sizes, strict=True):
        if left <= 0.0:
            break
        taken = min(size, left)
        if taken > 0.0:
            pieces.append((price, taken))
        left -= taken
    return pieces, left


def _beyond(levels: Levels, left: float, fair: float) -> float:
    last = levels.prices[-1]
    shown = _total(levels.sizes)
    assert shown > 0.0, "levels hold something"
    # The average over what is left of a price that rises in a straight line.
    return last + (last - fair) * left / (2.0 * shown)


def _total(sizes: Sequence[float]) -> float:
    return float(sum(sizes))
