"""Those who come to trade with our quotes, and what they are willing to pay."""

from collections.abc import Callable, Sequence
from math import exp, log

import msgspec

from flatbook.basics import BUY, NS_PER_HOUR, SELL, Side
from flatbook.events import Delisted, Event, Index, Listed
from flatbook.instruments import Option, Perpetual
from flatbook.simulation.draws import Draws
from flatbook.simulation.parameters import TakerParameters
from flatbook.simulation.popularity import Popularity
from flatbook.simulation.recorded_fair import RecordedFair
from flatbook.simulation.worth import Worth

Fair = Callable[[int, int], Worth | None]


class TakerOrder(msgspec.Struct, frozen=True):
    """Somebody takes up to `quantity` of `row` at `limit` or better, at once. `side` is theirs, quantity unsigned."""

    row: int
    side: Side
    quantity: float
    limit: float


class _Stream(msgspec.Struct):
    """A Poisson stream of arrivals for one underlying, for options or for perpetuals."""

    underlying: str
    options: bool
    per_hour: float
    next_ns: int


class Takers:
    """Seeded Poisson arrivals. Each knows fair value and buys at most a random distance above it, or sells below.

    The chance that a quote at distance d from fair is taken is exp(-willingness x d / half-spread), and nil beyond the
    half-spread, where the rest of the market is better. The informed know fair value a little ahead and trade towards it.
    """

    def __init__(
        self, seed: int, parameters: TakerParameters, fair: Fair, *, start_ns: int, underlyings: Sequence[str] = ("BTC", "ETH")
    ) -> None:
        self._parameters = parameters
        self._fair = fair
        self._recorded = fair if isinstance(fair, RecordedFair) else None
        self._draws = Draws(seed, stream=3)
        self._spots: dict[str, float] = {}
        self._options = {name: Popularity() for name in underlyings}
        self._perpetuals: dict[str, dict[int, Perpetual]] = {name: {} for name in underlyings}
        rates = ((True, parameters.per_hour), (False, parameters.perpetual_per_hour))
        self._streams = [
            _Stream(name, options, per_hour, start_ns + self._gap_ns(per_hour))
            for name in underlyings
            for options, per_hour in rates
            if per_hour > 0
        ]

    def next_ns(self) -> int | None:
        """When the next taker comes."""
        return min((stream.next_ns for stream in self._streams), default=None)

    def arrivals(self, until_ns: int) -> list[TakerOrder]:
        """The orders of those who come by `until_ns`, in order of time."""
        orders: list[TakerOrder] = []
        while self._streams and (stream := min(self._streams, key=lambda stream: stream.next_ns)).next_ns <= until_ns:
            ns, stream.next_ns = stream.next_ns, stream.next_ns + self._gap_ns(stream.per_hour)
            order = self._order(stream, ns)
            if order is not None:
                orders.append(order)
        return orders

    def observe(self, event: Event, ns: int) -> None:
        """A market event at the venue."""
        if self._recorded is not None:
            self._recorded.observe(event)
        match event:
            case Index(asset, price):
                self._spots[asset] = price
            case Listed(row, contract) if contract.underlying in self._options:
                if isinstance(contract, Option):
                    self._options[contract.underlying].add(row, contract)
                elif isinstance(contract, Perpetual):
                    self._perpetuals[contract.underlying][row] = contract
            case Delisted(row):
                for options, perpetuals in zip(self._options.values(), self._perpetuals.values(), strict=True):
                    options.remove(row)
                    perpetuals.pop(row, None)
            case _:
                pass

    def _gap_ns(self, per_hour: float) -> int:
        return 1 + int(-log(1.0 - self._draws.uniform()) * NS_PER_HOUR / per_hour)

    def _order(self, stream: _Stream, ns: int) -> TakerOrder | None:
        """What this taker wants; None when nothing suitable is listed or nobody knows what it is worth."""
        spot = self._spots.get(stream.underlying)
        if spot is None:
            return None
        chosen = self._choose_option(stream.underlying, spot, ns) if stream.options else self._choose_perpetual(stream, spot)
        worth = self._fair(chosen[0], ns) if chosen is not None else None
        if chosen is None or worth is None:
            return None
        row, quantity = chosen
        side, premium = self._wish(row, worth, ns)
        return TakerOrder(row, side, quantity, worth.fair + side * min(premium, worth.half_spread))

    def _choose_option(self, underlying: str, spot: float, ns: int) -> tuple[int, float] | None:
        chosen = self._options[underlying].pick(self._draws.uniform(), spot, ns)
        if chosen is None:
            return None
        row, option = chosen
        lots = self._parameters.lots_median * exp(self._parameters.lots_spread * self._draws.normal())
        return row, max(1, round(lots)) * float(option.lot)

    def _choose_perpetual(self, stream: _Stream, spot: float) -> tuple[int, float] | None:
        rows = list(self._perpetuals[stream.underlying].items())
        if not rows:
            return None
        row, contract = rows[int(self._draws.uniform() * len(rows))]
        dollars = self._parameters.perpetual_dollars * exp(self._parameters.lots_spread * self._draws.normal())
        lot = float(contract.lot)
        return row, max(1, round((dollars if contract.inverse else dollars / spot) / lot)) * lot

    def _wish(self, row: int, worth: Worth, ns: int) -> tuple[Side, float]:
        """Side, and how much worse than fair the taker accepts."""
        premium = -log(1.0 - self._draws.uniform()) * worth.half_spread / self._parameters.willingness
        side = BUY if self._draws.uniform() < 0.5 else SELL
        if self._draws.uniform() >= self._parameters.informed or self._recorded is not None:
            return side, premium
        later = self._fair(row, ns + self._parameters.informed_ns)
        if later is None or later.fair == worth.fair:
            return side, premium
        return (BUY if later.fair > worth.fair else SELL), abs(later.fair - worth.fair)
