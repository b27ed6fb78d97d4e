"""The venues' back office: it books fills, pays funding, delivers what expires and states what we own."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from flatbook.basics import NS_PER_HOUR, ZERO, InputFault, exact
from flatbook.events import Delivered, Deposited, Event, Fill, FundingRate
from flatbook.instruments import Contract, Perpetual, Venue, delivery_fee, trade_fee
from flatbook.instruments.payoffs import delivery_value
from flatbook.venues.paper.accounts import PaperAccounts
from flatbook.venues.paper.averages import IndexAverages
from flatbook.venues.paper.displayed import DisplayedMarket
from flatbook.venues.paper.funding import FundingBook
from flatbook.venues.paper.resting import Resting
from flatbook.venues.paper.statements import Statements

_INDEX_PLACES = 6


class BackOffice:
    """Everything that moves our money, in the order in which it happens; `tell(ns, event)` carries it to the desk."""

    def __init__(
        self,
        venues: Sequence[Venue],
        accounts: PaperAccounts,
        displayed: DisplayedMarket,
        tell: Callable[[int, Event], None],
    ) -> None:
        self.accounts = accounts
        self.averages = IndexAverages()
        self.contracts: dict[int, Contract] = {}
        self._venues = {venue.name: venue for venue in venues}
        self._displayed = displayed
        self._funding = FundingBook()
        self._statements = Statements(accounts)
        self._tell = tell

    def open_row(self, row: int, contract: Contract, ns: int) -> None:
        """Know the contract behind `row`, for good."""
        if contract.venue not in self._venues:
            raise InputFault(
                f"{contract.symbol} is listed on {contract.venue}, which has no fees here",
                where="paper trading",
                remedy="name every venue of the recording in the configuration",
            )
        self.contracts[row] = contract
        if isinstance(contract, Perpetual):
            self._funding.open_row(row, contract, ns)

    def deposit(self, ns: int, deposits: Sequence[tuple[str, str, Decimal]]) -> None:
        """The opening capital comes in."""
        for number, (venue, asset, amount) in enumerate(deposits, start=1):
            event = Deposited(f"deposit-{number}", venue, asset, amount)
            self._statements.moved(self.accounts.deposit(event))
            self._tell(ns, event)

    def execute(self, order: Resting, price: Decimal, quantity: Decimal, maker: bool, ns: int) -> None:
        """Our order traded: number the fill, charge the fee, move the account."""
        contract = self.contracts[order.row]
        self._accrue(order.row, ns)
        fees = self._venues[contract.venue].fees
        fee = trade_fee(fees, contract, price, quantity, self.index_of(contract) or ZERO, maker=maker)
        number = self.accounts.next_fill_id(contract.venue)
        fill = Fill(
            number, order.order_id, order.row, order.side, price, quantity, fee, contract.settlement, maker, exchange_ns=ns
        )
        self._statements.moved(self.accounts.fill(fill, contract), order.row)
        self._tell(ns, fill)

    def change_rate(self, event: FundingRate, ns: int) -> None:
        """A perpetual's funding rate is another from now on."""
        self._accrue(event.row, ns)
        self._funding.set_rate(event.row, event.rate)

    def pay_funding(self, ns: int) -> None:
        """The hour is full: whatever accrued is paid."""
        for row in self._funding.rows():
            self._accrue(row, ns)
            paid = self._funding.pay(row, ns)
            if paid is not None:
                self._statements.moved(self.accounts.funding(paid, self.contracts[row]), row)
                self._tell(ns, paid)

    def deliver(self, row: int, expiry_ns: int, ns: int) -> bool:
        """Close the expired position at the index average; False while no index is known."""
        quantity = self.accounts.position(row)
        contract = self.contracts[row]
        average = self.averages.average(contract.underlying, expiry_ns)
        if not quantity:
            return True
        if average is None:
            return False
        index = exact(round(average, _INDEX_PLACES))
        price = delivery_value(contract, index)
        fee = delivery_fee(self._venues[contract.venue].fees, contract, price, abs(quantity), index)
        symbol = f"{contract.venue}:{contract.symbol}:{expiry_ns}"
        event = Delivered(symbol, row, quantity, index, price, fee, contract.settlement, exchange_ns=ns)
        self._statements.moved(self.accounts.delivery(event, contract), row)
        self._tell(ns, event)
        return True

    def state_everything(self, ns: int) -> None:
        """Say what we own, all of it."""
        self._statements.everything_moved()
        self.state(ns)

    def state(self, ns: int) -> None:
        """Say what we own, where it changed since last time."""
        for statement in self._statements.state():
            self._tell(ns, statement)

    def index_of(self, contract: Contract) -> Decimal | None:
        """The underlying in dollars, as last published; None before that."""
        price = self._displayed.indices.get(contract.underlying)
        return None if price is None else exact(price)

    def _accrue(self, row: int, ns: int) -> None:
        if isinstance(self.contracts[row], Perpetual):
            mark = self._displayed.mid(row) or self._displayed.indices.get(self.contracts[row].underlying)
            self._funding.accrue(row, self.accounts.position(row), mark, ns)


def next_hour_ns(ns: int) -> int:
    """The first full hour after `ns`."""
    return (ns // NS_PER_HOUR + 1) * NS_PER_HOUR
