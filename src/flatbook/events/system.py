"""What the shell itself has to say."""

import msgspec


class Beat(msgspec.Struct, frozen=True, array_like=True, tag="beat", gc=False):
    """Time passed and nothing else happened, so that staleness and patience are noticed in silence."""


class Configured(msgspec.Struct, frozen=True, array_like=True, tag="configured", gc=False):
    """The engine's parameters from now on, encoded by the engine's own codec."""

    parameters: bytes


class Recovered(msgspec.Struct, frozen=True, array_like=True, tag="recovered", gc=False):
    """The desk came back after batch `sequence`; what was in flight then may or may not have reached a venue."""

    sequence: int
