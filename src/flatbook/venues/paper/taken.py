"""Displayed size that we already took: the market on the tape does not know, so the venue has to remember."""

import msgspec

_PRUNE_ABOVE = 4096


class _Taken(msgspec.Struct):
    displayed: float
    quantity: float
    ns: int


class TakenSizes:
    """What we took from levels that are still displayed as they were.

    A level counts as displayed anew once its size changes, or `refill_ns` after we last took from it.
    """

    def __init__(self, refill_ns: int) -> None:
        self._refill_ns = refill_ns
        self._levels: dict[tuple[int, int, float], _Taken] = {}

    def left(self, row: int, side: int, price: float, displayed: float, ns: int) -> float:
        """How much of a displayed level is still there for us."""
        taken = self._levels.get((row, side, price))
        if taken is None or taken.displayed != displayed or ns - taken.ns > self._refill_ns:
            return displayed
        return max(0.0, displayed - taken.quantity)

    def take(self, row: int, side: int, price: float, displayed: float, quantity: float, ns: int) -> None:
        """Remember that `quantity` of a displayed level is gone."""
        before = displayed - self.left(row, side, price, displayed, ns)
        self._levels[row, side, price] = _Taken(displayed, before + quantity, ns)
        if len(self._levels) > _PRUNE_ABOVE:
            self._levels = {key: taken for key, taken in self._levels.items() if ns - taken.ns <= self._refill_ns}
