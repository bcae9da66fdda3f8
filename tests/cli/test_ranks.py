"""One command in several processes: one of them speaks, once, whatever happens to whom."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from tests.train.together import fork_ranks, wait_for

import striate
from striate.cli import ranks as cli_ranks
from striate.cli.main import run_command
from striate.train import RunFolder
from striate.train.learner import Learner

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork")

TEXT = "conv3-8/2, bn, relu, gap, flatten, fc-classes"
TRAIN = ("train", TEXT, "digits", "--steps", "12", "--batch", "50", "--no-probe", "--threads", "1")
Answer = tuple[list[int], list[str], list[str]]


def command(
    tmp_path: Path, arguments: Sequence[str], count: int, before: Callable[[int], None] | None = None
) -> Answer:
    """Exit codes, and what each process printed on stdout and stderr."""

    def work(rank: int) -> None:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(tmp_path / f"{rank}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        if before:
            before(rank)
        raise SystemExit(run_command(arguments))

    codes = wait_for(fork_ranks(work, count))
    outs, errs = ([(tmp_path / f"{rank}.{name}").read_text() for rank in range(count)] for name in ("out", "err"))
    return codes, outs, errs


def act_at(step: int, victim: int, act: Callable[[], None]) -> Callable[[int], None]:
    """What `command` does before: make one rank do something in the middle of a step."""

    def before(rank: int) -> None:
        learn = Learner._differentiate

        def learn_until(self: Learner, *given: object) -> object:
            if rank == victim and given[2] == step:
                act()
            return learn(self, *given)  # type: ignore[arg-type]

        Learner._differentiate = learn_until  # type: ignore[method-assign, assignment]

    return before


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_same_command_by_two_processes(tmp_path: Path) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    assert run_command([*TRAIN, "--out", str(alone)]) == 0
    codes, outs, errs = command(tmp_path, [*TRAIN, "--out", str(together), "--json"], 2)
    assert codes == [0, 0], errs
    assert (outs[1], errs[1]) == ("", "")
    assert json.loads(outs[0])["run"] == str(together)
    assert errs[0].count("test  ") == 1
    found, needed = (RunFolder.open(path).read_weights() for path in (together, alone))
    for name, value in needed.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5)
    results = [json.loads((path / "result.json").read_text()) for path in (together, alone)]
    assert results[0]["total"] == results[1]["total"] == 359
    assert abs(results[0]["correct"] - results[1]["correct"]) <= 1
    assert (together / "report.html").stat().st_size > 10_000

    codes, outs, _ = command(tmp_path, ["evaluate", str(together), "digits", "--json"], 3)
    assert (codes, outs[1:]) == ([0, 0, 0], ["", ""])
    assert json.loads(outs[0])["total"] == 359
    assert abs(json.loads(outs[0])["correct"] - results[0]["correct"]) <= 1

    codes, outs, _ = command(tmp_path, ["train", "--resume", str(together)], 2)
    assert (codes, outs[1]) == ([0, 0], "")
    assert "nothing to resume" in outs[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("train", "lenet5", "no such data"), "no such data: not found"),
        (("train", "lenet5", "digits", "--epochs", "many"), "Invalid value for '--epochs'"),
        (("train", "conv3-8,,", "digits"), "text:1:"),
        (("train", "--resume", "nowhere"), "nowhere: there is no such folder"),
    ],
)
def test_a_mistake_is_told_once(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    codes, outs, errs = command(tmp_path, arguments, 2)
    assert codes == [2, 2]
    assert errs[0].startswith("striate: ")
    assert told in errs[0]
    assert errs[0].count("striate:") == 1
    assert [*outs, errs[1]] == ["", "", ""]


def test_a_mistake_on_another_machine_alone_is_told_by_that_one(tmp_path: Path) -> None:
    def before(rank: int) -> None:
        if rank:
            os.environ["STRIATE_DATA"] = str(tmp_path)
            (tmp_path / "mnist").mkdir()

    if not os.environ.get("STRIATE_DATA"):
        pytest.skip("STRIATE_DATA is not set: no real data sets here")
    codes, outs, errs = command(tmp_path, ("train", TEXT, "mnist", "--steps", "2", "--no-probe"), 2, before)
    assert codes == [2, 2]
    assert (errs[0], outs[1]) == ("", "")
    assert errs[1].count("striate:") == 1
    assert "mnist" in errs[1]


@pytest.mark.parametrize("victim", [0, 1])
def test_a_killed_process_is_told_once_with_the_way_on(tmp_path: Path, victim: int) -> None:
    run = tmp_path / "run"
    codes, _, errs = command(tmp_path, [*TRAIN, "--out", str(run)], 2, act_at(3, victim, die))
    assert codes == [2 if rank != victim else -signal.SIGKILL for rank in range(2)]
    assert errs[victim] == ""
    (line,) = [line for line in errs[1 - victim].splitlines() if line.startswith("striate: ")]
    assert "another rank was killed or is out of reach" in line
    assert line.endswith(f"Go on with: striate train --resume {run}")
    assert "Traceback" not in errs[1 - victim]
    codes, outs, _ = command(tmp_path, ["train", "--resume", str(run)], 3)
    assert codes == [0, 0, 0]
    assert outs[0].splitlines()[-1].startswith("report")
    assert outs[1:] == ["", ""]


def test_a_process_that_is_asked_to_stop_stops_all(tmp_path: Path) -> None:
    run = tmp_path / "run"
    before = act_at(3, 1, lambda: signal.raise_signal(signal.SIGTERM))
    codes, _, errs = command(tmp_path, [*TRAIN, "--out", str(run)], 2, before)
    assert codes == [130, 130]
    assert errs == [f"striate: stopped after step 4 of 12. Go on with: striate train --resume {run}\n", ""]


def test_a_fault_shows_one_traceback(tmp_path: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError("ours")

    codes, _, errs = command(tmp_path, [*TRAIN, "--out", str(tmp_path / "run")], 2, act_at(3, 1, fail))
    assert codes[1] == 1
    assert errs[1].count("Traceback") == 1
    assert "ours" in errs[1]
    assert errs[0] == ""


def test_a_single_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    before = signal.getsignal(signal.SIGTERM), sys.stdout
    with cli_ranks.attended():
        assert (signal.getsignal(signal.SIGTERM), sys.stdout) == before
    assert cli_ranks.may_speak()


def test_the_real_launcher(tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(striate.__file__).parents[1])}
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "striate"]
    run = tmp_path / "run"
    done = subprocess.run(
        [*launch, *TRAIN, "--out", str(run)], capture_output=True, text=True, env=environment, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("report   ") == done.stdout.count("data     ") == 1
    assert len(RunFolder.open(run).read_history()) == 1
