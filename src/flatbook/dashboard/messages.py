"""What travels between the desk and its screens: frames one way, commands the other, as msgpack."""

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec

from flatbook.basics import InputFault
from flatbook.engine.snapshot import Snapshot
from flatbook.events import Flatten, Pause, ReduceOnly, Resume

OperatorEvent = Pause | Resume | ReduceOnly | Flatten
CommandKind = Literal["pause", "resume", "reduce-only", "flatten"]

_EVENT_OF: dict[CommandKind, Callable[[str, str], OperatorEvent]] = {
    "pause": Pause,
    "resume": Resume,
    "reduce-only": ReduceOnly,
    "flatten": Flatten,
}


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's wish, with who asks and why: both are journalled, so neither may be empty."""

    kind: CommandKind
    who: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class HistoryPoint(msgspec.Struct, frozen=True, array_like=True):
    """The desk at an instant of the core's clock, in dollars; delta from its target and vega cash by underlying.

    `trading_usd` is P&L without what the capital itself gained.
    """

    ns: int
    equity_usd: float
    trading_usd: float
    delta_cash: dict[str, float]
    vega_cash: dict[str, float]


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """One message to a screen: the history points it does not have yet, and the newest snapshot, already encoded."""

    points: list[HistoryPoint]
    snapshot: msgspec.Raw


_encoder = msgspec.msgpack.Encoder()
_frame_decoder = msgspec.msgpack.Decoder(Frame)
_snapshot_decoder = msgspec.msgpack.Decoder(Snapshot)
_command_decoder = msgspec.msgpack.Decoder(Command)


def encoded_snapshot(snapshot: Snapshot) -> bytes:
    """The snapshot's bytes, made once for all screens."""
    return _encoder.encode(snapshot)


def encoded_frame(points: list[HistoryPoint], snapshot: bytes) -> bytes:
    """A frame around a snapshot that is already encoded."""
    return _encoder.encode(Frame(points, msgspec.Raw(snapshot)))


def decoded_frame(data: bytes) -> tuple[list[HistoryPoint], Snapshot]:
    """The points and the snapshot of a frame."""
    frame = _frame_decoder.decode(data)
    return frame.points, _snapshot_decoder.decode(frame.snapshot)


def encoded_command(command: Command) -> bytes:
    """The command's bytes."""
    return _encoder.encode(command)


def decoded_command(data: bytes) -> Command:
    """The command behind bytes from a screen; raises InputFault when they are none."""
    try:
        return _command_decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputFault(
            f"{len(data)} bytes are not a command ({error})",
            where="command from a screen",
            remedy="send pause, resume, reduce-only or flatten with who and reason",
        ) from None


def event_of(command: Command) -> OperatorEvent:
    """The operator event a command becomes."""
    return _EVENT_OF[command.kind](command.who, command.reason)


def capital_usd(snapshot: Snapshot) -> float:
    """What the coins that one chose to hold gained by themselves."""
    return snapshot.pnl_terms.get("capital", 0.0)


def trading_pnl_usd(snapshot: Snapshot) -> float:
    """What quoting and hedging earned: P&L without the capital's own gain."""
    return snapshot.pnl_usd - capital_usd(snapshot)


def history_point(snapshot: Snapshot) -> HistoryPoint:
    """The few numbers of a snapshot that are drawn through time."""
    return HistoryPoint(
        ns=snapshot.now_ns,
        equity_usd=snapshot.equity_usd,
        trading_usd=trading_pnl_usd(snapshot),
        delta_cash={view.name: view.delta_cash - view.target * view.spot for view in snapshot.underlyings},
        vega_cash={view.name: view.vega_cash for view in snapshot.underlyings},
    )
