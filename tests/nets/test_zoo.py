"""Every network of the zoo: built, run forward and back, measured and taken out by every way, on a small input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from striate.measure import measure
from striate.nets import Net, find_net, list_layers, list_zoo, place
from striate.nets.build import make_module
from striate.nets.export.examples import make_examples
from striate.nets.export.exported import TOLERANCE
from striate.nets.export.subject import Subject
from striate.nets.smallest import find_smallest_input

CLASSES = 2
LEAST = 8  # cells along an axis: fewer are padding alone to most kernels


@dataclass(frozen=True)
class Small:
    """A network on its smallest sensible input, and the batch that it is run on."""

    net: Net
    shape: tuple[int, ...]
    module: nn.Sequential
    subject: Subject

    @property
    def x(self) -> Tensor:
        assert self.subject.examples is not None
        return self.subject.examples.take(3)[0][0]


def make_small(name: str, axes: int | None = None) -> Small:
    net = find_net(name)
    shape = find_smallest_input(net, CLASSES, axes, least=LEAST)
    assert shape is not None
    module = make_module(net, shape, CLASSES)
    return Small(net, shape, module, Subject(module.eval(), make_examples(module, shape)))


@pytest.fixture(scope="module", params=list_zoo())
def small(request: pytest.FixtureRequest) -> Iterator[Small]:
    yield make_small(request.param)


def run(module: nn.Module, x: Tensor) -> Any:
    with torch.no_grad():
        return module(x)


def check_onnx(small: Small, folder: Path) -> None:
    onnx_graph = pytest.importorskip("striate.nets.export.onnx_graph")
    pytest.importorskip("onnxruntime")
    facts = onnx_graph.write_onnx(small.subject, folder / "net.onnx")
    (folder / "net.onnx").unlink()
    assert facts.relative_error is not None, facts.note
    assert facts.relative_error <= TOLERANCE
    output = place(small.net, small.shape, CLASSES)[-1].output
    assert (facts.inputs, facts.outputs) == ({"input": ("N", *small.shape)}, {"output": ("N", *output)})


def test_forward_and_backward(small: Small) -> None:
    asks_aux = any(layer.word == "aux" for _, layer in list_layers(place(small.net, small.shape, CLASSES)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        outputs = small.module.train()(small.x)
    small.module.eval()
    assert isinstance(outputs, tuple) == asks_aux
    heads: tuple[Tensor, ...] = outputs if isinstance(outputs, tuple) else (outputs,)
    cast(Any, sum(head.square().mean() for head in heads)).backward()
    for name, parameter in small.module.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        parameter.grad = None
    assert run(small.module, small.x).shape == (3, *place(small.net, small.shape, CLASSES)[-1].output)


def test_measured(small: Small) -> None:
    table = measure(small.module, small.shape, 2)
    assert table.parameters == sum(parameter.numel() for parameter in small.module.parameters())
    assert [(row.name, row.status) for row in table.rows if row.status != "exact"] == []


def test_compiled_in_one_piece(small: Small) -> None:
    torch.compiler.reset()
    compiled = torch.compile(small.module, backend="eager", fullgraph=True)
    torch.testing.assert_close(run(compiled, small.x), run(small.module, small.x))


def test_exported_for_any_batch(small: Small) -> None:
    torch.testing.assert_close(run(small.subject.program.module(), small.x), run(small.module, small.x))


def test_onnx_gives_the_same(small: Small, tmp_path: Path) -> None:
    check_onnx(small, tmp_path)
