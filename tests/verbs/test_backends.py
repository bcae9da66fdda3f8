from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.verbs.draw import Finished, make_arrays

import striate
from striate.errors import InputError
from striate.verbs import backends

INSTALLED = [name for name in backends.BACKENDS if importlib.util.find_spec(name)]


@pytest.fixture(scope="module")
def inputs() -> NDArray[np.uint8]:
    return make_arrays(7, seed=9)[0]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "exported"


@pytest.mark.parametrize("name", INSTALLED)
def test_another_runtime_says_the_same(finished: Finished, inputs: NDArray[np.uint8], home: Path, name: str) -> None:
    pytest.importorskip("onnxscript")
    expected = striate.predict(finished.run, inputs, engine="torch")
    found = striate.predict(finished.run, inputs, engine=name, precision="fp32")
    assert np.allclose(found, expected, atol=1e-4)
    (folder,) = home.iterdir()
    (file,) = folder.iterdir()
    before = file.stat().st_mtime_ns
    assert np.array_equal(striate.predict(finished.run, inputs, engine=name, precision="fp32"), found)
    assert file.stat().st_mtime_ns == before
    said = striate.evaluate(finished.run, finished.data, engine=name, precision="fp32", threads=2)
    assert said.engine.startswith(f"{name} ")
    assert said.engine.endswith(" fp32, 2 threads")
    assert finished.run.result is not None
    assert said.correct == finished.run.result.correct


@pytest.mark.parametrize("name", INSTALLED)
def test_a_damaged_export_is_made_anew(finished: Finished, inputs: NDArray[np.uint8], home: Path, name: str) -> None:
    pytest.importorskip("onnxscript")
    expected = striate.predict(finished.run, inputs, engine=name)
    (file,) = next(home.iterdir()).iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert np.array_equal(striate.predict(finished.run, inputs, engine=name), expected)
    assert len(file.read_bytes()) == len(whole)


def test_a_runtime_that_is_not_installed_is_named(
    finished: Finished, inputs: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    for name, extra in (("onnxruntime", "onnx"), ("openvino", "openvino")):
        message = rf"--engine {name}: found no {name}, needed it\. `pip install 'striate\[{extra}\]'`, or leave"
        with pytest.raises(InputError, match=message) as caught:
            striate.predict(finished.run, inputs, engine=name)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif("onnxruntime" not in INSTALLED, reason="onnxruntime is not installed")
@pytest.mark.parametrize("wish", [{"precision": "bf16"}, {"layout": "channels_last"}])
def test_wishes_that_a_runtime_cannot_meet_are_refused(
    finished: Finished, inputs: NDArray[np.uint8], home: Path, wish: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="Leave"):
        striate.predict(finished.run, inputs, engine="onnxruntime", **wish)


class Port:
    """OpenVINO as this package asks it, for where it isn't installed."""

    asked: dict[str, Any]

    def compile_model(self, file: str, device: str, settings: dict[str, Any]) -> Port:
        assert Path(file).is_file()
        assert device == "CPU"
        Port.asked = settings
        return self

    def get_property(self, name: str) -> Port:
        return self

    def get_type_name(self) -> str:
        return str(Port.asked.get("INFERENCE_PRECISION_HINT", "bf16"))

    def __call__(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return [np.tile(np.array([1, 2, 3], dtype=np.float32), (len(values), 1))]


@pytest.mark.parametrize(("precision", "hint", "label"), [(None, "bf16", "bf16"), ("fp32", "f32", "fp32")])
def test_openvino_is_asked_for_threads_and_precision(
    finished: Finished,
    inputs: NDArray[np.uint8],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    precision: str | None,
    hint: str,
    label: str,
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", type("openvino", (), {"Core": Port}))
    monkeypatch.setattr(backends, "find_spec", lambda name: True)
    monkeypatch.setattr(backends, "version", lambda name: "1.0")
    monkeypatch.setattr(backends, "_write_export", lambda run, file: file.write_bytes(b"graph"))
    rows = striate.predict(finished.run, inputs, engine="openvino", precision=precision, threads=3)
    assert rows.shape == (7, 3)
    assert np.allclose(rows, torch.softmax(torch.tensor([1.0, 2.0, 3.0]), 0).numpy())
    assert Port.asked["INFERENCE_NUM_THREADS"] == 3
    assert Port.asked.get("INFERENCE_PRECISION_HINT", "bf16") == hint
    said = striate.evaluate(finished.run, finished.data, engine="openvino", precision=precision, threads=3)
    assert said.engine == f"openvino 1.0 {label}, 3 threads"


def test_the_hash_follows_every_weight(finished: Finished) -> None:
    run = finished.run
    module = striate.load(run.path).module
    before = backends.hash_weights(module)
    assert before == backends.hash_weights(run.module)
    for tensor in module.state_dict().values():
        former = tensor.clone()
        tensor.add_(1)
        assert backends.hash_weights(module) != before
        tensor.copy_(former)
    assert backends.hash_weights(module) == before
