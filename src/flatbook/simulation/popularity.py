"""Which option a taker wants: near the money and near in time, as open interest has it."""

from bisect import bisect_left
from itertools import accumulate
from math import exp, log, sqrt

from flatbook.basics import NS_PER_MINUTE, years_between
from flatbook.instruments import Option

_TYPICAL_VOL = 0.6
_NEAR_YEARS = 4 / 365
_LAST_CALL_NS = 10 * NS_PER_MINUTE
_FORGET_NS = 5 * NS_PER_MINUTE


class Popularity:
    """The options of one underlying and how often each is asked for. Nobody asks in an option's last ten minutes."""

    def __init__(self) -> None:
        self._options: dict[int, Option] = {}
        self._rows: list[int] = []
        self._cumulated: list[float] = []
        self._weighed_ns: int | None = None

    def add(self, row: int, option: Option) -> None:
        """The option is listed."""
        self._options[row] = option
        self._weighed_ns = None

    def remove(self, row: int) -> None:
        """The option is gone."""
        if self._options.pop(row, None) is not None:
            self._weighed_ns = None

    def pick(self, uniform: float, spot: float, ns: int) -> tuple[int, Option] | None:
        """The option that a number in [0, 1) points at; None when there is none to ask for."""
        if self._weighed_ns is None or ns - self._weighed_ns > _FORGET_NS:
            self._weigh(spot, ns)
        if not self._cumulated or self._cumulated[-1] <= 0:
            return None
        row = self._rows[min(bisect_left(self._cumulated, uniform * self._cumulated[-1]), len(self._rows) - 1)]
        return row, self._options[row]

    def _weigh(self, spot: float, ns: int) -> None:
        self._rows = [row for row, option in self._options.items() if option.expiry_ns - ns > _LAST_CALL_NS]
        self._cumulated = list(accumulate(popularity(self._options[row], spot, ns) for row in self._rows))
        self._weighed_ns = ns


def popularity(option: Option, spot: float, ns: int) -> float:
    """A bell over standard deviations of moneyness, falling with the root of time to expiry; no unit."""
    years = years_between(ns, option.expiry_ns)
    deviations = log(float(option.strike) / spot) / (_TYPICAL_VOL * sqrt(years))
    return exp(-0.5 * deviations * deviations) / sqrt(years + _NEAR_YEARS)
