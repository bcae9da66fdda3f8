"""Memory written through other views, against the gradient of the same writes."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import check_reach
from torch import Tensor

from striate.measure.bits import fill
from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.overlay import subtract

SHAPE = (2, 4, 6)


@st.composite
def writes(draw: st.DrawFn) -> Callable[[Tensor], Tensor]:
    """A function that writes parts of its input, scaled, into parts of a copy, and returns the copy or a view of it."""
    plans = draw(st.lists(st.tuples(_regions(), st.sampled_from(["set", "double", "number"])), min_size=1, max_size=4))
    last = draw(st.sampled_from(["whole", "permuted", "sliced"]))

    def write(input: Tensor) -> Tensor:
        made = input * 1
        early = made.permute(2, 0, 1) if last == "permuted" else made[:, 1:, ::2] if last == "sliced" else made
        for region, how in plans:
            part = made[region]
            if how == "set":
                made[region] = input.flip(2)[region] * 2
            elif how == "double":
                part.mul_(2)
            else:
                made[region] = 1.0
        return early

    return write


@st.composite
def _regions(draw: st.DrawFn) -> tuple[int | slice, ...]:
    region: list[int | slice] = []
    for extent in SHAPE:
        start, end = sorted((draw(st.integers(0, extent - 1)), draw(st.integers(1, extent))))
        some = slice(start, end if end > start else None, draw(st.integers(1, 2)))
        region.append(draw(st.sampled_from([slice(None), some, start])))
    return tuple(region)


@settings(max_examples=60, deadline=None)
@given(writes())
def test_each_cell_holds_its_latest_write(write: Callable[[Tensor], Tensor]) -> None:
    check_reach(write, SHAPE, most=60)


def _write_columns(input: Tensor) -> Tensor:
    output = torch.zeros(2, 3, 12, 7, dtype=input.dtype)
    output[:, :, ::2, 1:] = input
    output[:, 1] = 5.0
    output[:, 0] += input[:, 2, :1, :1]
    return output


def _rectify_halves(input: Tensor) -> Tensor:
    output = input * 1
    first, second = output.chunk(2, 2)
    first.relu_()
    second.mul_(first)
    return output


def _rectify_halves_apart(input: Tensor) -> Tensor:
    first, second = input.chunk(2, 2)
    return torch.cat([first, second * first], 2)


def _fill_channels_last(input: Tensor) -> Tensor:
    output = (input * 1).contiguous(memory_format=torch.channels_last)
    output[:, 1:3] = input[:, :2].transpose(2, 3)
    return output.flatten(1)


def _loop(input: Tensor) -> Tensor:
    output = torch.zeros_like(input)
    state = input[:, :, 0]
    for place in range(input.shape[2]):
        state = state + input[:, :, place]
        output[:, :, place] = state
    return output


@pytest.mark.parametrize(
    ("module", "twin", "shape"),
    [
        (_write_columns, _write_columns, (2, 3, 6, 6)),
        (_rectify_halves, _rectify_halves_apart, (1, 2, 6, 2)),
        (_fill_channels_last, _fill_channels_last, (2, 4, 3, 3)),
        (_loop, _loop, (1, 2, 5)),
        (lambda x: F.pad(x, (2, 1), mode="circular"),) * 2 + ((2, 2, 4),),
        (lambda x: F.pad(x, (2, 1, 0, 3), mode="circular"),) * 2 + ((1, 2, 4, 3),),
        (lambda x: F.pad(x, (2, 1, 1, 2, 1, 1), mode="circular"),) * 2 + ((1, 1, 3, 2, 3),),
    ],
)
def test_common_writes(module: Callable[..., Tensor], twin: Callable[..., Tensor], shape: tuple[int, ...]) -> None:
    trace = check_reach(module, shape, twin=twin)
    assert any(operation.name == "overlay" for operation in trace.operations)
    assert all(find_rule(operation) for operation in trace.operations)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(0, 15), min_size=3, max_size=3).map(tuple), min_size=1, max_size=4))
def test_boxes_are_subtracted_cell_by_cell(boxes: list[tuple[int, ...]]) -> None:
    def hold(box: tuple[int, ...]) -> set[tuple[int, ...]]:
        cells = ((one, two, three) for one in range(4) for two in range(4) for three in range(4))
        return {cell for cell in cells if all(bits >> place & 1 for bits, place in zip(box, cell, strict=True))}

    left = subtract(boxes[0], boxes[1:])
    assert set().union(*map(hold, left)) == hold(boxes[0]).difference(*map(hold, boxes[1:]))
    assert all(bits <= fill(4) for box in left for bits in box)
