"""A convolution's matrix against the convolution itself, run on every unit impulse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.layers import make_convolution, make_transposed
from striate.layers.table import TableConv
from striate.nets.convert import compose_matrix


def probe(conv: nn.Module, input: tuple[int, ...]) -> np.ndarray:
    """Column by column: what one cell alone gives, without what nothing gives."""
    impulses = torch.eye(math.prod(input), dtype=torch.float64).reshape(-1, *input)
    with torch.no_grad():
        return np.asarray((conv(impulses) - conv(torch.zeros_like(impulses[:1]))).flatten(1).T)


def check(conv: nn.Module, input: tuple[int, ...]) -> sparse.csr_array:
    conv = conv.double()
    found = compose_matrix(conv, input)
    assert isinstance(found, sparse.csr_array)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.toarray(), probe(conv, input), rtol=1e-12, atol=1e-12)
    return found


CONVOLUTIONS = [nn.Conv1d, nn.Conv2d, nn.Conv3d]
TRANSPOSED: list[Callable[..., nn.Module]] = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(
    ("conv", "input"),
    [
        (nn.Conv1d(2, 3, 3, stride=2, padding=1), (2, 7)),
        (nn.Conv2d(1, 1, 3), (1, 4, 4)),
        (nn.Conv2d(4, 6, (3, 2), stride=(1, 2), padding=(2, 1), dilation=(2, 1), groups=2), (4, 6, 5)),
        (nn.Conv2d(3, 3, 3, padding="same", groups=3), (3, 4, 5)),
        (nn.Conv2d(2, 2, 4, padding="same"), (2, 5, 5)),
        (nn.Conv2d(2, 2, 3, padding="valid"), (2, 5, 5)),
        (nn.Conv3d(2, 3, 2, stride=2), (2, 4, 3, 4)),
        (nn.Conv1d(1, 2, 5, padding=4, padding_mode="reflect"), (1, 5)),
        (nn.Conv2d(2, 2, 3, padding=2, padding_mode="replicate"), (2, 3, 2)),
        (nn.Conv2d(2, 2, 3, padding=2, padding_mode="circular", stride=2), (2, 3, 2)),
        (nn.Conv1d(1, 1, 2, padding="same", padding_mode="circular"), (1, 4)),
        (make_convolution(2, 2, 3, 4, pads=[(1, 2), (0, 3)]), (2, 4, 3)),
        (make_convolution(1, 2, 3, 3, pads=[(2, 0)], padding_mode="reflect"), (2, 4)),
        (make_convolution(1, 1, 2, 3, pads=[(1, 1)], fill=-1.0), (1, 4)),
        (make_convolution(4, 2, 2, 2, stride=(1, 2, 1, 1), pads=[(1, 0)] * 4, groups=2), (2, 2, 3, 2, 2)),
        (TableConv(3, 4, [(0, 1), (2,)], (3, 2), pads=[(1, 1), (0, 0)]), (3, 4, 3)),
        (nn.ConvTranspose1d(2, 3, 3, stride=2), (2, 4)),
        (nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), (4, 3, 3)),
        (nn.ConvTranspose2d(1, 1, 2, stride=3, output_padding=2), (1, 3, 2)),
        (nn.ConvTranspose2d(1, 2, 3, dilation=2, stride=2, padding=2), (1, 3, 3)),
        (nn.ConvTranspose3d(2, 2, 2, stride=2), (2, 2, 2, 1)),
        (make_transposed(2, 2, 3, 4, stride=2, crops=[(0, 2), (-1, 3)]), (2, 3, 4)),
        (make_transposed(1, 2, 3, 1, stride=2, crops=[(0, -3)]), (2, 3)),
        (make_transposed(4, 1, 2, 2, stride=2, crops=[(1, 0)] * 4), (1, 2, 2, 1, 2)),
    ],
)
def test_it_is_the_convolution(conv: nn.Module, input: tuple[int, ...]) -> None:
    check(conv, input)


def makes_cells(conv: nn.Module, input: tuple[int, ...]) -> bool:
    try:
        return bool(conv(torch.zeros(2, *input)).numel())
    except (RuntimeError, ShapeError):
        return False


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[nn.Module, tuple[int, ...]]:
    axes, groups = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    read, written = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    per_axis = st.tuples(*[st.integers(1, 3)] * axes)
    size, stride, dilation = (draw(per_axis) for _ in range(3))
    extents = draw(st.tuples(*[st.integers(2, 5 if axes < 3 else 3)] * axes))
    options: dict[str, Any] = {"kernel_size": size, "stride": stride, "groups": groups, "dilation": dilation}
    pads = draw(st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * axes))
    if draw(st.booleans()):
        return make_transposed(axes, read, written, crops=pads, **options), (read, *extents)
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    return make_convolution(axes, read, written, pads=pads, padding_mode=mode, **options), (read, *extents)


@settings(deadline=None, max_examples=60)
@given(convolutions())
def test_it_is_any_convolution(drawn: tuple[nn.Module, tuple[int, ...]]) -> None:
    conv, shape = drawn
    try:
        compose_matrix(conv, shape)
    except ShapeError:
        assert not makes_cells(conv, shape)
        return
    check(conv, shape)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_its_transpose_is_the_transposed_convolution(axes: int) -> None:
    conv = CONVOLUTIONS[axes - 1](4, 6, 3, stride=2, padding=1, groups=2, bias=False).double()
    back = TRANSPOSED[axes - 1](6, 4, 3, stride=2, padding=1, groups=2, bias=False).double()
    with torch.no_grad():
        back.get_parameter("weight").copy_(conv.get_parameter("weight"))
    output = (6, *[3] * axes)
    found = compose_matrix(conv, (4, *[5] * axes))
    assert (compose_matrix(back, output) != found.T).nnz == 0
    y = torch.randn(output, dtype=torch.float64)
    with torch.no_grad():
        np.testing.assert_allclose(found.T @ y.flatten().numpy(), back(y[None]).flatten().numpy(), atol=1e-12)


def test_its_transpose_carries_the_gradient_back() -> None:
    conv = nn.Conv2d(2, 3, 3, stride=2, padding=1, padding_mode="reflect").double()
    x = torch.randn(1, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    output = conv(x)
    gradient = torch.randn_like(output)
    output.backward(gradient)
    assert x.grad is not None
    carried = compose_matrix(conv, (2, 5, 4)).T @ gradient.flatten().numpy()
    np.testing.assert_allclose(carried, x.grad.flatten().numpy(), atol=1e-12)


def test_each_multiplication_has_an_entry() -> None:
    conv = nn.Conv2d(3, 5, 3)
    nn.init.constant_(conv.weight, 0.0)
    found = compose_matrix(conv, (3, 6, 7))
    assert found.shape == (5 * 4 * 5, 3 * 6 * 7)
    assert found.nnz == 5 * 3 * 9 * 4 * 5  # zeros that were learned are entries too


@pytest.mark.parametrize(
    ("dtype", "found"),
    [
        (torch.float32, np.float32),
        (torch.float64, np.float64),
        (torch.float16, np.float32),
        (torch.bfloat16, np.float32),
    ],
)
def test_its_precision_is_the_weights(dtype: torch.dtype, found: type[np.floating[Any]]) -> None:
    conv = nn.Conv1d(1, 1, 3).to(dtype)
    matrix = compose_matrix(conv, (1, 4))
    assert matrix.dtype == found
    assert matrix.toarray()[0, :3].tolist() == conv.weight.flatten().tolist()


class Doubling(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x)


@pytest.mark.parametrize(
    ("conv", "input", "said"),
    [
        (Doubling(), (1, 4), "found Doubling, needed one convolution"),
        (nn.Conv1d(2, 1, 3), (1, 4), r"Conv1d: found an input of 1x4, needed 2 channels and 1 extents"),
        (nn.Conv2d(1, 1, 3), (1, 4), r"found an input of 1x4, needed 1 channels and 2 extents"),
        (nn.Conv1d(1, 1, 5), (1, 4), "kernel 5 with dilation 1 spans 5, but the axis has 4"),
        (nn.Conv1d(1, 1, 3, padding=4, padding_mode="reflect"), (1, 4), "reflect padding of 4 needs more than"),
        (
            make_convolution(
                1, 1, 1, 1, stride=2, pads=[(0, 2)], padding_mode="reflect"
            ),  # no window reads the last cell
            (1, 2),
            "reflect padding of 2 needs more than",
        ),
        (nn.Conv1d(1, 1, 3, padding=5, padding_mode="circular"), (1, 4), "circular padding of 5 needs more than"),
        (
            nn.Conv2d(64, 64, 3),
            (64, 224, 224),
            r"has 1,[\d,]{11} entries, needed at most 50,000,000\.",
        ),
    ],
)
def test_what_has_none_says_so(conv: nn.Module, input: tuple[int, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        compose_matrix(conv, input)
