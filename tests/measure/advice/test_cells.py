from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.measure.advice.support import Shape, find_support, make, split_axes
from torch import nn

from striate.errors import NotationError
from striate.measure.advice.cells import Sampling, list_samplings
from striate.measure.advice.flow import Flow
from striate.measure.trace import trace


def sample(module: nn.Module, input: Shape) -> Sampling:
    (found,) = list_samplings(Flow(trace(module, input)))
    return found


def count_unread(module: nn.Module, input: Shape) -> tuple[list[int], list[int]]:
    """Axis by axis, how many cells have no gradient between others that have one, and how many behind the last."""
    support = find_support(module, input)
    skipped, dropped = [], []
    for read in split_axes(support):
        end = int(read.nonzero().max()) + 1
        skipped.append(int((~read[:end]).sum()))
        dropped.append(len(read) - end)
    return skipped, dropped


@given(data=st.data())
def test_what_has_no_gradient_is_never_read(data: st.DataObject) -> None:
    """Convolutions and average pools on one to three axes, every size, stride, dilation and padding its own."""
    axes = data.draw(st.integers(1, 3))
    draw = st.lists(st.integers(1, 4), min_size=axes, max_size=axes).map(lambda numbers: "x".join(map(str, numbers)))
    size, stride, dilation = (data.draw(draw) for _ in range(3))
    pairs = st.tuples(st.integers(0, 2), st.integers(0, 2)).map(lambda pair: f"{pair[0]}:{pair[1]}")
    pad = "x".join(data.draw(st.lists(pairs, min_size=axes, max_size=axes)))
    extents = data.draw(st.lists(st.integers(4, 13), min_size=axes, max_size=axes))
    word = data.draw(st.sampled_from([f"conv{size}-1/{stride} dilation={dilation}", f"avgpool{size}/{stride}"]))
    in_one = word.startswith("avg") and axes < 3  # a mean over three axes that rounds up is made of two pools
    ceil = " ceil=yes" if in_one and data.draw(st.booleans()) else ""
    try:
        module = make(f"{word} pad={pad}{ceil}", (1, *extents))
    except NotationError:
        assume(False)
    found = sample(module, (1, *extents))
    assert (list(found.skipped), list(found.dropped)) == count_unread(module, (1, *extents))
    assert found.extents == tuple(extents)


@pytest.mark.parametrize("mode", ["reflect", "replicate"])
def test_padding_that_copies_cells_reads_no_more_of_them(mode: str) -> None:
    module = make(f"conv3-4/2 pad=1 mode={mode}", (1, 8, 9))
    assert sample(module, (1, 8, 9)).windows[0].before == 1
    assert sample(module, (1, 8, 9)).dropped == (0, 0)


def test_a_dilated_maximum() -> None:
    module = nn.MaxPool2d(2, 3, dilation=2)
    found = sample(module, (1, 9, 11))
    image = torch.arange(99.0).reshape(1, 1, 9, 11)
    read = [set(), set()]  # type: list[set[int]]
    for sign in (1, -1):
        for start in range(99):
            values = sign * ((image + start) % 99)
            for index in nn.MaxPool2d(2, 3, dilation=2, return_indices=True)(values)[1].flatten().tolist():
                read[0].add(index // 11)
                read[1].add(index % 11)
    unread = [[cell for cell in range(extent) if cell not in seen] for extent, seen in zip((9, 11), read, strict=True)]
    for axis in (0, 1):
        assert found.skipped[axis] + found.dropped[axis] == len(unread[axis])
