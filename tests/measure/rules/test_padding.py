"""Padding and cropping against the gradient's support."""

from __future__ import annotations

import pytest
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import check_known, check_reach, find_kinds
from torch import nn

from striate.measure.rules.padding import reflect

EXTENTS = (5, 4, 3)


@settings(max_examples=30, deadline=None)
@given(
    axes=st.integers(1, 3),
    pads=st.lists(st.integers(-1, 4), min_size=6, max_size=6),
    batched=st.booleans(),
    value=st.sampled_from([0.0, 2.0]),
)
def test_constant(axes: int, pads: list[int], batched: bool, value: float) -> None:
    shape = (*((2, 2) if batched else (2,)), *EXTENTS[:axes])
    check_reach(lambda x: F.pad(x, pads[: 2 * axes], value=value), shape, most=80)


@settings(max_examples=30, deadline=None)
@given(
    mode=st.sampled_from(["reflect", "replicate"]),
    axes=st.integers(1, 3),
    pads=st.lists(st.integers(0, 2), min_size=6, max_size=6),
    batched=st.booleans(),
)
def test_reflected_and_replicated(mode: str, axes: int, pads: list[int], batched: bool) -> None:
    shape = (*((1, 2) if batched else (2,)), *EXTENTS[:axes])
    check_reach(lambda x: F.pad(x, pads[: 2 * axes], mode=mode), shape, most=80)


@pytest.mark.parametrize("mode", ["reflect", "replicate"])
@pytest.mark.parametrize("pads", [(-1, 3), (2, -2), (-1, -1)])
def test_cropped_on_one_side(mode: str, pads: tuple[int, int]) -> None:
    check_reach(lambda x: F.pad(x, pads, mode=mode), (1, 1, 6))
    check_reach(lambda x: F.pad(x, (*pads, 1, 0), mode=mode), (1, 1, 3, 6))


def test_channels_and_batch_are_padded_too() -> None:
    check_reach(lambda x: F.pad(x, (0, 0, 1, 0, 0, 2, 1, 1)), (2, 3, 2, 2))


def test_more_padding_than_a_replicated_axis_has_cells() -> None:
    check_reach(nn.ReplicationPad2d((7, 0, 1, 9)), (1, 1, 2, 3))


@given(extent=st.integers(2, 9), data=st.data())
def test_reflection_walks_back_and_forth(extent: int, data: st.DataObject) -> None:
    """The mirror's path, step by step."""
    index = data.draw(st.integers(1 - extent, 2 * extent - 2))
    place, direction = 0, 1
    for _ in range(abs(index)):
        if place == extent - 1:
            direction = -1
        place += direction
    assert reflect(index, extent) == place


def test_words() -> None:
    for pad in (nn.ZeroPad2d(1), nn.ReflectionPad2d(1), nn.ReplicationPad2d(1)):
        assert find_kinds(pad, (1, 4, 4)) == ["pad"]


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Zero", "Reflection", "Replication", "Constant"])
def test_all_are_known_forward_and_backward(kind: str, axes: int) -> None:
    pad = getattr(nn, f"{kind}Pad{axes}d")
    check_known(pad(1, 3.0) if kind == "Constant" else pad(1), (2, *EXTENTS[:axes]))
