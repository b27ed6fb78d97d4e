"""A person's commands, journalled with who gave them and why."""

import msgspec


class Pause(msgspec.Struct, frozen=True, array_like=True, tag="pause", gc=False):
    """Pull every quote and open nothing, until Resume."""

    who: str
    reason: str


class Resume(msgspec.Struct, frozen=True, array_like=True, tag="resume", gc=False):
    """Trade normally again; also what takes the breaker back from reduce-only."""

    who: str
    reason: str


class ReduceOnly(msgspec.Struct, frozen=True, array_like=True, tag="reduce_only", gc=False):
    """Approve only what brings risk down."""

    who: str
    reason: str


class Flatten(msgspec.Struct, frozen=True, array_like=True, tag="flatten", gc=False):
    """Pull quotes and bring the delta of every underlying to its target at once; quoting stays paused after."""

    who: str
    reason: str
