"""One desk, one journal: a lock that dies with its process."""

import fcntl
import os
import weakref
from pathlib import Path

from flatbook.basics import InputFault


class DeskLock:
    """The right to write to the journal at `path`, held through `PATH.lock` until released or until the process ends.

    The kernel drops it on any death, `kill -9` included, so a lock file that was left behind bars nobody.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises InputFault when another desk has it, and names that process."""
        self._path = path.with_name(path.name + ".lock")
        self._handle = _locked(self._path, path)
        os.truncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)
        _HELD.add(self)

    def release(self) -> None:
        """Let the next desk in. Releasing twice is releasing once."""
        if self._handle >= 0:
            self._path.unlink(missing_ok=True)
            self.forget()

    def forget(self) -> None:
        """Close our handle and leave the file: what a forked child does, which must not keep its parent's lock alive."""
        os.close(self._handle)
        self._handle = -1
        _HELD.discard(self)


_HELD: weakref.WeakSet[DeskLock] = weakref.WeakSet()


def _forget_in_child() -> None:
    for lock in list(_HELD):
        lock.forget()


os.register_at_fork(after_in_child=_forget_in_child)


def _locked(lock_path: Path, journal_path: Path) -> int:
    while True:
        handle = _opened(lock_path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode(errors="replace").strip()
            os.close(handle)
            raise _in_use(journal_path, holder) from None
        if _is_still(lock_path, handle):
            return handle
        # The former holder removed the file between our opening and our locking it: this lock guards nothing.
        os.close(handle)


def _opened(lock_path: Path) -> int:
    try:
        return os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        remedy = "give the journal a folder that this user may write to"
        raise InputFault(f"cannot be made ({error.strerror})", where=str(lock_path), remedy=remedy) from None


def _is_still(lock_path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(lock_path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _in_use(path: Path, holder: str) -> InputFault:
    by = f" (process {holder})" if holder else ""
    return InputFault(
        f"another desk is writing to this journal{by}",
        where=str(path),
        remedy="stop that desk first, or give this one a journal of its own",
    )
