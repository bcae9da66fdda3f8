from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Call
from tests.verbs.draw import COUNTS, Finished, make_folder

import striate


def test_evaluate_prints_the_runs_own_figure(call: Call, finished: Finished) -> None:
    result = finished.run.result
    assert result is not None
    said = call("evaluate", finished.run.path, finished.data)
    assert (said.code, said.err) == (0, "")
    first, second, third, *_ = said.out.splitlines()
    assert first == f"{100 * result.accuracy:.2f} % right ({result.correct} of {result.total} of the part `test`)"
    low, high = result.interval
    assert second == f"95 % interval {100 * low:.2f} to {100 * high:.2f} %, loss {result.loss:.4f}"
    assert third == f"engine   {finished.run.engine.label}"


def test_json_and_text_hold_the_same_figures(call: Call, finished: Finished, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "grown", COUNTS)
    make_folder(data, dict.fromkeys(COUNTS, 3), seed=2)
    figures = json.loads(call("evaluate", finished.run.path, data, "--json").out)
    found = striate.evaluate(finished.run, data)
    low, high = found.interval
    assert figures == json.loads(json.dumps(found.to_dict()))
    text = call("evaluate", finished.run.path, data).out
    assert f"{100 * figures['accuracy']:.2f} % right ({figures['correct']} of {figures['total']} of the part" in text
    assert f"{figures['left_out']} that it was trained on were left out" in text
    assert f"{100 * low:.2f} to {100 * high:.2f} %, loss {figures['loss']:.4f}" in text
    assert figures["left_out"] == finished.run.settings["data"]["train"]


def test_predict_says_the_likeliest_class_of_each_file(call: Call, finished: Finished) -> None:
    files = sorted(finished.data.rglob("*.png"))[::7]
    rows = striate.predict(finished.run, files)
    said = call("predict", finished.run.path, *files)
    assert (said.code, said.err) == (0, "")
    for line, file, row in zip(said.out.splitlines(), files, rows, strict=True):
        assert line.startswith(str(file))
        best = finished.run.classes[int(row.argmax())]
        assert line.removeprefix(str(file)).lstrip().startswith(f"{best} {100 * row.max():.1f} %")
    answers = json.loads(call("predict", finished.run.path, *files, "--json").out)
    for answer, file, row in zip(answers, files, rows, strict=True):
        assert answer["file"] == str(file)
        assert answer["class"] == finished.run.classes[int(row.argmax())]
        assert answer["probability"] == max(answer["probabilities"].values()) == row.max()
        assert [answer["probabilities"][name] for name in finished.run.classes] == row.tolist()


def test_a_folder_stands_for_its_pictures(call: Call, finished: Finished) -> None:
    folder = finished.data / "coal"
    answers = json.loads(call("predict", finished.run.path, folder, "--json").out)
    assert [answer["file"] for answer in answers] == [str(path) for path in sorted(folder.iterdir())]
    rows = striate.predict(finished.run, folder)
    assert np.array_equal([answer["probability"] for answer in answers], rows.max(axis=1))


def test_files_that_cannot_be_read_are_named_and_the_others_answered(call: Call, finished: Finished) -> None:
    Path("torn.png").write_bytes(b"torn")
    file = next(finished.data.rglob("*.png"))
    said = call("predict", finished.run.path, "torn.png", "nosuch.png", file, "--json")
    assert said.code == 0
    assert [answer["file"] for answer in json.loads(said.out)] == [str(file)]
    assert [line.split(": ")[:2] for line in said.err.splitlines()] == [
        ["striate", "torn.png"],
        ["striate", "nosuch.png"],
    ]
    assert all(line.endswith("; left out") for line in said.err.splitlines())


@pytest.mark.parametrize("json", [True, False])
def test_where_no_file_can_be_read_it_is_an_error(call: Call, finished: Finished, json: bool) -> None:
    said = call("predict", finished.run.path, "nosuch.png", *(["--json"] if json else []))
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("striate: predict: found no readable file among 1")
