"""What the shell must do in the world: send requests, tell people."""

import msgspec

from flatbook.orders import Request


class Alert(msgspec.Struct, frozen=True, array_like=True, tag="alert", gc=False):
    """Something a person should know. `level` is info, warning or critical; `key` names what it is about."""

    level: str
    key: str
    text: str


Effect = Request | Alert
