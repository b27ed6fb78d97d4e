"""The breaker: what the desk may do at all."""

from enum import StrEnum

import msgspec


class Mode(StrEnum):
    """running; reduce-only: only what brings risk down; paused: no quotes, nothing opened."""

    RUNNING = "running"
    REDUCE_ONLY = "reduce-only"
    PAUSED = "paused"


_SEVERITY = {Mode.RUNNING: 0, Mode.REDUCE_ONLY: 1, Mode.PAUSED: 2}


class Breaker(msgspec.Struct):
    """The mode in force and why. `flattening` lets hedges through a pause, to bring every delta to its target.

    loss_base: the trading P&L, in dollars, from which the loss limit counts; an operator who resumes sets it anew, having
    seen the loss.
    """

    mode: Mode = Mode.RUNNING
    reason: str = ""
    flattening: bool = False
    loss_base: float = 0.0


def trip(breaker: Breaker, mode: Mode, reason: str) -> bool:
    """Go to a stricter mode; True when it changed. A trip never loosens: only an operator does."""
    if _SEVERITY[mode] <= _SEVERITY[breaker.mode]:
        return False
    breaker.mode, breaker.reason = mode, reason
    return True
