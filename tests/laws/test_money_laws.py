"""Money is conserved: ledger, inventory and profit tell the same story of whatever happens.

A small house trades, is paid funding, is delivered and is deposited into while prices move. Beside it stands a venue's
clerk who keeps every contract's average price in fractions, as venues print it in their help pages, and knows nothing
of double entry.
"""

import math
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flatbook import inventory as inventories
from flatbook import ledger as ledgers
from flatbook import pnl as profits
from flatbook.basics import BUY, SELL
from flatbook.events import Delivered, Deposited, Fill, FundingPaid
from flatbook.instruments import CALL, Future, Option, Perpetual, Spot, Universe, contract_key, value_at

TICK, LOT, EXPIRY = Decimal("0.01"), Decimal(1), 10**18
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDC": 1.0, "USDT": 0.999, "BNB": 700.0}
CONTRACTS = (
    Spot("kraken", "BTC/USDT", "BTC", "USDT", TICK, LOT),
    Perpetual("hyper", "BTC-USDC", "BTC", "USDC", "USDC", TICK, LOT),
    Perpetual("deribit", "BTC-PERPETUAL", "BTC", "USD", "BTC", TICK, LOT, inverse=True),
    Future("deribit", "BTC-27MAR26", "BTC", "USD", "BTC", TICK, LOT, EXPIRY, inverse=True),
    Option("deribit", "BTC-60000-C", "BTC", "USD", "BTC", TICK, LOT, EXPIRY, Decimal(60_000), CALL, inverse=True),
    Option("derive", "ETH-3000-C", "ETH", "USDC", "USDC", TICK, LOT, EXPIRY, Decimal(3_000), CALL),
    Perpetual("deribit", "ETH-PERPETUAL", "ETH", "USD", "ETH", TICK, LOT, inverse=True),
)
ROWS = st.integers(0, len(CONTRACTS) - 1)
DERIVATIVES = st.integers(1, len(CONTRACTS) - 1)
DATED = st.sampled_from([row for row, contract in enumerate(CONTRACTS) if isinstance(contract, Future | Option)])
CENTS = 1e-6


def listed() -> Universe:
    universe = Universe()
    for contract in CONTRACTS:
        universe.list_contract(contract)
    return universe


def fair_price(contract, prices) -> float:
    """About where the contract trades, in its price unit."""
    coin = prices[contract.underlying]
    if isinstance(contract, Option):
        return 0.04 if contract.inverse else 0.04 * coin
    return coin / prices["USDT"] if isinstance(contract, Spot) else coin


class House:
    """Ledger, inventory and profit fed with the same facts, as the engine feeds them."""

    def __init__(self) -> None:
        self.universe = listed()
        self.inventory, self.ledger, self.pnl = inventories.Inventory(), ledgers.Ledger(), profits.Pnl()
        for room, state in ((inventories, self.inventory), (profits, self.pnl)):
            room.ensure(state, self.universe)
        self.prices = dict(PRICES)
        self.marks = [value_at(contract, fair_price(contract, PRICES)) for contract in CONTRACTS]
        self.greeks = [np.zeros((7, block.capacity)) for block in self.universe.blocks]
        for row, mark in enumerate(self.marks):
            self.greeks[self.universe.underlying_of[row]][0, self.universe.slot_of[row]] = mark

    def mark_of(self, row: int) -> float:
        contract = CONTRACTS[row]
        if isinstance(contract, Spot):
            return self.prices[contract.underlying] / self.prices[contract.quote]
        return self.marks[row]

    def unit_price(self, row: int) -> float:
        return self.prices[CONTRACTS[row].settlement]

    def held(self, row: int) -> Decimal:
        return inventories.position(self.inventory, row)

    def fill(self, fill: Fill) -> None:
        if ledgers.book_fill(self.ledger, CONTRACTS[fill.row], fill, 0) is None:
            return
        inventories.change_position(self.inventory, self.universe, fill.row, fill.side * fill.quantity)
        prices = {"unit_price": self.unit_price(fill.row), "fee_unit_price": self.prices[fill.fee_asset]}
        profits.record_fill(self.pnl, self.universe, fill, 0, mark_value=self.mark_of(fill.row), purpose="quote", **prices)

    def fund(self, paid: FundingPaid) -> None:
        if ledgers.book_funding(self.ledger, CONTRACTS[paid.row], paid, 0) is not None:
            profits.record_funding(self.pnl, self.universe, paid, self.prices[paid.asset])

    def deliver(self, delivered: Delivered) -> None:
        if ledgers.book_delivery(self.ledger, CONTRACTS[delivered.row], delivered, 0) is None:
            return
        inventories.change_position(self.inventory, self.universe, delivered.row, -delivered.quantity)
        prices = {"unit_price": self.unit_price(delivered.row), "fee_unit_price": self.prices[delivered.fee_asset]}
        profits.record_delivery(self.pnl, self.universe, delivered, mark_value=self.mark_of(delivered.row), **prices)

    def deposit(self, deposited: Deposited) -> None:
        if ledgers.book_deposit(self.ledger, deposited, 0) is not None:
            profits.record_deposit(self.pnl, deposited, self.prices[deposited.asset])

    def move(self, changes: dict[str, float], seed: int) -> None:
        """Let asset prices change by these factors, and every mark by something of its own."""
        after = {asset: price * changes.get(asset, 1.0) for asset, price in self.prices.items()}
        for asset, price in self.prices.items():
            underlying = self.universe.underlyings.get(asset, profits.NO_UNDERLYING)
            profits.explain_translation(self.pnl, underlying, self.worth_in(asset), 2.0, price, after[asset])
        self.prices = after
        self._remark(np.random.Generator(np.random.PCG64(seed)))

    def worth_in(self, asset: str) -> float:
        """All that is counted in the asset: wallets, open futures, and positions at their marks."""
        settled = [row for row, contract in enumerate(CONTRACTS) if contract.settlement == asset]
        marked = math.fsum(float(self.held(row)) * self.marks[row] for row in settled)
        return float(ledgers.asset_total(self.ledger, asset)) + marked

    def equity(self) -> float:
        return math.fsum(self.worth_in(asset) * price for asset, price in self.prices.items())

    def _remark(self, random) -> None:
        self.marks = [mark * random.uniform(0.9, 1.1) for mark in self.marks]
        for index, block in enumerate(self.universe.blocks):
            rows = block.row[: block.size]
            new_value, unit = np.zeros(block.capacity), np.ones(block.capacity)
            new_value[: block.size] = [self.marks[row] for row in rows]
            unit[: block.size] = [self.unit_price(row) for row in rows]
            forwards, vols = random.uniform(0.9, 1.1, (2, block.capacity)), random.uniform(0.2, 0.9, (2, block.capacity))
            moves = (*forwards, *vols, random.uniform(0, 0.01))
            profits.explain(
                self.inventory.quantity[index], self.greeks[index], new_value, *moves, unit, unit, self.pnl.terms[index]
            )
            self.greeks[index] = random.uniform(-0.5, 0.5, (7, block.capacity))
            self.greeks[index][0] = new_value


class Clerk:
    """A venue's own arithmetic: positions with an average price, and a cash column. Fractions, so nothing rounds."""

    def __init__(self) -> None:
        self.position = defaultdict(Fraction)
        self.average: dict[str, Fraction] = {}
        self.cash = defaultdict(Fraction)

    def trade(self, contract, price: Decimal, signed: Decimal) -> None:
        price, signed = Fraction(price), Fraction(signed)
        match contract:
            case Spot():
                self.cash[contract.venue, contract.underlying] += signed
                self.cash[contract.venue, contract.quote] -= signed * price
            case Option():
                self.position[contract_key(contract)] += signed
                self.cash[contract.venue, contract.settlement] -= signed * price
            case _:
                self._future(contract, price, signed)

    def charge(self, venue: str, asset: str, fee: Decimal) -> None:
        self.cash[venue, asset] -= Fraction(fee)

    def _future(self, contract, price: Fraction, signed: Fraction) -> None:
        key = contract_key(contract)
        held = self.position[key]
        closed = min(abs(held), abs(signed)) if held * signed < 0 else Fraction(0)
        if closed:
            gain = 1 / self.average[key] - 1 / price if contract.inverse else price - self.average[key]
            self.cash[contract.venue, contract.settlement] += closed * gain * (1 if held > 0 else -1)
        opened, kept = abs(signed) - closed, abs(held) - closed
        if opened:
            self.average[key] = blended(contract, kept, self.average.get(key), opened, price)
        self.position[key] = held + signed


def blended(contract, kept: Fraction, average: Fraction | None, opened: Fraction, price: Fraction) -> Fraction:
    """The average entry after adding to a position: weighted, and harmonically where dollars are counted."""
    if not kept:
        return price
    if contract.inverse:
        return (kept + opened) / (kept / average + opened / price)
    return (kept * average + opened * price) / (kept + opened)


QUANTITIES = st.integers(1, 40).map(Decimal)
FACTORS = st.decimals("0.9", "1.1", places=3)
FEES = st.decimals("-0.01", "0.05", places=4)
TRADES = st.tuples(st.just("trade"), ROWS, st.sampled_from([BUY, SELL]), QUANTITIES, FACTORS, FEES, st.booleans())
FUNDINGS = st.tuples(st.just("fund"), DERIVATIVES, st.decimals(-2, 2, places=5))
DELIVERIES = st.tuples(st.just("deliver"), DATED, st.decimals("0.5", "1.5", places=3), FEES)
DEPOSITS = st.tuples(st.just("deposit"), st.sampled_from(sorted(PRICES)), st.decimals(-5, 50, places=4))
CHANGES = st.dictionaries(st.sampled_from(sorted(PRICES)), st.floats(0.9, 1.1))
MOVES = st.tuples(st.just("move"), CHANGES, st.integers(0, 2**32 - 1))
STORIES = st.lists(st.one_of(TRADES, TRADES, TRADES, FUNDINGS, DELIVERIES, DEPOSITS, MOVES), max_size=30)


def fact_of(house: House, number: int, words):
    """The event a venue would send, and the house's word for it."""
    kind, *rest = words
    reference = f"fact-{number}"
    if kind == "trade":
        row, side, quantity, factor, fee, in_bnb = rest
        price = (Decimal(repr(fair_price(CONTRACTS[row], PRICES))) * factor).quantize(Decimal("0.000001"))
        asset = "BNB" if in_bnb else CONTRACTS[row].settlement
        return house.fill, Fill(reference, number, row, side, price, quantity, fee, asset, True, 0)
    if kind == "fund":
        row, amount = rest
        return house.fund, FundingPaid(reference, row, amount, CONTRACTS[row].settlement, 0)
    if kind == "deliver":
        row, factor, fee = rest
        price = (Decimal(repr(fair_price(CONTRACTS[row], PRICES))) * factor).quantize(Decimal("0.000001"))
        return house.deliver, Delivered(reference, row, house.held(row), price, price, fee, CONTRACTS[row].settlement, 0)
    asset, amount = rest
    return house.deposit, Deposited(reference, "deribit", asset, amount)


def tell_clerk(clerk: Clerk, fact) -> None:
    match fact:
        case Fill():
            clerk.trade(CONTRACTS[fact.row], fact.price, fact.side * fact.quantity)
            clerk.charge(CONTRACTS[fact.row].venue, fact.fee_asset, fact.fee)
        case Delivered():
            clerk.trade(CONTRACTS[fact.row], fact.price, -fact.quantity)
            clerk.charge(CONTRACTS[fact.row].venue, fact.fee_asset, fact.fee)
        case FundingPaid():
            clerk.charge(CONTRACTS[fact.row].venue, fact.asset, -fact.amount)
        case Deposited():
            clerk.charge(fact.venue, fact.asset, -fact.amount)


def play(story, *, twice: bool = False) -> tuple[House, list]:
    """Tell the house a story; `twice` tells every fact again, as venues do after a reconnect."""
    house, facts = House(), []
    for number, words in enumerate(story):
        if words[0] == "move":
            house.move(*words[1:])
            continue
        tell, fact = fact_of(house, number, words)
        facts.append(fact)
        tell(fact)
        if twice:
            tell(fact)
    return house, facts


def validate(house: House) -> None:
    ledgers.validate(house.ledger)
    inventories.validate(house.inventory, house.universe)
    profits.validate(house.pnl, house.universe)


@given(STORIES)
def test_the_ledger_sums_to_zero_in_every_asset(story):
    house, _ = play(story)
    sums = defaultdict(Decimal)
    for assets in house.ledger.balances.values():
        for asset, amount in assets.items():
            sums[asset] += amount
    assert not any(sums.values())
    validate(house)


@given(STORIES)
def test_the_ledger_and_the_inventory_hold_the_same_positions(story):
    house, _ = play(story)
    for row, contract in enumerate(CONTRACTS):
        assert ledgers.booked_position(house.ledger, contract) == house.held(row)


@given(STORIES)
def test_a_flat_future_has_nothing_open(story):
    house, _ = play(story)
    for row, contract in enumerate(CONTRACTS):
        if not house.held(row):
            assert ledgers.open_notional_of(house.ledger, contract) == 0


@given(STORIES)
def test_a_fact_told_twice_counts_once(story):
    once, _ = play(story)
    twice, _ = play(story, twice=True)
    assert once.ledger == twice.ledger
    assert once.inventory.positions == twice.inventory.positions
    assert profits.terms_total(once.pnl) == profits.terms_total(twice.pnl)


@given(STORIES)
def test_cash_is_what_the_venues_own_arithmetic_says(story):
    house, facts = play(story)
    clerk = Clerk()
    for fact in facts:
        tell_clerk(clerk, fact)
    for (venue, asset), amount in clerk.cash.items():
        assert abs(Fraction(ledgers.cash(house.ledger, venue, asset)) - amount) < Fraction(1, 10**9)
    for contract in CONTRACTS:
        held = clerk.position[contract_key(contract)]
        assert Fraction(ledgers.booked_position(house.ledger, contract)) == held
        entry = ledgers.average_entry(house.ledger, contract)
        assert entry is None or abs(Fraction(entry) / clerk.average[contract_key(contract)] - 1) < Fraction(1, 10**6)


@given(STORIES)
def test_the_terms_of_the_profit_sum_to_equity_less_deposits(story):
    house = House()
    for number, words in enumerate(story):
        if words[0] == "move":
            house.move(*words[1:])
        else:
            tell, fact = fact_of(house, number, words)
            tell(fact)
        assert abs(house.equity() - house.pnl.deposits_usd - profits.total(house.pnl)) < CENTS


@given(st.lists(TRADES, max_size=12), st.randoms(use_true_random=False))
def test_the_houses_worth_does_not_depend_on_the_order_of_fills(trades, random):
    """Averages and realised profit do; what all of it together is worth does not, to the last digit."""
    first, fills = play(trades)
    random.shuffle(fills)
    second = House()
    for fill in fills:
        second.fill(fill)
    assert first.ledger.house == second.ledger.house
    assert first.inventory.positions == second.inventory.positions
