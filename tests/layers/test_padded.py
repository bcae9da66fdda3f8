"""Padded convolution against cells that are fetched one by one, and worked examples from two courses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.loops import convolve_slowly
from torch import nn

from striate.arithmetic import convolve_extent, resolve_padding
from striate.layers import PaddedConv1d, PaddedConv2d, make_convolution, make_pool

MODES = ("zeros", "reflect", "replicate", "circular")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(4, 6), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.integers(0, 3)),
        min_size=1,
        max_size=2,
    ),
    st.integers(0, 3),
    st.sampled_from(MODES),
    st.integers(1, 2),
    st.booleans(),
)
def test_every_mode_and_side_is_the_loops_sum(
    axes: list[tuple[int, int, int, int, int]], after: int, mode: str, groups: int, bias: bool
) -> None:
    extents, sizes, strides, dilations, before = zip(*axes, strict=True)
    pads = [(cells, after) for cells in before]
    if any(
        convolve_extent(e, 1, pad=p) < (s - 1) * d + 1
        for e, p, s, d in zip(extents, pads, sizes, dilations, strict=True)
    ):
        return
    module = make_convolution(len(axes), 2, 2, sizes, strides, pads, dilations, groups, bias, mode).double()
    x = torch.randn(1, 2, *extents, dtype=torch.float64)
    torch.testing.assert_close(module(x), convolve_slowly(module, x, pads))


def test_three_axes_are_padded_in_their_order() -> None:
    pads = [(0, 1), (2, 0), (1, 3)]
    module = make_convolution(3, 1, 2, (2, 3, 2), pads=pads).double()
    x = torch.randn(1, 1, 3, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(module(x), convolve_slowly(module, x, pads))


@pytest.mark.parametrize("word", ["valid", "same", "full", "causal"])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_words_are_what_explicit_zeros_give(word: str, size: int) -> None:
    x = torch.arange(1.0, 9.0).reshape(1, 1, 8)
    module: Any = make_convolution(1, 1, 1, size, pads=[resolve_padding(word, size)], bias=False)
    reach = size - 1
    zeros = {"valid": (0, 0), "full": (reach, reach), "causal": (reach, 0), "same": (reach // 2, reach - reach // 2)}
    torch.testing.assert_close(module(x), F.conv1d(F.pad(x, zeros[word]), module.weight))


@pytest.mark.parametrize("dilation", [1, 3])
def test_causal_output_has_no_slope_in_later_inputs(dilation: int) -> None:
    module: Any = make_convolution(1, 1, 1, 3, pads=[resolve_padding("causal", 3, dilation)], dilation=dilation)
    nn.init.ones_(module.weight)
    x = torch.randn(1, 1, 9, requires_grad=True)
    y = module(x)
    for cell in range(9):
        (slope,) = torch.autograd.grad(y[0, 0, cell], x, retain_graph=True)
        assert not slope[0, 0, cell + 1 :].any()
        assert slope[0, 0, cell] == 1


def test_slopes_are_right() -> None:
    module = PaddedConv2d(1, 2, (2, 3), pads=((1, 0), (0, 2)), padding_mode="reflect").double()
    x = torch.randn(1, 1, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))
    assert torch.autograd.gradcheck(
        lambda weight: torch.func.functional_call(module, {"weight": weight}, x), module.weight
    )


def test_repr_tells_the_padding() -> None:
    module = PaddedConv1d(2, 4, 2, stride=2, pads=((0, 1),), padding_mode="reflect", bias=False)
    assert repr(module) == (
        "PaddedConv1d(2, 4, kernel_size=(2,), stride=(2,), bias=False, padding_mode=reflect, pads=((0, 1),))"
    )


def read_example(name: str) -> dict[str, Any]:
    folder = os.environ.get("STRIATE_ORACLES")
    if not folder:
        pytest.skip("STRIATE_ORACLES names no folder of worked examples")
    examples: dict[str, dict[str, Any]] = json.loads((Path(folder) / "worked.json").read_text())
    return examples[name]


def test_ece685_worked_by_hand() -> None:
    example = read_example("ece685")
    module = make_convolution(2, 3, 1, 3, pads=[(1, 1), (1, 1)])
    module.load_state_dict({"weight": torch.tensor([example["w"]]), "bias": torch.tensor([example["bias"]])})
    y = torch.relu(module(torch.tensor([example["x"]], dtype=torch.float32)))
    assert y[0, 0].tolist() == example["y"]
    assert make_pool(2, "max", 2)(y)[0, 0].tolist() == example["max"]
    assert make_pool(2, "average", 2)(y)[0, 0].tolist() == example["average"]


def test_cs231n_worked_by_hand() -> None:
    example = read_example("cs231n")
    padded = torch.tensor([example["padded_x"]], dtype=torch.float32)
    module = make_convolution(2, 3, 2, 3, 2, [(1, 1), (1, 1)])
    module.load_state_dict({"weight": torch.tensor(example["w"]), "bias": torch.tensor(example["bias"])})
    assert module(padded[:, :, 1:-1, 1:-1])[0].tolist() == example["o"]
