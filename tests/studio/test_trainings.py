from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from striate.cli.progress import Display
from striate.errors import InputError
from striate.studio import trainings as subject
from striate.studio.trainings import Trainings, find_place, find_problem
from striate.train import Progress


@pytest.fixture
def trainings(tmp_path: Path) -> Trainings:
    return Trainings(tmp_path / "runs")


def begin(trainings: Trainings, monkeypatch: pytest.MonkeyPatch, script: str, **options: Any) -> str:
    """Start a training whose command is a small script, and wait for its end."""
    monkeypatch.setattr(subject, "_COMMAND", (sys.executable, "-c", script))
    name = trainings.start("net-digits", options.get("net", "auto"), "digits", ["--steps", "5"], trainings.runs.parent)
    end = time.monotonic() + 60
    while trainings.job(name).is_alive:
        assert time.monotonic() < end
        time.sleep(0.02)
    return name


def write_run(trainings: Trainings, name: str, *, finished: bool = False) -> Path:
    run = trainings.runs / name
    run.mkdir(parents=True)
    for file in ("settings.json", *(("report.html", "weights.safetensors") if finished else ())):
        (run / file).write_text("{}")
    return run


def test_the_command_gets_a_free_folder_and_a_text_as_a_file(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import sys, json; print(json.dumps(sys.argv[1:]))"
    write_run(trainings, "net-digits")
    name = begin(trainings, monkeypatch, script, net="conv3-4, gap, fc-classes")
    assert name == "net-digits-2"
    said = json.loads((trainings.job(name).folder / "answer.json").read_text())
    assert said[:4] == ["--steps", "5", "--out", str(trainings.runs / name)]
    assert said[4:6] + said[7:] == ["--json", "--", "digits"]
    assert Path(said[6]).read_text() == "conv3-4, gap, fc-classes"
    assert begin(trainings, monkeypatch, script) == "net-digits-3"


def test_a_name_is_free_again_where_nothing_could_be_started(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "_COMMAND", (str(trainings.runs / "no such program"),))
    with pytest.raises(OSError, match="no such program"):
        trainings.start("net-digits", "auto", "digits", [], trainings.runs.parent)
    assert trainings.list_names() == []
    assert begin(trainings, monkeypatch, "pass") == "net-digits"


def test_what_a_training_says_last_is_its_problem(trainings: Trainings, monkeypatch: pytest.MonkeyPatch) -> None:
    name = begin(trainings, monkeypatch, "import sys; sys.exit('striate: --lr is 0, needed more')")
    standing = trainings.describe(name)
    assert (standing.state, standing.problem) == ("failed", "--lr is 0, needed more")
    assert not standing.can_resume
    with pytest.raises(InputError, match="ended before its first step"):
        trainings.resume(name, trainings.runs)


def test_one_that_was_killed_can_go_on(trainings: Trainings, monkeypatch: pytest.MonkeyPatch) -> None:
    name = begin(trainings, monkeypatch, "import os; os.kill(os.getpid(), 9)")
    write_run(trainings, name)
    standing = trainings.describe(name)
    assert (standing.state, standing.can_resume) == ("failed", True)
    assert "without a word" in str(standing.problem)


def test_runs_of_a_terminal_are_listed_too(trainings: Trainings) -> None:
    assert trainings.list_names() == []
    write_run(trainings, "a")
    write_run(trainings, "b", finished=True)
    (trainings.runs / "no-run").mkdir()
    (trainings.runs / ".c.1.partial").mkdir()
    assert sorted(trainings.list_names()) == ["a", "b"]
    assert [trainings.describe(name).state for name in ("a", "b")] == ["stopped", "finished"]


def test_a_record_that_is_being_written_is_left_out(trainings: Trainings) -> None:
    run = write_run(trainings, "a")
    (run / "history.jsonl").write_text('{"epoch": 1}\n{"epoch": 2}\n{"epo')
    assert trainings.read_history("a") == [{"epoch": 1}, {"epoch": 2}]
    assert trainings.read_history("a", 1) == [{"epoch": 2}]
    assert trainings.read_history("none") == []


def test_a_place_is_read_as_the_command_writes_it() -> None:
    stream = io.StringIO()
    with Display(stream) as display:
        for epoch in (1, 2):
            display.show_step(Progress(10 * epoch, 40, epoch, 4, 1.5, 0.25, 900.0, 61.0, 0.5, ends_epoch=True))
        display.say("note     all is well")
    place, done, total = find_place(stream.getvalue().splitlines())
    assert (done, total) == (2, 4)
    assert place is not None
    assert place.startswith("epoch 2 of 4, loss 1.500")
    assert find_place([]) == (None, 0, 0)


def test_a_fault_of_ours_is_told_by_its_last_line() -> None:
    assert find_problem(["Traceback (most recent call last):", "  x", "ValueError: no"]) == "ValueError: no"


def test_a_fault_in_the_network_is_told_without_its_path() -> None:
    lines = ["striate: /a/b/network.net:1:23: fc1: needed a flat input", "    gap, fc-classes", "         ^"]
    assert find_problem(lines) == "network.net:1:23: fc1: needed a flat input"
