"""The watch over the runs that a page follows: it looks at their folders and tells the pages what has changed.

It lasts as long as somebody follows: a page says so again and again, and what isn't followed for a while is let go of.
News are no more than a name; the page asks for the rest, so that nothing depends on whether a piece of news arrived.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from striate.studio.stream import Stream
from striate.studio.trainings import Trainings
from striate.studio.witness import Witness

LEASE_SECONDS = 40.0
TICK_SECONDS = 0.2
LIST_SECONDS = 1.0
RUN, RUNS, MOMENTS = "run", "runs", "moments"
_FILES = ("settings.json", "history.jsonl", "result.json", "report.html", "weights.safetensors")


class Watch:
    """A thread that looks at followed runs, and the witness of the run that was followed last."""

    def __init__(self, runs: Path, stream: Stream, lease_seconds: float = LEASE_SECONDS) -> None:
        """Watch nothing yet."""
        self.trainings, self.stream, self.lease_seconds = Trainings(runs), stream, lease_seconds
        self._ends: dict[str, float] = {}
        self._chosen: dict[str, int] = {}
        self._seen: dict[str, object] = {}
        self._lock, self._stopped = Lock(), Event()
        self._thread: Thread | None = None
        self._witness: Witness | None = None

    @property
    def is_running(self) -> bool:
        """Whether anything is watched."""
        return self._thread is not None and self._thread.is_alive()

    def follow(self, name: str, sample: int | None = None) -> None:
        """Watch a run for a while from now on; `sample` is the one whose maps are wanted."""
        with self._lock:
            self._ends.pop(name, None)  # the last one in the dict was followed last
            self._ends[name] = time.monotonic() + self.lease_seconds
            if sample is not None:
                self._chosen[name] = sample
            if name not in self._seen:  # before whoever follows is told how it stands, so that no change is lost
                self._seen[name] = read_marks(self.trainings, name)
            if not self.is_running and not self._stopped.is_set():
                self._thread = Thread(target=self._run, name="striate-watch", daemon=True)
                self._thread.start()

    def find_problem(self, name: str) -> str | None:
        """Why the moments of the run that was followed last can't be looked at; None where they can, or may yet."""
        witness = self._witness
        return None if witness is None or witness.name != name else witness.problem

    def close(self) -> None:
        """Let go of everything."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(30)
        self._leave()

    def _run(self) -> None:
        listed = _Listed(self.trainings)
        while not self._stopped.wait(TICK_SECONDS):
            with self._lock:
                now = time.monotonic()
                self._ends = {name: end for name, end in self._ends.items() if end > now}
                self._seen = {name: marks for name, marks in self._seen.items() if name in self._ends}
                names = list(self._ends)
                if not names:
                    self._leave()  # before another thread may begin
                    self._thread = None
                    return
            for name in names:
                self._compare(name)
            if listed.changed():
                self.stream.publish(RUNS, {})
            self._attend(names[-1])
        self._leave()

    def _compare(self, name: str) -> None:
        """Tell of a run whose folder or process is otherwise than before."""
        found = read_marks(self.trainings, name)
        if self._seen.get(name) != found:
            self._seen[name] = found
            self.stream.publish(RUN, {"name": name})

    def _attend(self, name: str) -> None:
        """Have the run that was followed last looked at; one witness at a time."""
        if self._witness is not None and self._witness.name != name:
            self._leave()
        if self._witness is None:
            self._witness = Witness(name, self.trainings.runs / name, self.trainings.job(name))
        if self._witness.turn(self._chosen.get(name, 0)):
            self.stream.publish(MOMENTS, {"name": name})

    def _leave(self) -> None:
        witness, self._witness = self._witness, None
        if witness is not None:
            witness.close()


class _Listed:
    """Which runs there are and how they stand, looked at now and then."""

    def __init__(self, trainings: Trainings) -> None:
        self.trainings, self.next = trainings, 0.0
        self.before = self._read()

    def changed(self) -> bool:
        """Whether it is otherwise than at the last look."""
        if time.monotonic() < self.next:
            return False
        self.next = time.monotonic() + LIST_SECONDS
        before, self.before = self.before, self._read()
        return before != self.before

    def _read(self) -> object:
        names = self.trainings.list_names()[:50]
        return names, [(self.trainings.job(name).is_alive, read_mark(self._history(name))) for name in names]

    def _history(self, name: str) -> Path:
        return self.trainings.runs / name / "history.jsonl"


def read_marks(trainings: Trainings, name: str) -> object:
    """What tells whether anything of a run has changed: its files' times and sizes, and whether its process lives."""
    run, job = trainings.runs / name, trainings.job(name)
    files = [run / file for file in _FILES] + [job.folder / "log.txt", job.folder / "job.json"]
    return [read_mark(path) for path in files], job.is_alive


def read_mark(path: Path) -> tuple[int, int] | None:
    """A file's time and size; None where there is none."""
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return None
