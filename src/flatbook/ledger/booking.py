"""Facts turned into postings: fills, funding, deliveries and deposits."""

from decimal import Decimal

from flatbook.basics import ZERO, quantised
from flatbook.events import Delivered, Deposited, Fill, FundingPaid
from flatbook.instruments import Contract, Option, Spot, contract_key, open_notional
from flatbook.ledger.accounts import (
    DEPOSITS,
    cash_account,
    contracts_account,
    fees_account,
    funding_account,
    market_account,
    open_account,
)
from flatbook.ledger.record import Ledger, Posting, Transaction, balance, book, is_booked


def book_fill(ledger: Ledger, contract: Contract, fill: Fill, now_ns: int) -> Transaction | None:
    """Book a fill of ours and its fee; None when this fill was booked before."""
    if is_booked(ledger, "fill", contract.venue, fill.fill_id):
        return None
    postings = _trade(ledger, contract, fill.price, fill.side * fill.quantity)
    postings += _fee(contract.venue, fill.fee, fill.fee_asset)
    return book(ledger, "fill", contract.venue, fill.fill_id, now_ns, postings)


def book_delivery(ledger: Ledger, contract: Contract, delivered: Delivered, now_ns: int) -> Transaction | None:
    """Book the closing of a position at expiry, as a trade against it at the delivery price; None when known."""
    assert not isinstance(contract, Spot), "spot is never delivered"
    if is_booked(ledger, "delivery", contract.venue, delivered.delivery_id):
        return None
    postings = _trade(ledger, contract, delivered.price, -delivered.quantity)
    postings += _fee(contract.venue, delivered.fee, delivered.fee_asset)
    return book(ledger, "delivery", contract.venue, delivered.delivery_id, now_ns, postings)


def book_funding(ledger: Ledger, contract: Contract, paid: FundingPaid, now_ns: int) -> Transaction | None:
    """Book funding received (positive) or paid on a perpetual; None when known."""
    if is_booked(ledger, "funding", contract.venue, paid.funding_id):
        return None
    postings = _transfer(funding_account(contract.venue), cash_account(contract.venue), paid.asset, quantised(paid.amount))
    return book(ledger, "funding", contract.venue, paid.funding_id, now_ns, postings)


def book_deposit(ledger: Ledger, deposited: Deposited, now_ns: int) -> Transaction | None:
    """Book capital brought into a wallet, or taken out of it (negative); None when known."""
    if is_booked(ledger, "deposit", deposited.venue, deposited.transfer_id):
        return None
    postings = _transfer(DEPOSITS, cash_account(deposited.venue), deposited.asset, quantised(deposited.amount))
    return book(ledger, "deposit", deposited.venue, deposited.transfer_id, now_ns, postings)


def _trade(ledger: Ledger, contract: Contract, price: Decimal, signed: Decimal) -> list[Posting]:
    """Both sides of trading `signed` units at `price`, with what it realises where it brings a position down."""
    match contract:
        case Spot():
            return _swap(contract.venue, contract.underlying, signed) + _swap(
                contract.venue, contract.quote, open_notional(contract, price, signed)
            )
        case Option():
            return _contracts(contract, signed) + _swap(
                contract.venue, contract.settlement, open_notional(contract, price, signed)
            )
        case _:
            return _contracts(contract, signed) + _future(ledger, contract, price, signed)


def _future(ledger: Ledger, contract: Contract, price: Decimal, signed: Decimal) -> list[Posting]:
    """The part that reduces the position is swept to cash with its share of the open notional; the rest opens."""
    held = balance(ledger, contracts_account(contract.venue), contract_key(contract))
    closing = _closing_part(held, signed)
    notional = open_notional(contract, price, signed)
    proceeds = open_notional(contract, price, closing)
    postings = _realise(ledger, contract, held, closing, proceeds) if closing else []
    if closing != signed:
        # What is left of one rounding for the whole trade: the house's worth cannot depend on where fills are cut.
        opening = notional - proceeds
        postings += _transfer(market_account(contract.venue), open_account(contract), contract.settlement, opening)
    return postings


def _realise(ledger: Ledger, contract: Contract, held: Decimal, closing: Decimal, proceeds: Decimal) -> list[Posting]:
    """Average cost: closing a fraction of the position releases the same fraction of what it cost, whatever its lots."""
    cost = balance(ledger, open_account(contract), contract.settlement)
    # Closing all of it releases all of the cost, to the last digit, so that a flat contract leaves no dust.
    released = cost if closing == -held else quantised(cost * -closing / held)
    return [
        Posting(open_account(contract), contract.settlement, -released),
        Posting(cash_account(contract.venue), contract.settlement, released + proceeds),
        Posting(market_account(contract.venue), contract.settlement, -proceeds),
    ]


def _closing_part(held: Decimal, signed: Decimal) -> Decimal:
    """How much of the signed trade brings the held position towards zero, with the trade's sign."""
    if held * signed >= 0:
        return ZERO
    return signed if abs(signed) <= abs(held) else -held


def _contracts(contract: Contract, signed: Decimal) -> list[Posting]:
    return _transfer(market_account(contract.venue), contracts_account(contract.venue), contract_key(contract), signed)


def _swap(venue: str, asset: str, amount: Decimal) -> list[Posting]:
    return _transfer(market_account(venue), cash_account(venue), asset, amount)


def _fee(venue: str, fee: Decimal, asset: str) -> list[Posting]:
    return _transfer(cash_account(venue), fees_account(venue), asset, quantised(fee))


def _transfer(source: str, target: str, asset: str, amount: Decimal) -> list[Posting]:
    return [Posting(source, asset, -amount), Posting(target, asset, amount)]
