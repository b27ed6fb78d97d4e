"""The simulated market makers: they turn what a contract is worth into tops, depths, trades and tickers on the grid."""

from collections.abc import Callable
from math import ceil, exp, floor, nan

from flatbook.basics import BUY, SELL
from flatbook.events import Depth, Ticker, Top, Trade
from flatbook.instruments import Option, contract_key
from flatbook.instruments.contracts import Contract
from flatbook.simulation.draws import Draws
from flatbook.simulation.latent import Frame
from flatbook.simulation.worth import delta_one_price, option_worth

_NOISE_MEMORY = 0.9
_NOISE_TICKS = 0.35
_SIZE_SPREAD = 0.8
_DEPTH_GROWTH = 1.35


class DeltaOneBook:
    """The book of one spot pair, perpetual or future: a tick or two wide around a slightly noisy fair price."""

    def __init__(self, row: int, contract: Contract, size_at_top: float, draws: Draws) -> None:
        assert not isinstance(contract, Option)
        self.row = row
        self.contract = contract
        self._tick = float(contract.tick)
        self._digits = max(0, -int(contract.tick.as_tuple().exponent))
        self._lot = float(contract.lot)
        self._lot_digits = max(0, -int(contract.lot.as_tuple().exponent))
        self._size = size_at_top
        self._draws = draws
        self._noise = 0.0
        self._bid = self._ask = 0

    def top(self, frame: Frame, ns: int) -> Top:
        """The best bid and offer now."""
        self._reprice(frame, ns)
        return Top(self.row, self._price(self._bid), self._price(self._ask), self._amount(), self._amount(), ns)

    def depth(self, frame: Frame, ns: int, levels: int) -> Depth:
        """The best levels of each side now, growing away from the middle."""
        self._reprice(frame, ns)
        bids, bid_sizes = self._ladder(self._bid, -1, levels)
        asks, ask_sizes = self._ladder(self._ask, 1, levels)
        return Depth(self.row, bids, bid_sizes, asks, ask_sizes, ns)

    def trade(self, ns: int) -> Trade:
        """Somebody takes a little from the best price shown last."""
        side = BUY if self._draws.uniform() < 0.5 else SELL
        level = self._ask if side is BUY else self._bid
        return Trade(self.row, self._price(level), self._amount(0.2), side, ns)

    def _reprice(self, frame: Frame, ns: int) -> None:
        self._noise = _NOISE_MEMORY * self._noise + _NOISE_TICKS * self._draws.normal()
        middle = delta_one_price(self.contract, frame, ns) / self._tick + self._noise
        half = 0.3 + 0.4 * self._draws.uniform()
        self._bid = floor(middle - half)
        self._ask = max(self._bid + 1, ceil(middle + half))

    def _ladder(self, best: int, step: int, levels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        prices, sizes = [], []
        level, scale = best, 1.0
        for _ in range(levels):
            prices.append(self._price(level))
            sizes.append(self._amount(scale))
            level += step * (1 + int(2.0 * self._draws.uniform()))
            scale *= _DEPTH_GROWTH
        return tuple(prices), tuple(sizes)

    def _price(self, level: int) -> float:
        return round(level * self._tick, self._digits)

    def _amount(self, scale: float = 1.0) -> float:
        lots = max(1, round(scale * self._size * exp(_SIZE_SPREAD * self._draws.normal()) / self._lot))
        return round(lots * self._lot, self._lot_digits)


class OptionBook:
    """The market in one option: its vol, a half-spread in vols, and the venue's tick steps."""

    def __init__(self, row: int, option: Option, size_at_top: float, vol_half_spread: float, draws: Draws) -> None:
        assert option.wide_tick is not None, contract_key(option)
        assert option.wide_above is not None, contract_key(option)
        self.row = row
        self.option = option
        self._strike = float(option.strike)
        self._tick = float(option.tick)
        self._wide_tick = float(option.wide_tick)
        self._wide_above = float(option.wide_above)
        self._lot = float(option.lot)
        self._size = size_at_top
        self._vol_half_spread = vol_half_spread
        self._draws = draws

    def ticker(self, frame: Frame, ns: int) -> Ticker:
        """The option's top, mark and vol now; no bid where the option is worth less than a tick."""
        state = frame.coins[self.option.underlying]
        worth = option_worth(self.option, self._strike, state, ns, self._vol_half_spread)
        bid = self._on_grid(worth.fair - worth.half_spread, floor)
        ask = self._on_grid(worth.fair + worth.half_spread, ceil)
        bid_size, ask_size = (self._amount() if bid > 0 else 0.0), self._amount()
        mark, vol, forward = round(worth.fair, 6), round(worth.vol, 6), round(worth.forward, 4)
        return Ticker(self.row, bid if bid > 0 else nan, ask, bid_size, ask_size, mark, vol, forward, ns)

    def _on_grid(self, price: float, rounded: Callable[[float], int]) -> float:
        tick = self._wide_tick if price > self._wide_above else self._tick
        return round(rounded(price / tick) * tick, 8)

    def _amount(self) -> float:
        lots = max(1, round(self._size * exp(_SIZE_SPREAD * self._draws.normal()) / self._lot))
        return round(lots * self._lot, 6)
