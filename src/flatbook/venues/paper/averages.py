"""The index average that expiring contracts are settled by."""

from flatbook.basics import NS_PER_MINUTE, NS_PER_SECOND

WINDOW_NS = 30 * NS_PER_MINUTE


class _Running:
    """The time integral of one index, in dollar-seconds."""

    def __init__(self, price: float, ns: int) -> None:
        self.price = price
        self.ns = ns
        self.integral = 0.0

    def integral_at(self, ns: int) -> float:
        return self.integral + self.price * ((ns - self.ns) / NS_PER_SECOND)

    def observe(self, price: float, ns: int) -> None:
        self.integral = self.integral_at(ns)
        self.price = price
        self.ns = ns


class IndexAverages:
    """Time-weighted averages of indices: each value counts for as long as it stood, the first from the window's start."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}
        self._windows: dict[tuple[str, int], tuple[int, float]] = {}

    def observe(self, asset: str, price: float, ns: int) -> None:
        """The index of `asset` is `price` from now on."""
        running = self._running.get(asset)
        if running is None:
            self._running[asset] = _Running(price, ns)
        else:
            running.observe(price, ns)

    def open_window(self, asset: str, expiry_ns: int, ns: int) -> None:
        """Averaging towards `expiry_ns` starts; opening it again changes nothing."""
        running = self._running.get(asset)
        if running is not None and (asset, expiry_ns) not in self._windows:
            self._windows[asset, expiry_ns] = (ns, running.integral_at(ns))

    def average(self, asset: str, expiry_ns: int) -> float | None:
        """The average over the window that ended at `expiry_ns`; the last value without a window, None without any."""
        running = self._running.get(asset)
        if running is None:
            return None
        start_ns, before = self._windows.get((asset, expiry_ns), (expiry_ns, 0.0))
        if start_ns >= expiry_ns or running.ns > expiry_ns:
            return running.price
        return (running.integral_at(expiry_ns) - before) / ((expiry_ns - start_ns) / NS_PER_SECOND)
