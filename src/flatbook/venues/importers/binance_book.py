"""A book rebuilt from its changes."""

from bisect import bisect_left, insort

from flatbook.venues.importers.binance_messages import BookTicker, DepthUpdate, Levels, Snapshot

LEVELS = 20
_KEPT_FOR_SNAPSHOT = 1_000


class BookSide:
    """The levels of one side. Prices are held as `sign * price` in rising order, so that the best comes first on both."""

    def __init__(self, sign: int) -> None:
        self.sign = sign  # +1 offers, -1 bids
        self._keys: list[float] = []
        self._sizes: dict[float, float] = {}

    def put(self, price: float, size: float) -> None:
        """Set a level; size 0 clears it."""
        key = self.sign * price
        if size > 0.0:
            if key not in self._sizes:
                insort(self._keys, key)
            self._sizes[key] = size
        elif self._sizes.pop(key, None) is not None:
            del self._keys[bisect_left(self._keys, key)]

    def put_all(self, levels: Levels) -> None:
        """Set many levels."""
        put = self.put
        for price, size in levels:
            put(price, size)

    def clear(self) -> None:
        """Forget every level."""
        self._keys.clear()
        self._sizes.clear()

    def set_best(self, price: float, size: float) -> None:
        """Make `price` the best: levels before it are gone, and its size is known."""
        gone = bisect_left(self._keys, self.sign * price)
        for key in self._keys[:gone]:
            del self._sizes[key]
        del self._keys[:gone]
        self.put(price, size)

    def best(self) -> float | None:
        """The best price; None when the side is empty."""
        return self.sign * self._keys[0] if self._keys else None

    def levels(self, scale: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The best prices and their sizes, times `scale`."""
        keys = self._keys[:LEVELS]
        sizes = self._sizes
        prices = tuple(keys) if self.sign > 0 else tuple([-key for key in keys])
        return prices, tuple([sizes[key] * scale for key in keys])


class Book:
    """One instrument's book out of a snapshot, changes, and best bid and offer, which may be newer than the changes.

    Whatever is later by the venue's own update numbers wins, not whatever arrived later. Without a snapshot the book holds
    the levels that were heard of so far.
    """

    def __init__(self) -> None:
        self.bids, self.asks = BookSide(-1), BookSide(+1)
        self._last = 0
        self._ticker: BookTicker | None = None
        self._unconfirmed: list[DepthUpdate] = []  # changes since the start, until a snapshot says what they changed

    def observe_ticker(self, ticker: BookTicker) -> None:
        """A best bid and offer."""
        self._ticker = ticker

    def restart(self, snapshot: Snapshot) -> None:
        """Begin anew from a whole book; changes that are newer than it are made again, for it arrives late."""
        for side, levels in ((self.bids, snapshot.bids), (self.asks, snapshot.asks)):
            side.clear()
            side.put_all(levels)
        for update in self._unconfirmed:
            if update.last > snapshot.last:
                self._change(update)
        self._unconfirmed.clear()
        self._last = max(self._last, snapshot.last)
        self._overlay()

    def apply(self, update: DepthUpdate) -> bool:
        """Fold in changed levels; False when messages before it were lost, so that the book may be wrong."""
        whole = self._follows(update)
        self._change(update)
        self._last = update.last
        if len(self._unconfirmed) < _KEPT_FOR_SNAPSHOT:
            self._unconfirmed.append(update)
        self._overlay()
        return whole

    def _follows(self, update: DepthUpdate) -> bool:
        """Futures name the update before; spot counts on without a hole. A late snapshot may be ahead of either."""
        if not self._last:
            return True
        return update.previous <= self._last if update.previous else update.first <= self._last + 1

    def _change(self, update: DepthUpdate) -> None:
        self.bids.put_all(update.bids)
        self.asks.put_all(update.asks)

    def _overlay(self) -> None:
        """Levels before a newer best price are gone, whether or not a change said so yet."""
        ticker = self._ticker
        if ticker is not None and ticker.update >= self._last:
            self.bids.set_best(ticker.bid, ticker.bid_size)
            self.asks.set_best(ticker.ask, ticker.ask_size)
