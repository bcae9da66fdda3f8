from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from tests.verbs.draw import TEXT, Finished, take_bytes
from torch import nn

import striate
from striate.data import load_dataset
from striate.engine import Engine
from striate.errors import InputError, NotationError

SMALL = "input 3x8x8\nconv3-4, bn, relu, gap, flatten, fc-classes"


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    out = tmp_path_factory.mktemp("digits") / "run"
    return striate.train("conv3-8, bn, relu, gap, flatten, fc-classes", "digits", steps=40, engine=Engine(), out=out)


def run_onnx(path: Path, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"input": x})
    return np.asarray(found)


def read_metadata(path: Path) -> dict[str, str]:
    onnx = pytest.importorskip("onnx")
    return {each.key: each.value for each in onnx.load(str(path)).metadata_props}


@pytest.mark.parametrize("mirror", [False, True])
def test_a_whole_file_predicts_digits_as_striate_does(digits: striate.Run, tmp_path: Path, mirror: bool) -> None:
    pytest.importorskip("onnxscript")
    recipe = {**digits.settings["recipe"], "mirror": mirror}
    run = replace(digits, settings={**digits.settings, "recipe": recipe})
    exported = striate.export(run, tmp_path / "digits.onnx", whole=True)
    dataset = load_dataset("digits", extents=run.input[1:], channels=run.input[0])
    assert dataset.test is not None
    inputs = np.asarray(dataset.test.inputs)
    expected = striate.predict(run, inputs)
    found = run_onnx(exported.path, (inputs / 255).astype(np.float32))
    assert (found.argmax(1) == expected.argmax(1)).all()
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(set(expected.argmax(1))) > 3


def test_the_graph_is_the_runs_module_and_its_header_says_what_it_needs(finished: Finished, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    run = finished.run
    exported = striate.export(run, tmp_path / "photos.onnx")
    assert exported.agrees
    assert (exported.inputs, exported.outputs) == ({"input": ("N", *run.input)}, {"output": ("N", len(run.classes))})
    x = torch.randn(4, *run.input)
    with torch.no_grad():
        expected = run.module(x).numpy()
    np.testing.assert_allclose(run_onnx(exported.path, x.numpy()), expected, rtol=1e-4, atol=1e-5)
    told = read_metadata(exported.path)
    assert told["net"] == run.net.text
    assert [json.loads(told[name]) for name in ("classes", "mean", "std", "input", "whole")] == [
        list(run.classes),
        list(run.recipe.mean),
        list(run.recipe.std),
        list(run.input),
        False,
    ]


def test_a_run_in_every_format_by_its_folder(finished: Finished, tmp_path: Path) -> None:
    before, state = take_bytes(finished.run.path), finished.run.module.state_dict()
    tensors = striate.export(str(finished.run.path), tmp_path / "a.safetensors").path
    with safe_open(tensors, "pt") as file:
        assert json.loads(file.metadata()["classes"]) == list(finished.run.classes)
        assert striate.read(file.metadata()["net"]) == finished.run.net
        assert all(torch.equal(file.get_tensor(name), value) for name, value in state.items())
    plain = torch.load(striate.export(finished.run.path, tmp_path / "a.pt").path, weights_only=True)
    assert all(torch.equal(plain[name], value) for name, value in state.items())
    program = striate.export(finished.run, tmp_path / "a.pt2", whole=True)
    answers = torch.export.load(program.path).module()(torch.rand(2, *finished.run.input))
    torch.testing.assert_close(answers.sum(1), torch.ones(2))
    assert take_bytes(finished.run.path) == before


def test_a_text_a_tree_and_a_file_are_built_and_written(tmp_path: Path) -> None:
    (tmp_path / "mine.net").write_text(SMALL)
    forms: list[str | Path | striate.Net] = [SMALL, tmp_path / "mine.net", striate.read(SMALL)]
    for number, net in enumerate(forms):
        exported = striate.export(net, tmp_path / f"{number}.pt2", classes=5)
        assert (exported.inputs, exported.outputs) == ({"input": ("N", 3, 8, 8)}, {"output": ("N", 5)})
    exported = striate.export(SMALL, tmp_path / "wide.pt2", (2, 9), 4)
    assert exported.inputs == {"input": ("N", 2, 9)}
    exported = striate.export(SMALL, tmp_path / "given.pt2", torch.randn(1, 3, 5, 6), 4)
    assert exported.inputs == {"input": ("N", 3, 5, 6)}
    built = striate.build(SMALL, classes=5).state_dict()
    state = torch.load(striate.export(SMALL, tmp_path / "a.pt", classes=5).path, weights_only=True)
    assert all(torch.equal(state[name], value) for name, value in built.items())


def test_a_network_of_symbols_is_fed_with_symbols(tmp_path: Path) -> None:
    exported = striate.export("input 1x12\nembed9-4, conv3-5, gap, flatten", tmp_path / "a.pt2")
    assert exported.agrees


def test_any_module_is_left_as_it_was(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Dropout().train(), nn.Linear(3, 2).eval())
    exported = striate.export(module, tmp_path / "a.pt2", input=(3,))
    assert exported.agrees
    assert [part.training for part in module] == [True, False]
    assert striate.export(module, tmp_path / "a.pth").parameters == 8


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    first = striate.export(nn.Linear(3, 2), path)
    content = path.read_bytes()
    with pytest.raises(InputError, match="is there already"):
        striate.export(nn.Linear(3, 2), path)
    assert path.read_bytes() == content
    assert striate.export(nn.Linear(3, 4), path, overwrite=True).parameters != first.parameters


@pytest.mark.parametrize(
    ("subject", "name", "options", "said"),
    [
        ("lenet5", "a.tflite", {}, r"\.onnx, \.pt2, \.html, \.safetensors"),
        ("lenet5", "nosuch/a.onnx", {}, "found no folder"),
        ("lenet5", "a.pt", {"whole": True}, "weights alone"),
        ("lenet5", "a.pt2", {"whole": True, "classes": 2}, "needed a run"),
        ("lenet55", "a.pt2", {}, "lenet5"),
        ("lenet5", "a.pt2", {"input": [(1, 28, 28), (3,)], "classes": 2}, "needed one shape"),
        (nn.ReLU(), "a.pt2", {}, "found no input"),
        (nn.ReLU(), "a.pt2", {"input": (3,), "classes": 2}, "found classes=2"),
        (nn.ReLU(), "a.pt2", {"input": 5}, "needed channels x extents"),
        (nn.Linear(3, 2), "a.pt2", {"input": (4,)}, "Give the input that the module expects"),
        (nn.Linear(3, 2, device="meta"), "a.pt2", {"input": (3,)}, "meta device"),
        (7, "a.pt2", {"input": (3,)}, "found int"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    tmp_path: Path, subject: Any, name: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        striate.export(subject, tmp_path / name, **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_missing_classes_and_inputs_are_asked_for(tmp_path: Path) -> None:
    for text, said in (("lenet5", "classes=10"), (TEXT, "input")):
        with pytest.raises(NotationError, match=said):
            striate.export(text, tmp_path / "a.pt2")
    assert not list(tmp_path.iterdir())


def test_another_input_of_a_run_is_tried(finished: Finished, tmp_path: Path) -> None:
    exported = striate.export(finished.run, tmp_path / "a.pt2", (1, 16, 12))
    assert exported.inputs == {"input": ("N", 1, 16, 12)}
