"""The lines of raw Binance websocket tapes: a local stamp in nanoseconds, a space, one JSON message."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from flatbook.basics import NS_PER_MS, InputFault

Levels = list[tuple[float, float]]  # price and quantity, in the venue's unit; quantity 0 clears the level


class BookTicker(msgspec.Struct, gc=False):
    """The best bid and offer after update `update`; `sent_ms` is absent (0) on spot."""

    update: int = msgspec.field(name="u")
    bid: float = msgspec.field(name="b")
    bid_size: float = msgspec.field(name="B")
    ask: float = msgspec.field(name="a")
    ask_size: float = msgspec.field(name="A")
    sent_ms: int = msgspec.field(name="E", default=0)


class Print(msgspec.Struct, gc=False):
    """A trade; the buyer made it when `buyer_made`, so the taker sold."""

    price: float = msgspec.field(name="p")
    quantity: float = msgspec.field(name="q")
    buyer_made: bool = msgspec.field(name="m")
    sent_ms: int = msgspec.field(name="E")


class DepthUpdate(msgspec.Struct):
    """Levels that changed in the updates `first` to `last`; `previous` is the last of the message before (futures only)."""

    first: int = msgspec.field(name="U")
    last: int = msgspec.field(name="u")
    bids: Levels = msgspec.field(name="b")
    asks: Levels = msgspec.field(name="a")
    sent_ms: int = msgspec.field(name="E")
    previous: int = msgspec.field(name="pu", default=0)


class Snapshot(msgspec.Struct):
    """A whole book, fetched once by REST near the start of a tape."""

    last: int = msgspec.field(name="lastUpdateId")
    bids: Levels
    asks: Levels
    sent_ms: int = msgspec.field(name="E", default=0)


Message = BookTicker | Print | DepthUpdate | Snapshot


class _Ticker(msgspec.Struct):
    data: BookTicker


class _Trade(msgspec.Struct):
    data: Print


class _Update(msgspec.Struct):
    data: DepthUpdate


# strict=False reads numbers out of the strings in which Binance sends them.
_TICKERS = msgspec.json.Decoder(_Ticker, strict=False)
_TRADES = msgspec.json.Decoder(_Trade, strict=False)
_UPDATES = msgspec.json.Decoder(_Update, strict=False)
_SNAPSHOTS = msgspec.json.Decoder(Snapshot, strict=False)


def read_messages(file: Path) -> Iterator[tuple[int, Message]]:
    """The stamped messages of a gzipped tape.

    Raises InputFault, naming file and line, for a line that is not a stamp and a known message or that goes back in time.
    """
    last_ns = 0
    for number, line in _lines(file):
        stamp, _, body = line.partition(b" ")
        try:
            local_ns, message = int(stamp), _decoded(body)
        except (ValueError, msgspec.MsgspecError) as error:
            wrong = f"cannot be understood ({str(error).rstrip('.')})"
            raise InputFault(wrong, where=f"{file}, line {number}", remedy="correct or remove the line") from None
        if local_ns < last_ns:
            raise InputFault("goes back in time", where=f"{file}, line {number}", remedy="sort the lines by their stamps")
        last_ns = local_ns
        yield local_ns, message


def stamp_ns(message: Message, local_ns: int) -> int:
    """The exchange's own stamp; arrival stands in where it sent none (spot's best bid and offer)."""
    return message.sent_ms * NS_PER_MS if not isinstance(message, Print | DepthUpdate) and message.sent_ms else _sent(message, local_ns)


def _sent(message: Message, local_ns: int) -> int:
    return message.sent_ms * NS_PER_MS or local_ns


def _decoded(body: bytes) -> Message:
    # The stream's name comes first in every message: {"stream":"btcusdt@trade","data":...
    head = body[:48]
    if b"@bookTicker" in head:
        return _TICKERS.decode(body).data
    if b"@depth" in head:
        return _UPDATES.decode(body).data
    if b"@trade" in head:
        return _TRADES.decode(body).data
    if b'"lastUpdateId"' in head:
        return _SNAPSHOTS.decode(body)
    raise ValueError("no known stream")


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with gzip.open(file, "rb") as stream:
            for number, line in enumerate(stream, 1):
                yield number, line
    except (OSError, EOFError, zlib.error) as error:
        wrong = f"breaks off after line {number} ({str(error).rstrip('.')})"
        raise InputFault(wrong, where=str(file), remedy="fetch the file again") from None
