"""Every network of the zoo: built, run forward and back, measured and taken out, on a small input.

ONNX and torch.compile take tens of milliseconds a layer. They get the networks with something new: a word, an option
or a number of axes that no shallower one has. The others repeat those layers; `benchmarks/exports.py` takes every
network out by every way, in one, two and three dimensions.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from striate.measure import measure
from striate.nets import Net, find_net, list_layers, list_zoo, parse, place
from striate.nets.build import make_module
from striate.nets.export.examples import make_examples
from striate.nets.export.exported import TOLERANCE
from striate.nets.export.onnx_graph import write_onnx
from striate.nets.export.subject import Subject
from striate.nets.smallest import find_smallest_input

CLASSES = 2
LEAST = 8  # cells along an axis: fewer are padding alone to most kernels
FAMILIES = ("lenet5", "alexnet", "nin", "airbench", "preresnet18", "squeezenet")
FORMS = [*((name, axes) for name in FAMILIES for axes in (1, 3)), ("unet", 1), ("dcgan-generator", 1)]
COMPILED = {
    "lenet5": ("lenet5", (1, 28, 28)),
    "residual": ("conv3-4, bn, relu, add[conv3-4, bn | ], relu, gap, flatten, fc-classes", (3, 8, 8)),
    "depthwise": ("depthwise3, bn, relu6, conv1-4, gap, flatten, fc-classes", (3, 8, 8)),
    "1-D": ("conv5-4 pad=causal, relu, maxpool2, flatten, fc-classes", (1, 16)),
    "3-D": ("conv3-4/2, lrn, relu, avgpool2, flatten, fc-classes", (1, 8, 8, 8)),
}


def describe(name: str) -> tuple[int, set[str]]:
    """How many layers a network has, and what is in it: its axes, and its layers' words with their options."""
    net = find_net(name)
    layers = [layer for _, layer in list_layers(place(net, classes=CLASSES))]
    kinds = {layer.word + " ".join(re.findall(r" \w+=[a-z]*", layer.text)) for layer in layers}
    return len(layers), kinds | {f"{len(net.input or ())} axes"}


def find_new() -> list[str]:
    """The networks that have something which no shallower one has."""
    described = {name: describe(name) for name in list_zoo()}
    new, seen = [], set[str]()
    for name in sorted(described, key=lambda name: described[name][0]):
        if not described[name][1] <= seen:
            new.append(name)
        seen |= described[name][1]
    return new


def count_heads(name: str) -> int:
    """How many side heads a network has."""
    return sum(layer.word == "aux" for _, layer in list_layers(place(find_net(name), classes=CLASSES)))


NEW = find_new()


@dataclass(frozen=True)
class Small:
    """A network on its smallest sensible input, and what is to be taken out."""

    name: str
    net: Net
    shape: tuple[int, ...]
    module: nn.Sequential
    subject: Subject

    @property
    def x(self) -> Tensor:
        assert self.subject.examples is not None
        return self.subject.examples.take(3)[0][0]

    @property
    def output(self) -> tuple[int, ...]:
        return place(self.net, self.shape, CLASSES)[-1].output


def make_small(name: str, axes: int | None = None) -> Small:
    net = find_net(name)
    shape = find_smallest_input(net, CLASSES, axes, least=LEAST)
    assert shape is not None
    for seed in range(20):
        module = make_module(net, shape, CLASSES, seed=seed).eval()
        small = Small(name, net, shape, module, Subject(module, make_examples(module, shape)))
        if run(module, small.x).any():  # a relu at the end may give zeros alone, which prove nothing
            return small
    raise AssertionError(f"{name} gives zeros alone")


@pytest.fixture(scope="module", params=list_zoo())
def small(request: pytest.FixtureRequest) -> Small:
    return make_small(request.param)


def run(module: Callable[..., Any], x: Tensor) -> Any:
    with torch.no_grad():
        return module(x)


def check_gradients(small: Small) -> None:
    """Every parameter has a finite gradient, or none and then the outputs don't depend on it."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        outputs = small.module.train()(small.x)
    heads: tuple[Tensor, ...] = outputs if isinstance(outputs, tuple) else (outputs,)
    cast(Any, sum(head.square().mean() for head in heads)).backward()
    loose = []
    for name, parameter in small.module.named_parameters():
        if parameter.grad is None:
            loose.append(parameter)
            continue
        assert torch.isfinite(parameter.grad).all(), name
        parameter.grad = None
    small.module.eval()
    if not loose:
        return
    before = run(small.module, small.x)
    for parameter in loose:
        parameter.data.add_(1)
    assert torch.equal(run(small.module, small.x), before)


def check_onnx(small: Small, folder: Path) -> None:
    """Traced with two rows, compared with one and three."""
    pytest.importorskip("onnxscript")
    pytest.importorskip("onnxruntime")
    facts = write_onnx(small.subject, folder / "net.onnx")
    (folder / "net.onnx").unlink()
    assert facts.relative_error is not None, facts.note
    assert facts.relative_error <= TOLERANCE
    assert (facts.inputs, facts.outputs) == ({"input": ("N", *small.shape)}, {"output": ("N", *small.output)})


def test_forward_and_backward(small: Small) -> None:
    assert run(small.module, small.x).shape == (3, *small.output)
    check_gradients(small)


@pytest.mark.parametrize("small", [name for name in list_zoo() if count_heads(name)], indirect=True)
def test_heads_beside_the_main_one_speak_in_training_alone(small: Small) -> None:
    trained = run(small.module.train(), small.x)
    assert isinstance(run(small.module.eval(), small.x), Tensor)
    assert isinstance(trained, tuple)
    assert len(trained) == 1 + count_heads(small.name)
    assert all(isinstance(head, Tensor) and len(head) == 3 for head in trained)


def test_measured(small: Small) -> None:
    table = measure(small.module, small.shape, 2, backward=small.name in NEW)
    assert table.parameters == sum(parameter.numel() for parameter in small.module.parameters())
    assert [(row.name, row.status) for row in table.rows if row.status != "exact"] == []


def test_exported_for_any_batch(small: Small) -> None:
    torch.testing.assert_close(run(small.subject.program.module(), small.x), run(small.module, small.x))


@pytest.mark.parametrize("small", NEW, indirect=True)
def test_onnx_gives_the_same(small: Small, tmp_path: Path) -> None:
    check_onnx(small, tmp_path)


@pytest.mark.parametrize("small", NEW, indirect=True)
def test_compiled_in_one_piece(small: Small) -> None:
    torch.compiler.reset()
    compiled = torch.compile(small.module, backend="eager", fullgraph=True)
    torch.testing.assert_close(run(compiled, small.x), run(small.module, small.x))


@pytest.mark.parametrize(("name", "axes"), FORMS)
def test_in_other_dimensions(name: str, axes: int, tmp_path: Path) -> None:
    small = make_small(name, axes)
    assert len(small.shape) == 1 + axes
    check_gradients(small)
    check_onnx(small, tmp_path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of torch.jit
@pytest.mark.skipif(not any(map(shutil.which, ("g++", "clang++", "cl"))), reason="no C++ compiler: inductor needs one")
@pytest.mark.parametrize("name", COMPILED)
def test_inductor_gives_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, shape = COMPILED[name]
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("TORCHINDUCTOR_COMPILE_THREADS", "1")
    module = make_module(find_net(text) if "," not in text else parse(text), shape, CLASSES).eval()
    x = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    torch.compiler.reset()
    torch.testing.assert_close(run(torch.compile(module, fullgraph=True), x), run(module, x))
