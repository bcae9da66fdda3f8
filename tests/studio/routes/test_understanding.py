"""The verbs of the Understand view, asked as the page asks: sums, fields, maps and what is refused within an answer."""

from __future__ import annotations

import json
from base64 import b64decode
from io import BytesIO
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.studio.conftest import Served

import striate
from striate.engine import Engine
from striate.explain.hooks import record
from striate.studio.routes import understanding
from striate.studio.routes.understanding import _list_runs

TEXT = "conv3-4 dilation=2, relu, add[conv3-4 groups=2 | ], maxpool2, flatten, fc-classes"
SHAPE = [2, 8, 6]


def ask(served: Served, verb: str, **body: Any) -> dict[str, Any]:
    status, _, content = served.ask("POST", f"/api/{verb}", json.dumps(body).encode())
    assert status == 200, content
    found: dict[str, Any] = json.loads(content)
    return found


@pytest.fixture(scope="module")
def watched(served: Served) -> dict[str, Any]:
    source = {"kind": "noise", "seed": 3}
    return ask(served, "watch", text=TEXT, input=SHAPE, classes=3, seed=5, source=source)


def draw() -> tuple[torch.nn.Module, torch.Tensor]:
    """The same network and input, made here."""
    module = striate.build(TEXT, input=tuple(SHAPE), classes=3, seed=5)
    return module, torch.randn(1, *SHAPE, generator=torch.Generator().manual_seed(3))


def test_layers_maps_and_histograms_are_the_module_s(served: Served, watched: dict[str, Any]) -> None:
    module, x = draw()
    wanted = record(module.eval(), x, [path for path, _ in module.named_modules() if path])
    for layer in watched["layers"]:
        found = ask(served, "maps", play=watched["play"], layer=layer["index"])
        values = np.frombuffer(b64decode(found["values"]), "<f4").reshape(found["shape"])
        assert list(values.shape) == layer["shape"] == found["whole"]
        assert np.allclose(values, wanted[layer["name"]][0].numpy(), atol=1e-6)
        assert sum(found["histogram"]["counts"]) == values.size
    found = ask(served, "maps", play=watched["play"], layer=None, first=1, count=1)
    assert found["shape"] == [1, 8, 6]
    assert np.array_equal(np.frombuffer(b64decode(found["values"]), "<f4"), x[0, 1].numpy().reshape(-1))


def test_every_layer_s_cells_come_to_the_module_s_numbers(served: Served, watched: dict[str, Any]) -> None:
    module, x = draw()
    wanted = record(module.eval(), x, [layer["name"] for layer in watched["layers"]])
    for layer in watched["layers"]:
        cell = [extent // 2 for extent in layer["shape"]]
        found = ask(served, "cell", play=watched["play"], layer=layer["index"], cell=cell)
        number = float(wanted[layer["name"]][(0, *cell)])
        assert found["value"] == pytest.approx(number, rel=1e-5, abs=1e-6)
        assert found["total"] == pytest.approx(number, rel=1e-5, abs=1e-6)
        if found["terms"]:
            assert sum(found["terms"]["products"]) == pytest.approx(sum(found["terms"]["partial"]))


def test_boxes_are_measure_s(served: Served, watched: dict[str, Any]) -> None:
    module, _ = draw()
    table = striate.measure(module, tuple(SHAPE))
    for index, cell in ((0, [1, 0, 0]), (2, [3, 4, 2]), (3, [0, 7, 5]), (4, [2, 1, 1])):
        layer = watched["layers"][index]
        found = ask(served, "field", play=watched["play"], layer=index, cell=cell)
        sight = table.field_at(layer["name"], cell)
        assert found["boxes"]["-1"] == [[part.start, part.stop] for part in sight]
        assert found["exact"]


def test_what_a_cell_reaches_and_where_a_weight_is_used(served: Served, watched: dict[str, Any]) -> None:
    found = ask(served, "touched", play=watched["play"], layer=None, cell=[0, 0, 0])
    assert found["boxes"]["0"] == [[0, 3], [0, 3]]
    assert found["fields"]["0"] == [[[[0, 4]], [[0, 1], [2, 3]], [[0, 1], [2, 3]]]]
    uses = ask(served, "uses", play=watched["play"], layer=0, index=[3, 1, 1, 1])
    assert uses["count"] == 48
    assert uses["outputs"][0] == [3, 0, 0]
    assert uses["inputs"][0] == [1, 0, 0]


def test_what_goes_wrong_is_said_in_the_answer(served: Served, watched: dict[str, Any]) -> None:
    assert "unknown word `konv3`" in ask(served, "watch", text="konv3-4", input=[1, 8, 8])["problem"]
    assert "no input line" in ask(served, "watch", text="conv3-4")["problem"]
    assert "the studio doesn't fetch" in ask(served, "watch", text="timm:resnet18", input=[3, 32, 32])["problem"]
    assert "problem" in ask(served, "watch", text="/etc/passwd", input=[1, 8, 8])
    numbers = {"kind": "numbers", "values": [1, 2, 3]}
    assert "needed 64 of them" in ask(served, "watch", text="relu", input=[1, 8, 8], source=numbers)["problem"]
    assert "needed one of layer conv1" in ask(served, "cell", play=watched["play"], layer=0, cell=[9, 0, 0])["problem"]
    assert "no weights of its own" in ask(served, "uses", play=watched["play"], layer=1, index=[0])["problem"]


def test_numbers_and_digits_are_taken(served: Served) -> None:
    values = [float(each) for each in range(12)]
    found = ask(served, "watch", text="relu", input=[1, 3, 4], source={"kind": "numbers", "values": values})
    spelled = ask(served, "cell", play=found["play"], layer=0, cell=[0, 2, 3])
    assert (spelled["total"], spelled["formula"]) == (11.0, "max(0, 11) = 11")
    assert ask(served, "watch", text="relu", input=[1, 8, 8], source={"kind": "digit", "index": 4})["told"] == "a 4"
    assert ask(served, "subjects") == {"runs": []}


def test_runs_of_a_set() -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        kept = sorted({int(each) for each in generator.integers(0, 40, 15)})
        runs = _list_runs(sum(1 << each for each in kept))
        assert [index for start, stop in runs for index in range(start, stop)] == kept
        assert all(before[1] < after[0] for before, after in pairwise(runs))


def upload(served: Served, content: bytes, name: str) -> str:
    headers = {"Content-Type": "application/octet-stream", "Studio-Name": name}
    status, _, answer = served.ask("POST", "/api/upload", content, headers)
    assert status == 200, answer
    handle: str = json.loads(answer)["input"]
    return handle


def test_a_run_s_weights_on_an_uploaded_picture(served: Served) -> None:
    out = served.session.runs / "tiny"
    text = "conv3-4, bn, relu, gap, flatten, fc-classes"
    run = striate.train(text, "digits", epochs=1, engine=Engine(), out=out)
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    ((known,),) = (ask(served, "subjects")["runs"],)
    assert known["name"] == "tiny"
    source = {"kind": "upload", "input": upload(served, content.getvalue(), "own.png")}
    found = ask(served, "watch", subject=known["subject"], source=source)
    assert found["input"]["shape"] == [1, 8, 8]
    mean, std = run.recipe.mean[0], run.recipe.std[0]
    x = torch.from_numpy((pixels / 255 - mean) / std).float()[None, None]
    wanted = record(run.module.eval(), x, ["conv1", "bn1", "fc1"])
    for layer in found["layers"]:
        if layer["name"] not in wanted:
            continue
        cell = [extent - 1 for extent in layer["shape"]]
        spelled = ask(served, "cell", play=found["play"], layer=layer["index"], cell=cell)
        assert spelled["total"] == pytest.approx(float(wanted[layer["name"]][(0, *cell)]), rel=1e-4, abs=1e-5)
    fresh = ask(served, "watch", text="conv3-2", input=[3, 12, 10], source=source)
    assert fresh["told"] == "your picture"
    assert fresh["input"]["shape"] == [3, 12, 10]


def test_a_pass_is_as_large_as_the_memory_of_its_numbers() -> None:
    row = torch.zeros(10)
    numbers = {1: row, 2: row[2:4], 3: torch.zeros(3, dtype=torch.float64)}
    playing: Any = SimpleNamespace(numbers=numbers)
    assert understanding.count_bytes(playing) == 40 + 24


def test_passes_that_are_large_are_not_held_beside_others(
    served: Served, watched: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understanding, "MOST_HELD_BYTES", 1)
    other = ask(served, "watch", text=TEXT, input=SHAPE, classes=3, seed=6, source={"kind": "noise", "seed": 3})
    assert ask(served, "maps", play=other["play"], layer=0)["whole"] == watched["layers"][0]["shape"]
    assert "doesn't hold this one" in ask(served, "maps", play=watched["play"], layer=0)["problem"]


def test_a_file_that_breaks_a_limit_is_a_problem_and_no_fault(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    content = BytesIO()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(content, "PNG")
    source = {"kind": "upload", "input": upload(served, content.getvalue(), "own.png")}
    monkeypatch.setattr(served.session.uploads, "seconds", 0.0)
    found = ask(served, "watch", text="conv3-2", input=[1, 8, 8], source=source)
    assert "more than 0 seconds" in found["problem"]
