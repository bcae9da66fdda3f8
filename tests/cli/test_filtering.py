from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from tests.cli.conftest import Call
from tests.verbs.draw import Finished

import striate
from striate.explain.convolving.filters import Filtered


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "p.png")
    return tmp_path / "p.png"


def test_numbers_are_printed_and_the_sheet_is_drawn(call: Call, picture: Path, tmp_path: Path) -> None:
    said = call("filter", picture, "--kernel", "laplacian", "--kernel", "[[1,1],[1,1]]/4", "--out", "sheet.svg")
    assert (said.code, said.err) == (0, "")
    assert f"{picture} (3x20x30)" in said.out
    assert "  0   1   0\n   1  −4   1\n" in said.out
    assert "÷ 4" in said.out
    assert (tmp_path / "sheet.svg").read_bytes().startswith(b"<?xml")


def test_json_holds_the_kernel_and_what_came_of_it(call: Call, picture: Path) -> None:
    said = call("filter", picture, "--kernel", "edge", "--pad", "reflect", "--json")
    record = json.loads(said.out)
    found = striate.filter(picture, "edge", pad="reflect")
    assert isinstance(found, Filtered)
    (kernel,) = record["kernels"]
    assert kernel["values"] == found.applied[0].kernel.values.tolist()
    assert kernel["lowest"] == found.applied[0].after.flatten(1).amin(1).tolist()
    assert (record["pad"], record["shape"], kernel["shape"]) == ("reflect", [3, 20, 30], [3, 20, 30])


def test_the_result_itself_can_be_saved(call: Call, picture: Path, tmp_path: Path) -> None:
    assert call("filter", picture, "--kernel", "[[1]]", "--save", "same.png").code == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "same.png")), np.asarray(Image.open(picture)))
    again = call("filter", picture, "--save", "same.png")
    assert again.code == 2
    assert "is there already" in again.err
    soundfile.write(tmp_path / "s.wav", np.full(400, 0.75), 8000)
    assert call("filter", tmp_path / "s.wav", "--kernel", "[2]", "--save", "loud.wav").code == 0
    samples, rate = soundfile.read(tmp_path / "loud.wav")
    assert rate == 8000
    assert abs(samples - 1).max() < 1e-3  # softer, since it would be 1.5


def test_a_trained_layer_is_a_filter_too(call: Call, finished: Finished, picture: Path) -> None:
    said = call("filter", picture, "--run", finished.run.path, "--layer", "conv1", "--out", "units.png")
    assert said.code == 0
    assert "conv1, a convolution of 8 units" in said.out
    assert said.out.count("\nunit ") == 8
    record = json.loads(call("filter", picture, "--kernel", f"{finished.run.path}:conv1:2", "--json").out)
    (unit,) = record["units"]
    assert unit["unit"] == 2
    assert unit["kernels"][0] == finished.run.module.conv1.weight[2, 0].double().tolist()  # type: ignore[index, union-attr]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kernel", "blurry"], "found `blurry`"),
        (["--kernel", "[[1,2],[3]]"], "different lengths"),
        (["--size", "4"], "odd number"),
        (["--pad", "same"], "found `same`"),
        (["--layer", "conv1"], "without a run"),
        (["--out", "x.jpg"], "needed one of .svg"),
        (["--save", "x.jpg"], "ends in .png"),
        (["--save", "x.wav"], "as it is a picture"),
        (["--kernel", "blur", "--kernel", "edge", "--save", "x.png"], "Name one kernel"),
    ],
)
def test_a_wrong_call_is_a_line_and_code_2(call: Call, picture: Path, arguments: list[str], said: str) -> None:
    answer = call("filter", picture, *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
