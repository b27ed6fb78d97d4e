"""A desk that is stopped, killed or doubled: what it says, what it keeps, and that it comes back the same."""

import re
import signal
import sqlite3
import time
from pathlib import Path
from random import Random

import pytest

from flatbook.basics import InputFault
from flatbook.engine import State, step, tie_out, validate
from flatbook.events import BalanceStatement, Deposited, Fill, OrderCancelled, PositionStatement
from flatbook.events import Recovered as RecoveredEvent
from flatbook.journal import Journal, JournalReader, effects_digest, fingerprint
from flatbook.journal.codec import row_crc
from flatbook.limits import Mode
from flatbook.runtime import load_config, replay_journal
from flatbook.runtime.live import open_desk
from flatbook.runtime.recovery import genesis, recover
from flatbook.venues.paper import folded_accounts

RUNS, STOPPED = "The desk runs on the", "Stopped after batch"


@pytest.fixture
def run(start, lively, var):
    """Start a headless desk, fast, on the lively settings, and hand it over once it runs, with what it said until then."""

    def begin(*more: object, speed: float = 20):
        desk = start("run", "--headless", "--speed", speed, "--config", lively, "--var", var, *more)
        said: list[str] = []
        while not any(line.startswith(RUNS) for line in said):
            line = desk.stdout.readline()
            assert line, "".join(said)
            said.append(line)
        return desk, said

    return begin


@pytest.fixture
def path(var) -> Path:
    return var / "simulated.journal"


@pytest.fixture
def killed(run, path) -> Path:
    """The journal of a desk that had traded for a while when it was killed."""
    desk, _ = run()
    wait_for(path, batches=60, fills=3)
    desk.kill()
    desk.wait()
    return path


def wait_for(path: Path, batches: int = 1, fills: int = 0, patience_s: float = 60.0) -> None:
    """Until the journal holds so many batches and fills on the disk."""
    deadline = time.monotonic() + patience_s
    after = seen = 0
    while after < batches or seen < fills:
        assert time.monotonic() < deadline, f"{after} batches and {seen} fills in {patience_s} s"
        time.sleep(0.05)
        if not path.exists():
            continue
        with JournalReader(path) as reader:
            for entry in reader.batches(after):
                after = entry.batch.sequence
                seen += sum(isinstance(event, Fill) for event in entry.batch.events)


def folded(path: Path) -> State:
    """The state after every batch of the journal, from the first one on, without any snapshot."""
    state = None
    with JournalReader(path) as reader:
        for entry in reader.batches():
            state = state or genesis(entry.batch, path)
            step(state, entry.batch)
    assert state is not None
    return state


def events_of(path: Path) -> list:
    with JournalReader(path) as reader:
        return [event for entry in reader.batches() for event in entry.batch.events]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_desk_killed_again_and_again_comes_back_the_same(run, path, flatbook, seed):
    dice, durable = Random(seed), 0
    for life in range(3):
        desk, said = run()
        if life:
            assert said[0].startswith(f"Recovered {path}: from ")
            assert int(re.search(r"to batch ([\d,]+) at", said[0])[1].replace(",", "")) >= durable
        wait_for(path, batches=durable + 1)
        time.sleep(dice.uniform(0.0, 1.5))
        with JournalReader(path) as reader:
            durable = reader.last_sequence
        desk.kill()
        rest = desk.communicate()[0]
        assert STOPPED not in rest
        assert "not ours" not in rest
    with Journal.open(path) as journal:
        back = recover(journal)
        assert journal.last_sequence >= durable, "what was on the disk is not forgotten"
    assert fingerprint(back.saved.state) == fingerprint(folded(path))
    assert back.saved.accounts == folded_accounts(events_of(path))
    assert abs(tie_out(back.saved.state)) < 0.01
    done = flatbook("replay", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{back.saved.state.sequence:,} batches over" in done.stdout
    assert "every one equal" in done.stdout


def test_no_fill_is_lost_and_none_is_counted_twice_and_the_venues_agree(killed, run):
    before = [event for event in events_of(killed) if isinstance(event, Fill)]
    desk, said = run("--for", "75s", speed=0)
    desk.communicate(timeout=60)
    events = events_of(killed)
    fills = [event for event in events if isinstance(event, Fill)]
    assert fills[: len(before)] == before
    assert len({fill.fill_id for fill in fills}) == len(fills) > len(before)
    assert f"{len(before)} fills" in said[0]
    last_fill = max(place for place, event in enumerate(events) if isinstance(event, Fill))
    stated = [event for event in events[: last_fill + 1] if isinstance(event, BalanceStatement | PositionStatement)]
    assert len(stated) > 10, "a minute has passed, and the venues have stated what they hold"
    state = folded(killed)
    validate(state)
    assert state.pnl.fill_count == len(fills)
    assert state.breaker.mode is Mode.RUNNING, state.breaker.reason


def test_what_was_in_the_market_is_asked_about_before_anything_is_decided(killed, lively):
    before = folded(killed)
    assert len(before.orders.open) > 500
    opened = open_desk(load_config(lively), "simulated", None, killed.parent, lambda text: None)
    try:
        events = [*opened.first, *opened.world.advance(opened.start_ns)]
        effects = opened.desk.turn(events, opened.start_ns)
        gone = {event.order_id for event in events if isinstance(event, OrderCancelled)}
        assert gone == set(before.orders.open)
        assert RecoveredEvent(before.sequence) in events
        asked = {effect.order_id for effect in effects if hasattr(effect, "order_id")}
        assert not asked & gone, "nobody asks about an order that is gone"
    finally:
        opened.world.close()
        opened.journal.close()


def test_a_desk_killed_before_its_first_batch_begins_where_it_was(path, lively, flatbook):
    settings, said = load_config(lively), []
    opened = open_desk(settings, "simulated", 11, path.parent, said.append)
    opened.world.close()
    opened.journal.close()
    done = flatbook("run", "--headless", "--speed", 0, "--for", "2s", "--config", lively, "--var", path.parent)
    assert done.returncode == 0, done.stderr
    with JournalReader(path) as reader:
        assert reader.header.seed == 11
        assert reader.last_sequence >= 20


def test_a_desk_killed_before_its_capital_came_in_still_receives_it(path, lively, flatbook):
    opened = open_desk(load_config(lively), "simulated", None, path.parent, lambda text: None)
    opened.desk.turn([*opened.first, *opened.world.advance(opened.start_ns)], opened.start_ns)
    assert opened.desk.state.ledger.count == 0
    opened.world.close()
    opened.journal.close()
    done = flatbook("run", "--headless", "--speed", 0, "--for", "2s", "--config", lively, "--var", path.parent)
    assert done.returncode == 0, done.stderr
    assert sum(isinstance(event, Deposited) for event in events_of(path)) == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_a_desk_that_is_asked_to_stop_says_where_its_journal_is(run, path, number):
    desk, _ = run(speed=1)
    wait_for(path, batches=2)
    desk.send_signal(number)
    rest = desk.communicate(timeout=30)[0]
    assert desk.returncode == 0
    goodbye = rest.strip().splitlines()[-1]
    assert re.fullmatch(
        rf"Stopped after batch [\d,]+ at \S+Z\. The journal is {path}; `flatbook replay {path}` runs it again\.", goodbye
    )
    assert not list(path.parent.glob("*-wal")), "a desk that stopped leaves one file"
    assert replay_journal(path).difference is None


def test_a_stopped_desk_comes_back_from_its_last_word(run, path):
    desk, _ = run("--for", "20s")
    desk.communicate(timeout=60)
    with Journal.open(path) as journal:
        back = recover(journal)
    assert back.replayed == 0
    assert back.snapshot_sequence == back.saved.state.sequence > 50
    assert fingerprint(back.saved.state) == fingerprint(folded(path))


def test_a_second_desk_on_the_same_journal_is_refused_and_the_first_goes_on(run, path, flatbook, lively):
    desk, _ = run(speed=1)
    wait_for(path)
    second = flatbook("run", "--headless", "--config", lively, "--var", path.parent)
    assert second.returncode == 2
    assert str(desk.pid) in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert desk.poll() is None


def test_a_journal_of_other_dice_is_refused(killed, flatbook, lively):
    done = flatbook("run", "--headless", "--config", lively, "--var", killed.parent, "--seed", 99)
    assert done.returncode == 2
    assert done.stderr == f"{killed}: was begun with seed 7, not 99; leave out --seed, or give another --var.\n"


def tamper(path: Path, sequence: int, digest: bytes) -> None:
    """Another digest for one batch, its checksum made to fit."""
    connection = sqlite3.connect(path)
    packing, body = connection.execute("SELECT packing, body FROM batch WHERE sequence = ?", (sequence,)).fetchone()
    row = (digest, row_crc(sequence, packing, digest, body), sequence)
    connection.execute("UPDATE batch SET digest = ?, crc = ? WHERE sequence = ?", row)
    connection.commit()
    connection.close()


def test_a_replay_that_differs_names_the_batch_and_exits_with_one(killed, flatbook):
    tamper(killed, 17, effects_digest((), (1.0,)))
    done = flatbook("replay", killed)
    assert done.returncode == 1
    assert done.stderr.startswith("batch 17 at ")
    assert "the 16 before it are equal" in done.stderr


def test_a_desk_does_not_go_on_from_a_journal_that_folds_otherwise(killed, flatbook, lively):
    with JournalReader(killed) as reader:
        last, (saved, _) = reader.last_sequence, reader.latest_snapshot() or (0, b"")
    assert last > saved
    tamper(killed, last, effects_digest((), (1.0,)))
    with Journal.open(killed) as journal, pytest.raises(InputFault, match=f"batch {last} gives other effects"):
        recover(journal)
    done = flatbook("run", "--headless", "--config", lively, "--var", killed.parent)
    assert done.returncode == 2


def test_a_damaged_batch_is_named(killed, flatbook):
    connection = sqlite3.connect(killed)
    connection.execute("UPDATE batch SET body = zeroblob(length(body)) WHERE sequence = 5")
    connection.commit()
    connection.close()
    done = flatbook("replay", killed)
    assert done.returncode == 2
    assert "batch 5: is damaged" in done.stderr


def test_the_journal_of_a_running_desk_can_be_replayed(run, path):
    desk, _ = run()
    wait_for(path, batches=30)
    outcome = replay_journal(path)
    assert outcome.difference is None
    assert outcome.batches >= 30
    assert desk.poll() is None
