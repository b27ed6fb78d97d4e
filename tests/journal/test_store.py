"""A journal in daily use: append, wait, read back, snapshot, close, go on."""

import threading
import time
from decimal import Decimal

import pytest

from flatbook.events import Batch, Deposited
from flatbook.journal import FORMAT_VERSION, Entry, Journal, JournalReader, Store, database, describe_build, encode_batch


def test_a_new_journal_knows_who_wrote_it_and_holds_nothing(path, header):
    with Journal.create(path, header) as journal:
        assert journal.header == header
        assert journal.header.format_version == FORMAT_VERSION
        assert journal.header.build == describe_build()
        assert journal.last_sequence == 0
        assert list(journal.batches()) == []
        assert journal.latest_snapshot() is None


def test_a_desk_that_comes_back_finds_every_batch_and_goes_on(path, header, batch, digest, fill):
    with Journal.create(path, header) as journal:
        fill(journal, 12)
    with Journal.open(path) as journal:
        assert journal.last_sequence == 12
        fill(journal, 15)
        assert list(journal.batches()) == [Entry(batch(n), digest(n)) for n in range(1, 16)]


def test_a_batch_waited_for_is_read_by_others_at_once(path, header, fill):
    with Journal.create(path, header) as journal, JournalReader(path) as reader:
        fill(journal, 3)
        journal.wait_durable(3)
        assert journal.durable_sequence == 3
        assert reader.last_sequence == 3
        assert [entry.batch.sequence for entry in reader.batches()] == [1, 2, 3]


def test_whoever_waits_does_not_linger_with_the_group(path, header, fill):
    with Journal.create(path, header, linger_s=60.0) as journal:
        fill(journal, 5)
        start = time.monotonic()
        journal.wait_durable(5)
        assert time.monotonic() - start < 10.0


def test_batches_nobody_waits_for_are_written_all_the_same(path, header, fill):
    with Journal.create(path, header) as journal, JournalReader(path) as reader:
        fill(journal, 2)
        deadline = time.monotonic() + 10.0
        while reader.last_sequence < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert reader.last_sequence == 2


def test_the_tail_after_a_sequence_is_streamed_over_many_pages(path, header, fill):
    with Journal.create(path, header, room=64) as journal:
        fill(journal, 1000)
        assert [entry.batch.sequence for entry in journal.batches(after=300)] == list(range(301, 1001))
        assert list(journal.batches(after=1000)) == []


def test_reading_does_not_stop_the_desk_from_writing(path, header, fill):
    with Journal.create(path, header) as journal:
        fill(journal, 600)
        stream = journal.batches()
        first = next(stream)
        fill(journal, 700)
        journal.flush()
        assert first.batch.sequence == 1
        assert [entry.batch.sequence for entry in stream] == list(range(2, 701))


def test_the_disk_sets_the_pace_when_the_queue_is_full(path, header, fill):
    with Journal.create(path, header, room=4) as journal:
        other = database.open_writer(path)
        other.execute("BEGIN IMMEDIATE")
        desk = threading.Thread(target=fill, args=(journal, 30))
        desk.start()
        desk.join(timeout=0.3)
        assert desk.is_alive()
        assert journal.last_sequence <= 8  # four waiting and four being written
        other.execute("COMMIT")
        other.close()
        desk.join(timeout=10.0)
        assert journal.last_sequence == 30
        assert len(list(journal.batches())) == 30


def test_many_desk_threads_may_wait_for_one_group(path, header, fill):
    with Journal.create(path, header) as journal:
        fill(journal, 8)
        waiters = [threading.Thread(target=journal.wait_durable, args=(n,)) for n in range(1, 9)]
        for waiter in waiters:
            waiter.start()
        for waiter in waiters:
            waiter.join(timeout=10.0)
        assert not any(waiter.is_alive() for waiter in waiters)


def test_long_batches_may_be_deflated_and_read_the_same(path, header, digest):
    deposits = tuple(Deposited(f"transfer-{n}", "ven", "BTC", Decimal(n)) for n in range(200))
    batch = Batch(1, 1, deposits)
    with Journal.create(path, header, pack_above=1024) as journal:
        journal.append(batch, digest(1))
        journal.append(Batch(2, 2, ()), digest(2))
        assert [entry.batch for entry in journal.batches()] == [batch, Batch(2, 2, ())]
        journal.flush()
        kept = journal._reader._connection.execute("SELECT packing, length(body) FROM batch ORDER BY sequence").fetchall()
    assert [packing for packing, _ in kept] == [1, 0]
    assert kept[0][1] < len(encode_batch(batch)) / 2


def test_only_the_last_three_snapshots_are_kept(path, header, fill):
    with Journal.create(path, header) as journal:
        for sequence in (10, 20, 30, 40, 50):
            fill(journal, sequence)
            journal.save_snapshot(sequence, f"state {sequence}".encode())
        assert journal.latest_snapshot() == (50, b"state 50")
        assert journal.latest_snapshot(at_most=49) == (40, b"state 40")
        assert journal.latest_snapshot(at_most=30) == (30, b"state 30")
        assert journal.latest_snapshot(at_most=29) is None


def test_a_snapshot_taken_again_replaces_the_former_one(path, header, fill):
    with Journal.create(path, header) as journal:
        fill(journal, 5)
        journal.save_snapshot(5, b"one")
        journal.save_snapshot(5, b"two")
        assert journal.latest_snapshot() == (5, b"two")


def test_a_snapshot_survives_its_desk(path, header, fill):
    with Journal.create(path, header) as journal:
        fill(journal, 5)
        journal.save_snapshot(5, bytes(100_000))
    with Journal.open(path) as journal:
        assert journal.latest_snapshot() == (5, bytes(100_000))


def test_a_journal_at_rest_is_one_file(path, written):
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    # SQLite's read and write versions are 1: it is out of WAL mode, so it can be read where nothing may be written.
    assert path.read_bytes()[18:20] == b"\x01\x01"


def test_closing_with_a_reader_still_at_work_loses_nothing(path, header, fill):
    with JournalReader(_created(path, header, fill)) as reader:
        stream = reader.batches()
        next(stream)
        with Journal.open(path) as journal:
            fill(journal, 30)
        assert [entry.batch.sequence for entry in stream] == list(range(2, 31))
    with Journal.open(path) as journal:
        assert journal.last_sequence == 30


def _created(path, header, fill):
    with Journal.create(path, header) as journal:
        fill(journal, 20)
    return path


def test_every_commit_is_synced_before_it_counts(path, written):
    connection = database.open_writer(path)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close_writer(connection)


@pytest.mark.parametrize("sequence", [1, 3, 0, -1], ids=["again", "a hole", "zero", "backwards"])
def test_a_batch_out_of_turn_is_a_bug(path, header, batch, digest, fill, sequence):
    with Journal.create(path, header) as journal:
        fill(journal, 1)
        with pytest.raises(AssertionError, match="does not follow"):
            journal.append(batch(sequence), digest(1))
        assert journal.last_sequence == 1


def test_a_wait_or_snapshot_for_what_was_never_appended_is_a_bug(path, header):
    with Journal.create(path, header) as journal:
        with pytest.raises(AssertionError, match="never appended"):
            journal.wait_durable(1)
        with pytest.raises(AssertionError, match="can be known yet"):
            journal.save_snapshot(1, b"")


def test_a_digest_of_another_length_is_a_bug(path, header, batch):
    with Journal.create(path, header) as journal, pytest.raises(AssertionError, match="sixteen"):
        journal.append(batch(1), b"short")


def test_the_journal_stands_behind_the_port_of_any_store(path, header, batch, digest):
    store: Store = Journal.create(path, header)
    store.append(batch(1), digest(1))
    store.wait_durable(1)
    store.close()
    with Journal.open(path) as journal:
        assert journal.last_sequence == 1
