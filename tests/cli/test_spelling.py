"""striate spell: the printed products add up to the module's number, as JSON too; wrong calls are one line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from tests.cli.conftest import Call
from tests.verbs.draw import Finished

import striate

TEXT = "conv3-4 groups=2, relu, conv3-2/2, gap, flatten, fc-classes"


def test_the_printed_products_add_up_to_the_module_s_number(call: Call) -> None:
    said = call("spell", TEXT, "conv2", "1,2,0", "--input", "2x6x5", "--classes", "3", "--seed", "4", "--most", "99")
    assert (said.code, said.err) == (0, "")
    module = striate.build(TEXT, input=(2, 6, 5), classes=3, seed=4)
    noise = torch.randn(1, 2, 6, 5, generator=torch.Generator().manual_seed(4))
    wanted = float(module[:3](noise)[0, 1, 2, 0].detach())  # type: ignore[index]
    assert said.out.startswith(f"conv2 (conv), cell 1, 2, 0: {wanted:.4g}"[:-1])
    products = [float(each) for each in re.findall(r" = (\S+)   ", said.out)]
    assert len(products) == 36
    assert sum(products) == pytest.approx(wanted, abs=1e-5)


def test_json_holds_every_term(call: Call) -> None:
    said = call("spell", TEXT, "0", "3,1,1", "--input", "2x6x5", "--classes", "3", "--on", "noise", "--json")
    found = json.loads(said.out)
    terms = found["terms"]
    assert terms["grid"] == [1, 3, 3]
    assert np.allclose(np.multiply(terms["weights"], terms["inputs"]), terms["products"])
    assert sum(terms["products"]) + found["bias"] == pytest.approx(found["value"], abs=1e-6)
    assert found["error"] < 1e-5


def test_without_a_layer_the_layers_are_listed(call: Call) -> None:
    said = call("spell", "lenet5", "--classes", "10")
    assert said.code == 0
    assert re.search(r"^ +0  conv1 +conv +6x28x28$", said.out, re.MULTILINE)
    names = [each["name"] for each in json.loads(call("spell", "lenet5", "--classes", "10", "--json").out)]
    assert names[:2] == ["conv1", "tanh1"]


def test_a_run_reads_a_file_as_its_own(call: Call, finished: Finished) -> None:
    run, file = finished.run, next(finished.data.rglob("*.png"))
    said = call("spell", run.path, "conv1", "--on", file, "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    pixels = np.asarray(Image.open(file), np.float64)[None] / 255
    x = (pixels - np.reshape(run.recipe.mean, (-1, 1, 1))) / np.reshape(run.recipe.std, (-1, 1, 1))
    with torch.no_grad():
        wanted = run.module[0](torch.from_numpy(x[None]).float())[(0, *found["cell"])]  # type: ignore[index]
    assert found["total"] == pytest.approx(float(wanted), rel=1e-5, abs=1e-6)
    assert call("spell", run.path, "--on", "digit:1", "--input", "3x9x9").code == 2


def test_digits_pictures_arrays_and_sounds_go_into_fresh_weights(call: Call, tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(1, 8, 8)).astype(np.float32)
    pixels = np.random.default_rng(1).integers(0, 256, (8, 8), np.uint8)
    sound = np.linspace(0, 0.5, 40)
    np.save(tmp_path / "own.npy", array)
    Image.fromarray(pixels).save(tmp_path / "own.png")
    soundfile.write(tmp_path / "own.wav", sound, 8000, subtype="FLOAT")

    def spell(what: str, shape: str, cell: str) -> float:
        found = json.loads(call("spell", "relu", "0", cell, "--input", shape, "--on", what, "--json").out)
        return float(found["total"])

    assert spell("own.npy", "1x8x8", "0,2,3") == max(0.0, float(array[0, 2, 3]))
    assert spell("own.png", "1x8x8", "0,2,3") == pytest.approx(pixels[2, 3] / 255)
    assert spell("own.wav", "1x60", "0,30") == pytest.approx(sound[30], abs=1e-6)
    assert spell("digit:3", "1x8x8", "0,0,2") > 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["relu"], "says no input, needed its shape"),
        (["relu", "0", "1;2", "--input", "1x8"], "needed its channel and place"),
        (["relu", "0", "0,9", "--input", "1x8"], "needed one of layer"),
        (["relu", "conv9", "--input", "1x8"], "layer: found no `conv9`"),
        (["relu", "--input", "1x8", "--on", "nothing.png"], "nothing.png: found no such file"),
        (["relu", "--input", "1x8", "--on", "digit:0"], "needed a picture of 1 or 3 channels"),
    ],
)
def test_a_wrong_call_is_one_line(call: Call, arguments: list[str], problem: str) -> None:
    said = call("spell", *arguments)
    assert said.code == 2
    assert problem in said.err
    assert said.err.count("\n") == 1
