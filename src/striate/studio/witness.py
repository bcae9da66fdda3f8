"""The studio's end of a witness: a process that looks at one run's checkpoints, asked again when there is a new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from striate.studio.jobs import Job

REST = 8.0  # times as long as a look computed until the next one: a training has the machine to itself most of the time
LEAST_REST_SECONDS = 0.3
MOST_STARTS = 3
RETRY_SECONDS = 5.0
_ALONE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Witness:
    """A process for one run; begun with the training, so that both load at once, and again should it break."""

    def __init__(self, name: str, run: Path, job: Job) -> None:
        """Begin nothing yet."""
        self.name, self.run, self.job = name, run, job
        self.problem: str | None = None
        self._process: subprocess.Popen[str] | None = None
        self._starts, self._next, self._asked = 0, 0.0, False
        self._seen: object = None
        self._answers: list[dict[str, Any] | None] = []  # by the thread that listens; None is the end

    def turn(self, chosen: int) -> bool:
        """Take up its answer and ask it anew where there is something to see; whether a moment came to the album."""
        is_new = False
        while self._answers:
            answer = self._answers.pop(0)
            is_new |= self._hear(answer)
        mark = self._read_mark(), chosen
        if self._asked or mark == self._seen or (time.monotonic() < self._next and self._must_rest):
            return is_new
        if self._process is None and not self._begin(mark[0] is not None or self.job.is_alive):
            return is_new
        if mark[0] is None:
            return is_new
        self._ask(chosen)
        self._seen = mark
        return is_new

    @property
    def _must_rest(self) -> bool:
        """Whether a training may be at work, or the process broke just now."""
        return self._process is None or not self.job.exists or self.job.is_alive

    def close(self) -> None:
        """End it. It ends by itself when nobody is there to ask."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        process.kill()
        process.wait()

    def _hear(self, answer: dict[str, Any] | None) -> bool:
        self._asked = False
        self._next = time.monotonic() + max(LEAST_REST_SECONDS, REST * (answer or {}).get("seconds", 0.0))
        if answer is None or "problem" in answer:
            self.problem = (answer or {}).get("problem", self.problem)  # its end comes behind what it said last
            self.close()
            self._seen, self._next = None, time.monotonic() + RETRY_SECONDS
            return False
        if answer["again"]:
            self._seen, self._next = None, 0.0
        return bool(answer["new"])

    def _begin(self, is_worth_it: bool) -> bool:
        if self._starts >= MOST_STARTS or not is_worth_it:
            return False
        self._starts += 1
        command = [sys.executable, "-P", "-m", "striate.studio.witnessing", str(self.run), str(self.job.folder)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ALONE},
            text=True,
            start_new_session=True,
        )
        Thread(target=self._listen, args=(self._process,), name="striate-witness", daemon=True).start()
        return True

    def _ask(self, chosen: int) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        self._asked = True
        with suppress(OSError):  # its end is heard by who listens
            process.stdin.write(f"{chosen}\n")
            process.stdin.flush()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                with suppress(ValueError):
                    self._answers.append(json.loads(line))
        if process is self._process:
            self._answers.append(None)

    def _read_mark(self) -> int | None:
        """What changes when a checkpoint comes or goes; None before the run has a folder."""
        try:
            (self.run / "settings.json").stat()
            return (self.run / "state").stat().st_mtime_ns
        except OSError:
            return None
