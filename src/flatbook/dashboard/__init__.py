"""The desk's screen: what a trader sees, and the four things a trader may say back.

The screen is a process of its own. It reads `engine.snapshot.Snapshot` records over a local channel and sends
commands that become operator events; it never touches the engine, and it may crash or be closed without the desk
noticing. The desk's end of the channel is a `SnapshotServer`, the screen's a `SnapshotClient`; `start_screen` runs
`python -m flatbook.dashboard` as a child that dies with its desk. Cash is dollars, instants are nanoseconds of the
core's clock, ages are seconds of the screen's own. Importing this door loads no web framework.
"""

from flatbook.dashboard.channel import SnapshotServer
from flatbook.dashboard.client import SnapshotClient
from flatbook.dashboard.messages import Command, HistoryPoint
from flatbook.dashboard.process import answers, screen_url, start_screen, stop_screen

__all__ = [
    "Command",
    "HistoryPoint",
    "SnapshotClient",
    "SnapshotServer",
    "answers",
    "screen_url",
    "start_screen",
    "stop_screen",
]
