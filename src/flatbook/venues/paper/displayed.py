"""The market as the venue displays it, row by row, without us in it."""

from collections.abc import Iterator
from math import isnan

from flatbook.events import Depth, Ticker, Top

Level = tuple[float, float]  # price, size


class DisplayedMarket:
    """The latest top and depth of every row, kept as the events themselves.

    A newer top stands in front of an older depth; a newer depth replaces both. Indices are in dollars by asset.
    """

    def __init__(self, ticker_valid_ns: int) -> None:
        self.tops: list[Top | Ticker | None] = []
        self.depths: list[Depth | None] = []
        self.heard_ns: list[int] = []
        self.indices: dict[str, float] = {}
        self._ticker_valid_ns = ticker_valid_ns

    def make_room(self, row: int) -> None:
        """Have a place for `row`."""
        missing = row + 1 - len(self.tops)
        self.tops.extend([None] * missing)
        self.depths.extend([None] * missing)
        self.heard_ns.extend([-(1 << 62)] * missing)

    def show_ticker(self, ticker: Ticker, ns: int) -> bool:
        """Keep the ticker; False when the row was silent for so long that this is a re-opening."""
        row = ticker.row
        fresh = ns - self.heard_ns[row] <= self._ticker_valid_ns
        self.heard_ns[row] = ns
        self.tops[row] = ticker
        return fresh

    def forget(self, row: int) -> None:
        """The row displays nothing any more."""
        self.tops[row] = None
        self.depths[row] = None

    def levels(self, row: int, side: int, ns: int) -> Iterator[Level]:
        """Price and size on one side (+1 bids, -1 asks), best first."""
        top = self._valid_top(row, ns)
        depth = self.depths[row]
        beyond = None
        if top is not None:
            price, size = (top.bid, top.bid_size) if side > 0 else (top.ask, top.ask_size)
            if isnan(price):
                return
            beyond = price
            if size > 0:
                yield price, size
        if depth is None:
            return
        for price, size in _side_of(depth, side):
            if size > 0 and (beyond is None or side * (price - beyond) < 0):
                yield price, size

    def mid(self, row: int) -> float | None:
        """Half-way between best bid and offer, however old; None when a side is missing."""
        top = self.tops[row]
        if top is not None:
            middle = 0.5 * (top.bid + top.ask)
            return None if isnan(middle) else middle
        depth = self.depths[row]
        if depth is None or not depth.bids or not depth.asks:
            return None
        return 0.5 * (depth.bids[0] + depth.asks[0])

    def size_at(self, row: int, side: int, price: float, near: float, ns: int) -> tuple[float, bool]:
        """What is displayed at `price`, and whether the display reaches that far.

        0 when `price` improves on the market. Beyond the last level shown nobody knows: the last size is the guess.
        """
        deepest = self._deepest(row, side, ns)
        if deepest is not None and side * (price - deepest[0]) < -near:
            return deepest[1], False  # most of our orders rest beyond a book's end, and need no walk along it
        last = 0.0
        for level_price, size in self.levels(row, side, ns):
            gap = side * (price - level_price)
            if gap > near:
                return 0.0, True
            if gap >= -near:
                return size, True
            last = size
        return last, last == 0.0

    def _deepest(self, row: int, side: int, ns: int) -> Level | None:
        """The last level of a book that is displayed to its end; None where only the levels themselves can tell."""
        depth, top = self.depths[row], self._valid_top(row, ns)
        if depth is None:
            return None
        prices, sizes = (depth.bids, depth.bid_sizes) if side > 0 else (depth.asks, depth.ask_sizes)
        if not prices or sizes[-1] <= 0:
            return None
        if top is not None and not side * (prices[-1] - (top.bid if side > 0 else top.ask)) < 0:
            return None
        return prices[-1], sizes[-1]

    def _valid_top(self, row: int, ns: int) -> Top | Ticker | None:
        top = self.tops[row]
        if type(top) is Ticker and ns - self.heard_ns[row] > self._ticker_valid_ns:
            return None
        return top


def _side_of(depth: Depth, side: int) -> Iterator[Level]:
    if side > 0:
        return zip(depth.bids, depth.bid_sizes, strict=True)
    return zip(depth.asks, depth.ask_sizes, strict=True)
