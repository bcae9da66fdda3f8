"""Fields through axes that are merged and come apart again: what is said to be exact is the gradient's support."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from striate.measure.fields import describe, read_fields
from striate.measure.trace import trace

DUST = 1e-11


class Call(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def mix(x: Tensor) -> Tensor:
    """Mix the last axis, as attention's linear maps do with tokens."""
    return x @ torch.ones(x.shape[-1], 4, dtype=x.dtype, device=x.device)


def convolve(x: Tensor, stride: int) -> Tensor:
    return F.conv2d(x, torch.ones(1, 1, 3, 3, dtype=x.dtype, device=x.device), stride=stride)


def make_tokens(x: Tensor) -> Tensor:
    made = convolve(x, 2)
    tokens = mix(made.flatten(2).transpose(1, 2))
    return tokens.transpose(1, 2).unflatten(2, made.shape[2:])  # type: ignore[no-untyped-call, no-any-return]


def make_windows(x: Tensor) -> Tensor:
    columns = x.unfold(2, 3, 2).unfold(3, 2, 1)
    return mix(columns.flatten(4)).movedim(-1, 1).flatten(1, 2)


def make_gaps(x: Tensor) -> Tensor:
    return x.unfold(2, 5, 2)[..., ::2].sum(-1)


def cut_windows(x: Tensor) -> Tensor:
    return x.unfold(2, 5, 2)[..., :3].sum(-1)


def sum_half(x: Tensor) -> Tensor:
    """Windows whose taps are parted in two halves, only one of which is summed."""
    return x.unfold(2, 4, 2).unflatten(-1, (2, 2)).sum(-1)[..., 0]  # type: ignore[no-untyped-call, no-any-return]


def merge_batch(x: Tensor) -> Tensor:
    rows = convolve(x, 1).transpose(1, 2)
    made = F.avg_pool1d(rows.flatten(0, 1), 2)
    return made.unflatten(0, (x.shape[0], -1)).transpose(1, 2)  # type: ignore[no-untyped-call, no-any-return]


def find_support(function: Callable[[Tensor], Tensor], extents: tuple[int, ...], cell: tuple[int, ...]) -> list[range]:
    """From where to where the gradient of a cell, all channels together, isn't 0."""
    x = torch.rand((1, 1, *extents), dtype=torch.float64, requires_grad=True)
    output = function(x)
    place: Any = (0, slice(None), *cell)
    (slope,) = torch.autograd.grad(output[place].sum(), x)
    seen = (slope[0, 0].abs() > DUST).nonzero()
    return [range(int(axis.min()), int(axis.max()) + 1) for axis in seen.T]


@pytest.mark.parametrize("function", [make_tokens, make_windows, make_gaps, cut_windows, sum_half, merge_batch])
def test_what_is_exact_is_the_gradients(function: Callable[[Tensor], Tensor]) -> None:
    extents = (11, 9)
    traced = trace(Call(function), (1, *extents))
    output = traced.outputs[0]
    field = describe(read_fields(traced)[id(output)], extents)
    assert field is not None
    assert not field.varies or function in (cut_windows, sum_half)
    for cell in product(*map(range, output.shape[2:])):
        for axis, span in enumerate(find_support(function, extents, cell)):
            first = field.offset[axis] + cell[axis] * field.step[axis]
            if field.varies:
                assert first <= span.start
                assert span.stop <= first + field.size[axis]
            else:
                assert span == range(int(first), int(first) + field.size[axis])


factors = st.lists(st.sampled_from([1, 2, 3]), min_size=2, max_size=4)


@settings(deadline=None, max_examples=60)
@given(factors, st.permutations(range(4)), st.integers(1, 2))
def test_any_reshape_there_and_back_keeps_the_field(shape: list[int], order: list[int], channels: int) -> None:
    """Merge all axes, product over the places, and apart again, in any order of the axes."""
    kept = [axis for axis in order if axis < len(shape)]

    def run(x: Tensor) -> Tensor:
        moved = x.permute(0, 1, *(2 + axis for axis in kept))
        flat = mix(moved.flatten(2).transpose(1, 2)).transpose(1, 2)
        apart: Any = flat.unflatten(2, moved.shape[2:])  # type: ignore[no-untyped-call]
        return apart.permute(0, 1, *(2 + kept.index(axis) for axis in range(len(shape))))  # type: ignore[no-any-return]

    traced = trace(Call(run), (channels, *shape))
    view = read_fields(traced)[id(traced.outputs[0])]
    before = read_fields(traced)[id(traced.inputs[0])]
    for axis, (seen, own) in enumerate(zip(view, before, strict=True)):
        if shape[axis] > 1:
            assert (seen.dim, seen.field, seen.is_exact) == (own.dim, own.field, True)
