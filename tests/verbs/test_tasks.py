from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import rotate
from typer.testing import CliRunner

import striate
from striate.cli.application import app
from striate.data import load_dataset
from striate.errors import DataError, InputError

TEXT = "conv3-16, bn, relu, maxpool2, conv3-32, bn, relu, flatten, fc-classes"


def turn_digits() -> tuple[np.ndarray, np.ndarray]:
    """Scikit-learn's digits at twice their size, turned within 45 degrees; and the angles."""
    digits = load_dataset("digits", split=False).test
    assert digits is not None
    angles = np.random.default_rng(45).uniform(-45, 45, len(digits)).astype(np.float32)
    large = np.kron(digits.inputs[:, 0], np.ones((2, 2)))
    turned = [rotate(each, angle, reshape=False, order=1) for each, angle in zip(large, angles, strict=True)]
    return np.rint(np.stack(turned)[:, None]).clip(0, 255).astype(np.uint8), angles


@pytest.fixture(scope="module")
def turned() -> tuple[np.ndarray, np.ndarray]:
    return turn_digits()


@pytest.fixture(scope="module")
def run(turned: tuple[np.ndarray, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    return striate.train(TEXT, turned, out=tmp_path_factory.mktemp("runs") / "angle", steps=160, probe=False)


def test_the_angle_of_turned_digits_is_found_within_five_degrees(run: striate.Run) -> None:
    assert run.result is not None
    assert run.result.figures["outputs"][0]["median"] < 5
    assert run.result.merit > 0.9
    assert np.isnan(run.result.accuracy)


def test_a_run_of_numbers_answers_in_its_own_units(run: striate.Run, turned: tuple[np.ndarray, np.ndarray]) -> None:
    again = striate.load(run.path)
    assert again.task == run.task
    assert again.result is not None
    assert run.result is not None
    assert again.result.to_dict() == run.result.to_dict()
    answers = striate.predict(again, turned[0][:50])
    assert np.median(np.abs(answers[:, 0] - turned[1][:50])) < 6
    scored = striate.evaluate(again, turned)
    assert scored.figures == run.result.figures
    page = (run.path / "report.html").read_text("utf-8")
    assert "Answers and targets" in page
    assert "Confusion" not in page


def test_what_wants_classes_is_refused(run: striate.Run, turned: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found a run for regress"):
        striate.locate(run, turned[0][0])
    with pytest.raises(InputError, match="--whole"):
        striate.export(run, tmp_path / "x.onnx", whole=True)
    with pytest.raises(InputError, match="--balance"):
        striate.train(TEXT, turned, out=tmp_path / "run", balance="weights", probe=False)
    with pytest.raises(InputError, match="--task is 'guess'"):
        striate.train(TEXT, turned, out=tmp_path / "run", task="guess", probe=False)
    with pytest.raises(DataError, match="found data for the task regress, needed some for classify"):
        striate.train(TEXT, turned, out=tmp_path / "run", task="classify", probe=False)


def test_explain_asks_about_a_number(run: striate.Run, turned: tuple[np.ndarray, np.ndarray]) -> None:
    assert striate.explain(run, turned[0][:2], target="target").values.shape == (2, 16, 16)


def make_labelled(folder: Path, count: int = 60) -> Path:
    """Pictures with a bar, a pole, both or neither, and a table that says so."""
    from PIL import Image

    rng = np.random.default_rng(3)
    (folder / "pictures").mkdir(parents=True)
    lines = ["file,labels"]
    for number in range(count):
        picture = rng.integers(0, 40, (8, 8), dtype=np.uint8)
        bar, pole = (rng.random(2) < 0.5).tolist()
        picture[2:4] = 220 if bar else picture[2:4]
        picture[:, 5] = 220 if pole else picture[:, 5]
        Image.fromarray(picture).save(folder / "pictures" / f"{number:02}.png")
        lines.append(f"pictures/{number:02}.png,{';'.join(['bar'] * bar + ['pole'] * pole)}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


def test_several_labels_a_file(tmp_path: Path) -> None:
    data = make_labelled(tmp_path / "data")
    run = striate.train(
        "conv3-8, bn, relu, gmp, flatten, fc-classes", data, out=tmp_path / "run", steps=60, probe=False
    )
    assert run.classes == ("bar", "pole")
    assert run.result is not None
    assert run.result.merit > 0.9
    found = CliRunner().invoke(app, ["evaluate", str(run.path), str(data), "--json"])
    told = json.loads(found.stdout)
    assert (told["task"], [row["name"] for row in told["figures"]["outputs"]]) == ("labels", ["bar", "pole"])
    assert "average precision" in (run.path / "report.html").read_text("utf-8")
    answers = striate.predict(run, data / "pictures")
    assert answers.shape == (60, 2)
    assert ((answers >= 0) & (answers <= 1)).all()
