"""Chains against the support of the gradient of a positive-weight network, at every cell, border cells included."""

from __future__ import annotations

from functools import reduce

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from striate.arithmetic import Window, chain_extents, chain_fields, locate_field, locate_inputs
from striate.errors import InputError, ShapeError

sizes, strides, dilations, cells = st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3)
convolutions = st.builds(Window, sizes, strides, dilations, cells, st.just(False), cells)
pools = st.builds(Window, st.integers(2, 4), strides, st.just(1), st.just(1), st.just(False), st.just(1), st.booleans())
transposes = st.builds(Window, sizes, strides, dilations, st.integers(-2, 3), st.just(True), st.integers(-2, 3))
chains = st.lists(convolutions | pools | transposes, min_size=1, max_size=4)


def apply_window(x: Tensor, layer: Window) -> Tensor:
    """Run one layer with weights of one; a pool that rounds up is torch's average pool."""
    after = layer.before if layer.after is None else layer.after
    ones = torch.ones(1, 1, layer.size, dtype=x.dtype)
    if layer.transposed:
        raw = F.conv_transpose1d(x, ones, stride=layer.stride, dilation=layer.dilation)
        grown = F.pad(raw, (max(-layer.before, 0), max(-after, 0)))
        return grown[..., max(layer.before, 0) : grown.shape[-1] - max(after, 0)]
    if layer.ceil:
        return F.avg_pool1d(x, layer.size, layer.stride, layer.before, ceil_mode=True)
    return F.conv1d(F.pad(x, (layer.before, after)), ones, stride=layer.stride, dilation=layer.dilation)


def find_supports(layers: list[Window], extent: int) -> list[range]:
    """Ask the gradient which inputs each output cell sees."""
    x = torch.ones(1, 1, extent, dtype=torch.float64, requires_grad=True)
    output = reduce(apply_window, layers, x).flatten()
    jacobian = [torch.autograd.grad(cell, x, retain_graph=True)[0].flatten() for cell in output]
    return [cover_support(slope) for slope in jacobian]


def cover_support(slope: Tensor) -> range:
    seen = slope.nonzero().flatten().tolist()
    return range(seen[0], seen[-1] + 1) if seen else range(0)


@settings(deadline=None)
@given(chains, st.integers(4, 12))
def test_every_cell_sees_the_gradients_support(layers: list[Window], extent: int) -> None:
    try:
        extents = chain_extents(layers, extent)
    except ShapeError:
        assume(False)
    assume(max(extents) <= 40)
    supports = find_supports(layers, extent)
    assert len(supports) == extents[-1]
    for cell, support in enumerate(supports):
        assert locate_field(layers, cell, extent) == support


@settings(deadline=None)
@given(chains)
def test_far_from_the_borders_the_field_is_the_gradients_support(layers: list[Window]) -> None:
    extent, field = 160, chain_fields(layers)
    try:
        extents = chain_extents(layers, extent)
    except ShapeError:
        assume(False)
    middle = [c for c in range(extents[-1]) if field.locate(c).start > 60 and field.locate(c).stop < 100]
    assume(middle and extents[-1] <= 400)
    x = torch.ones(1, 1, extent, dtype=torch.float64, requires_grad=True)
    y = reduce(apply_window, layers, x)
    for cell in middle[: field.period + 3]:
        (slope,) = torch.autograd.grad(y[0, 0, cell], x, retain_graph=True)
        assert field.locate(cell) == cover_support(slope.flatten())


def test_unclipped_field_reaches_into_the_padding() -> None:
    layers = [Window(5, before=2), Window(3, before=1)]
    assert locate_field(layers, 0, 20, clip=False) == range(-3, 4)
    assert locate_field(layers, 0, 20) == find_supports(layers, 20)[0]


def test_a_cell_between_the_taps_sees_nothing() -> None:
    layers = [Window(1, stride=3, transposed=True)]
    assert [locate_field(layers, cell, 2) for cell in range(4)] == [range(1), range(0), range(0), range(1, 2)]


@given(convolutions, st.integers(-3, 9))
def test_inputs_of_one_layer_are_its_taps(layer: Window, cell: int) -> None:
    found = locate_inputs(layer, [cell])
    assert len(found) == layer.size
    assert min(found) == cell * layer.stride - layer.before


def test_cell_beyond_the_output_is_refused() -> None:
    with pytest.raises(InputError, match=r"cell 8 is none of the 8 output cells\. Use 0 to 7"):
        locate_field([Window(3, before=1)], 8, 8)
