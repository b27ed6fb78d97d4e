"""Which contracts the simulated venues list: expiries at 08:00 UTC, strikes around the spot, names as traders write them."""

from collections.abc import Iterator
from decimal import Decimal
from math import floor, log10, sqrt

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, format_utc, years_between
from flatbook.instruments import CALL, PUT, Contract, FeeSchedule, Future, Option, Perpetual, Rates, Spot, Venue
from flatbook.simulation.parameters import CoinParameters, MarketParameters

COIN_VENUE = "alpha"
DOLLAR_VENUE = "beta"
SPOT_VENUE = "spot"
STABLECOIN = "USDC"

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAILIES, _WEEKLIES, _MONTHLIES, _QUARTERLIES = 3, 3, 3, 2
_DEVIATIONS = 6.0
_WIDEST_STEP = 0.06


def simulated_venues() -> tuple[Venue, ...]:
    """The three simulated venues with their fees: coin-margined, dollar-margined, and spot."""
    none = Rates(Decimal(0), Decimal(0))
    futures = Rates(maker=Decimal("0"), taker=Decimal("0.0005"))
    alpha = FeeSchedule(spot=none, perpetual=futures, future=futures, option=Rates(Decimal("0.0003"), Decimal("0.0003")))
    linear = Rates(maker=Decimal("0.0001"), taker=Decimal("0.00045"))
    beta = FeeSchedule(spot=none, perpetual=linear, future=linear, option=Rates(Decimal("0.0001"), Decimal("0.0005")))
    spot = FeeSchedule(spot=Rates(Decimal("0.0008"), Decimal("0.001")), perpetual=none, future=none, option=none)
    return Venue(COIN_VENUE, alpha), Venue(DOLLAR_VENUE, beta), Venue(SPOT_VENUE, spot)


def option_expiries(ns: int) -> list[int]:
    """The option expiries alive at `ns`: three days, three Fridays, three month ends, two quarter ends; at least eight."""
    days = list(_days_from(ns, _DAILIES + 250))
    fridays = [day for day in days if _is_friday(day)]
    month_ends = [day for day in fridays if _month(day) != _month(day + 7 * NS_PER_DAY)]
    chosen = [*days[:_DAILIES], *fridays[:_WEEKLIES], *month_ends[:_MONTHLIES], *_quarter_ends(month_ends)]
    return sorted(set(chosen))


def future_expiries(ns: int) -> list[int]:
    """The two quarter ends that futures are listed on."""
    days = _days_from(ns, 250)
    month_ends = [day for day in days if _is_friday(day) and _month(day) != _month(day + 7 * NS_PER_DAY)]
    return _quarter_ends(month_ends)


def standing_contracts(coin: CoinParameters) -> list[Contract]:
    """The contracts without expiry: a spot pair, an inverse and a linear perpetual."""
    tick, lot = Decimal(coin.tick), Decimal(coin.coin_lot)
    name = coin.name
    return [
        Spot(SPOT_VENUE, f"{name}_{STABLECOIN}", name, STABLECOIN, tick, lot),
        Perpetual(COIN_VENUE, f"{name}-PERPETUAL", name, "USD", name, tick, Decimal(10), inverse=True),
        Perpetual(DOLLAR_VENUE, f"{name}_{STABLECOIN}-PERPETUAL", name, STABLECOIN, STABLECOIN, tick, lot),
    ]


def dated_futures(coin: CoinParameters, expiry_ns: int) -> list[Contract]:
    """The inverse and the linear future of one expiry."""
    tick, name, date = Decimal(coin.tick), coin.name, date_code(expiry_ns)
    lot = Decimal(coin.coin_lot)
    return [
        Future(COIN_VENUE, f"{name}-{date}", name, "USD", name, tick, Decimal(10), expiry_ns, inverse=True),
        Future(DOLLAR_VENUE, f"{name}_{STABLECOIN}-{date}", name, STABLECOIN, STABLECOIN, tick, lot, expiry_ns),
    ]


def option_chain(coin: CoinParameters, expiry_ns: int, ns: int, spot: float, parameters: MarketParameters) -> list[Contract]:
    """Calls and puts of one expiry, on strikes around `spot`."""
    years = max(years_between(ns, expiry_ns), 0.25 / 365)
    strikes = strikes_around(spot, spot * coin.implied_vol * sqrt(years), parameters.strikes)
    return [_option(coin, expiry_ns, strike, sign) for strike in strikes for sign in (CALL, PUT)]


def strikes_around(spot: float, deviation: float, count: int) -> list[Decimal]:
    """`count` strikes on a round step, spanning three deviations each way but never below a quarter of the spot."""
    step = _round_step(min(_DEVIATIONS * deviation / (count - 1), _WIDEST_STEP * spot))
    middle = round(spot / float(step))
    return [step * (middle + offset) for offset in range(-(count // 2), count - count // 2)]


def date_code(expiry_ns: int) -> str:
    """`27MAR26`."""
    year, month, day = format_utc(expiry_ns)[:10].split("-")
    return f"{int(day)}{_MONTHS[int(month) - 1]}{year[2:]}"


def _option(coin: CoinParameters, expiry_ns: int, strike: Decimal, sign: int) -> Option:
    letter = "C" if sign == CALL else "P"
    return Option(
        COIN_VENUE,
        f"{coin.name}-{date_code(expiry_ns)}-{strike.normalize():f}-{letter}",
        coin.name,
        "USD",
        coin.name,
        Decimal(coin.option_tick),
        Decimal(coin.option_lot),
        expiry_ns,
        strike,
        sign,
        inverse=True,
        wide_tick=Decimal(coin.wide_option_tick),
        wide_above=Decimal(coin.wide_above),
    )


def _round_step(wanted: float) -> Decimal:
    """The largest of 1, 2, 2.5, 5 times a power of ten that is at most a quarter above `wanted`."""
    most = 1.25 * wanted
    power = floor(log10(most))
    lead = next(lead for lead in ("5", "2.5", "2", "1") if float(lead) <= most / 10.0**power + 1e-9)
    return Decimal(f"{Decimal(lead) * (Decimal(10) ** power):f}")


def _days_from(ns: int, count: int) -> Iterator[int]:
    """08:00 UTC of each day after `ns`."""
    eight = 8 * NS_PER_HOUR
    first = ((ns - eight) // NS_PER_DAY + 1) * NS_PER_DAY + eight
    return (first + number * NS_PER_DAY for number in range(count))


def _is_friday(ns: int) -> bool:
    # 1970-01-01 was a Thursday.
    return (ns // NS_PER_DAY) % 7 == 1


def _month(ns: int) -> int:
    return int(format_utc(ns)[5:7])


def _quarter_ends(month_ends: list[int]) -> list[int]:
    return [day for day in month_ends if _month(day) % 3 == 0][:_QUARTERLIES]
