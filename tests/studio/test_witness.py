"""A witness's manners, with a process that the test speaks for and a clock that it sets."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from striate.studio import witness as module
from striate.studio.witness import LEAST_REST_SECONDS, MOST_STARTS, REST, RETRY_SECONDS, Witness

DONE = '{"new": true, "again": false, "seconds": 2.0}'


class Mouth:
    """A process's standard input: what it was asked."""

    def __init__(self, is_broken: bool) -> None:
        self.asked: list[str] = []
        self.is_broken = is_broken

    def write(self, text: str) -> None:
        if self.is_broken:
            raise BrokenPipeError
        self.asked.append(text)

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Process:
    """What Popen gives; it says what the test says."""

    def __init__(self, command: list[str], is_broken: bool) -> None:
        self.command, self.stdin, self.is_killed = command, Mouth(is_broken), False
        read, self.end = os.pipe()
        self.stdout = os.fdopen(read)

    def say(self, line: str) -> None:
        os.write(self.end, f"{line}\n".encode())

    def finish(self) -> None:
        if self.end >= 0:
            os.close(self.end)
        self.end = -1

    def kill(self) -> None:
        self.is_killed = True
        self.finish()

    def wait(self) -> None:
        assert self.is_killed


def make_job(folder: Path) -> Any:
    return SimpleNamespace(folder=folder, is_alive=True, exists=True)


class Stage:
    """A run's folder, its training, a clock, and the processes that the witness began."""

    def __init__(self, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run, self.clock, self.processes, self.is_broken = run, 100.0, list[Process](), False
        self.job = make_job(run.parent / "job")
        self.witness = Witness(run.name, run, self.job)
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.clock))
        monkeypatch.setattr(subprocess, "Popen", self.begin)

    def begin(self, command: list[str], **options: Any) -> Process:
        assert options["env"]["OMP_NUM_THREADS"] == "1"
        assert options["env"]["CUDA_VISIBLE_DEVICES"] == ""
        self.processes.append(Process(command, self.is_broken))
        return self.processes[-1]

    def checkpoint(self, number: int) -> None:
        """A checkpoint, each at another time."""
        self.run.mkdir(exist_ok=True)
        (self.run / "settings.json").write_text("{}")
        (self.run / "state").write_text(str(number))
        os.utime(self.run / "state", ns=(number, number))

    def hear(self, *lines: str, chosen: int = 0) -> bool:
        """Let the last process say something, and the witness take it up."""
        for line in lines:
            self.processes[-1].say(line)
        return self.take_up(len(lines), chosen)

    def take_up(self, count: int, chosen: int = 0) -> bool:
        wait_for(lambda: len(self.witness._answers) >= count)
        return self.witness.turn(chosen)

    @property
    def asked(self) -> list[str]:
        return [text for process in self.processes for text in process.stdin.asked]


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = Stage(tmp_path / "run", monkeypatch)
    yield made
    made.witness.close()
    for process in made.processes:
        process.finish()


def test_nothing_begins_without_a_training_or_a_checkpoint(stage: Stage) -> None:
    stage.job.is_alive = False
    assert stage.witness.turn(0) is False
    assert stage.processes == []


def test_it_begins_with_the_training_and_asks_once_there_is_a_checkpoint(stage: Stage) -> None:
    stage.witness.turn(0)
    stage.witness.turn(0)
    assert len(stage.processes) == 1
    assert stage.processes[0].command[-2:] == [str(stage.run), str(stage.job.folder)]
    assert stage.asked == []
    stage.checkpoint(1)
    stage.witness.turn(4)
    assert stage.asked == ["4\n"]


def test_of_a_run_that_ended_the_last_checkpoint_is_looked_at(stage: Stage) -> None:
    stage.job.is_alive = False
    stage.checkpoint(1)
    stage.witness.turn(0)
    assert stage.asked == ["0\n"]


def test_one_question_at_a_time_and_none_twice(stage: Stage) -> None:
    stage.checkpoint(1)
    stage.witness.turn(0)
    stage.checkpoint(2)
    stage.witness.turn(0)
    assert len(stage.asked) == 1  # it hasn't answered
    assert stage.hear(DONE) is True
    stage.clock += 1000
    stage.witness.turn(0)
    assert len(stage.asked) == 2  # the second checkpoint
    stage.hear(DONE)
    stage.clock += 1000
    assert stage.witness.turn(0) is False
    assert len(stage.asked) == 2  # nothing new
    stage.witness.turn(1)
    assert stage.asked[2:] == ["1\n"]  # another sample was chosen


@pytest.mark.parametrize(("seconds", "rest"), [(2.0, 2.0 * REST), (0.0, LEAST_REST_SECONDS)])
def test_it_rests_in_proportion_to_its_work_while_the_training_runs(stage: Stage, seconds: float, rest: float) -> None:
    stage.checkpoint(1)
    stage.witness.turn(0)
    stage.hear(f'{{"new": false, "again": false, "seconds": {seconds}}}')
    stage.checkpoint(2)
    stage.clock += rest - 0.01
    stage.witness.turn(0)
    assert len(stage.asked) == 1
    stage.clock += 0.02
    stage.witness.turn(0)
    assert len(stage.asked) == 2


@pytest.mark.parametrize("is_ours", [True, False])
def test_it_needs_no_rest_once_the_studios_own_training_is_over(stage: Stage, is_ours: bool) -> None:
    stage.checkpoint(1)
    stage.witness.turn(0)
    stage.hear(DONE)
    stage.checkpoint(2)
    stage.job.is_alive, stage.job.exists = False, is_ours
    stage.witness.turn(0)
    assert len(stage.asked) == (2 if is_ours else 1)  # of another nobody knows whether it runs


def test_asked_to_come_again_it_does_at_once_for_the_same_checkpoint(stage: Stage) -> None:
    stage.checkpoint(1)
    stage.witness.turn(0)
    assert stage.hear('{"new": false, "again": true, "seconds": 9.0}') is False
    assert stage.asked == ["0\n", "0\n"]


def test_of_several_answers_one_that_is_new_is_enough(stage: Stage) -> None:
    stage.checkpoint(1)
    stage.witness.turn(0)
    assert stage.hear(DONE, DONE.replace("true", "false")) is True
    assert stage.witness.turn(0) is False


def test_a_problem_is_kept_and_tried_again_a_few_times_and_not_at_once(stage: Stage) -> None:
    stage.checkpoint(1)
    for start in range(1, MOST_STARTS + 1):
        stage.witness.turn(0)
        assert len(stage.processes) == start
        assert stage.hear('{"problem": "no memory"}') is False
        assert stage.witness.problem == "no memory"
        assert stage.processes[-1].is_killed
        stage.job.is_alive = False  # whether or not the training runs on
        stage.clock += RETRY_SECONDS - 0.01
        stage.witness.turn(0)
        assert len(stage.processes) == start
        stage.clock += 0.02
    stage.witness.turn(0)
    assert len(stage.processes) == MOST_STARTS


def test_a_process_that_ends_is_begun_again_and_what_it_said_last_stays(stage: Stage) -> None:
    stage.checkpoint(1)
    stage.witness.turn(0)
    stage.processes[0].say("no JSON at all")
    stage.processes[0].finish()
    assert stage.take_up(1) is False
    assert stage.witness.problem is None
    stage.clock += RETRY_SECONDS
    stage.witness.turn(0)
    assert len(stage.processes) == 2
    assert stage.asked == ["0\n", "0\n"]  # the same checkpoint, by the new one


def test_a_process_that_cannot_be_asked_is_no_error(stage: Stage) -> None:
    stage.is_broken = True
    stage.checkpoint(1)
    assert stage.witness.turn(0) is False
    stage.processes[0].finish()
    stage.take_up(1)
    assert stage.processes[0].is_killed


def test_closed_it_is_quiet_and_may_be_closed_again(stage: Stage) -> None:
    stage.witness.close()
    stage.checkpoint(1)
    stage.witness.turn(0)
    stage.witness.close()
    stage.witness.close()
    assert stage.processes[0].is_killed
    wait_for(lambda: stage.processes[0].stdout.closed)
    assert stage.witness._answers == []
