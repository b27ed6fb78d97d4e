"""What cannot be used is said in one sentence, and left as it was found."""

import contextlib
import sqlite3

import pytest

from flatbook.basics import InputFault
from flatbook.journal import Journal, JournalFault, JournalReader, database


def alter(path, statement, *arguments):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(statement, arguments)
        connection.commit()


def test_a_journal_that_is_not_there_is_named_and_not_made(path):
    for opening in (Journal.open, JournalReader):
        with pytest.raises(InputFault, match=r"desk\.journal: there is no such journal; check the name"):
            opening(path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"BTC,1,2\n" * 1000, b"SQLite format 3\x00" + b"\x07" * 5000], ids=["empty", "a CSV", "junk"]
)
def test_a_file_that_is_no_journal_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    for opening in (Journal.open, JournalReader):
        with pytest.raises(InputFault, match=r"desk\.journal: is not a flatbook journal; name the file"):
            opening(path)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_somebody_elses_database_is_refused_and_left_alone(path):
    alter(path, "CREATE TABLE batch (sequence INTEGER)")
    before = path.read_bytes()
    with pytest.raises(InputFault, match="is not a flatbook journal"):
        Journal.open(path)
    assert path.read_bytes() == before


def test_a_journal_is_never_written_over(path, written, header):
    before = path.read_bytes()
    with pytest.raises(InputFault, match=r"desk\.journal: is there already; open it"):
        Journal.create(path, header)
    assert path.read_bytes() == before


def test_the_leavings_of_another_journal_are_not_mixed_into_a_new_one(path, header):
    stray = path.with_name("desk.journal-wal")
    stray.write_bytes(b"old")
    with pytest.raises(InputFault, match=r"desk\.journal-wal: is left of another journal"):
        Journal.create(path, header)
    assert not path.exists()
    assert stray.read_bytes() == b"old"


def test_a_journal_inside_a_file_is_refused(path, header):
    path.write_text("")
    with pytest.raises(InputFault, match="cannot be a folder"):
        Journal.create(path / "inner.journal", header)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("PRAGMA user_version=99", r"desk\.journal: is a journal of format 99, and this flatbook reads format 1"),
        ("UPDATE header SET event_shape='other'", r"holds the events of flatbook .*open it with the flatbook that wrote it"),
        ("UPDATE header SET body='{}'", r"desk\.journal: its header is damaged .*restore the file from a copy"),
        ("DELETE FROM header", "its header is damaged"),
        ("DROP TABLE header", "cannot be used"),
    ],
    ids=["another format", "other events", "half a header", "no header", "no table"],
)
def test_a_journal_of_another_kind_is_refused_before_a_batch_is_read(path, written, statement, sentence):
    alter(path, statement)
    for opening in (Journal.open, JournalReader):
        with pytest.raises(InputFault, match=sentence):
            opening(path)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE batch SET body=zeroblob(length(body)) WHERE sequence=7", "is damaged: its checksum does not fit its content"),
        ("UPDATE batch SET digest=zeroblob(16) WHERE sequence=7", "is damaged"),
        ("UPDATE batch SET crc=crc+1 WHERE sequence=7", "is damaged"),
        ("UPDATE batch SET packing=1 WHERE sequence=7", "is damaged"),
        ("UPDATE batch SET body=(SELECT body FROM batch WHERE sequence=8) WHERE sequence=7", "is damaged"),
        ("DELETE FROM batch WHERE sequence=7", "is missing, though batch 8 is there"),
    ],
    ids=["body", "digest", "checksum", "packing", "another's body", "missing"],
)
def test_a_damaged_batch_is_named_and_those_before_it_are_still_read(path, written, statement, sentence):
    alter(path, statement)
    with JournalReader(path) as reader:
        stream = reader.batches()
        assert [next(stream).batch.sequence for _ in range(6)] == [1, 2, 3, 4, 5, 6]
        with pytest.raises(InputFault, match=rf"desk\.journal, batch 7: {sentence}.*batches up to 6 are sound"):
            next(stream)


def test_a_batch_with_a_sound_checksum_and_another_number_is_named(path, written, monkeypatch):
    alter(path, "UPDATE batch SET body=(SELECT body FROM batch WHERE sequence=8) WHERE sequence=7")
    monkeypatch.setattr("flatbook.journal.codec.row_crc", _crc_on_file(path))
    with JournalReader(path) as reader, pytest.raises(InputFault, match=r"batch 7: holds batch 8"):
        list(reader.batches())


def test_a_batch_with_a_sound_checksum_and_no_events_in_it_is_named(path, written, monkeypatch):
    alter(path, "UPDATE batch SET body=x'c1' WHERE sequence=7")
    monkeypatch.setattr("flatbook.journal.codec.row_crc", _crc_on_file(path))
    with JournalReader(path) as reader, pytest.raises(InputFault, match=r"batch 7: is unreadable: is not a batch of events"):
        list(reader.batches())


def _crc_on_file(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        known = dict(connection.execute("SELECT sequence, crc FROM batch"))
    return lambda sequence, *_: known[sequence]


def test_a_desk_does_not_start_on_a_journal_with_a_hole(path, written):
    alter(path, "DELETE FROM batch WHERE sequence=7")
    with pytest.raises(InputFault, match=r"batch 7: is missing"):
        Journal.open(path)
    with JournalReader(path) as reader:
        assert reader.last_sequence == 20
    assert not path.with_name("desk.journal.lock").exists()


def test_a_desk_does_not_start_on_a_journal_without_its_first_batch(path, written):
    alter(path, "DELETE FROM batch WHERE sequence=1")
    with pytest.raises(InputFault, match=r"batch 1: is missing, though batch 2 is there; restore the file from a copy\.$"):
        Journal.open(path)


def test_a_page_of_garbage_is_named_with_the_file(path, written):
    content = bytearray(path.read_bytes())
    content[3 * 8192 : 4 * 8192] = bytes([0xAA]) * 8192
    path.write_bytes(content)
    with pytest.raises(InputFault, match=r"desk\.journal.*restore the file from a copy"):
        _read_everything(path)


def _read_everything(path):
    with JournalReader(path) as reader:
        list(reader.batches())
        reader.latest_snapshot()


def test_a_damaged_snapshot_is_passed_over_for_an_older_one(path, header, fill):
    with Journal.create(path, header) as journal:
        for sequence in (5, 10):
            fill(journal, sequence)
            journal.save_snapshot(sequence, b"state" * 100)
    alter(path, "UPDATE snapshot SET body=zeroblob(500) WHERE sequence=10")
    with Journal.open(path) as journal:
        assert journal.latest_snapshot() == (5, b"state" * 100)
    alter(path, "UPDATE snapshot SET crc=0")
    with Journal.open(path) as journal:
        assert journal.latest_snapshot() is None


def test_a_failed_write_is_heard_of_at_the_next_word_and_at_every_later_one(path, header, batch, digest, fill):
    journal = Journal.create(path, header)
    fill(journal, 3)
    journal.wait_durable(3)
    alter(path, "ALTER TABLE batch RENAME TO away")
    fill(journal, 4)
    sentence = r"desk\.journal: batches after 3 could not be written \(no such table: batch\); .*resumes after 3\.$"
    for word in (
        lambda: journal.wait_durable(4),
        lambda: journal.append(batch(5), digest(5)),
        lambda: journal.save_snapshot(4, b""),
        journal.flush,
        journal.batches,
        journal.close,
    ):
        with pytest.raises(JournalFault, match=sentence):
            word()
    alter(path, "ALTER TABLE away RENAME TO batch")
    with Journal.open(path) as again:
        assert again.last_sequence == 3


def test_a_failure_nobody_asked_about_is_heard_of_at_the_close(path, header, fill):
    journal = Journal.create(path, header)
    fill(journal, 2)
    journal.flush()
    alter(path, "DROP TABLE batch")
    fill(journal, 3)
    with pytest.raises(JournalFault, match="batches after 2 could not be written"):
        journal.close()


def test_a_bug_in_the_writer_is_not_swallowed(path, header, fill, monkeypatch):
    def broken(*_):
        raise RuntimeError("planted")

    monkeypatch.setattr("flatbook.journal.writer.codec.row_crc", broken)
    journal = Journal.create(path, header)
    fill(journal, 1)
    with pytest.raises(JournalFault, match=r"planted.*report this as a bug") as caught:
        journal.flush()
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(JournalFault):
        journal.close()


def test_a_file_system_without_wal_is_refused(path, written, monkeypatch):
    monkeypatch.setattr(database, "_connect", lambda *_: sqlite3.connect(":memory:", isolation_level=None))
    with pytest.raises(InputFault, match=r"refuses WAL \(it gives memory\); keep it on a local disk"):
        database.open_writer(path)


FULL_DISK = """
import resource, signal, sys
from flatbook.events import Batch, Deposited
from flatbook.journal import Journal, JournalFault, effects_digest
from decimal import Decimal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
deposits = tuple(Deposited(f"transfer-{n}", "ven", "BTC", Decimal(n)) for n in range(100))
digest = effects_digest((), ())
try:
    while True:
        sequence = journal.last_sequence + 1
        journal.append(Batch(sequence, sequence, deposits), digest)
        journal.wait_durable(sequence)
        print(sequence)
except JournalFault as fault:
    print(fault)
"""


def test_a_full_disk_stops_the_desk_and_takes_nothing_back(path, written, start_script):
    output, errors = start_script(FULL_DISK, path).communicate(timeout=60)
    *acknowledged, sentence = output.splitlines()
    assert "could not be written" in sentence, errors
    assert "restart the desk" in sentence
    with Journal.open(path) as journal:
        assert journal.last_sequence == int(acknowledged[-1])
        assert len(list(journal.batches())) == journal.last_sequence
