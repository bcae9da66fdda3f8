from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.nets.export.modules import Counting, Drifting, Eigen, Masked, make_convolution, make_subject
from torch import nn

from striate.errors import InputError
from striate.nets.export import onnx_graph
from striate.nets.export.examples import make_examples
from striate.nets.export.onnx_graph import OPSET, write_onnx
from striate.nets.export.subject import Subject

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")


def run(path: Path, *inputs: torch.Tensor) -> list[Any]:
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [port.name for port in session.get_inputs()]
    return list(session.run(None, dict(zip(names, (x.numpy() for x in inputs), strict=True))))


def test_the_file_gives_what_the_module_gives_at_any_batch(tmp_path: Path) -> None:
    module = make_convolution()
    facts = write_onnx(make_subject(module, 3, 4, 4, net="conv", classes='["a", "b"]'), tmp_path / "a.onnx")
    assert (facts.inputs, facts.outputs) == ({"input": ("N", 3, 4, 4)}, {"output": ("N", 5)})
    assert facts.relative_error is not None
    assert facts.relative_error <= 1e-5
    x = torch.randn(7, 3, 4, 4)
    (found,) = run(tmp_path / "a.onnx", x)
    np.testing.assert_allclose(found, module.eval()(x).detach().numpy(), rtol=1e-4, atol=1e-5)
    model = onnx.load(str(tmp_path / "a.onnx"))
    assert [(each.domain, each.version) for each in model.opset_import] == [("", OPSET)] == [("", facts.opset)]
    assert {"net": "conv", "classes": '["a", "b"]'}.items() <= {p.key: p.value for p in model.metadata_props}.items()
    assert [port.name for port in (*model.graph.input, *model.graph.output)] == ["input", "output"]
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    assert str(Path(torch.__file__).parent).encode() not in (tmp_path / "a.onnx").read_bytes()


def test_several_inputs_and_outputs(tmp_path: Path) -> None:
    module = Masked()
    given = {"bias": (1, 4), "mask": (1, 4), "x": (3, 4)}
    facts = write_onnx(Subject(module, make_examples(module, given)), tmp_path / "a.onnx")
    assert facts.relative_error is not None
    assert facts.relative_error <= 1e-5
    model = onnx.load(str(tmp_path / "a.onnx"))
    assert [port.name for port in model.graph.input] == list(facts.inputs) == ["x", "mask", "bias"]
    assert [port.name for port in model.graph.output] == list(facts.outputs)


def test_a_large_networks_weights_lie_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_graph, "MOST_BYTES", 100)
    facts = write_onnx(make_subject(nn.Linear(200, 100), 200), tmp_path / "a.onnx")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.onnx", "a.onnx.data"]
    assert (tmp_path / "a.onnx.data").stat().st_size >= 4 * 200 * 100 > (tmp_path / "a.onnx").stat().st_size
    assert facts.relative_error is not None
    assert facts.relative_error <= 1e-5


def test_an_identity(tmp_path: Path) -> None:
    assert write_onnx(make_subject(nn.Identity(), 3), tmp_path / "a.onnx").relative_error == 0


def test_a_module_that_gives_something_else_each_time_is_far(tmp_path: Path) -> None:
    facts = write_onnx(make_subject(Drifting(), 3), tmp_path / "a.onnx")
    assert facts.relative_error is not None
    assert facts.relative_error > 0.1


def test_types_that_onnxruntime_lacks_are_not_compared(tmp_path: Path) -> None:
    facts = write_onnx(make_subject(nn.Linear(3, 2).bfloat16(), 3), tmp_path / "a.onnx")
    assert facts.relative_error is None
    assert "onnxruntime" in facts.note
    assert "\n" not in facts.note


@pytest.mark.parametrize(
    ("module", "said"), [(Eigen(), "ONNX has no `aten"), (Counting(), "outputs that are no tensors")]
)
def test_what_onnx_lacks_is_one_line(tmp_path: Path, module: nn.Module, said: str) -> None:
    with pytest.raises(InputError, match=rf"{said}.*\.pt2") as caught:
        write_onnx(make_subject(module, 4, 4), tmp_path / "a.onnx")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def hide(*packages: str) -> Callable[..., Any]:
    there = importlib.util.find_spec
    return lambda name: None if name in packages else there(name)


@pytest.mark.parametrize("package", ["onnx", "onnxscript"])
def test_without_onnx_the_way_to_get_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setattr(onnx_graph, "find_spec", hide(package))
    with pytest.raises(InputError, match=rf"found no {package}, .*pip install 'striate\[onnx\]'"):
        write_onnx(make_subject(nn.ReLU(), 3), tmp_path / "a.onnx")


def test_without_onnxruntime_nothing_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_graph, "find_spec", hide("onnxruntime"))
    facts = write_onnx(make_subject(nn.ReLU(), 3), tmp_path / "a.onnx")
    assert (facts.relative_error, "onnxruntime isn't installed" in facts.note) == (None, True)
