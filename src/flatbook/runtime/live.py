"""The desk on the wall clock: paper trading on a simulated market, or on a recording played at some speed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import msgspec
import structlog

from flatbook import pricing
from flatbook.basics import NS_PER_MS, NS_PER_SECOND, InputFault, format_utc
from flatbook.dashboard import SnapshotServer, answers, screen_url, start_screen, stop_screen
from flatbook.engine import Alert, Effect, State, encode_parameters, new_state, snapshot
from flatbook.events import Batch, Beat, Configured, Event
from flatbook.events import Recovered as RecoveredEvent
from flatbook.journal import Journal, new_header
from flatbook.limits import Mode
from flatbook.runtime.config import DeskConfig, load_config
from flatbook.runtime.desk import Desk
from flatbook.runtime.recovery import Recovered, Saved, fold_accounts, recover, save
from flatbook.runtime.worlds import SIMULATED, builtin_for, market_name, open_recording, recorded_world, simulated_world
from flatbook.venues.paper import PaperAccounts, PaperWorld

_PUBLISH_NS = 400 * NS_PER_MS
_SCREEN_PATIENCE_S = 15.0
_NAP_S = 0.25

Say = Callable[[str], None]
_log = structlog.get_logger("flatbook.desk")


class _Clock:
    """The market's clock: from `start_ns` on, `speed` times as fast as the wall's. Speed 0 is as fast as it goes."""

    def __init__(self, start_ns: int, speed: float) -> None:
        self._start_ns, self._speed, self._began_ns = start_ns, speed, time.monotonic_ns()

    def now(self, batch_ns: int, last_ns: int, due_ns: int) -> int:
        """The market's time now; running free, the next instant at which there is something to do."""
        if self._speed == 0.0:
            return max(last_ns + batch_ns, due_ns)
        return self._start_ns + int((time.monotonic_ns() - self._began_ns) * self._speed)

    def rest(self, batch_ns: int, spent_ns: int, stop: "_Stop") -> None:
        """Sleep what is left of a batch's time on the wall, in naps: however slow the market, a stop is heard at once."""
        if self._speed == 0.0:
            return
        # However fast the market runs, the machine is not kept spinning for less than a millisecond.
        left_s = max(batch_ns / self._speed - spent_ns, NS_PER_MS) / NS_PER_SECOND
        until_s = time.monotonic() + left_s
        while left_s > 0.0 and not stop.asked:
            time.sleep(min(left_s, _NAP_S))
            left_s = until_s - time.monotonic()


class _Stop:
    """Whether somebody asked the desk to stop. A signal only raises this flag, so that no step is ever cut in half."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        """Take Ctrl-C and termination as a wish to stop after the step under way."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


class Opened(msgspec.Struct):
    """A desk ready to turn. first: the events it must begin with."""

    desk: Desk
    saved: Saved
    journal: Journal
    world: PaperWorld
    first: list[Event]
    start_ns: int
    end_ns: int | None


def run_desk(
    *,
    config: Path | None = None,
    market: str = SIMULATED,
    speed: float = 1.0,
    duration_ns: int | None = None,
    start_ns: int | None = None,
    seed: int | None = None,
    headless: bool = False,
    port: int = 8710,
    var: Path = Path("var"),
    say: Say = print,
) -> None:
    """Run the desk until it is stopped, its market ends or `duration_ns` of market time has passed.

    Everything that can be wrong (settings, journal, port) is found before the first batch. The journal in `var` goes on
    where it stopped, however it stopped; only a new one begins its recording at `start_ns`.
    """
    if start_ns is not None and market == SIMULATED:
        raise InputFault("a simulated market begins now", where="--start", remedy="leave it out, or name a recording")
    settings = load_config(config, builtin_for(market))
    stop = _Stop()
    with ExitStack() as stack:
        server, screen = (None, None) if headless else _open_screen(stack, port)
        pricing.warm()
        opened = open_desk(settings, market, seed, var, say, start_ns)
        stack.callback(opened.journal.close)
        stack.callback(opened.world.close)
        stop.listen()
        if screen is not None:
            _announce(screen, port, say)
        say(f"The desk runs on the {market_name(market)} market; Ctrl-C stops it.")
        _turn_until_stopped(opened, settings, speed, duration_ns, server, stop)
        save(opened.journal, opened.saved)
        _goodbye(opened, say)


def open_desk(settings: DeskConfig, market: str, seed: int | None, var: Path, say: Say, start_ns: int | None = None) -> Opened:
    """A desk on a new journal, or brought back on the one that is there."""
    name = market_name(market)
    path = var / f"{name}.journal"
    if not path.exists():
        return _begin(settings, market, settings.shell.seed if seed is None else seed, path, start_ns)
    journal = Journal.open(path)
    try:
        if seed is not None and seed != journal.header.seed:
            wrong = f"was begun with seed {journal.header.seed}, not {seed}"
            raise InputFault(wrong, where=str(path), remedy="leave out --seed, or give another --var")
        if not journal.last_sequence:
            # Killed before its first batch was durable.
            return _begin(settings, market, journal.header.seed, path, start_ns, journal)
        back = recover(journal)
        _say_recovered(back, path, say)
        return _resume(settings, market, journal, back)
    except BaseException:
        journal.close()
        raise


def _begin(
    settings: DeskConfig, market: str, seed: int, path: Path, begin_ns: int | None, journal: Journal | None = None
) -> Opened:
    saved = Saved(new_state(settings.parameters()), PaperAccounts())
    world, start_ns, end_ns = _world(settings, market, seed, None, begin_ns)
    if journal is None:
        journal = Journal.create(path, new_header(created_ns=time.time_ns(), seed=seed, market=market_name(market)))
    return _opened(settings, saved, journal, world, [], start_ns, end_ns)


def _resume(settings: DeskConfig, market: str, journal: Journal, back: Recovered) -> Opened:
    world, start_ns, end_ns = _world(settings, market, journal.header.seed, back.saved)
    first: list[Event] = [RecoveredEvent(back.saved.state.sequence)]
    return _opened(settings, back.saved, journal, world, first, start_ns, end_ns)


def _opened(
    settings: DeskConfig, saved: Saved, journal: Journal, world: PaperWorld, first: list[Event], start_ns: int, end_ns: int | None
) -> Opened:
    desk = Desk(
        saved.state,
        world,
        journal,
        durable=True,
        watchers=[lambda state, batch, effects: fold_accounts(saved, batch.events), _log_alerts],
    )
    first.insert(0, Configured(encode_parameters(settings.parameters())))
    return Opened(desk, saved, journal, world, first, start_ns, end_ns)


def _world(
    settings: DeskConfig, market: str, seed: int, saved: Saved | None, begin_ns: int | None = None
) -> tuple[PaperWorld, int, int | None]:
    """The world, the instant at which its clock starts, and the one at which it ends, if it does."""
    last_ns = saved.state.now_ns if saved else 0
    if market == SIMULATED:
        start_ns = max(time.time_ns(), last_ns + 1)
        return simulated_world(settings, seed, start_ns, saved), start_ns, None
    feed = open_recording(market, start_ns=begin_ns, end_ns=None, saved=saved)
    return recorded_world(feed, settings, seed, saved), max(feed.start_ns, last_ns + 1), feed.end_ns


def _turn_until_stopped(
    opened: Opened, settings: DeskConfig, speed: float, duration_ns: int | None, server: SnapshotServer | None, stop: _Stop
) -> None:
    desk, shell = opened.desk, settings.shell
    batch_ns, beat_ns = round(shell.batch_ms * NS_PER_MS), round(shell.beat_s * NS_PER_SECOND)
    clock = _Clock(opened.start_ns, speed)
    last_ns = opened.start_ns
    end_ns = None if duration_ns is None else opened.start_ns + duration_ns
    pending: list[Event] = list(opened.first)
    published_ns, saved_ns = 0, time.monotonic_ns()
    while not stop.asked:
        began_ns = time.monotonic_ns()
        due_ns = opened.world.next_ns()
        if due_ns is None:
            break
        now_ns = clock.now(batch_ns, last_ns, min(due_ns, last_ns + beat_ns))
        if end_ns is not None and now_ns > end_ns:
            break
        events = [*pending, *opened.world.advance(now_ns), *(server.commands() if server else [])]
        if not events and now_ns - last_ns >= beat_ns:
            events = [Beat()]
        if events:
            desk.turn(events, now_ns)
            pending, last_ns = [], now_ns
        # Before the first deposit there is no book to show, and its delta would be as far from target as can be.
        if server is not None and desk.state.ledger.count and began_ns - published_ns >= _PUBLISH_NS:
            server.publish(snapshot(desk.state))
            published_ns = began_ns
        if began_ns - saved_ns >= shell.snapshot_s * NS_PER_SECOND:
            save(opened.journal, opened.saved)
            saved_ns = began_ns
        clock.rest(batch_ns, time.monotonic_ns() - began_ns, stop)


def _open_screen(stack: ExitStack, port: int) -> tuple[SnapshotServer, "subprocess.Popen[bytes]"]:
    server = SnapshotServer(("127.0.0.1", 0), os.urandom(32))
    stack.callback(server.close)
    screen = start_screen(server, port)
    stack.callback(stop_screen, screen)
    return server, screen


def _announce(screen: "subprocess.Popen[bytes]", port: int, say: Say) -> None:
    url = screen_url(port)
    if answers(url, _SCREEN_PATIENCE_S) and screen.poll() is None:
        say(f"The screen is at {url}")
    else:
        say(f"The screen did not come up at {url}; the desk runs without it.")


def _log_alerts(state: State, batch: Batch, effects: Sequence[Effect]) -> None:
    for effect in effects:
        if isinstance(effect, Alert):
            tell = {"info": _log.info, "warning": _log.warning, "critical": _log.critical}[effect.level]
            tell(effect.text, at=format_utc(batch.local_ns))


def _say_recovered(back: Recovered, path: Path, say: Say) -> None:
    state = back.saved.state
    base = f"the state saved after batch {back.snapshot_sequence:,}" if back.snapshot_sequence else "the beginning"
    say(
        f"Recovered {path}: from {base} and {back.replayed:,} batches after it, to batch {state.sequence:,} "
        f"at {format_utc(state.now_ns)}; {len(state.inventory.positions)} positions, {state.pnl.fill_count:,} fills, "
        f"{len(state.orders.open)} orders that were open and are asked about."
    )
    if state.breaker.mode is not Mode.RUNNING:
        say(f"It comes back {state.breaker.mode}: {state.breaker.reason}. Resume is a person's word, on the screen.")


def _goodbye(opened: Opened, say: Say) -> None:
    state = opened.desk.state
    if not state.sequence:
        say("Stopped before the first batch.")
        return
    say(
        f"Stopped after batch {state.sequence:,} at {format_utc(state.now_ns)}. The journal is {opened.journal.path}; "
        f"`flatbook replay {opened.journal.path}` runs it again."
    )
