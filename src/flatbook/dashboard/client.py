"""The screen's end of the channel: the newest snapshot, how old it is, and a way to say something back."""

import logging
import time
from collections import deque
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from threading import Event, Lock, Thread

import msgspec

from flatbook.dashboard.channel import TIMELINE_POINTS, Address, hang_up
from flatbook.dashboard.messages import Command, HistoryPoint, decoded_frame, encoded_command
from flatbook.engine.snapshot import Snapshot

RECENT_SNAPSHOTS = 32

log = logging.getLogger("flatbook.dashboard")


class SnapshotClient:
    """Follows the desk at `address`, and finds it again after it was gone, trying every `retry_s` seconds."""

    def __init__(self, address: Address, authkey: bytes, *, retry_s: float = 0.5) -> None:
        self.address = address
        self.retry_s = retry_s
        self._authkey = authkey
        self._connection: Connection | None = None
        self._sending = Lock()
        self._closed = Event()
        self._recent: deque[Snapshot] = deque(maxlen=RECENT_SNAPSHOTS)
        self._received_s = 0.0
        self._timeline: deque[HistoryPoint] = deque(maxlen=TIMELINE_POINTS)
        self._points_taken = 0
        self._life = 0
        self._writing = Lock()
        self._refusal_told = False
        Thread(target=self._follow, name="screen-follow", daemon=True).start()

    @property
    def connected(self) -> bool:
        """Whether the desk is at the other end now."""
        return self._connection is not None

    def latest(self) -> Snapshot | None:
        """The newest snapshot, kept after the desk has gone; None before the first."""
        return self._recent[-1] if self._recent else None

    def at_sequence(self, sequence: int) -> Snapshot | None:
        """The snapshot after batch `sequence`, if it was among the last few received."""
        return next((each for each in reversed(list(self._recent)) if each.sequence == sequence), None)

    def age_s(self) -> float:
        """Seconds on the screen's own clock since the newest snapshot arrived; infinite before the first."""
        return time.monotonic() - self._received_s if self._recent else float("inf")

    def timeline(self, life: int = -1, after: int = 0) -> tuple[int, int, list[HistoryPoint]]:
        """The history points after number `after` of the desk's life `life`: (life, number of the last, points).

        The desk's life changes with each connection; asked about another life, all points of this one are new.
        """
        with self._writing:
            missing = self._points_taken - after if life == self._life else len(self._timeline)
            points = list(self._timeline)
            return self._life, self._points_taken, points[max(len(points) - missing, 0) :]

    def send(self, command: Command) -> bool:
        """Say it to the desk; False when the desk is not there to hear it."""
        with self._sending:
            connection = self._connection
            if connection is None:
                return False
            try:
                connection.send_bytes(encoded_command(command))
            except (OSError, ValueError):
                return False
            return True

    def close(self) -> None:
        """Stop following."""
        self._closed.set()
        connection = self._connection
        if connection is not None:
            hang_up(connection)

    def _follow(self) -> None:
        while not self._closed.is_set():
            connection = self._called()
            if connection is not None:
                self._listen(connection)
            self._closed.wait(self.retry_s)

    def _called(self) -> Connection | None:
        try:
            return Client(self.address, authkey=self._authkey)
        except AuthenticationError:
            if not self._refusal_told:
                log.error("screen: the desk at %s does not accept this key; restart the screen from its desk", self.address)
            self._refusal_told = True
        except (OSError, EOFError):
            pass  # The desk is not there yet, or not any more; the page says so.
        return None

    def _listen(self, connection: Connection) -> None:
        with self._writing:
            self._life += 1
            self._timeline.clear()
            self._points_taken = 0
        self._connection = connection
        try:
            while not self._closed.is_set():
                self._take(connection.recv_bytes())
        except (OSError, EOFError):
            pass  # The desk went away, or `close` hung up.
        except msgspec.MsgspecError as error:
            log.error("screen: the desk sent a frame this screen cannot read (%s); run both from one version", error)
        finally:
            with self._sending:
                self._connection = None
                connection.close()

    def _take(self, data: bytes) -> None:
        points, snapshot = decoded_frame(data)
        with self._writing:
            self._timeline.extend(points)
            self._points_taken += len(points)
            self._recent.append(snapshot)
            self._received_s = time.monotonic()
