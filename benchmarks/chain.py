"""A made-up market for the benchmarks: 2,000 options on one coin, its perpetuals, its spot, and what venues say of them.

Twenty expiries of two days to half a year, fifty strikes each, calls and puts, within 1.8 standard deviations of the
forward: nearly every row is worth a quote. No file is read, no dice are rolled.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import exp, log, sqrt

from flatbook.basics import NS_PER_DAY, years_between
from flatbook.events import Ticker
from flatbook.instruments import Contract, Option, Perpetual, Spot
from flatbook.pricing import VALUE, option_value_and_greeks

DAYS = (2, 3, 4, 5, 7, 9, 12, 15, 18, 22, 27, 34, 42, 52, 64, 80, 98, 120, 150, 185)
STRIKES = 50
WIDTH = 1.8  # standard deviations to the outermost strike
CARRY = 0.06  # a year
_TYPICAL_VOL = 0.55


def standing(coin: str = "BTC") -> list[Contract]:
    """The built-in desk's venues: a linear perpetual that leads, an inverse one that is quoted, and spot."""
    dime, mill = Decimal("0.5"), Decimal("0.001")
    return [
        Perpetual("beta", f"{coin}_USDC-PERPETUAL", coin, "USDC", "USDC", dime, mill),
        Perpetual("alpha", f"{coin}-PERPETUAL", coin, "USD", coin, dime, Decimal(10), inverse=True),
        Spot("spot", f"{coin}/USDC", coin, "USDC", Decimal("0.01"), Decimal("0.0001")),
    ]


def options(venue: str, spot: float, now_ns: int, coin: str = "BTC") -> list[Option]:
    """The chain as `venue` lists it when the coin stands at `spot`: inverse options with Deribit's tick and lot."""
    listed: list[Option] = []
    for days in DAYS:
        years = days / 365.0
        forward = spot * exp(CARRY * years)
        for strike in _strikes(forward, years):
            listed += [_option(venue, coin, now_ns, days, strike, sign) for sign in (1, -1)]
    return listed


def _strikes(forward: float, years: float) -> list[int]:
    """Tens of dollars, evenly spaced in standard deviations."""
    deviation = _TYPICAL_VOL * sqrt(years)
    steps = [WIDTH * (2.0 * place / (STRIKES - 1) - 1.0) for place in range(STRIKES)]
    return [round(forward * exp(step * deviation) / 10.0) * 10 for step in steps]


def _option(venue: str, coin: str, now_ns: int, days: int, strike: int, sign: int) -> Option:
    return Option(
        venue=venue,
        symbol=f"{coin}-{days}D-{strike}-{'C' if sign > 0 else 'P'}",
        underlying=coin,
        quote="USD",
        settlement=coin,
        tick=Decimal("0.0001"),
        lot=Decimal("0.1"),
        expiry_ns=now_ns + days * NS_PER_DAY,
        strike=Decimal(strike),
        sign=sign,
        inverse=True,
        wide_tick=Decimal("0.0005"),
        wide_above=Decimal("0.005"),
    )


def tickers(rows: Sequence[tuple[int, Option]], spot: float, now_ns: int) -> list[Ticker]:
    """What the venue says of the options of `rows` (row, contract) when the coin stands at `spot`."""
    years = [years_between(now_ns, option.expiry_ns) for _, option in rows]
    forwards = [spot * exp(CARRY * year) for year in years]
    strikes = [float(option.strike) for _, option in rows]
    vols = [_vol(strike, forward, year) for strike, forward, year in zip(strikes, forwards, years, strict=True)]
    signs = [float(option.sign) for _, option in rows]
    marks = option_value_and_greeks(forwards, strikes, years, vols, signs, True)[VALUE].tolist()
    return [
        _ticker(row, mark, vol, forward, now_ns) for (row, _), mark, vol, forward in zip(rows, marks, vols, forwards, strict=True)
    ]


def _vol(strike: float, forward: float, years: float) -> float:
    """A smile that leans to the puts, the same at every expiry in standard deviations."""
    deviations = log(strike / forward) / (_TYPICAL_VOL * sqrt(years))
    return _TYPICAL_VOL - 0.02 * deviations + 0.01 * deviations * deviations


def _ticker(row: int, mark: float, vol: float, forward: float, now_ns: int) -> Ticker:
    """A market five per cent of the mark wide, and never narrower than four ticks."""
    half = max(0.0002, 0.025 * mark)
    bid = mark - half if mark > half else float("nan")
    return Ticker(row, bid, mark + half, 12.5, 12.5, mark, vol, forward, now_ns)
