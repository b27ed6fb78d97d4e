"""Deribit's inverse contracts from their names.

Ticks and lots are those of the exchange's instrument list: an option's tick is 0.0001 coins, 0.0005 above 0.005, and its
least amount 0.1 BTC or 1 ETH; futures trade in dollars, on a tick that every price in the recorded candles obeys.
"""

import re
from decimal import Decimal
from functools import lru_cache

import msgspec

from flatbook.basics import InputFault, exact, format_utc, parse_utc
from flatbook.instruments import CALL, PUT, Future, Option, Perpetual

VENUE = "deribit"


class Terms(msgspec.Struct, frozen=True):
    """What a currency's contracts have in common; future lots in dollars."""

    option_lot: Decimal
    perpetual_tick: Decimal
    future_tick: Decimal
    future_lot: Decimal


TERMS = {
    "BTC": Terms(Decimal("0.1"), Decimal("0.5"), Decimal("2.5"), Decimal(10)),
    "ETH": Terms(Decimal(1), Decimal("0.05"), Decimal("0.25"), Decimal(1)),
}

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_OPTION = re.compile(r"(BTC|ETH)-(\d{1,2}[A-Z]{3}\d{2})-(\d+)-([CP])")
_FUTURE = re.compile(r"(BTC|ETH)-(\d{1,2}[A-Z]{3}\d{2})")


def option_of(symbol: str, where: str) -> Option:
    """The option that `BTC-7JAN26-90000-C` names. Raises InputFault at `where` when it names none that is known."""
    option = _option(symbol)
    if option is None:
        raise _unknown(symbol, where, "an inverse option reads BTC-7JAN26-90000-C")
    return option


@lru_cache(maxsize=65_536)
def _option(symbol: str) -> Option | None:
    match = _OPTION.fullmatch(symbol)
    if match is None or (expiry_ns := _expiry_ns(match[2])) is None:
        return None
    currency, _, strike, letter = match.groups()
    return Option(
        venue=VENUE,
        symbol=symbol,
        underlying=currency,
        quote="USD",
        settlement=currency,
        tick=Decimal("0.0001"),
        lot=TERMS[currency].option_lot,
        expiry_ns=expiry_ns,
        strike=Decimal(strike),
        sign=CALL if letter == "C" else PUT,
        inverse=True,
        wide_tick=Decimal("0.0005"),
        wide_above=Decimal("0.005"),
    )


def check_option(option: Option, expiry_ns: int, strike: float, option_type: str, where: str) -> None:
    """Raise InputFault when the columns beside an instrument's name say something else than the name."""
    kind = "call" if option.sign == CALL else "put"
    if option.expiry_ns == expiry_ns and float(option.strike) == strike and kind == option_type:
        return
    said = f"{option_type} of {exact(strike)} expiring {format_utc(expiry_ns)}"
    named = f"{kind} of {option.strike} expiring {format_utc(option.expiry_ns)}"
    wrong = f"{option.symbol} is a {said} by its row, and a {named} by its name"
    raise InputFault(wrong, where=where, remedy="correct or remove the row")


def perpetual_of(symbol: str, where: str) -> Perpetual:
    """`BTC-PERPETUAL` or `ETH-PERPETUAL`; settled in the coin, quantity in dollars."""
    currency, _, rest = symbol.partition("-")
    if currency not in TERMS or rest != "PERPETUAL":
        raise _unknown(symbol, where, "BTC-PERPETUAL and ETH-PERPETUAL are known")
    terms = TERMS[currency]
    return Perpetual(VENUE, symbol, currency, "USD", currency, terms.perpetual_tick, terms.future_lot, inverse=True)


def future_of(symbol: str, where: str) -> Future:
    """The inverse future that `BTC-27MAR26` names."""
    match = _FUTURE.fullmatch(symbol)
    if match is None or (expiry_ns := _expiry_ns(match[2])) is None:
        raise _unknown(symbol, where, "a dated future reads BTC-27MAR26")
    currency = match[1]
    terms = TERMS[currency]
    return Future(VENUE, symbol, currency, "USD", currency, terms.future_tick, terms.future_lot, expiry_ns, inverse=True)


def _expiry_ns(day: str) -> int | None:
    """08:00 UTC of `7JAN26`; None when there is no such day."""
    month = day[-5:-2]
    if month not in _MONTHS:
        return None
    try:
        return parse_utc(f"20{day[-2:]}-{_MONTHS.index(month) + 1:02d}-{int(day[:-5]):02d}T08:00:00")
    except InputFault:
        return None


def _unknown(symbol: str, where: str, remedy: str) -> InputFault:
    return InputFault(f"{symbol!r} is not an instrument this importer knows", where=where, remedy=remedy)
