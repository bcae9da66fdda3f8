"""Stacks against the fields that they reach, the weights that torch's layers hold, and a published table."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from striate.arithmetic import Window, chain_fields, compare_stack, stack_kernels
from striate.errors import ShapeError


@given(st.integers(1, 30), st.integers(1, 6))
def test_a_stack_sees_exactly_as_much_or_is_refused(size: int, small: int) -> None:
    fields = [chain_fields([Window(small)] * count).size for count in range(size + 1)]
    if size in fields:
        assert stack_kernels(size, small) == fields.index(size)
    else:
        with pytest.raises(ShapeError, match=r"Use (one of those sizes, or )?small 2"):
            stack_kernels(size, small)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(2, 4))
def test_weights_are_those_of_torchs_layers(channels: int, axes: int, layers: int, small: int) -> None:
    kind: type[nn.Module] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1]
    size = 1 + layers * (small - 1)
    one = kind(channels, channels, size, bias=False)
    stack = nn.Sequential(*(kind(channels, channels, small, bias=False) for _ in range(layers)))
    held = tuple(sum(weights.numel() for weights in module.parameters()) for module in (one, stack))
    assert compare_stack(size, channels, axes, small) == held


def test_the_published_comparison_of_stacks() -> None:
    folder = os.environ.get("STRIATE_ORACLES")
    if folder is None:
        pytest.skip("STRIATE_ORACLES names no folder of worked examples")
    rows = json.loads((Path(folder) / "worked.json").read_text())["stacking"]["rows"]
    for row in rows:
        one, stacked = compare_stack(row["field"], channels=8)
        assert (one, stacked) == (64 * row["one"], 64 * row["stacked"])
        assert stack_kernels(row["field"]) == row["layers"]
        assert Fraction(one, stacked) == Fraction(row["ratio"])


def test_a_refusal_names_sizes_that_work() -> None:
    with pytest.raises(ShapeError, match=r"see 5 or 7 cells, not 6"):
        stack_kernels(6)
    assert (stack_kernels(5), stack_kernels(7)) == (2, 3)
    with pytest.raises(ShapeError, match="channels is 0"):
        compare_stack(5, channels=0)
