"""The channel between desk and screens, over real sockets."""

import itertools
import logging
import secrets
import time
from multiprocessing.connection import Client

import msgspec
import pytest

from flatbook.basics import InputFault
from flatbook.dashboard import Command, SnapshotClient, SnapshotServer
from flatbook.dashboard.channel import TIMELINE_POINTS
from flatbook.dashboard.messages import decoded_frame
from flatbook.events import Flatten, Pause, ReduceOnly, Resume


def until(condition, patience_s: float = 5.0):
    """What `condition` gives once it is true; fails when it does not become so."""
    deadline = time.monotonic() + patience_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
    return found


@pytest.fixture
def follow(server):
    clients = []

    def start(**changes):
        client = SnapshotClient(server.address, changes.pop("key", server.authkey), retry_s=0.05)
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.close()


def test_a_screen_gets_the_snapshot_whole(server, follow, make_snapshot):
    screen = follow()
    snapshot = make_snapshot(7)
    server.publish(snapshot)
    assert until(screen.latest) == snapshot
    assert screen.age_s() < 5


def test_a_screen_that_comes_late_gets_the_newest_snapshot_and_the_whole_timeline(server, follow, make_snapshot):
    for step in range(0, 12, 2):
        server.publish(make_snapshot(step))
    screen = follow()
    assert until(screen.latest).sequence == 1010
    life, count, points = screen.timeline()
    shown = [make_snapshot(step) for step in range(0, 12, 2)]
    assert [point.trading_usd for point in points] == [each.pnl_usd - each.pnl_terms["capital"] for each in shown]
    assert screen.timeline(life, count) == (life, count, [])


def test_the_timeline_keeps_one_point_a_second_and_forgets_beyond_the_hour(server, follow, make_snapshot):
    start_ns = make_snapshot().now_ns
    base = make_snapshot()
    for half_second in range(2 * TIMELINE_POINTS + 20):
        server.publish(msgspec.structs.replace(base, now_ns=start_ns + half_second * 500_000_000))
    screen = follow()
    until(screen.latest)
    points = screen.timeline()[2]
    assert len(points) == TIMELINE_POINTS
    assert {later.ns - earlier.ns for earlier, later in itertools.pairwise(points)} == {1_000_000_000}


def test_a_slow_screen_skips_snapshots_but_misses_no_point_and_holds_nobody_up(server, follow, make_snapshot):
    slow = Client(server.address, authkey=server.authkey)  # connects and does not read
    quick = follow()
    snapshots = [make_snapshot(2 * step) for step in range(60)]
    started = time.perf_counter()
    for snapshot in snapshots:
        server.publish(snapshot)
    assert time.perf_counter() - started < 0.5, "publishing waited for a screen"
    until(lambda: quick.latest() == snapshots[-1])
    assert len(quick.timeline()[2]) == 60
    seen, sequences = [], []
    while not sequences or sequences[-1] != snapshots[-1].sequence:
        points, snapshot = decoded_frame(slow.recv_bytes())
        seen += points
        sequences.append(snapshot.sequence)
    assert len(seen) == 60
    assert sequences == sorted(set(sequences))
    slow.close()


def test_several_screens_see_the_same_desk(server, follow, make_snapshot):
    screens = [follow() for _ in range(4)]
    until(lambda: server.screens == 4)
    server.publish(make_snapshot(3))
    assert {until(screen.latest).sequence for screen in screens} == {1003}


@pytest.mark.parametrize(
    ("kind", "event"), [("pause", Pause), ("resume", Resume), ("reduce-only", ReduceOnly), ("flatten", Flatten)]
)
def test_a_command_becomes_the_operators_event_with_who_and_why(kind, event, server, follow):
    screen = follow()
    until(lambda: screen.connected)
    assert screen.send(Command(kind, "ann", "feed looks wrong"))
    assert until(server.commands) == [event("ann", "feed looks wrong")]
    assert server.commands() == [], "a command is given once"


def test_commands_keep_their_order(server, follow):
    screen = follow()
    until(lambda: screen.connected)
    for number in range(50):
        screen.send(Command("pause", "ann", str(number)))
    heard = []
    until(lambda: heard.extend(server.commands()) or len(heard) == 50)
    assert [event.reason for event in heard] == [str(number) for number in range(50)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"not a command",
        b"\x81\xa4kind\xa5pause",
        b"\x83\xa4kind\xa4sell\xa3who\xa1a\xa6reason\xa1b",
        b"\x83\xa4kind\xa5pause\xa3who\xa0\xa6reason\xa1b",
        b"\x83\xa4kind\xa5pause\xa3who\xa1\xff\xa6reason\xa1b",
    ],
)
def test_bytes_that_are_no_command_are_refused_in_one_line_and_the_next_is_heard(data, server, caplog):
    caplog.set_level(logging.WARNING, "flatbook.dashboard")
    screen = Client(server.address, authkey=server.authkey)
    screen.send_bytes(data)
    screen.send_bytes(b"\x83\xa4kind\xa5pause\xa3who\xa1a\xa6reason\xa1b")
    assert until(server.commands) == [Pause("a", "b")]
    assert [record.getMessage().startswith("command from a screen:") for record in caplog.records] == [True]
    screen.close()


def test_a_screen_without_the_key_sees_nothing_and_says_so_once(server, follow, make_snapshot, caplog):
    server.publish(make_snapshot())
    stranger = follow(key=secrets.token_bytes(32))
    until(lambda: [record for record in caplog.records if "key" in record.getMessage()])
    time.sleep(0.3)
    assert stranger.latest() is None
    assert not stranger.connected
    assert not stranger.send(Command("pause", "eve", "mischief"))
    assert server.commands() == []
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1


def test_a_caller_that_never_proves_itself_holds_nobody_up(server, follow, make_snapshot):
    mute = Client(server.address)  # connects and never answers the challenge
    server.publish(make_snapshot())
    assert until(follow().latest).sequence == 1000
    mute.close()


def test_a_screen_keeps_the_last_snapshot_when_the_desk_goes_and_finds_it_again(server, make_snapshot):
    server.publish(make_snapshot(1))
    screen = SnapshotClient(server.address, server.authkey, retry_s=0.05)
    until(screen.latest)
    server.close()
    until(lambda: not screen.connected)
    assert screen.latest().sequence == 1001
    assert not screen.send(Command("pause", "ann", "nobody hears"))
    again = SnapshotServer(server.address, server.authkey)
    again.publish(make_snapshot(9))
    until(lambda: screen.latest().sequence == 1009)
    assert len(screen.timeline()[2]) == 1, "the timeline is the new desk's"
    screen.close()
    again.close()


def test_the_last_snapshots_are_kept_by_sequence(server, follow, make_snapshot):
    screen = follow()
    until(lambda: screen.connected)
    for step in range(3):
        server.publish(make_snapshot(step))
        until(lambda step=step: screen.latest() and screen.latest().sequence == 1000 + step)
    assert screen.at_sequence(1001) == make_snapshot(1)
    assert screen.at_sequence(999) is None


def test_a_local_socket_works_like_a_port(tmp_path, make_snapshot):
    server = SnapshotServer(str(tmp_path / "desk.sock"), b"key")
    screen = SnapshotClient(server.address, b"key")
    server.publish(make_snapshot())
    assert until(screen.latest).sequence == 1000
    screen.close()
    server.close()


def test_an_address_that_is_taken_is_one_clear_sentence(server):
    with pytest.raises(InputFault, match=r"screen channel .* cannot be listened on .*; choose another address\."):
        SnapshotServer(server.address, b"key")


def test_closing_frees_the_address_and_the_screens(server, follow):
    screen = follow()
    until(lambda: screen.connected)
    server.close()
    until(lambda: not screen.connected)
    SnapshotServer(server.address, b"key").close()
