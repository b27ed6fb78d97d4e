"""The desk's settings: one TOML file, understood wholly or refused with a sentence."""

import tomllib
from decimal import Decimal
from importlib import resources
from math import isfinite
from pathlib import Path
from typing import Annotated

import msgspec

from flatbook.basics import InputFault, NotNegative, Positive
from flatbook.engine import Parameters
from flatbook.hedging import Hedging
from flatbook.instruments import Venue
from flatbook.limits import Limits
from flatbook.market import Freshness
from flatbook.quoting import Quoting
from flatbook.risk import FactorModel

DESK_TOML, BACKTEST_TOML, CHAIN_TOML = "desk.toml", "backtest.toml", "chain.toml"


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
        data = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFault(f"is not TOML: {error}", where=name, remedy="mend that line") from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputFault(f"cannot be read ({reason})", where=name, remedy="give the path of a desk.toml") from None
    try:
        config = msgspec.convert(data, DeskConfig)
    except msgspec.ValidationError as error:
        wrong, _, place = str(error).partition(" - at `$.")
        where = f"{name}, {place.rstrip('`')}" if place else name
        raise InputFault(_plain(wrong), where=where, remedy="compare it with the built-in desk.toml") from None
    endless = _not_a_figure(config, "")
    if endless:
        raise InputFault("is not a finite number", where=f"{name}, {endless}", remedy="give it a figure")
    _check(config, name)
    return config


def builtin_text(name: str) -> str:
    """The text of a configuration that comes with flatbook."""
    return resources.files("flatbook.runtime").joinpath(name).read_text(encoding="utf-8")


def _plain(wrong: str) -> str:
    """msgspec's words as the rest of a sentence."""
    words = wrong.removeprefix("Object ").replace("`", "").replace(" - at $", "")
    return words[0].lower() + words[1:]


def _not_a_figure(value: object, place: str) -> str:
    """The place of the first number that is nan or infinite; "" when there is none."""
    match value:
        case float() | Decimal():
            return "" if isfinite(value) else place
        case msgspec.Struct():
            parts: list[tuple[str, object]] = [(f".{field}", getattr(value, field)) for field in value.__struct_fields__]
        case dict():
            parts = [(f".{key}", entry) for key, entry in value.items()]
        case tuple():
            parts = [(f"[{number}]", entry) for number, entry in enumerate(value)]
        case _:
            return ""
    return next((found for name, entry in parts if (found := _not_a_figure(entry, (place + name).lstrip(".")))), "")


def _check(config: DeskConfig, name: str) -> None:
    """What no single field can say: names that must be known, figures that must go together."""
    venues = [venue.name for venue in config.venues]
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
    _check_underlyings(config, name)


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
