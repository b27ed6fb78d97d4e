"""The paper world: a feed's market, our orders in it, and everything a venue does, in strict order of time."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from flatbook.basics import NS_PER_MINUTE
from flatbook.events import Delisted, Depth, Event, FundingRate, Index, Listed, OrderCancelled, Ticker, Top, Trade
from flatbook.instruments import Contract, Venue, expiry_of
from flatbook.orders import Amend, Cancel, Place, Request
from flatbook.venues.paper.accounts import PaperAccounts
from flatbook.venues.paper.agenda import NEVER, Agenda
from flatbook.venues.paper.averages import WINDOW_NS
from flatbook.venues.paper.back_office import BackOffice, next_hour_ns
from flatbook.venues.paper.displayed import DisplayedMarket
from flatbook.venues.paper.matching import Matcher
from flatbook.venues.paper.parameters import LatencyParameters, MatchingParameters
from flatbook.venues.paper.takers import TakerFlow
from flatbook.venues.paper.wire import Wire
from flatbook.venues.port import Feed

# A long advance is played in slices, so that takers who look at a simulated market find its recent past.
_SLICE_NS = NS_PER_MINUTE


class PaperWorld:
    """A World over any Feed. At one instant the market moves first, then requests arrive, then chores are done.

    Fresh: the deposits are the first events. Restored from `accounts`: `known` are the contracts of the rows the desk
    knows already, `lost_orders` the ids it still believes in, which are reported cancelled at once; then the whole account is
    stated. What happens does not depend on how the caller cuts time into advances. `next_ns` is never later than the
    next event, and may be an instant at which nothing reaches the desk.
    """

    def __init__(
        self,
        feed: Feed,
        venues: Sequence[Venue],
        *,
        latency: LatencyParameters,
        takers: TakerFlow | None = None,
        deposits: Sequence[tuple[str, str, Decimal]] = (),
        accounts: PaperAccounts | None = None,
        known: Sequence[Contract] = (),
        lost_orders: Sequence[int] = (),
        matching: MatchingParameters | None = None,
        seed: int = 0,
    ) -> None:
        self._matching = matching or MatchingParameters()
        self._feed = feed
        self._takers = takers
        self._wire = Wire(latency, seed)
        self._agenda = Agenda()
        self._displayed = DisplayedMarket(self._matching.ticker_valid_ns)
        self._office = BackOffice(venues, accounts or PaperAccounts(), self._displayed, self._wire.answer)
        self._matcher = Matcher(self._displayed, self._matching, self._wire.answer, self._office.execute)
        self._unpriced: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._on: dict[type, Callable[[Any, int], None]] = {
            Top: self._on_top,
            Depth: self._on_depth,
            Ticker: self._on_ticker,
            Trade: self._on_trade,
            Index: self._on_index,
            FundingRate: self._office.change_rate,
            Listed: self._on_listed,
            Delisted: self._on_delisted,
        }
        self._market_ns = start_ns = feed.next_ns() or 0
        self._due_ns = NEVER
        self._open(start_ns, deposits if accounts is None else (), known, lost_orders)

    @property
    def accounts(self) -> PaperAccounts:
        """What the venues' own books say."""
        return self._office.accounts

    def next_ns(self) -> int | None:
        """When something may next reach the desk; None once the feed is over and nothing is under way."""
        incoming = self._wire.incoming
        soonest = min(self._next_step_ns(), incoming[0][0] if incoming else NEVER)
        return None if soonest == NEVER else soonest

    def advance(self, until_ns: int) -> list[Event]:
        """Every event that reaches the desk by `until_ns`, in order of arrival."""
        played_ns = -1
        while played_ns < until_ns and (step_ns := self._next_step_ns()) <= until_ns:
            played_ns = min(until_ns, step_ns + _SLICE_NS)
            self._play(played_ns)
        self._wire.deliver(until_ns)
        return self._wire.collect()

    def send(self, requests: Sequence[Request], at_ns: int) -> None:
        """Requests leave the desk at `at_ns`, which is not before the last advance."""
        self._wire.send(requests, at_ns)

    def close(self) -> None:
        """Close the feed."""
        self._feed.close()

    def _open(
        self, ns: int, deposits: Sequence[tuple[str, str, Decimal]], known: Sequence[Contract], lost_orders: Sequence[int]
    ) -> None:
        for row, contract in enumerate(known):
            self._list(row, contract, ns)
        # Said on connecting: the desk hears it before it decides anything, and does not ask about orders that are gone.
        self._wire.delivered += [OrderCancelled(order_id, "the paper venue was restarted") for order_id in lost_orders]
        self._office.deposit(ns, deposits)
        if not deposits:
            self._office.state_everything(ns)
        self._agenda.note(next_hour_ns(ns), self._pay_funding)
        self._agenda.note(ns + self._matching.statement_ns, self._state)
        self._await_taker()

    def _next_step_ns(self) -> int:
        """When the venues next have something to do: the market, a request, or a chore while there is a market."""
        outgoing = self._wire.outgoing
        request_ns = outgoing[0][0] if outgoing else NEVER
        market_ns = self._feed.next_ns()
        if market_ns is None:
            return request_ns
        return min(market_ns, request_ns, self._agenda.due_ns())

    def _play(self, until_ns: int) -> None:
        """Play the market up to `until_ns`, and before each of its events whatever was due earlier."""
        wire, on, takers = self._wire, self._on, self._takers
        incoming, prompt = wire.incoming, wire.market_is_prompt
        instants, events = self._feed.take(until_ns)
        self._look_ahead()
        for ns, event in zip(instants, events, strict=True):
            if self._due_ns < ns:
                self._catch_up(ns - 1, ns - 1)
            if not prompt or (incoming and incoming[0][0] <= ns):
                wire.publish(ns, event)
            else:
                wire.delivered.append(event)
            apply = on.get(type(event))
            if apply is not None:
                apply(event, ns)
            if takers is not None:
                takers.observe(event, ns)
        self._finish(until_ns, instants)

    def _finish(self, until_ns: int, instants: Sequence[int]) -> None:
        """Do what is due after the last market event; once the feed is over only requests are still served."""
        self._market_ns = instants[-1] if instants else self._market_ns
        over = self._feed.next_ns() is None
        self._catch_up(until_ns, self._market_ns if over else until_ns)

    def _catch_up(self, until_ns: int, chores_until_ns: int) -> None:
        outgoing, agenda = self._wire.outgoing, self._agenda
        while True:
            chore_ns = agenda.due_ns()
            # A chore that will not be done any more, because the feed is over, holds nobody up.
            waited_for = chore_ns if chore_ns <= chores_until_ns else NEVER
            if outgoing and outgoing[0][0] <= min(until_ns, waited_for):
                self._serve(*outgoing.popleft())
            elif chore_ns <= chores_until_ns:
                agenda.do_next()
            else:
                break
        self._look_ahead()

    def _look_ahead(self) -> None:
        outgoing = self._wire.outgoing
        self._due_ns = min(self._agenda.due_ns(), outgoing[0][0] if outgoing else NEVER)

    def _serve(self, ns: int, request: Request) -> None:
        match request:
            case Place():
                self._matcher.place(request, ns)
            case Amend():
                self._matcher.amend(request, ns)
            case Cancel():
                self._matcher.cancel(request, ns)

    def _on_top(self, event: Top, ns: int) -> None:
        self._displayed.tops[event.row] = event
        if event.row in self._matcher.working:
            self._matcher.on_top(event, ns)

    def _on_depth(self, event: Depth, ns: int) -> None:
        self._displayed.depths[event.row] = event
        self._displayed.tops[event.row] = None
        if event.row in self._matcher.working:
            self._matcher.on_depth(event, ns)

    def _on_ticker(self, event: Ticker, ns: int) -> None:
        fresh = self._displayed.show_ticker(event, ns)
        if event.row in self._matcher.working:
            self._matcher.on_top(event, ns, reopening=not fresh)

    def _on_trade(self, event: Trade, ns: int) -> None:
        if event.row in self._matcher.working:
            self._matcher.on_trade(event, ns)

    def _on_index(self, event: Index, ns: int) -> None:
        if not 0.0 < event.price < float("inf"):
            return  # what is no price settles nothing
        self._displayed.indices[event.asset] = event.price
        self._office.averages.observe(event.asset, event.price, ns)
        for row, expiry_ns in self._unpriced.pop(event.asset, ()):
            self._office.deliver(row, expiry_ns, ns)

    def _on_listed(self, event: Listed, ns: int) -> None:
        self._list(event.row, event.contract, ns)
        self._look_ahead()

    def _on_delisted(self, event: Delisted, ns: int) -> None:
        self._withdraw(event.row, ns, "the contract was delisted")

    def _list(self, row: int, contract: Contract, ns: int) -> None:
        listed_before = row in self._office.contracts
        assert not listed_before or self._office.contracts[row] == contract, f"row {row} is taken by another contract"
        self._displayed.make_room(row)
        self._matcher.open_row(row, contract)
        if listed_before:
            return
        self._office.open_row(row, contract, ns)
        expiry_ns = expiry_of(contract)
        if expiry_ns:
            averages, asset = self._office.averages, contract.underlying
            self._agenda.note(max(ns, expiry_ns - WINDOW_NS), partial(averages.open_window, asset, expiry_ns))
            self._agenda.note(max(ns, expiry_ns), partial(self._expire, row, expiry_ns))

    def _withdraw(self, row: int, ns: int, reason: str) -> None:
        self._matcher.close_row(row, ns, reason)
        self._displayed.forget(row)

    def _expire(self, row: int, expiry_ns: int, ns: int) -> None:
        """Delist the row, cancel what rests there and deliver what we hold, once an index is known."""
        if self._matcher.is_open(row):
            gone = Delisted(row)
            self._wire.publish(ns, gone)
            self._withdraw(row, ns, "the contract expired")
            if self._takers is not None:
                self._takers.observe(gone, ns)
        if not self._office.deliver(row, expiry_ns, ns):
            self._unpriced[self._office.contracts[row].underlying].append((row, expiry_ns))

    def _pay_funding(self, ns: int) -> None:
        self._office.pay_funding(ns)
        self._agenda.note(next_hour_ns(ns), self._pay_funding)

    def _state(self, ns: int) -> None:
        self._office.state(ns)
        self._agenda.note(ns + self._matching.statement_ns, self._state)

    def _await_taker(self) -> None:
        due_ns = self._takers.next_ns() if self._takers is not None else None
        if due_ns is not None:
            self._agenda.note(due_ns, self._take_orders)

    def _take_orders(self, ns: int) -> None:
        """Takers come: what they trade with us is a trade for everyone to see."""
        assert self._takers is not None
        for order in self._takers.arrivals(ns):
            for price, quantity in self._matcher.on_taker(order.row, order.side, order.quantity, order.limit, ns):
                self._wire.publish(ns, Trade(order.row, price, quantity, order.side, ns))
        self._await_taker()
