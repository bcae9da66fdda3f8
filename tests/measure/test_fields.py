"""The field of a value, against the gradient of cells far from the borders; and the networks whose fields are known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, event, example, given, settings
from tests.measure.graphs import CHANNELS, SLIDES, Chain, Graph
from torch import Tensor, nn

from striate.measure.fields import Seen, describe, read_fields
from striate.measure.trace import trace
from striate.nets import find_net, parse
from striate.nets.build import make_module

DUST = 1e-11
MOST = {1: 6000}


class Call(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SLIDES)
@example(Chain((("conv", (2, 2, 1, 0, 0, 1), ()), *[("pool", (1, 3, 0, 0, 0), ())] * 2, ("pool", (2, 3, 0, 1, 0), ()))))
def test_away_from_borders_the_field_is_the_gradients(chain: Chain) -> None:
    extent = 1800
    traced = trace(Graph(chain, smooth=False, most=MOST), (CHANNELS, extent))
    value = traced.outputs[0]
    view = read_fields(traced)[id(value)]
    field = describe(view, (extent,))
    x = torch.ones((1, CHANNELS, extent), dtype=torch.float64, requires_grad=True)
    output = Graph(chain, smooth=True, most=MOST)(x)
    cells = value.shape[2]
    for cell in range(cells // 2, min(cells // 2 + 7, cells)):
        (gradient,) = torch.autograd.grad(output[0, :, cell].sum(), x, retain_graph=True)
        seen = np.flatnonzero((gradient[0].abs() > DUST).any(0).numpy())
        span = range(seen[0], seen[-1] + 1) if len(seen) else range(0)
        assert view[0].field is not None
        assert field is not None
        assert view[0].field.locate(cell) == span or not view[0].is_exact
        first = floor(field.offset[0] + cell * field.step[0])
        if field.varies:
            event("varies")
            assert not len(span) or (first <= span.start and span.stop <= first + field.size[0])
        else:
            assert span == range(first, first + field.size[0])


VGG16 = "[conv3-64, relu]*2, maxpool2, [conv3-128, relu]*2, maxpool2, [conv3-256, relu]*3, maxpool2" + (
    ", [conv3-512, relu]*3, maxpool2" * 2
)


@pytest.mark.parametrize(
    ("text", "size", "step"), [("resnet18", 435, 32), ("resnet50", 427, 32), (VGG16, 212, 32), ("vgg11", 150, 32)]
)
def test_known_fields_at_the_last_spatial_layer(text: str, size: int, step: int) -> None:
    """Sources: Araujo et al. 2019, table 1 (their ResNet-50 strides in the 1x1: 483); VGG-11's by the same rule."""
    net = find_net(text) if text.isidentifier() else parse(text)
    traced = trace(make_module(net, (3, 224, 224), 10, device="meta"), (3, 224, 224))
    views = read_fields(traced)
    spatial = [op.outputs[0] for op in traced.operations if op.outputs and op.outputs[0].shape[2:] == (7, 7)]
    field = describe(views[id(spatial[-1])], (224, 224))
    assert field is not None
    assert field.size == (size, size)
    assert field.step == (Fraction(step), Fraction(step))


def test_a_global_pool_sees_everything_and_so_does_what_follows() -> None:
    traced = trace(nn.Sequential(nn.Conv1d(1, 2, 3), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2, 2)), (1, 20))
    views = read_fields(traced)
    assert describe(views[id(traced.outputs[0])], (20,)) is None


def test_one_axis_may_be_seen_whole_and_the_other_not() -> None:
    traced = trace(Call(lambda x: F.avg_pool2d(x, 3, 1, 1).mean(3, keepdim=True)), (1, 8, 9))
    field = describe(read_fields(traced)[id(traced.outputs[0])], (8, 9))
    assert field is not None
    assert (field.size, field.offset) == ((3, 9), (-1, 0))
    assert field.step == (Fraction(1), Fraction(0))


def test_local_fields_leave_gates_and_statistics_out() -> None:
    def gate(x: Tensor) -> Tensor:
        made = F.avg_pool2d(x, 3, 1, 1)
        return F.group_norm(made, 1) * made.mean((2, 3), keepdim=True).sigmoid()

    traced = trace(Call(gate), (2, 8, 8))
    value = traced.outputs[0]
    assert read_fields(traced)[id(value)] == (Seen(None, None),) * 2
    local = describe(read_fields(traced, local=True)[id(value)], (8, 8))
    assert local is not None
    assert local.size == (3, 3)


def test_branches_of_unequal_steps_are_contained() -> None:
    """A branch that is pooled to 5 cells and resized meets the 12 cells of the other."""

    def join(x: Tensor) -> Tensor:
        return x + F.interpolate(F.adaptive_avg_pool1d(x, 5), size=12)

    traced = trace(Call(join), (1, 12))
    field = describe(read_fields(traced)[id(traced.outputs[0])], (12,))
    assert field is not None
    assert field.varies or field.step == (Fraction(1),)
    for cell in range(3, 9):
        x = torch.ones((1, 1, 12), requires_grad=True)
        (gradient,) = torch.autograd.grad(join(x)[0, 0, cell], x)
        seen = gradient[0, 0].nonzero().flatten().tolist()
        first = floor(field.offset[0] + cell * field.step[0])
        assert first <= seen[0]
        assert seen[-1] < first + field.size[0]
