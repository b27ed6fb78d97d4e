"""The desk's end of the channel: publishes the newest snapshot to any number of screens, takes their commands.

The desk never waits for a screen. `publish` leaves a reference and returns; each screen has a thread of its own that
sends the newest snapshot when the last one is through, so a slow screen skips and a dead one stops only its thread.
"""

import contextlib
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from threading import Condition, Lock, Thread

from flatbook.basics import NS_PER_SECOND, InputFault
from flatbook.dashboard.messages import (
    HistoryPoint,
    OperatorEvent,
    decoded_command,
    encoded_frame,
    encoded_snapshot,
    event_of,
    history_point,
)
from flatbook.engine.snapshot import Snapshot

Address = tuple[str, int] | str

TIMELINE_POINTS = 3600
MOST_SCREENS = 32
LONGEST_COMMAND = 8192  # bytes: who and reason at their longest, four bytes a letter
MOST_COMMANDS = 1000

log = logging.getLogger("flatbook.dashboard")


class SnapshotServer:
    """Publishes snapshots and collects commands on `address`: (host, port), port 0 for any; or a socket's path.

    `address` is where it really listens. Screens prove that they hold `authkey`. Raises InputFault when the address
    cannot be listened on.
    """

    def __init__(self, address: Address, authkey: bytes) -> None:
        self.authkey = authkey
        self._listener = _listening(address)
        self.address: Address = self._listener.address
        self._changed = Condition()
        self._latest: Snapshot | None = None
        self._version = 0
        self._closed = False
        self._timeline: deque[HistoryPoint] = deque(maxlen=TIMELINE_POINTS)
        self._points_taken = 0
        self._encoding = Lock()
        self._encoded: tuple[int, bytes] = (0, b"")
        self._screens: set[Connection] = set()
        self._commands: deque[OperatorEvent] = deque()
        self._accepting = _start(self._accept, "screen-accept")

    @property
    def screens(self) -> int:
        """How many screens are connected now."""
        return len(self._screens)

    def publish(self, snapshot: Snapshot) -> None:
        """Make `snapshot` the newest; keeps a point of the timeline for each second of the core's clock."""
        with self._changed:
            self._latest = snapshot
            self._version += 1
            if not self._timeline or snapshot.now_ns - self._timeline[-1].ns >= NS_PER_SECOND:
                self._timeline.append(history_point(snapshot))
                self._points_taken += 1
            self._changed.notify_all()

    def commands(self) -> list[OperatorEvent]:
        """The operator events that arrived since the last call, in order of arrival."""
        return [self._commands.popleft() for _ in range(len(self._commands))]

    def close(self) -> None:
        """Let go of every screen and of the address."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        # Closing a socket does not wake the thread that accepts on it; a last caller does.
        _knock(self.address)
        self._accepting.join(1.0)
        self._listener.close()
        for connection in list(self._screens):
            hang_up(connection)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
            except OSError as error:
                if not self._closed:
                    log.warning("a screen could not connect: %s", error)
                    time.sleep(0.2)  # Whatever is short (descriptors, mostly) is not helped by asking at once.
                continue
            if self._closed or len(self._screens) >= MOST_SCREENS:
                connection.close()
                continue
            _start(lambda caller=connection: self._serve(caller), "screen-serve")

    def _serve(self, connection: Connection) -> None:
        if self._knows_key(connection):
            self._screens.add(connection)
            receiver = _start(lambda: self._receive(connection), "screen-receive")
            with contextlib.suppress(OSError, ValueError):  # The screen went away, which is its right.
                self._send(connection)
            self._screens.discard(connection)
            hang_up(connection)
            receiver.join()
        connection.close()

    def _knows_key(self, connection: Connection) -> bool:
        try:
            deliver_challenge(connection, self.authkey)
            answer_challenge(connection, self.authkey)
        except AuthenticationError:
            log.warning("a screen was refused: it does not hold this desk's key")
            return False
        except (OSError, EOFError):
            return False
        return True

    def _send(self, connection: Connection) -> None:
        sent_version, sent_points = 0, 0
        while True:
            with self._changed:
                while self._version == sent_version and not self._closed and connection in self._screens:
                    self._changed.wait()
                if self._closed or connection not in self._screens:
                    return
                sent_version, snapshot = self._version, self._latest
                points = self._points_after(sent_points)
                sent_points = self._points_taken
            assert snapshot is not None
            connection.send_bytes(encoded_frame(points, self._bytes_of(sent_version, snapshot)))

    def _points_after(self, count: int) -> list[HistoryPoint]:
        fresh = min(self._points_taken - count, len(self._timeline))
        return list(islice(self._timeline, len(self._timeline) - fresh, None))

    def _bytes_of(self, version: int, snapshot: Snapshot) -> bytes:
        with self._encoding:
            if self._encoded[0] != version:
                self._encoded = (version, encoded_snapshot(snapshot))
            return self._encoded[1]

    def _receive(self, connection: Connection) -> None:
        try:
            while True:
                self._take(connection.recv_bytes(LONGEST_COMMAND))
        except (OSError, EOFError):
            with self._changed:
                self._screens.discard(connection)
                self._changed.notify_all()

    def _take(self, data: bytes) -> None:
        try:
            command = decoded_command(data)
        except InputFault as fault:
            log.warning("%s", fault)
            return
        if len(self._commands) >= MOST_COMMANDS:
            log.warning("command from a screen: %s was refused; the desk has not read the last %d", command.kind, MOST_COMMANDS)
            return
        self._commands.append(event_of(command))


def _listening(address: Address) -> Listener:
    try:
        return Listener(address, backlog=16)
    except (OSError, ValueError) as error:
        raise InputFault(
            f"cannot be listened on ({error})", where=f"screen channel {address}", remedy="choose another address"
        ) from None


def _start(work: Callable[[], None], name: str) -> Thread:
    thread = Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def _knock(address: Address) -> None:
    with contextlib.suppress(OSError):
        Client(address).close()


def hang_up(connection: Connection) -> None:
    """End the talk for both ends, and wake whichever thread waits on it; closing alone would leave it waiting."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
