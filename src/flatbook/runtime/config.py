"""The desk's settings: one TOML file, understood wholly or refused with a sentence."""

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from importlib import resources
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec

from flatbook.basics import InputFault, NotNegative, Positive
from flatbook.engine import Parameters
from flatbook.hedging import Hedging
from flatbook.instruments import Venue
from flatbook.limits import Limits
from flatbook.market import Delivery, Freshness, Smiles
from flatbook.quoting import Quoting
from flatbook.risk import FactorModel

DESK_TOML, BACKTEST_TOML, CHAIN_TOML = "desk.toml", "backtest.toml", "chain.toml"

_LARGEST = 10**12
_LONGEST = 10**9  # in seconds, milliseconds or days; a second times this is still an instant in nanoseconds


class Deposit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Capital that a paper venue starts with."""

    venue: str
    asset: str
    amount: Decimal


class Shell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the shell cuts time and simulates the wire.

    batch_ms: the least time between two batches; beat_s: how long silence may last before a beat is sent;
    request_ms, response_ms: paper latency to and from the venues; snapshot_s: how often the state is saved for recovery;
    sample_s: how often a backtest's report looks at the desk; takers: whether simulated takers trade with us.
    """

    seed: Annotated[int, msgspec.Meta(ge=0)]
    batch_ms: Positive
    beat_s: Positive
    request_ms: NotNegative
    response_ms: NotNegative
    snapshot_s: Positive
    sample_s: Positive
    takers: bool


class DeskConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in a desk.toml; see the file that comes with flatbook for every key with its unit and its reason."""

    shell: Shell
    venues: tuple[Venue, ...]
    deposits: tuple[Deposit, ...]
    leads: dict[str, str]
    freshness: Freshness
    smiles: Smiles
    delivery: Delivery
    factors: FactorModel
    quoting: Quoting
    hedging: Hedging
    limits: Limits

    def parameters(self) -> Parameters:
        """The part that the engine sees."""
        return Parameters(
            venues=self.venues,
            leads=self.leads,
            freshness=self.freshness,
            smiles=self.smiles,
            delivery=self.delivery,
            factors=self.factors,
            quoting=self.quoting,
            hedging=self.hedging,
            limits=self.limits,
        )


def load_config(path: Path | None, builtin: str = DESK_TOML) -> DeskConfig:
    """The configuration of a file, or the built-in one of that name. Raises InputFault on anything not understood."""
    name = str(path) if path is not None else f"built-in {builtin}"
    try:
        raw = path.read_bytes() if path is not None else builtin_text(builtin).encode()
        data = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputFault("is not TOML: it is not UTF-8 text", where=name, remedy="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputFault(f"is not TOML: {error}", where=name, remedy="mend that line") from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputFault(f"cannot be read ({reason})", where=name, remedy="give the path of a desk.toml") from None
    try:
        config = msgspec.convert(data, DeskConfig)
    except msgspec.ValidationError as error:
        wrong, _, place = str(error).partition(" - at `$.")
        where = f"{name}, {_with_key(data, place.rstrip('`'))}" if place else name
        raise InputFault(_plain(wrong), where=where, remedy="compare it with the built-in desk.toml") from None
    _check_figures(config, name)
    _check(config, name)
    return config


def builtin_text(name: str) -> str:
    """The text of a configuration that comes with flatbook."""
    return resources.files("flatbook.runtime").joinpath(name).read_text(encoding="utf-8")


def _plain(wrong: str) -> str:
    """msgspec's words as the rest of a sentence."""
    words = wrong.removeprefix("Object ").replace("`", "").replace(" - at $", "")
    return words[0].lower() + words[1:]


def _with_key(data: dict[str, object], place: str) -> str:
    """`place` with the key of the table entry that msgspec leaves out as `[...]`: the first that is refused by itself."""
    head, anonymous, tail = place.partition("[...]")
    if not anonymous:
        return place
    *sections, last = head.split(".")
    section = reduce(lambda table, key: table[key], sections, cast("dict[str, Any]", data))
    table = section[last]
    for key, entry in table.items():
        section[last] = {key: entry}
        try:
            msgspec.convert(data, DeskConfig)
        except msgspec.ValidationError:
            return f"{head}.{key}{tail}"
    return place


def _check_figures(config: DeskConfig, name: str) -> None:
    """No figure is nan, endless, or beyond what the desk's integers and decimals can count."""
    for place, value in _figures(config, ""):
        where = f"{name}, {place}"
        if not (value.is_finite() if isinstance(value, Decimal) else isfinite(value)):
            raise InputFault("is not a finite number", where=where, remedy="give it a figure")
        largest = _LONGEST if place.endswith(("_s", "_ms", "_min", "_days")) else _LARGEST
        if abs(value) > largest:
            raise InputFault(f"is beyond {largest:,}", where=where, remedy="give a figure that somebody could mean")


def _figures(value: object, place: str) -> Iterator[tuple[str, int | float | Decimal]]:
    """Every number in the settings with its place."""
    match value:
        case bool():
            return
        case int() | float() | Decimal():
            yield place, value
            return
        case msgspec.Struct():
            parts: list[tuple[str, object]] = [(f".{field}", getattr(value, field)) for field in value.__struct_fields__]
        case dict():
            parts = [(f".{key}", entry) for key, entry in value.items()]
        case tuple():
            parts = [(f"[{number}]", entry) for number, entry in enumerate(value)]
        case _:
            return
    for part, entry in parts:
        yield from _figures(entry, (place + part).lstrip("."))


def _check(config: DeskConfig, name: str) -> None:
    """What no single field can say: names that must be known, figures that must go together."""
    venues = [venue.name for venue in config.venues]
    if "" in venues:
        raise InputFault("is empty", where=f"{name}, venues[{venues.index('')}].name", remedy="name the venue")
    if len(set(venues)) != len(venues):
        raise InputFault("a venue is named twice", where=f"{name}, venues", remedy="name each once")
    for place, named in (
        ("quoting.venues", config.quoting.venues),
        ("hedging.venues", config.hedging.venues),
        ("deposits", tuple(deposit.venue for deposit in config.deposits)),
        ("leads", tuple(key.partition(":")[0] for key in config.leads.values())),
    ):
        for venue in named:
            if venue not in venues:
                raise InputFault(f"{venue!r} is no venue", where=f"{name}, {place}", remedy=f"use one of {', '.join(venues)}")
    for number, deposit in enumerate(config.deposits):
        if deposit.amount <= 0:
            raise InputFault("expected an amount > 0", where=f"{name}, deposits[{number}].amount", remedy="give what comes in")
    if config.quoting.min_delta > config.quoting.max_delta:
        raise InputFault("min_delta is above max_delta", where=f"{name}, quoting", remedy="exchange them")
    if config.quoting.min_days > config.quoting.max_days:
        raise InputFault("min_days is above max_days", where=f"{name}, quoting", remedy="exchange them")
    if config.hedging.slippage_bps >= 10_000:
        raise InputFault("expected less than the whole price, 10,000", where=f"{name}, hedging.slippage_bps", remedy="give a few")
    if config.smiles.refit_s >= config.freshness.option_s:
        wrong = "is no shorter than freshness.option_s: every vol would be stale before it is fitted again"
        raise InputFault(wrong, where=f"{name}, smiles.refit_s", remedy="give a second or so")
    for coin, lead in config.leads.items():
        if not lead.partition(":")[2]:
            raise InputFault(f"{lead!r} names no contract", where=f"{name}, leads.{coin}", remedy="write it as VENUE:SYMBOL")
    _check_fees(config.venues, name)
    _check_underlyings(config, name)
    _check_assets(config, name)


def _check_assets(config: DeskConfig, name: str) -> None:
    """Whatever is no coin counts as a dollar: with "btc" for "BTC" the desk would buy every coin a second time."""
    coins = config.limits.underlyings
    for number, deposit in enumerate(config.deposits):
        if deposit.asset not in coins and "USD" not in deposit.asset:
            wrong = f"{deposit.asset!r} is neither a coin with limits nor a dollar"
            remedy = f"use one of {', '.join(coins)}, or USD, USDC and the like"
            raise InputFault(wrong, where=f"{name}, deposits[{number}].asset", remedy=remedy)


def _check_fees(venues: tuple[Venue, ...], name: str) -> None:
    """Rates are fractions: nobody charges or rebates the whole notional, and a cap or a delivery fee is no rebate."""
    for number, venue in enumerate(venues):
        for place, rate in _figures(venue.fees, ""):
            least = -1 if place.endswith((".maker", ".taker")) else 0
            if not least <= rate < 1:
                wrong = f"expected a fraction from {least} to 1, got {rate}"
                where = f"{name}, venues[{number}].fees.{place}"
                raise InputFault(wrong, where=where, remedy="write five basis points as 0.0005")


def _check_underlyings(config: DeskConfig, name: str) -> None:
    """Whatever may be quoted or hedged needs a limit, a target, a band and a largest order."""
    traded = set(config.quoting.size_coins) | set(config.hedging.target_coins)
    for place, known in (
        ("limits.underlyings", config.limits.underlyings),
        ("hedging.target_coins", config.hedging.target_coins),
        ("hedging.least_band_coins", config.hedging.least_band_coins),
        ("hedging.largest_order_coins", config.hedging.largest_order_coins),
    ):
        missing = sorted(traded - set(known))
        if missing:
            raise InputFault(f"{missing[0]} is missing", where=f"{name}, {place}", remedy="give it a figure or do not trade it")
