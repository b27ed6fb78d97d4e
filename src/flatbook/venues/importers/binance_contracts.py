"""The six Binance instruments of the tapes. Coin-margined sizes are counted in contracts of 100 dollars (BTC) or 10 (ETH)."""

from decimal import Decimal
from pathlib import Path

import msgspec

from flatbook.basics import InputFault
from flatbook.instruments import Contract, Perpetual, Spot


class Tape(msgspec.Struct, frozen=True):
    """One instrument's files in order of time; `scale` turns the venue's sizes into the contract's quantity unit."""

    contract: Contract
    scale: float
    files: list[Path]


def _spot(symbol: str, coin: str, lot: str) -> Contract:
    return Spot("binance-spot", symbol, coin, "USDT", Decimal("0.01"), Decimal(lot))


def _linear(symbol: str, coin: str, tick: str) -> Contract:
    return Perpetual("binance-usdm", symbol, coin, "USDT", "USDT", Decimal(tick), Decimal("0.001"))


def _inverse(symbol: str, coin: str, tick: str, face: int) -> Contract:
    return Perpetual("binance-cm", symbol, coin, "USD", coin, Decimal(tick), Decimal(face), inverse=True)


# In this order they are listed. The key is the folder and the start of the file's name.
INSTRUMENTS: dict[tuple[str, str], tuple[Contract, float]] = {
    ("spot", "btcusdt"): (_spot("BTCUSDT", "BTC", "0.00001"), 1.0),
    ("spot", "ethusdt"): (_spot("ETHUSDT", "ETH", "0.0001"), 1.0),
    ("usdm", "btcusdt"): (_linear("BTCUSDT", "BTC", "0.1"), 1.0),
    ("usdm", "ethusdt"): (_linear("ETHUSDT", "ETH", "0.01"), 1.0),
    ("cm", "btcusd_perp"): (_inverse("BTCUSD_PERP", "BTC", "0.1", 100), 100.0),
    ("cm", "ethusd_perp"): (_inverse("ETHUSD_PERP", "ETH", "0.01", 10), 10.0),
}


def find_tapes(source: Path) -> list[Tape]:
    """The tapes in a folder with sub-folders spot, usdm and cm of `symbol_YYYYMMDD.gz`. Raises InputFault when there is none."""
    found: dict[tuple[str, str], list[Path]] = {}
    for folder in ("spot", "usdm", "cm"):
        for file in sorted((source / folder).glob("*.gz")):
            key = (folder, file.name.rpartition("_")[0])
            if key not in INSTRUMENTS:
                known = ", ".join(f"{place}/{symbol}" for place, symbol in INSTRUMENTS)
                raise InputFault("is of no instrument this importer knows", where=str(file), remedy=f"it knows {known}")
            found.setdefault(key, []).append(file)
    if not found:
        raise InputFault("holds no spot, usdm or cm folder of .gz tapes", where=str(source), remedy="name the folder above them")
    return [Tape(*INSTRUMENTS[key], found[key]) for key in INSTRUMENTS if key in found]
