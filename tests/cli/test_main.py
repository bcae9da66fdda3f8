from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from tests.cli.conftest import Call
from tests.verbs.draw import TEXT, Finished, make_arrays, make_folder

import striate
from striate import verbs
from striate.cli.application import app
from striate.cli.main import main, run_command
from striate.engine import Engine

COMMANDS = sorted(command.name or "" for command in app.registered_commands)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(striate.__file__).parents[1])}


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "striate", *arguments]
    return subprocess.run(command, text=True, env=ENVIRONMENT, timeout=120, stdout=-1, stderr=-1, check=False)


@pytest.fixture
def things(finished: Finished, tmp_path: Path) -> Path:
    """A folder with a good run, spoilt runs, and data of every wrong kind."""
    shutil.copytree(finished.run.path, "run")
    shutil.copytree(finished.run.path, "unfinished")
    Path("unfinished/weights.safetensors").unlink()
    shutil.copytree(finished.run.path, "damaged")
    Path("damaged/weights.safetensors").write_bytes(b"torn")
    shutil.copytree(finished.run.path, "bare")
    Path("bare/settings.json").unlink()
    Path("empty").mkdir()
    make_folder(Path("one"), {"coal": 4})
    make_folder(Path("photos"), {"coal": 6, "slate": 6})
    make_folder(Path("odd"), {"coal": 6, "tulip": 6})
    make_folder(Path("few"), {"coal": 2, "slate": 2})
    Path("sounds/a").mkdir(parents=True)
    Path("sounds/a/1.wav").write_bytes(b"RIFF")
    Image.fromarray(np.zeros((4, 4), np.uint8)).save("single.png")
    Path("notes.txt").write_text("no picture")
    Path("bad.net").write_text("conv3-8\nrelu, covn3-8\n")
    return tmp_path


SMALL = f'"{TEXT}"'
WRONG = [
    ("train nosuch.net photos", "nosuch.net"),
    ("train nosuch photos", "nosuch"),
    ("train lenet55 photos", "lenet5"),
    ("train", "NET and DATA"),
    (f"train {SMALL}", "DATA"),
    (f"train {SMALL} nosuch", "nosuch: not found"),
    (f"train {SMALL} minst", "mnist"),
    (f"train {SMALL} empty", "no files"),
    (f"train {SMALL} one", "one class"),
    (f"train {SMALL} sounds", "sound"),
    (f"train {SMALL} single.png", "single file"),
    (f"train {SMALL} photos --epochs 0", "epochs"),
    (f"train {SMALL} photos --epochs -1", "epochs"),
    (f"train {SMALL} photos --epochs many", "--epochs"),
    (f"train {SMALL} photos --epochs 1.5", "--epochs"),
    (f"train {SMALL} photos --epochs 2 --steps 2", "--epochs and --steps"),
    (f"train {SMALL} photos --minutes 0", "minutes"),
    (f"train {SMALL} photos --minutes nan", "minutes"),
    (f"train {SMALL} photos --steps 0", "steps"),
    (f"train {SMALL} photos --batch 1", "batch"),
    (f"train {SMALL} photos --lr 0", "lr"),
    (f"train {SMALL} photos --seed -1", "seed"),
    (f"train {SMALL} photos --seed 9999999999999999999999", "seed"),
    (f"train {SMALL} photos --until 2", "until"),
    (f"train {SMALL} few --until 0.9", "no validation part"),
    (f"train {SMALL} photos --input 3by3", "--input 3by3"),
    (f"train {SMALL} photos --input 3", "--input"),
    (f"train {SMALL} photos --input 1x8", "2 extents"),
    (f"train {SMALL} photos --input 2x8x8", "channels"),
    (f"train {SMALL} photos --out run", "run: is there already"),
    (f"train {SMALL} photos --out notes.txt", "notes.txt: is there already"),
    (f"train {SMALL} photos --out notes.txt/run", "notes.txt"),
    (f"train {SMALL} photos --size 3", "--size"),
    (f"train {SMALL} photos more", "more"),
    ("train unet photos --input 1x16x16", "one score"),
    ('train "conv3-8, gap, flatten, fc-classes, softmax" photos', "softmax"),
    ('train "gap, flatten, fc-7" photos', "one score for each of 2 classes"),
    ("train --resume", "--resume"),
    ("train --resume nosuch", "nosuch: there is no such folder"),
    ("train --resume photos", "not a run folder"),
    ("train --resume bare", "no settings.json"),
    ("train --resume run lenet5", "lenet5"),
    ("train --resume run --epochs 3", "--epochs"),
    ("train --resume run --seed 3", "--seed"),
    ("evaluate", "RUN"),
    ("evaluate run", "DATA"),
    ("evaluate nosuch photos", "nosuch"),
    ("evaluate run nosuch", "nosuch"),
    ("evaluate run odd", "tulip"),
    ("evaluate run empty", "no files"),
    ("evaluate unfinished photos", "isn't finished"),
    ("evaluate damaged photos", "damaged"),
    ("evaluate run digits", "found class `0`"),
    ("predict", "RUN"),
    ("predict run", "FILES"),
    ("predict nosuch single.png", "nosuch"),
    ("predict unfinished single.png", "isn't finished"),
    ("predict run empty", "no picture"),
    ("explain run", "FILES"),
    ("explain run empty", "no picture"),
    ("explain unfinished single.png", "isn't finished"),
    ("report", "RUN"),
    ("report nosuch", "nosuch"),
    ("report unfinished", "isn't finished"),
    ("report run extra", "extra"),
    ("show", "NET"),
    ("show nosuch", "nosuch"),
    ("show empty/", "empty"),
    ("show lenet5 --input 0x3", "--input 0x3"),
    ("show lenet5 --classes 0", "--classes 0"),
    ("show lenet5 --classes x", "--classes"),
    ("measure", "NET"),
    ("measure nosuch", "nosuch"),
    ("measure lenet5 --input 0x3", "--input 0x3"),
    ("measure lenet5 resnet18", "resnet18"),
    ("nets all", "all"),
    ("nets --wide", "--wide"),
    ("nosuch", "nosuch"),
    ("--nosuch", "--nosuch"),
]
MISTAKES = [
    ('train "conv3-(, relu" photos', "("),
    ("train bad.net photos", "covn3-8"),
    ('show "conv3-8 relu"', "relu"),
    ("show lenet5 --input 1x3x3", "conv5-16"),
    (f'train {SMALL[:-1]}, conv3-8" photos', "conv3-8"),
]


@pytest.mark.parametrize(("line", "part"), WRONG)
def test_a_wrong_call_gets_one_clear_line(call: Call, things: Path, line: str, part: str) -> None:
    said = call(*shlex.split(line))
    assert (said.code, said.out) == (2, "")
    (complaint,) = said.err.splitlines()
    assert complaint.startswith("striate: ")
    assert part in complaint
    assert not Path("runs").exists()


@pytest.mark.parametrize(("line", "part"), MISTAKES)
def test_a_mistake_in_a_text_is_shown_with_a_caret(call: Call, things: Path, line: str, part: str) -> None:
    said = call(*shlex.split(line))
    assert (said.code, said.out) == (2, "")
    complaint, shown, caret = said.err.splitlines()
    assert complaint.startswith("striate: ")
    assert caret.strip() == "^"
    assert shown[caret.index("^") :].startswith(part)


def test_a_run_on_arrays_cannot_be_reported_from_its_folder(call: Call) -> None:
    striate.train(TEXT, make_arrays(9), steps=1, engine=Engine(), out="memory")
    said = call("report", "memory")
    assert (said.code, said.out) == (2, "")
    assert "arrays in memory" in said.err


@pytest.mark.parametrize("line", ["train nosuch.net photos", "evaluate nosuch digits", "train"])
def test_a_wrong_call_of_the_real_command(line: str) -> None:
    done = start(*line.split())
    assert (done.returncode, done.stdout) == (2, "")
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith("striate: ")


def test_the_real_command_runs() -> None:
    assert start("--version").stdout == f"striate {striate.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(call: Call, command: str) -> None:
    said = call(command, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: striate {command}")
    assert command in call("--help").out


def test_without_a_command_the_help_is_shown(call: Call) -> None:
    assert call() == call("--help")
    assert all(command in call().out for command in COMMANDS)


def test_main_leaves_with_the_commands_code(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["--version"], 0), (["nosuch"], 2)):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == code
    capsys.readouterr()


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), typer.Abort()])
def test_ctrl_c_before_the_training_is_a_line_and_130(
    call: Call, monkeypatch: pytest.MonkeyPatch, problem: BaseException
) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise problem

    monkeypatch.setattr(verbs, "train", stop)
    said = call("train", "lenet5", "digits")
    assert (said.code, said.out, said.err.strip()) == (130, "", "striate: stopped")


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(verbs, "evaluate", fail)
    with pytest.raises(ZeroDivisionError):
        run_command(["evaluate", "run", "digits"])


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["nets"], ["show", "resnet50"], ["--help"]])
def test_a_reader_that_has_seen_enough_is_no_error(arguments: list[str], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "striate", *arguments],
            stdout=pipe,
            stderr=subprocess.PIPE,
            env={**ENVIRONMENT, "PYTHONUNBUFFERED": unbuffered},
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_nets_piped_into_head_shows_its_first_line() -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shlex.quote(sys.executable)} -m striate nets | head -1"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode in (0, 128 + signal.SIGPIPE)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_json_is_json_for_every_command_that_offers_it(call: Call, finished: Finished) -> None:
    file = next(finished.data.rglob("*.png"))
    calls: list[tuple[object, ...]] = [
        ("nets",),
        ("show", "lenet5"),
        ("measure", "lenet5"),
        ("evaluate", finished.run.path, finished.data),
        ("predict", finished.run.path, file),
        ("locate", finished.run.path, file),
        ("explain", finished.run.path, file),
        ("explore", finished.run.path, "classpictures", "--option", "steps=2"),
        ("filter", file, "--kernel", "sobel-x"),
        ("spell", finished.run.path, "conv1", "--on", file),
        ("export", finished.run.path, "a.pt"),
        ("train", "--resume", finished.run.path),
    ]
    offering = {command for command in COMMANDS if "--json" in call(command, "--help").out}
    assert offering - {"generate"} == {str(arguments[0]) for arguments in calls}  # which needs a run of its own kind
    for arguments in calls:
        assert json.loads(call(*arguments, "--json").out)
