"""Cells cut and added, finer grids."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch.nn.functional as F
from tests.nets.convert.crops import check_sliding
from tests.nets.convert.rules.calls import Call
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.convert import fully_convolutional


@pytest.mark.parametrize(
    "call",
    [
        lambda x: F.pad(x, (-1, 0, 0, -2)),
        lambda x: F.pad(x, (0, -1)),
        lambda x: F.interpolate(x, scale_factor=2),
        lambda x: F.interpolate(x, size=(8, 12), mode="nearest-exact"),
        lambda x: F.pad(F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False), (-1, -1, -1, -1)),
        nn.ConstantPad2d((-1, -1, 0, 0), 3.0),
        nn.Upsample(size=(8, 4)),
        nn.UpsamplingNearest2d(scale_factor=3),
        nn.PixelShuffle(2),
    ],
)
def test_what_is_exact(call: Callable[[Tensor], Tensor]) -> None:
    check_sliding(Call(call), (4, 4, 4), (6, 5), 1)


def test_pixels_into_channels() -> None:
    check_sliding(Call(nn.PixelUnshuffle(2)), (2, 4, 4), (8, 7), 2)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (nn.ZeroPad2d(1), "call"),
        (nn.ReflectionPad2d((0, 1, 0, 0)), "call"),
        (nn.CircularPad2d(1), "call"),
        (nn.Upsample(scale_factor=2, mode="bilinear"), "call"),
    ],
)
def test_what_reads_past_the_border(module: nn.Module, name: str) -> None:
    sliding = fully_convolutional(Call(module), (1, 4, 4))
    assert sliding.why.startswith(f"{name} reads past a crop's border")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda x: F.interpolate(x, scale_factor=1.5), "resizes by what isn't a whole factor"),
        (lambda x: F.interpolate(x, size=(8, 8), mode="bilinear", align_corners=True), "resizes by what isn't"),
        (lambda x: F.interpolate(x, scale_factor=2, mode="bicubic"), "resizes by mode bicubic"),
        (lambda x: F.pad(x, (0, 0, 0, 0, 0, 1)), "pads channels or batch"),
        (nn.PixelUnshuffle(4), "leaves a single cell"),
    ],
)
def test_what_is_not_known(call: Callable[[Tensor], Tensor], said: str) -> None:
    with pytest.raises(InputError, match=said):
        fully_convolutional(Call(call), (1, 4, 4))
