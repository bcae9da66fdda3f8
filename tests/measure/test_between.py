"""What a cell sees in every value on the way, against gradients there; and where a cell is heard, cell by cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import striate
from striate.measure.between import look_ahead, look_between
from striate.measure.operation import Value
from striate.measure.sight import look_back
from striate.measure.trace import Trace, trace

NETS = {
    1: "conv3-2/2, add[conv3-2 dilation=2 | ], cat[ | maxpool2, conv3-2, upsample2], avgpool3 pad=1, flatten, fc-2",
    2: "conv3-2/2, add[conv3-2 dilation=2 | ], cat[ | maxpool2, conv3-4, pixelshuffle2], mul[ | gap]",
    3: "conv3-2/2 pad=causal, add[conv2-2 | ], cat[ | maxpool2, deconv2-2/2]",
}
EXTENTS = {1: (16,), 2: (16, 8), 3: (8, 8, 8)}


def build(axes: int) -> tuple[nn.Module, Trace]:
    module = striate.build(NETS[axes], input=(1, *EXTENTS[axes]))
    return module, trace(module, (1, *EXTENTS[axes]))


def list_values(traced: Trace) -> list[Value]:
    return [
        each
        for operation in traced.operations
        for each in operation.outputs
        if each.dtype == "float32" and operation.depends
    ]


def choose(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(
        dict.fromkeys([tuple(0 for _ in shape), tuple(each // 2 for each in shape), tuple(each - 1 for each in shape)])
    )


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_every_value_on_the_way_against_the_gradient(axes: int) -> None:
    """With positive weights and average pools in the place of maxima no derivative is 0 by chance."""
    module, _ = build(axes)
    pools = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
    for name, part in list(module.named_modules()):
        if type(part).__name__.startswith("MaxPool"):
            module.get_submodule(name.rpartition(".")[0]).add_module(name.rpartition(".")[2], pools[axes](2))
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.5, 1)
    traced = trace(module, (1, *EXTENTS[axes]))
    kept: dict[str, Tensor] = {}
    for path, part in module.named_modules():
        if not list(part.children()):
            part.register_forward_hook(lambda _, __, output, path=path: kept.__setitem__(path, output))
    x = torch.rand(1, 1, *EXTENTS[axes], requires_grad=True)
    output = module(x)
    value = traced.outputs[0]
    met = 0
    for cell in choose(tuple(value.shape[2:])) if len(value.shape) > 2 else [()]:
        found = look_between(traced, value, cell)
        assert found[id(traced.inputs[0])].blocks == look_back(traced, value, cell).blocks
        for path, tensor in kept.items():
            done = [each for each in traced.operations if each.path == path]
            if not done or tensor.ndim < 3:
                continue
            (slope,) = torch.autograd.grad(
                output[0].movedim(0, -1)[cell].sum() if cell else output.sum(),
                tensor,
                retain_graph=True,
                allow_unused=True,
            )
            if tensor is output or slope is None:
                continue
            wanted = (slope[0].abs() > 1e-12).any(0).numpy()
            sight = found.get(id(done[-1].outputs[0]))
            assert np.array_equal(sight.mask if sight is not None else np.zeros_like(wanted), wanted), (path, cell)
            met += 1
    assert met >= 6


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_where_a_cell_is_heard_against_what_every_cell_sees(axes: int) -> None:
    _, traced = build(axes)
    values = [value for value in list_values(traced) if len(value.shape) == axes + 2]
    assert len(values) > 5
    for cell in choose(EXTENTS[axes]):
        found = look_ahead(traced, traced.inputs[0], cell)
        for value in values[:: 1 if axes < 3 else 3]:
            wanted = np.zeros(value.shape[2:], bool)
            for place in product(*map(range, value.shape[2:])):
                wanted[place] = look_back(traced, value, place).mask[cell]
            heard = found[id(value)].mask if id(value) in found else np.zeros_like(wanted)
            assert np.array_equal(heard, wanted), (value.shape, value.maker and value.maker.name)


def test_a_cell_of_a_layer_between_is_heard_after_it_alone() -> None:
    _, traced = build(1)
    conv, later = list_values(traced)[0], traced.outputs[0]
    found = look_ahead(traced, conv, (3,))
    assert id(traced.inputs[0]) not in found
    assert found[id(conv)].indices == ((3,),)
    assert found[id(later)].cells == 2
