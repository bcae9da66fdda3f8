from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.conftest import Call
from tests.verbs.draw import FILES, TEXT, Finished, make_arrays, take_bytes

import striate
from striate.engine import Engine


def test_train_says_what_it_chose_how_far_it_is_and_how_well_it_went(call: Call, finished: Finished) -> None:
    said = call("train", TEXT, finished.data, "--epochs", 2, "--out", "run")
    run = striate.load("run")
    assert (said.code, said.err) == (0, "")
    assert {path.name for path in Path("run").iterdir()} == FILES
    heads = [line.split()[0] for line in said.out.splitlines() if not line.startswith(" ")]
    assert heads == ["data", "network", "engine", "epoch", "epoch", "test", "report"]
    assert run.result is not None
    last = said.out.splitlines()[-2]
    assert f"{100 * run.result.accuracy:.2f} % right ({run.result.correct} of {run.result.total};" in last
    assert said.out.splitlines()[-1].split() == ["report", str(Path("run") / "report.html")]
    assert any(line.startswith(f"engine   {run.engine.label} (") for line in said.out.splitlines())


def test_with_json_stdout_holds_the_figures_alone(call: Call, finished: Finished) -> None:
    said = call("train", TEXT, finished.data, "--steps", 2, "--out", "run", "--json")
    run = striate.load("run")
    assert run.result is not None
    figures = json.loads(said.out)
    assert figures == {"run": "run", **json.loads((run.path / "result.json").read_text()), "report": figures["report"]}
    assert Path(figures["report"]).is_file()
    assert f"{100 * figures['accuracy']:.2f} % right ({figures['correct']} of {figures['total']};" in said.err
    assert said.err.startswith("data ")


def test_every_option_reaches_the_run(call: Call, finished: Finished) -> None:
    options = ["--seed", 3, "--steps", 4, "--batch", 6, "--lr", 0.02, "--until", 0.99, "--input", "3x8x9"]
    assert call("train", TEXT, finished.data, *options, "--out", "run").code == 0
    run = striate.load("run")
    recipe = run.recipe
    assert (recipe.seed, recipe.steps, recipe.batch, recipe.lr) == (3, 4, 6, 0.02)
    assert (run.input, run.settings["until"], run.history[-1]["step"]) == ((3, 8, 9), 0.99, 4)


def test_minutes_and_a_folder_of_its_own_choosing(call: Call) -> None:
    assert call("train", TEXT, "digits", "--minutes", 0.001).code == 0
    assert striate.load("runs/digits-text").recipe.minutes == 0.001


def test_where_nothing_is_held_out_no_figure_is_printed(call: Call) -> None:
    striate.train(TEXT, make_arrays(3), steps=1, engine=Engine(), out="run")
    said = call("train", "--resume", "run", "--json")
    assert json.loads(said.out) == {"run": "run", "report": str(Path("run") / "report.html")}
    assert "right" not in said.err


def test_a_finished_run_says_so_and_its_figures_again(call: Call, finished: Finished) -> None:
    before = take_bytes(finished.run.path)
    said = call("train", "--resume", finished.run.path)
    assert (said.code, said.err) == (0, "")
    assert "finished; there is nothing to resume" in said.out
    assert finished.run.result is not None
    assert f"{100 * finished.run.result.accuracy:.2f} % right" in said.out
    assert take_bytes(finished.run.path) == before


def test_report_prints_the_page_it_wrote(call: Call, finished: Finished) -> None:
    page = finished.run.path / "report.html"
    before = page.read_bytes()
    page.unlink()
    said = call("report", finished.run.path)
    assert (said.code, said.out, said.err) == (0, f"{page}\n", "")
    assert page.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT between processes")
def test_ctrl_c_ends_in_a_line_that_tells_how_to_go_on_and_that_works(call: Call, tmp_path: Path) -> None:
    out = tmp_path / "a run"
    process = subprocess.Popen(
        [sys.executable, "-m", "striate", "train", TEXT, "digits", "--epochs", "40", "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(striate.__file__).parents[1])},
    )
    history = out / "history.jsonl"
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end and not (history.exists() and history.stat().st_size):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    shown, complaint = process.communicate(timeout=60)
    assert process.returncode == 130, complaint
    (line,) = complaint.splitlines()
    assert line.startswith("striate: stopped after step ")
    assert f"striate train --resume '{out}'" in line
    assert "Traceback" not in shown
    assert {path.name for path in out.iterdir()} == FILES - {"weights.safetensors", "result.json", "report.html"}
    done = len(history.read_text().splitlines())
    assert 1 <= done < 40
    said = call("train", "--resume", out)
    assert (said.code, said.err) == (0, "")
    assert said.out.count("epoch ") == 40 - done
    assert [record["epoch"] for record in striate.load(out).history] == list(range(1, 41))


def test_training_goes_on_when_the_reader_of_its_output_leaves(tmp_path: Path) -> None:
    command = f"{sys.executable} -m striate train '{TEXT}' digits --epochs 3 --out {tmp_path / 'run'} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("data")
    assert done.stderr == ""
    assert striate.load(tmp_path / "run").result is not None
