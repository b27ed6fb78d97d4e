"""The simulated market as a feed: what three venues would publish about a hidden state."""

from bisect import bisect_right
from collections.abc import Sequence

from flatbook.basics import NS_PER_MINUTE, NS_PER_SECOND, InputFault
from flatbook.events import Event, FundingRate, Index, Listed
from flatbook.instruments import Contract, Option, Perpetual, contract_key, expiry_of
from flatbook.simulation.books import DeltaOneBook, OptionBook
from flatbook.simulation.draws import Draws
from flatbook.simulation.latent import Frame, HiddenPath
from flatbook.simulation.listing import (
    STABLECOIN,
    dated_futures,
    future_expiries,
    option_chain,
    option_expiries,
    standing_contracts,
)
from flatbook.simulation.parameters import MarketParameters
from flatbook.simulation.surface import CoinState
from flatbook.simulation.worth import Worth, worth

_PEG_EVERY_NS = 10 * NS_PER_SECOND
_FUNDING_EVERY_NS = NS_PER_MINUTE
_INVERSE_DOLLARS = 40_000.0
_OPTION_SIZE_LOTS = 80.0
_TOPS_PER_FRAME = 1.5
_DEPTH_CHANCE = 0.5


class SimulatedMarket:
    """A Feed without end. The same seed, start and parameters give the same events, however they are taken.

    `known` are the contracts of rows that were given before, in row order: those still alive are listed again under
    their rows, new ones get the rows after them. `spots` are the coins' prices to start from, in dollars.
    """

    def __init__(
        self,
        seed: int,
        start_ns: int,
        *,
        known: Sequence[Contract] = (),
        spots: dict[str, float] | None = None,
        parameters: MarketParameters | None = None,
    ) -> None:
        self.parameters = parameters or MarketParameters()
        self._coins = {coin.name: coin for coin in self.parameters.coins}
        self._path = HiddenPath(seed, start_ns, self.parameters, spots or {})
        self._draws = Draws(seed, stream=2)
        self._contracts: list[Contract] = list(known)
        self._rows = {contract_key(contract): row for row, contract in enumerate(known)}
        self._books: dict[int, DeltaOneBook] = {}
        self._options: list[OptionBook] = []
        self._next_option = 0.0
        self._next_expiry_ns = 0
        self._start_ns = self._frame_ns = start_ns
        self._instants: list[int] = []
        self._events: list[Event] = []

    def next_ns(self) -> int | None:
        """When the next event comes; there always is one."""
        if not self._instants:
            self._draw_frame()
        return self._instants[0]

    def take(self, until_ns: int) -> tuple[list[int], list[Event]]:
        """Instants and events up to and with `until_ns`."""
        while self._frame_ns <= until_ns:
            self._draw_frame()
        count = bisect_right(self._instants, until_ns)
        instants, self._instants = self._instants[:count], self._instants[count:]
        events, self._events = self._events[:count], self._events[count:]
        return instants, events

    def close(self) -> None:
        """Nothing is open."""

    def fair(self, row: int, ns: int) -> Worth | None:
        """What `row` is truly worth at `ns`, which may lie ahead by the parameters' horizon; None once it expired."""
        contract = self._contracts[row]
        if 0 < expiry_of(contract) <= ns:
            return None
        return worth(contract, self._path.at(ns), ns, self.parameters.option_vol_half_spread)

    def _draw_frame(self) -> None:
        """Append one frame's events in order of time, and move on to the next frame."""
        frame = self._path.at(self._frame_ns)
        listed = self._list_due(frame)
        drawn = [*listed, *self._indices(frame), *self._funding(frame), *self._deltas(frame), *self._tickers(frame, listed)]
        # Sorting is stable: at one instant a listing stands before anything about its row.
        drawn.sort(key=lambda pair: pair[0])
        self._instants.extend(ns for ns, _ in drawn)
        self._events.extend(event for _, event in drawn)
        self._frame_ns += self.parameters.frame_ns

    def _list_due(self, frame: Frame) -> list[tuple[int, Event]]:
        """At the start and at each expiry: drop what expired, list what is new."""
        if frame.ns < self._next_expiry_ns:
            return []
        self._books = {row: book for row, book in self._books.items() if not 0 < expiry_of(book.contract) <= frame.ns}
        self._options = [book for book in self._options if book.option.expiry_ns > frame.ns]
        expiries = option_expiries(frame.ns)
        self._next_expiry_ns = expiries[0]
        wanted = [contract for coin in self._coins.values() for contract in self._wanted(coin.name, frame, expiries)]
        return [(frame.ns, event) for contract in wanted if (event := self._list(contract)) is not None]

    def _wanted(self, name: str, frame: Frame, expiries: list[int]) -> list[Contract]:
        """All that should be listed on one coin now; an expiry that has strikes already keeps them."""
        coin = self._coins[name]
        wanted = standing_contracts(coin)
        for expiry_ns in future_expiries(frame.ns):
            wanted += dated_futures(coin, expiry_ns)
        for expiry_ns in expiries:
            before = [
                contract
                for contract in self._contracts
                if isinstance(contract, Option) and contract.expiry_ns == expiry_ns and contract.underlying == name
            ]
            wanted += before or option_chain(coin, expiry_ns, frame.ns, frame.coins[name].spot, self.parameters)
        return wanted

    def _list(self, contract: Contract) -> Listed | None:
        """Give the contract its row and its book; None when it is being traded already."""
        row = self._rows.setdefault(contract_key(contract), len(self._contracts))
        if row == len(self._contracts):
            self._contracts.append(contract)
        elif self._contracts[row] != contract:
            raise InputFault(
                f"{contract_key(contract)} was listed with other terms before",
                where="simulated market",
                remedy="start with a new journal, or with the market parameters it was made with",
            )
        if row in self._books or any(book.row == row for book in self._options):
            return None
        self._make_book(row, contract)
        return Listed(row, contract)

    def _make_book(self, row: int, contract: Contract) -> None:
        coin = self._coins[contract.underlying]
        if isinstance(contract, Option):
            size = _OPTION_SIZE_LOTS * float(contract.lot)
            self._options.append(OptionBook(row, contract, size, self.parameters.option_vol_half_spread, self._draws))
        else:
            size = _INVERSE_DOLLARS if contract.inverse else coin.coins_at_top
            self._books[row] = DeltaOneBook(row, contract, size, self._draws)

    def _indices(self, frame: Frame) -> list[tuple[int, Event]]:
        events: list[tuple[int, Event]] = [
            (frame.ns, Index(name, round(state.spot, 2), frame.ns)) for name, state in frame.coins.items()
        ]
        if (frame.ns - self._start_ns) % _PEG_EVERY_NS == 0:
            events.append((frame.ns, Index(STABLECOIN, round(frame.peg, 5), frame.ns)))
        return events

    def _funding(self, frame: Frame) -> list[tuple[int, Event]]:
        if (frame.ns - self._start_ns) % _FUNDING_EVERY_NS:
            return []
        return [
            (frame.ns, FundingRate(row, funding_rate(book.contract, frame.coins[book.contract.underlying]), frame.ns))
            for row, book in self._books.items()
            if isinstance(book.contract, Perpetual)
        ]

    def _deltas(self, frame: Frame) -> list[tuple[int, Event]]:
        """Tops of every delta-one row; depths and trades of the perpetuals."""
        events: list[tuple[int, Event]] = []
        for book in self._books.values():
            expiry_ns = expiry_of(book.contract)
            instants = [ns for ns in self._moments(frame) if not 0 < expiry_ns <= ns]
            events += [(ns, book.top(frame, ns)) for ns in instants]
            if isinstance(book.contract, Perpetual):
                events += self._perpetual_extras(book, frame)
        return events

    def _moments(self, frame: Frame) -> list[int]:
        """When tops move within the frame; in the first frame, at its very start as well."""
        draws = self._draws
        count = 1 + (draws.uniform() < _TOPS_PER_FRAME - 1.0)
        moments = sorted(frame.ns + int(draws.uniform() * self.parameters.frame_ns) for _ in range(count))
        return [frame.ns, *moments] if frame.ns == self._start_ns else moments

    def _perpetual_extras(self, book: DeltaOneBook, frame: Frame) -> list[tuple[int, Event]]:
        draws, width = self._draws, self.parameters.frame_ns
        end_ns = frame.ns + width - 1
        events: list[tuple[int, Event]] = []
        if draws.uniform() < self.parameters.trades_per_second * width / NS_PER_SECOND:
            events.append((end_ns, book.trade(end_ns)))
        if draws.uniform() < _DEPTH_CHANCE or frame.ns == self._start_ns:
            events.append((end_ns, book.depth(frame, end_ns, self.parameters.depth_levels)))
        return events

    def _tickers(self, frame: Frame, listed: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
        """The next tickers of the rotation, spread over the frame; and those of new listings at once."""
        rows = {event.row for _, event in listed if isinstance(event, Listed)}
        events: list[tuple[int, Event]] = [(frame.ns, book.ticker(frame, frame.ns)) for book in self._options if book.row in rows]
        share = len(self._options) * self.parameters.frame_ns / self.parameters.ticker_round_ns
        first, self._next_option = self._next_option, self._next_option + share
        turns = range(int(first), int(self._next_option))
        for number, turn in enumerate(turns):
            book = self._options[turn % len(self._options)]
            ns = frame.ns + number * self.parameters.frame_ns // len(turns)
            if ns < book.option.expiry_ns:
                events.append((ns, book.ticker(frame, ns)))
        self._next_option %= len(self._options)
        return events


def funding_rate(perpetual: Perpetual, state: CoinState) -> float:
    """The rate per eight hours: the premium beyond a dead band for inverse perpetuals, plus a base rate for linear ones."""
    premium = state.inverse_premium if perpetual.inverse else state.linear_premium
    if perpetual.inverse:
        return round(max(0.00025, premium) + min(-0.00025, premium), 8)
    return round(premium + min(0.0005, max(-0.0005, 0.0001 - premium)), 8)
