"""The SQLite file: its tables, how it is created whole or not at all, and how it is opened.

One row a batch. `packing` says whether `body` is plain or deflated; `crc` covers the whole row. The file is known by its
application id, its format by user_version; the header row adds the shape of the events it holds.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from flatbook.basics import InputFault
from flatbook.journal.codec import event_shape
from flatbook.journal.header import FORMAT_VERSION, Header

_APPLICATION_ID = 0x464C4254  # "FLBT"
_PAGE_BYTES = 8192  # measured under load: a fifth faster than 4096 on batches of 300 to 2,000 bytes
_BUSY_MS = 10_000
_TABLES = (
    "CREATE TABLE header (body TEXT NOT NULL, event_shape TEXT NOT NULL) STRICT",
    "CREATE TABLE batch (sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL, packing INTEGER NOT NULL,"
    " crc INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
    "CREATE TABLE snapshot (sequence INTEGER PRIMARY KEY, crc INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
)


def create_file(path: Path, header: Header) -> None:
    """Bring a journal without batches into being at `path`, at once: a kill leaves the whole file or none."""
    draft = path.with_name(path.name + ".new")
    _discard(draft)  # what a kill left behind
    try:
        with faults_named(path), closing(_connect(draft, "rwc")) as connection:
            _lay_out(connection, header)
        os.rename(draft, path)
    except BaseException:
        _discard(draft)
        raise
    _sync_folder(path.parent)


def _discard(draft: Path) -> None:
    for leftover in (draft, draft.with_name(draft.name + "-journal")):
        leftover.unlink(missing_ok=True)


def _lay_out(connection: sqlite3.Connection, header: Header) -> None:
    connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
    _make_durable(connection)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={header.format_version}")
    for table in _TABLES:
        connection.execute(table)
    connection.execute("INSERT INTO header VALUES (?, ?)", (msgspec.json.encode(header).decode(), event_shape()))
    connection.execute("COMMIT")


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, for the journal of a running, a stopped or a killed desk."""
    if not path.is_file():
        raise InputFault("there is no such journal", where=str(path), remedy="check the name, or start a desk to make one")
    with faults_named(path):
        return _connect(path, "ro")


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes: WAL, and every commit synced to the disk before it counts."""
    with faults_named(path):
        connection = _connect(path, "rw")
        _make_durable(connection)
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        raise InputFault(f"the file system refuses WAL (it gives {mode})", where=str(path), remedy="keep it on a local disk")
    return connection


def close_writer(connection: sqlite3.Connection) -> None:
    """Close, folding the WAL back so that the journal is one file again; a reader still at work prevents that, harmlessly."""
    try:
        connection.execute("PRAGMA busy_timeout=0")
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error:
        # Everything is durable in the WAL already, and the next opening finds it there.
        pass
    finally:
        connection.close()


def read_header(connection: sqlite3.Connection, path: Path) -> Header:
    """The header of a journal this version can read; InputFault if it is none, or one of another format."""
    with faults_named(path):
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != _APPLICATION_ID:
            raise _not_a_journal(path)
        _check_format(path, version)
        row = connection.execute("SELECT body, event_shape FROM header").fetchone()
    return _checked_header(path, row)


def _check_format(path: Path, version: int) -> None:
    if version != FORMAT_VERSION:
        raise InputFault(
            f"is a journal of format {version}, and this flatbook reads format {FORMAT_VERSION}",
            where=str(path),
            remedy="open it with the flatbook that wrote it",
        )


def _checked_header(path: Path, row: tuple[str, str] | None) -> Header:
    try:
        header = msgspec.json.decode(row[0] if row else "", type=Header)
    except msgspec.DecodeError as error:
        raise InputFault(f"its header is damaged ({error})", where=str(path), remedy="restore the file from a copy") from None
    if row is None or row[1] != event_shape():
        raise InputFault(
            f"holds the events of flatbook {header.flatbook_version}, which this version writes differently",
            where=str(path),
            remedy="open it with the flatbook that wrote it",
        )
    return header


@contextmanager
def faults_named(path: Path, part: str = "") -> Iterator[None]:
    """Turn what SQLite complains about into one sentence that names the file, and the `part` of it."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise _not_a_journal(path) from None
        where = f"{path}, {part}" if part else str(path)
        raise InputFault(f"cannot be used ({error})", where=where, remedy=remedy(error)) from None


def remedy(error: sqlite3.Error) -> str:
    """What a person can do about it."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_CORRUPT:
            return "restore the file from a copy"
        case sqlite3.SQLITE_FULL:
            return "free some disk space"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "close the program that is writing to it"
        case _:
            return "see that the file and its folder can be read and written"


def _not_a_journal(path: Path) -> InputFault:
    return InputFault("is not a flatbook journal", where=str(path), remedy="name the file that `flatbook run` wrote")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    return connection


def _make_durable(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous=FULL")
    # On macOS a plain fsync leaves the bytes in the drive's cache; elsewhere this changes nothing.
    connection.execute("PRAGMA fullfsync=ON")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
