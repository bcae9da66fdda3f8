from typing import Any

import pytest
import torch
from tests.measure.scratch.support import (
    aten,
    compare,
    compare_convolution,
    draw_convolution,
    needs_vectors,
    use_threads,
)

pytestmark = needs_vectors

# batch, channels in and out, kernel, and what differs from a stride of 1, padding that keeps the size, and 16 x 16.
CONVOLUTIONS: dict[str, dict[str, Any]] = {
    "first": {"sizes": (4, 3, 64, 3)},
    "grey": {"sizes": (2, 1, 6, 5), "extent": 28},
    "seven": {"sizes": (2, 3, 64, 7), "stride": 2, "extent": 32},
    "plain": {"sizes": (4, 64, 64, 3)},
    "uneven": {"sizes": (2, 20, 36, 3)},
    "bare": {"sizes": (2, 32, 16, 3), "bias": False},
    "few": {"sizes": (8, 8, 16, 3)},
    "five": {"sizes": (2, 6, 16, 5), "padding": 0},
    "one": {"sizes": (8, 64, 128, 1)},
    "one uneven": {"sizes": (4, 24, 100, 1)},
    "one strided": {"sizes": (2, 64, 128, 1), "stride": 2, "bias": False},
    "one grouped": {"sizes": (4, 16, 32, 1), "groups": 4},
    "strided": {"sizes": (4, 64, 128, 3), "stride": 2},
    "odd strided": {"sizes": (4, 32, 64, 3), "stride": 2, "extent": 15},
    "dilated": {"sizes": (2, 64, 64, 3), "dilation": 2, "padding": 2},
    "depthwise": {"sizes": (4, 32, 32, 3), "groups": 32},
    "depthwise strided": {"sizes": (4, 20, 20, 3), "groups": 20, "stride": 2},
    "depthwise five": {"sizes": (2, 24, 24, 5), "groups": 24},
    "grouped": {"sizes": (4, 64, 64, 3), "groups": 2},
    "grouped eight": {"sizes": (4, 32, 64, 3), "groups": 4},
    "small": {"sizes": (1, 3, 8, 3)},
    "small dilated": {"sizes": (1, 8, 16, 3), "dilation": 2, "padding": 2},
    "line": {"sizes": (4, 16, 32, 9), "dims": 1, "extent": 128},
    "line strided": {"sizes": (4, 16, 32, 3), "dims": 1, "extent": 128, "stride": 2},
    "space": {"sizes": (2, 16, 32, 3), "dims": 3, "extent": 8},
    "space first": {"sizes": (2, 1, 16, 3), "dims": 3, "extent": 8},
    "space strided": {"sizes": (2, 16, 32, 3), "dims": 3, "extent": 8, "stride": 2},
    "small space": {"sizes": (1, 8, 16, 3), "dims": 3, "extent": 8},
    "space one": {"sizes": (2, 64, 48, 1), "dims": 3, "extent": 8},
    "up": {"sizes": (2, 64, 32, 2), "padding": 0, "stride": 2, "transposed": True},
    "up four": {"sizes": (4, 32, 16, 4), "padding": 1, "stride": 2, "transposed": True},
    "up odd": {"sizes": (4, 32, 16, 3), "padding": 1, "stride": 2, "transposed": True},
    "up space": {"sizes": (2, 32, 16, 2), "padding": 0, "stride": 2, "transposed": True, "dims": 3, "extent": 8},
    "last": {"sizes": (4, 64, 64, 3), "last": True},
    "last first": {"sizes": (4, 3, 64, 3), "last": True},
    "last strided": {"sizes": (2, 64, 128, 3), "stride": 2, "last": True},
    "last depthwise": {"sizes": (2, 32, 32, 3), "groups": 32, "last": True},
    "last depthwise five": {"sizes": (2, 48, 48, 5), "groups": 48, "last": True},
    "last grey": {"sizes": (2, 1, 6, 5), "extent": 28, "last": True},
    "last one": {"sizes": (2, 64, 128, 1), "last": True},
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("threads", [1, 2])
def test_convolution_and_its_gradient_as_measured(name: str, threads: int) -> None:
    with use_threads(threads):
        compare_convolution(draw_convolution(**CONVOLUTIONS[name]), frozen=threads == 2)


def test_what_lies_badly_in_memory_is_copied_first() -> None:
    """A gradient cut out of a larger one, and images whose channels were the last axis."""
    images, weight, bias, *rest = draw_convolution((2, 16, 32, 3))
    gradient = torch.randn(2, 64, 16, 16)[:, :32]
    compare(aten.convolution_backward.default, gradient, images, weight, [32], *rest, [True] * 3)
    _, kernel, bias, *rest = draw_convolution((2, 16, 32, 5), dims=1, extent=100)
    compare(aten.convolution.default, torch.randn(2, 100, 16).transpose(1, 2), kernel, bias, *rest)
    compare(aten.convolution.default, torch.randn(2, 32, 100)[:, ::2], kernel, bias, *rest)


def test_double_precision_takes_torchs_own_kernels() -> None:
    images, weight, _, *rest = draw_convolution((4, 16, 32, 3))
    compare(aten.convolution.default, images.double(), weight.double(), torch.randn(32).double(), *rest)
