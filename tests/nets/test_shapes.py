from __future__ import annotations

import math
import time
from functools import reduce
from random import Random
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from striate.errors import InputError, NetShapeError, NotationError, ShapeError
from striate.nets import find_net, list_layers, list_zoo, parse, place
from striate.nets.build import make_module
from striate.nets.shapes import join_shapes
from striate.nets.tree import Net

Shape = tuple[int, ...]


def run_for_shapes(net: Net, shape: Shape, classes: int | None, device: str) -> tuple[dict[str, Shape], dict[str, int]]:
    """What torch itself gives for every module: the shape of its output, and the number of its parameters."""
    module = make_module(net, shape, classes, device=device)  # in train mode, where side heads run too
    outputs: dict[str, Shape] = {}

    def note(path: str) -> Any:
        def hook(_: object, __: object, output: torch.Tensor) -> None:
            outputs[path] = tuple(output.shape[1:])

        return hook

    handles = [inner.register_forward_hook(note(path)) for path, inner in module.named_modules() if path]
    with torch.no_grad():
        result = module(torch.zeros(2, *shape, device=device))
    for handle in handles:
        handle.remove()
    outputs[""] = tuple((result[0] if isinstance(result, tuple) else result).shape[1:])
    sizes = {path: sum(values.numel() for values in inner.parameters()) for path, inner in module.named_modules()}
    return outputs, sizes


def check_against_torch(net: Net, shape: Shape, classes: int | None = None, device: str = "cpu") -> None:
    placed = place(net, shape, classes)
    outputs, sizes = run_for_shapes(net, shape, classes, device)
    total = 0
    for path, part in list_layers(placed):
        assert part.output == outputs[path], path
        if not part.rows:
            assert part.parameters == sizes[path], path
        total += part.parameters
    assert total == sizes[""]
    assert (placed[-1].output if placed else shape) == outputs[""]


SMALL: dict[str, Shape] = {"mlp": (1, 5, 5), "segnet": (3, 96, 64), "unet-2015": (1, 204, 188)}


def choose_input(net: Net) -> Shape:
    """A second input: photographs shrink, anything else keeps the one that its text says."""
    given = net.input or (3, 64, 64)
    small = (given[0], 96, 80) if len(given) == 3 and min(given[1:]) > 200 else given
    return SMALL.get(net.source.removesuffix(".net"), small)


@pytest.mark.parametrize("name", list_zoo())
def test_zoo_as_torch_runs_it(name: str) -> None:
    net = find_net(name)
    for classes, shape in ((10, net.input or (3, 224, 224)), (7, choose_input(net))):
        check_against_torch(net, shape, classes, device="meta")


class Writer:
    """Writes a random text for an input of so many axes."""

    def __init__(self, seed: int, axes: int) -> None:
        self.random, self.axes = Random(seed), axes

    def write_numbers(self, most: int) -> str:
        count = self.random.choice([1, self.axes])
        return "x".join(str(self.random.randint(1, most)) for _ in range(count))

    def write_pad(self) -> str:
        word = self.random.choice(["same", "same", "valid", "full", "causal", "1", "0:1", "2:1"])
        return f" pad={'x'.join([word] * self.random.choice([1, self.axes]))}"

    def write_layer(self) -> str:
        kind = self.random.choice(
            ["conv", "conv", "depthwise", "deconv", "maxpool", "avgpool", "norm", "act", "upsample", "branch"]
        )
        size, stride, channels = self.write_numbers(4), self.write_numbers(2), self.random.choice([4, 8])
        dilation = f" dilation={self.write_numbers(2)}"
        if kind in ("conv", "deconv"):
            groups = self.random.choice(["", " groups=2", " bias=no"])
            return f"{kind}{size}-{channels}/{stride}{self.write_pad()}{dilation}{groups}"
        if kind == "depthwise":
            return f"depthwise{size}{self.random.choice(['', '-8'])}{self.write_pad()}{dilation}"
        if kind == "maxpool":
            return (
                f"maxpool{size}/{stride}{self.random.choice(['', ' pad=same', ' pad=causal', ' ceil=yes'])}{dilation}"
            )
        if kind == "avgpool":
            return f"avgpool{size}/{stride}{self.random.choice(['', ' pad=same', ' ceil=yes', ' pad=same ceil=yes'])}"
        if kind == "norm":
            return self.random.choice(["bn", "ln", "gn groups=2", "dropout p=0.1"])
        if kind == "act":
            return self.random.choice(["relu", "relu6", "gelu", "silu", "tanh", "sigmoid", "softmax"])
        if kind == "upsample":
            return f"upsample{self.write_numbers(2)}{self.random.choice(['', ' mode=linear'])}"
        same = f"conv3-4, {self.random.choice(['bn, relu', 'tanh'])}"
        joins = [f"conv1-4, add[{same} | ]", f"cat[{same} | | conv1-4]", f"mul[{same} | gap, conv1-4]"]
        return self.random.choice(joins)

    def write(self) -> str:
        layers = [self.write_layer() for _ in range(self.random.randint(1, 4))]
        tail = self.random.choice([[], ["gap"], ["gmp, flatten, fc-3"], ["flatten", "fc-5", "bn", "relu"]])
        return "\n".join([*layers, *tail])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_random_networks_as_torch_runs_them(seed: int, axes: int) -> None:
    writer = Writer(seed, axes)
    text = writer.write()
    shape = (4, *(writer.random.randint(5, 9) for _ in range(axes)))
    try:
        place(parse(text), shape)
    except NetShapeError:
        assume(False)
    check_against_torch(parse(text), shape)


# `§` stands before the place that the error must point at.
WRONG = [
    ("§fc-10", (3, 8, 8), "needed a flat input"),
    ("flatten, §conv3-8", (3, 8, 8), "needed channels x extents"),
    ("flatten, §gap", (3, 8, 8), "needed channels x extents"),
    ("conv3-8, §maxpool9", (3, 8, 8), "kernel 9"),
    ("relu, §conv5-8 pad=valid", (3, 4, 8), "kernel 5"),
    ("§conv3x3x3-8", (3, 8, 8), "for 3 axes"),
    ("§conv3-8/1x2", (3, 8, 8, 8), "for 2 axes"),
    ("§conv3-8 pad=1x1x1", (3, 8, 8), "for 3 axes"),
    ("§conv3-8 groups=2", (3, 8, 8), "2 groups must divide"),
    ("§depthwise3-8", (3, 8, 8), "3 groups must divide"),
    ("§gn", (48, 8, 8), "32 groups must divide"),
    ("§maxpool2 pad=2", (3, 8, 8), "wholly in the padding"),
    ("§conv9-8 mode=reflect", (3, 4, 4), "mode=reflect"),
    ("§deconv3-8 pad=5", (3, 4, 4), "are cut"),
    ("conv3-8, §add[conv3-8/2 | ]", (3, 8, 8), "8x4x4 and 8x8x8"),
    ("§cat[maxpool2 | ]", (3, 8, 8), "3x4x4 and 3x8x8"),
    ("§mul[maxpool2 | ]", (3, 8, 8), "3x4x4 and 3x8x8"),
    ("§mul[flatten | ]", (3, 8, 8), "as many axes"),
    ("def f(n) = conv3-n,\n  §fc-10\nf(4)", (3, 8, 8), "(in f(4))"),
    ("conv3-8, §upsample9999999", (3, 8, 8), "at most 2^40"),
    ("§conv3-99999999999999999", (3, 8, 8), "at most 2^40"),
    ("§conv3-2", (1,), "channels x extents"),
    ("flatten, §fc-99999999999", (3, 8, 8), "at most 2^40"),
    (
        "cat[conv1-10737418240 | conv1-10737418240]*0, §cat[conv1-10737418240 | conv1-10737418240]",
        (1, 8, 8),
        "at most 2^40",
    ),
    ("add[ | ] §weight=2", (3, 8, 8), "needed no option"),
]


@pytest.mark.parametrize(("marked", "shape", "found"), WRONG)
def test_wrong_shapes(marked: str, shape: Shape, found: str) -> None:
    text, at = marked.replace("§", ""), marked.index("§")
    with pytest.raises(NotationError) as caught:
        place(parse(text), shape)
    error = caught.value
    assert found in error.problem
    assert isinstance(error, NetShapeError | ShapeError) or "option" in found
    assert (error.line, error.column) == (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    assert str(error).split("\n")[2].index("^") == 3 + error.column


@pytest.mark.parametrize(
    ("shape", "found"),
    [(None, "found no input's shape"), ((3, 0, 8), "3x0x8"), ((3, -1), "whole numbers"), ((2**20, 2**21), "2^40")],
)
def test_wrong_inputs(shape: Shape | None, found: str) -> None:
    with pytest.raises(InputError, match="needed") as caught:
        place(parse("relu"), shape)
    assert found in str(caught.value)


def test_the_given_input_wins() -> None:
    net = parse("input 3x8x8\nrelu")
    assert place(net)[0].output == (3, 8, 8)
    assert place(net, (5, 9))[0].output == (5, 9)


def test_any_number_of_axes_has_shapes() -> None:
    assert place(parse("conv3-8/2, maxpool2"), (3, *[8] * 6))[-1].output == (8, *[2] * 6)


def test_names_are_unique() -> None:
    text = (
        "def a1 = relu\ndef a1_ = relu\ndef relu6_ = bn\ndef a_ = bn\ndef a = bn\na1, a1_, relu6, relu6_, a, a_, a1, a"
    )
    names = [part.name for part in place(parse(text), (3, 8, 8))]
    assert len(set(names)) == len(names) == 8


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=3))
def test_joins_as_torch_broadcasts(shapes: list[Shape]) -> None:
    try:
        expected: Shape | None = tuple(reduce(torch.mul, map(torch.zeros, shapes)).shape)
    except RuntimeError:
        expected = None
    if expected is None:
        with pytest.raises(ShapeError, match="needed"):
            join_shapes("mul", tuple(shapes))
    else:
        assert join_shapes("mul", tuple(shapes)) == expected
    if len({shape[1] for shape in shapes}) == 1:
        assert join_shapes("cat", tuple(shapes)) == tuple(torch.cat([torch.zeros(shape) for shape in shapes]).shape)


def test_much_costs_no_time() -> None:
    start = time.process_time()
    placed = place(parse("conv3-4096*6000"), (3, 1000, 1000))
    assert time.process_time() - start < 4
    assert math.prod(placed[-1].output) == 4096 * 10**6
