"""A job: a process in a session of its own that outlives the studio, found again by the lock that it holds.

The lock is taken on a file that the process inherits open, so the system itself lets go of it when the process ends,
however that comes about, and no number of another process is ever mistaken for it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from striate.errors import InputError

if sys.platform != "win32":
    import fcntl

HELD, RECORD, LOG, ANSWER = "held", "job.json", "log.txt", "answer.json"
PATIENCE_SECONDS = 0.5  # for others who only look whether the lock is held
MOST_LOG_BYTES = 1 << 16
_children: list[subprocess.Popen[bytes]] = []  # of this process, to be collected when they have ended


@dataclass(frozen=True)
class Record:
    """What is known of a job's last sitting.

    `birth` is when its process began, as the system counts; `log_start` where in the log its lines begin; `stopping`
    whether it was asked to stop.
    """

    pid: int | None = None
    birth: str | None = None
    log_start: int = 0
    stopping: bool = False


class Job:
    """A job's folder: its lock, what is known of its process, what that printed."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read or written."""
        self.folder = folder

    @property
    def exists(self) -> bool:
        """Whether it was ever begun."""
        return (self.folder / RECORD).is_file()

    @property
    def record(self) -> Record:
        """What is known of the last sitting; nothing where that can't be read."""
        try:
            return Record(**json.loads((self.folder / RECORD).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return Record()

    @property
    def is_alive(self) -> bool:
        """Whether its process runs: the lock is held, and the process is the one that was begun."""
        record = self.record
        if not _is_held(self.folder / HELD):
            return False
        return record.birth is None or record.pid is None or read_birth(record.pid) == record.birth

    def begin(self, arguments: Sequence[str], cwd: Path) -> None:
        """Start a process: its own session, nothing to read, its output below the folder.

        Raises:  InputError while an earlier process of this job runs, and where the system has no such locks.
        """
        if sys.platform == "win32":
            raise InputError("trainings can't be started from the page on Windows: use striate train in a terminal")
        collect()
        self.folder.mkdir(parents=True, exist_ok=True)
        held = os.open(self.folder / HELD, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(held, self.folder.name)
            with (self.folder / LOG).open("ab") as log, (self.folder / ANSWER).open("wb") as answer:
                start = log.tell()
                self._write(Record(log_start=start))
                child = subprocess.Popen(
                    [*arguments],
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=answer,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=(held,),
                )
            _children.append(child)
            self._write(Record(child.pid, read_birth(child.pid), start))
        finally:
            os.close(held)

    def stop(self, *, at_once: bool = False) -> None:
        """Ask the process to save its state and end, or end it at once. One that has ended is no error.

        The wish is SIGTERM, not SIGINT: a studio that a shell started in the background hands an ignored SIGINT on.
        """
        record = self.record
        if record.pid is None or not self.is_alive:
            return
        self._write(replace(record, stopping=True))
        number = signal.SIGKILL if at_once and sys.platform != "win32" else signal.SIGTERM
        with suppress(ProcessLookupError):
            if sys.platform != "linux":
                os.kill(record.pid, number)
                return
            process = os.pidfd_open(record.pid)  # stays this very process, whatever happens to its number
            try:
                if self.is_alive:
                    signal.pidfd_send_signal(process, number)
            finally:
                os.close(process)

    def read_log(self) -> list[str]:
        """The lines of the last sitting, the last ones where there are very many."""
        try:
            with (self.folder / LOG).open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(min(self.record.log_start, end), end - MOST_LOG_BYTES))
                return log.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return []

    def _write(self, record: Record) -> None:
        draft = self.folder / f".{RECORD}.{os.getpid()}"
        draft.write_text(json.dumps(asdict(record)), "utf-8")
        os.replace(draft, self.folder / RECORD)


def collect() -> None:
    """Take note of the children that have ended, so that none stays behind as a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]


def read_birth(pid: int) -> str | None:
    """When a process began, as the system counts; None where that isn't told, or where there is none.

    >>> read_birth(os.getpid()) == read_birth(os.getpid())
    True
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def _take(file: int, name: str) -> None:
    """Take the lock for good. Raises: InputError where a process holds it."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not _lock(file, exclusive=True):
        if time.monotonic() > end:
            raise InputError(f"{name}: is being trained already")
        time.sleep(0.01)


def _is_held(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _lock(file, exclusive=False)
    finally:
        os.close(file)


def _lock(file: int, *, exclusive: bool) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
