"""Numbers per axis, and the errors for too many or too few of them."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from striate.errors import InputError, ShapeError
from striate.layers.axes import flatten_pairs, require_axes, require_dimensions, spread_numbers, spread_pairs


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3))
def test_flattened_pairs_pad_each_axis_with_its_own_pair(pairs: list[tuple[int, int]]) -> None:
    padded = F.pad(torch.ones([2] * len(pairs)), flatten_pairs(pairs))
    for axis, (before, after) in enumerate(pairs):
        others = [other for other in range(len(pairs)) if other != axis]
        profile = padded.sum(others) if others else padded
        assert [bool(cell) for cell in profile] == [False] * before + [True] * 2 + [False] * after


def test_one_number_stands_for_all_axes() -> None:
    assert spread_numbers(3, size=2, stride=(1, 2, 3)) == [(2, 2, 2), (1, 2, 3)]
    assert spread_pairs(2, [(0, 1), (2, 3)], "pads") == ((0, 1), (2, 3))


def test_wrong_counts_and_numbers_are_named() -> None:
    with pytest.raises(InputError, match="stride is given for 2 axes, but the layer has 3"):
        spread_numbers(3, stride=(1, 2))
    with pytest.raises(InputError, match="pads is given for 1 axes, but the layer has 2"):
        spread_pairs(2, [(0, 1)], "pads")
    with pytest.raises(ShapeError, match="stride is 0"):
        spread_numbers(2, stride=(1, 0))
    with pytest.raises(InputError, match="the input has 0 spatial axes"):
        require_axes(0)
    for extents in ((1, 2, 3), (1, 2, 3, 3, 3)):
        with pytest.raises(ShapeError, match="needed batch, channels and 2 axes"):
            require_dimensions(torch.zeros(extents), 2)
    require_dimensions(torch.zeros(1, 2, 3, 3), 2)
