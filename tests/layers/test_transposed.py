"""Transposed convolution against the explicit matrix of the convolution, transposed, then cut by hand."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from striate.arithmetic import Pair, compute_span, deconvolve_extent, resolve_crop
from striate.layers import CroppedConvTranspose1d, CroppedConvTranspose2d, make_transposed


def write_matrix(kernel: Tensor, extent: int, stride: int, dilation: int) -> Tensor:
    """Write the matrix of the strided convolution that has `extent` outputs: one row per output cell."""
    span = compute_span(len(kernel), dilation)
    matrix = torch.zeros(extent, (extent - 1) * stride + span, dtype=kernel.dtype)
    for row in range(extent):
        for tap, weight in enumerate(kernel):
            matrix[row, row * stride + tap * dilation] = weight
    return matrix


def cut(cells: Tensor, crop: Pair) -> Tensor:
    """Take cells off, or set zeros on, either end of the last axis."""
    before, after = crop
    zeros = [cells.new_zeros(*cells.shape[:-1], max(-count, 0)) for count in crop]
    grown = torch.cat([zeros[0], cells, zeros[1]], dim=-1)
    return grown[..., max(before, 0) : grown.shape[-1] - max(after, 0)]


crops = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
numbers = st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), crops


@settings(deadline=None)
@given(st.integers(1, 5), *numbers, st.booleans())
def test_one_axis_is_the_transposed_matrix(
    extent: int, size: int, stride: int, dilation: int, crop: Pair, bias: bool
) -> None:
    assume((extent - 1) * stride + compute_span(size, dilation) > sum(crop))
    module: Any = make_transposed(1, 2, 3, size, stride, [crop], dilation, bias=bias).double()
    x = torch.randn(1, 2, extent, dtype=torch.float64)
    output = module(x)
    assert output.shape[-1] == deconvolve_extent(extent, size, stride, dilation, crop)
    for channel in range(3):
        kernels = module.weight[:, channel]
        raw = sum(write_matrix(kernels[i], extent, stride, dilation).T @ x[0, i] for i in range(2))
        assert isinstance(raw, Tensor)
        expected = cut(raw, crop) + (module.bias[channel] if bias else 0)
        torch.testing.assert_close(output[0, channel], expected)


@settings(deadline=None, max_examples=50)
@given(st.tuples(*numbers), st.tuples(*numbers))
def test_two_axes_are_two_transposed_matrices(
    height: tuple[int, int, int, Pair], width: tuple[int, int, int, Pair]
) -> None:
    paired: list[Any] = list(zip(height, width, strict=True))
    sizes, strides, dilations, pairs = paired
    assume(all(2 * s + compute_span(k, d) > sum(crop) for k, s, d, crop in (height, width)))
    module: Any = make_transposed(2, 1, 1, sizes, strides, pairs, dilations, bias=False).double()
    left, right = (torch.randn(size, dtype=torch.float64) for size in sizes)
    nn.init.ones_(module.weight)
    module.weight.data *= torch.outer(left, right)
    x = torch.randn(3, 3, dtype=torch.float64)
    tall = write_matrix(left, 3, strides[0], dilations[0])
    wide = write_matrix(right, 3, strides[1], dilations[1])
    raw = tall.T @ x @ wide
    torch.testing.assert_close(module(x[None, None])[0, 0], cut(cut(raw, pairs[1]).T, pairs[0]).T)


def test_causal_output_has_no_slope_in_later_inputs() -> None:
    module: Any = make_transposed(1, 1, 1, 5, 2, [resolve_crop("causal", 5, 2)])
    assert type(module) is CroppedConvTranspose1d
    nn.init.ones_(module.weight)
    x = torch.randn(1, 1, 6, requires_grad=True)
    y = module(x)
    assert y.shape[-1] == 12
    for cell in range(12):
        (slope,) = torch.autograd.grad(y[0, 0, cell], x, retain_graph=True)
        assert not slope[0, 0, cell // 2 + 1 :].any()
        assert slope[0, 0, cell // 2] == 1


def test_groups_keep_to_themselves() -> None:
    module: Any = make_transposed(1, 4, 4, 3, 2, [(0, 2)], groups=2)
    x = torch.randn(1, 4, 5, requires_grad=True)
    (slope,) = torch.autograd.grad(module(x)[:, :2].sum(), x)
    assert slope[:, :2].all()
    assert not slope[:, 2:].any()


def test_slopes_are_right() -> None:
    module: Any = CroppedConvTranspose2d(1, 2, 3, stride=2, crops=((0, 2), (2, -1))).double()
    x = torch.randn(1, 1, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))
    assert torch.autograd.gradcheck(lambda bias: torch.func.functional_call(module, {"bias": bias}, x), module.bias)


def test_three_axes_are_cropped_in_their_order() -> None:
    crops = [(0, 1), (-1, 0), (1, 3)]
    module: Any = make_transposed(3, 1, 1, 2, 2, crops)
    whole: Any = make_transposed(3, 1, 1, 2, 2)
    whole.load_state_dict(module.state_dict())
    x = torch.randn(1, 1, 2, 2, 3)
    output = whole(x)
    inner = module(x)
    assert inner.shape[2:] == (3, 5, 2)
    torch.testing.assert_close(inner[:, :, :, 1:], output[:, :, :3, :, 1:3])
    torch.testing.assert_close(inner[:, :, :, 0], whole.bias.expand(1, 1, 3, 2))


def test_repr_tells_the_crops() -> None:
    module = CroppedConvTranspose1d(2, 4, 5, stride=2, crops=((0, 3),))
    assert repr(module) == "CroppedConvTranspose1d(2, 4, kernel_size=(5,), stride=(2,), crops=((0, 3),))"
