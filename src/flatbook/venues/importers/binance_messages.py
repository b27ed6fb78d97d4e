"""The lines of raw Binance websocket tapes: a local stamp in nanoseconds, a space, one JSON message."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from flatbook.basics import NS_PER_MS, InputFault

_TELL_EVERY = 4_096  # lines

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


def read_messages(file: Path, symbol: str, tell: Callable[[int, Path], None]) -> Iterator[tuple[int, Message]]:
    """The stamped messages of a gzipped tape of one symbol; `tell` hears now and then how many more bytes were read.

    Raises InputFault, naming file and line, for a line that is not a stamp and a message of the symbol, or that goes back
    in time.
    """
    last_ns = 0
    prefix = f'{{"stream":"{symbol.lower()}@'.encode()
    for number, line in _lines(file, tell):
        stamp, _, body = line.partition(b" ")
        try:
            local_ns, message = int(stamp), _decoded(body, prefix)
        except (ValueError, msgspec.MsgspecError) as error:
            wrong = f"cannot be understood ({str(error).rstrip('.')})"
            raise InputFault(wrong, where=f"{file}, line {number}", remedy="correct or remove the line") from None
        if local_ns < last_ns:
            raise InputFault("goes back in time", where=f"{file}, line {number}", remedy="sort the lines by their stamps")
        last_ns = local_ns
        yield local_ns, message


def stamp_ns(message: Message, local_ns: int) -> int:
    """The exchange's own stamp; arrival stands in where it sent none (spot's best bid and offer)."""
    return message.sent_ms * NS_PER_MS or local_ns


def _decoded(body: bytes, prefix: bytes) -> Message:
    # The stream's name comes first in every message: {"stream":"btcusdt@trade","data":...
    if body.startswith(prefix):
        stream = body[len(prefix) : len(prefix) + 10]
        if stream == b"bookTicker":
            return _TICKERS.decode(body).data
        if stream.startswith(b"depth@"):
            return _UPDATES.decode(body).data
        if stream.startswith(b"trade"):
            return _TRADES.decode(body).data
    elif body.startswith(b'{"lastUpdateId"'):
        return _SNAPSHOTS.decode(body)
    raise ValueError("it is no bookTicker, trade or depth message of the symbol in the file's name")


def _lines(file: Path, tell: Callable[[int, Path], None]) -> Iterator[tuple[int, bytes]]:
    number = told = 0
    try:
        with file.open("rb") as packed, gzip.open(packed) as stream:
            for number, line in enumerate(stream, 1):
                if number % _TELL_EVERY == 0:
                    tell(packed.tell() - told, file)
                    told = packed.tell()
                yield number, line
    except (OSError, EOFError, zlib.error) as error:
        wrong = f"breaks off after line {number} ({str(error).rstrip('.')})"
        raise InputFault(wrong, where=str(file), remedy="fetch the file again") from None
