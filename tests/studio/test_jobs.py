from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from striate.errors import InputError
from striate.studio.jobs import RECORD, Job, collect, read_birth

SLEEP = [
    sys.executable,
    "-c",
    "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(print('saved', file=sys.stderr)));"
    "print('begun', file=sys.stderr, flush=True); time.sleep(600)",
]


def is_stopping(job: Job) -> bool:
    return job.record.stopping


def wait(job: Job, *, alive: bool, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while job.is_alive != alive or (alive and job.read_log() != ["begun"]):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "jobs" / "a")


def test_a_job_is_begun_stopped_and_begun_again(job: Job, tmp_path: Path) -> None:
    assert not job.exists
    assert not job.is_alive
    job.begin(SLEEP, tmp_path)
    wait(job, alive=True)
    assert os.getsid(job.record.pid or 0) == job.record.pid != os.getsid(0)
    with pytest.raises(InputError, match="a: is being trained already"):
        job.begin(SLEEP, tmp_path)
    job.stop()
    wait(job, alive=False)
    assert is_stopping(job)
    assert job.read_log() == ["begun", "saved"]
    job.begin(SLEEP, tmp_path)
    wait(job, alive=True)  # the log is this sitting's alone
    assert not is_stopping(job)
    job.stop(at_once=True)
    wait(job, alive=False)
    collect()


def test_it_outlives_who_began_it_and_is_found_by_others(job: Job, tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from striate.studio.jobs import Job;"
        f"Job(Path({str(job.folder)!r})).begin({SLEEP!r}, Path({str(tmp_path)!r})); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    wait(job, alive=True)
    job.stop()
    wait(job, alive=False)


def test_another_process_with_its_number_is_not_taken_for_it(job: Job, tmp_path: Path) -> None:
    job.begin(SLEEP, tmp_path)
    wait(job, alive=True)
    own = job.record
    with subprocess.Popen(SLEEP, stderr=subprocess.DEVNULL) as other:
        text = (job.folder / RECORD).read_text().replace(str(own.pid), str(other.pid))
        (job.folder / RECORD).write_text(text)
        if read_birth(other.pid) != own.birth:
            assert not job.is_alive
            job.stop(at_once=True)
            assert other.poll() is None
        other.kill()
    os.kill(own.pid or 0, 9)
    collect()


def test_a_record_that_cannot_be_read_is_none(job: Job) -> None:
    job.folder.mkdir(parents=True)
    for text in ("", "[]", '{"wrong": 1}', "null"):
        (job.folder / RECORD).write_text(text)
        assert job.record.pid is None
        assert not job.is_alive
        job.stop()


def test_a_command_that_is_not_there_leaves_no_lock(job: Job, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such-command"):
        job.begin([str(tmp_path / "no-such-command")], tmp_path)
    assert not job.is_alive
