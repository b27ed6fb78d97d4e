"""How the hidden state moves: jumps, clustering volatility, mean-reverting surfaces, all from one seed."""

from collections import deque
from math import exp, sqrt

from flatbook.basics import NS_PER_DAY, NS_PER_MINUTE, NS_PER_YEAR
from flatbook.simulation.draws import Draws
from flatbook.simulation.parameters import CoinParameters, MarketParameters
from flatbook.simulation.surface import CoinState

_PAST_KEPT_NS = 5 * NS_PER_MINUTE
_HOURS_PER_YEAR = 8760.0

# Half-life in hours and stationary deviation of each mean-reverting part.
_TURBULENCE = (6.0, 0.35)
_LEVEL = (72.0, 0.05)
_SHORT_EXCESS = (12.0, 0.05)
_SLOPE = (24.0, 0.012)
_CURVATURE = (48.0, 0.006)
_CARRY = (48.0, 0.02)
_PREMIUM = (0.3, 0.0002)
_PEG = (2.0, 0.0003)

_MEAN_SLOPE = -0.02
_MEAN_CURVATURE = 0.035
_MEAN_CARRY = 0.06
_VOL_LEANS_AGAINST_SPOT = -0.35


class Frame:
    """The hidden state at one instant: every coin's, and the stablecoin's price in dollars."""

    __slots__ = ("coins", "ns", "peg")

    def __init__(self, ns: int, coins: dict[str, CoinState], peg: float) -> None:
        self.ns = ns
        self.coins = coins
        self.peg = peg


class HiddenPath:
    """Frames in order, drawn ahead on demand and forgotten five minutes after.

    The path depends on seed and parameters alone, never on who looks at it or when.
    """

    def __init__(self, seed: int, start_ns: int, parameters: MarketParameters, spots: dict[str, float]) -> None:
        self._parameters = parameters
        self._draws = Draws(seed, stream=1)
        self._years = parameters.frame_ns / NS_PER_YEAR
        self._jump_chance = parameters.jumps_per_day * parameters.frame_ns / NS_PER_DAY
        coins = {coin.name: _calm(coin, spots.get(coin.name, coin.spot)) for coin in parameters.coins}
        self._frames = deque([Frame(start_ns, coins, 1.0)])

    def at(self, ns: int) -> Frame:
        """The frame in force at `ns`; the oldest one kept for what is forgotten."""
        frame_ns = self._parameters.frame_ns
        while self._frames[-1].ns + frame_ns <= ns:
            self._frames.append(self._next(self._frames[-1]))
            if self._frames[0].ns < self._frames[-1].ns - self._parameters.horizon_ns - _PAST_KEPT_NS:
                self._frames.popleft()
        return self._frames[max(0, (ns - self._frames[0].ns) // frame_ns)]

    def _next(self, frame: Frame) -> Frame:
        """One step: a market-wide shock and jump shared by all coins, the rest each coin's own."""
        draws = self._draws
        shared = draws.normal()
        jump = self._parameters.jump_size * draws.normal() if draws.uniform() < self._jump_chance else 0.0
        coins = {coin.name: self._moved(frame.coins[coin.name], coin, shared, jump) for coin in self._parameters.coins}
        return Frame(frame.ns + self._parameters.frame_ns, coins, self._pulled(frame.peg, 1.0, _PEG, draws.normal()))

    def _moved(self, state: CoinState, coin: CoinParameters, shared: float, jump: float) -> CoinState:
        draws, pulled = self._draws, self._pulled
        # Each coin loads sqrt(correlation) on the shared shock, so that any two coins correlate by it.
        correlation = self._parameters.correlation
        shock = sqrt(correlation) * shared + sqrt(1.0 - correlation) * draws.normal()
        vol = coin.realised_vol * exp(state.turbulence)
        move = vol * sqrt(self._years) * shock + jump * coin.realised_vol / self._parameters.coins[0].realised_vol
        return CoinState(
            spot=state.spot * exp(move - 0.5 * vol * vol * self._years),
            turbulence=pulled(state.turbulence, 0.0, _TURBULENCE, draws.normal()) + 8.0 * abs(jump),
            level=max(0.1, pulled(state.level, coin.implied_vol, _LEVEL, _against(shock, draws.normal()))),
            short_excess=pulled(state.short_excess, 0.0, _SHORT_EXCESS, draws.normal()) + 4.0 * abs(jump),
            slope=pulled(state.slope, _MEAN_SLOPE, _SLOPE, draws.normal()),
            curvature=max(0.005, pulled(state.curvature, _MEAN_CURVATURE, _CURVATURE, draws.normal())),
            carry=pulled(state.carry, _MEAN_CARRY, _CARRY, draws.normal()),
            inverse_premium=pulled(state.inverse_premium, 0.0, _PREMIUM, draws.normal()),
            linear_premium=pulled(state.linear_premium, 0.0, _PREMIUM, draws.normal()),
        )

    def _pulled(self, value: float, mean: float, temper: tuple[float, float], shock: float) -> float:
        """An Ornstein-Uhlenbeck step with the given half-life in hours and stationary deviation."""
        half_life_hours, deviation = temper
        pull = 0.6931471805599453 * _HOURS_PER_YEAR * self._years / half_life_hours
        return value + pull * (mean - value) + deviation * sqrt(2.0 * pull) * shock


def _calm(coin: CoinParameters, spot: float) -> CoinState:
    return CoinState(spot, 0.0, coin.implied_vol, 0.0, _MEAN_SLOPE, _MEAN_CURVATURE, _MEAN_CARRY, 0.0, 0.0)


def _against(spot_shock: float, own: float) -> float:
    """A vol shock that leans against the spot's."""
    lean = _VOL_LEANS_AGAINST_SPOT
    return lean * spot_shock + sqrt(1.0 - lean * lean) * own
