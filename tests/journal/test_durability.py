"""`kill -9` at any instant: what was acknowledged is there, in order and readable."""

import os
import random
import shutil
import signal
import sys
import time

import pytest

from flatbook.basics import InputFault
from flatbook.journal import Journal, JournalReader

DESK = """
import sys
from flatbook.events import Batch, Beat, Top
from flatbook.journal import Journal, effects_digest
journal = Journal.open(sys.argv[1])
wait_every = int(sys.argv[2])
print("open", flush=True)
while True:
    sequence = journal.last_sequence + 1
    tops = (Top(row, 100.0 + sequence, 101.0, 1.0, 2.0, sequence) for row in range(sequence % 40))
    journal.append(Batch(sequence, sequence, (Beat(), *tops)), effects_digest((), (float(sequence),)))
    if sequence % 50 == 0:
        journal.save_snapshot(sequence, bytes([sequence % 256]) * 20_000)
    if sequence % wait_every == 0:
        journal.wait_durable(sequence)
        print(sequence, flush=True)
"""

HOLDER = """
import os, sys, time
from flatbook.journal import Journal
journal = Journal.open(sys.argv[1])
child = os.fork() if sys.argv[2] == "fork" else -1
if child == 0:
    os.close(1), os.close(2)
    time.sleep(60)
print(child, flush=True)
time.sleep(60)
"""

CREATOR = """
import os, signal, sqlite3, sys
from flatbook.journal import Journal, database, new_header
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def lay_out_half(connection, header):
    connection.execute(database._TABLES[0])
    connection.execute("BEGIN")
    connection.execute(database._TABLES[1])
    die()
if sys.argv[2] == "half laid out":
    database._lay_out = lay_out_half
elif sys.argv[2] == "before it has its name":
    database.os.rename = die
else:
    database._sync_folder = die
Journal.create(sys.argv[1], new_header(created_ns=1, seed=1, market="simulated"))
"""


def kill(child):
    child.send_signal(signal.SIGKILL)
    output, errors = child.communicate()
    assert child.returncode == -signal.SIGKILL, errors
    return output


def check_whole(path, acknowledged):
    """Contiguous from 1, each batch what its number says, none acknowledged and lost, the snapshot sound."""
    with JournalReader(path) as reader:
        entries = list(reader.batches())
        snapshot = reader.latest_snapshot()
    assert [entry.batch.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert all(len(entry.batch.events) == 1 + entry.batch.sequence % 40 for entry in entries)
    assert len(entries) >= acknowledged
    if snapshot:
        sequence, blob = snapshot
        assert sequence <= len(entries)
        assert blob == bytes([sequence % 256]) * 20_000
    return len(entries)


@pytest.mark.parametrize(("seed", "wait_every"), [(1, 1), (2, 7), (3, 500)], ids=["each waited for", "some", "few"])
def test_a_desk_killed_again_and_again_loses_nothing_it_had_acknowledged(path, header, start_script, seed, wait_every):
    rng = random.Random(seed)
    Journal.create(path, header).close()
    acknowledged = 0
    for _ in range(4):
        desk = start_script(DESK, path, wait_every)
        assert desk.stdout.readline() == "open\n", desk.communicate()
        time.sleep(rng.uniform(0.0, 0.25))
        # The kill may cut the last line short; only a whole line was a promise.
        *told, _ = kill(desk).split("\n")
        acknowledged = max([acknowledged, *map(int, told)])
        check_whole(path, acknowledged)
    with Journal.open(path) as journal:
        assert journal.last_sequence == check_whole(path, acknowledged)
    assert acknowledged > 0


@pytest.mark.parametrize("moment", ["half laid out", "before it has its name", "after it has its name"])
def test_a_kill_while_the_journal_is_made_leaves_a_whole_one_or_none(path, header, start_script, moment):
    creator = start_script(CREATOR, path, moment)
    creator.communicate(timeout=60)
    assert creator.returncode == -signal.SIGKILL
    assert path.exists() == (moment == "after it has its name")
    opened = Journal.open(path) if path.exists() else Journal.create(path, header)
    opened.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.fixture
def killed(path, header, fill, tmp_path):
    """The files of a desk that stopped dead after forty separate commits: journal and WAL, side by side."""
    remains = tmp_path / "remains" / path.name
    remains.parent.mkdir()
    with Journal.create(path, header) as journal:
        for sequence in range(1, 41):
            fill(journal, sequence)
            journal.wait_durable(sequence)
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{remains}{suffix}")
    return remains


def recovered(remains):
    with Journal.open(remains) as journal:
        assert len(list(journal.batches())) == journal.last_sequence
        return journal.last_sequence


def test_what_only_the_wal_held_is_recovered(killed):
    assert recovered(killed) == 40


def test_a_torn_tail_costs_only_what_it_held(killed, tmp_path):
    wal = (killed.parent / f"{killed.name}-wal").read_bytes()
    found = []
    for kept in sorted(random.Random(5).sample(range(len(wal)), 12)):
        torn = tmp_path / f"torn-{kept}.journal"
        shutil.copy(killed, torn)
        torn.with_name(f"{torn.name}-wal").write_bytes(wal[:kept])
        found.append(recovered(torn))
    assert found == sorted(found)
    assert found[0] < found[-1] <= 40


def test_a_tail_of_garbage_costs_only_the_commit_it_hit(killed):
    wal = killed.parent / f"{killed.name}-wal"
    content = bytearray(wal.read_bytes())
    content[-100:] = bytes(100)
    wal.write_bytes(content)
    assert recovered(killed) == 39


def test_a_second_desk_is_refused_and_told_what_to_do(path, written):
    with Journal.open(path):
        sentence = rf"another desk is writing to this journal \(process {os.getpid()}\); stop that desk first"
        with pytest.raises(InputFault, match=sentence):
            Journal.open(path)
        with JournalReader(path) as reader:
            assert reader.last_sequence == 20
    with Journal.open(path) as journal:
        assert journal.last_sequence == 20


def test_a_desk_in_another_process_is_named_and_its_death_opens_the_journal(path, written, start_script):
    holder = start_script(HOLDER, path, "alone")
    assert holder.stdout.readline() == "-1\n"
    with pytest.raises(InputFault, match=rf"another desk .*\(process {holder.pid}\)"):
        Journal.open(path)
    kill(holder)
    with Journal.open(path) as journal:
        assert journal.last_sequence == 20


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_page_forked_off_a_killed_desk_does_not_keep_its_journal(path, written, start_script):
    holder = start_script(HOLDER, path, "fork")
    page = int(holder.stdout.readline())
    try:
        kill(holder)
        os.kill(page, 0)  # the forked process is still alive
        with Journal.open(path) as journal:
            assert journal.last_sequence == 20
    finally:
        os.kill(page, signal.SIGKILL)
