"""Convolutions and pools, as modules and as functions, whose single cells get closer windows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from tests.nets.convert.crops import check_sliding
from tests.nets.convert.rules.calls import Call
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.convert import fully_convolutional


@pytest.mark.parametrize(
    ("module", "extents", "larger", "step"),
    [
        (nn.Conv2d(2, 3, 3, dilation=2, groups=1), (6, 7), (8, 8), 1),
        (nn.Conv1d(2, 3, 4, stride=4), (4,), (7,), 1),  # one cell
        (nn.Conv1d(2, 4, 2, stride=2, groups=2), (6,), (11,), 2),
        (nn.ConvTranspose1d(2, 3, 2, stride=2), (3,), (6,), 1),
        (nn.ConvTranspose2d(2, 3, 1), (3, 2), (4, 4), 1),
        (nn.MaxPool2d(3, 2), (7, 5), (11, 9), 2),
        (nn.MaxPool1d(2, dilation=2), (3,), (6,), 1),
        (nn.AvgPool2d((2, 3)), (4, 3), (8, 5), (2, 1)),
        (nn.AvgPool1d(3, ceil_mode=True), (2,), (5,), 1),  # larger than all there is: one window of two cells
        (nn.AvgPool2d(2, divisor_override=3), (4, 4), (6, 6), 2),
    ],
)
def test_modules(module: nn.Module, extents: tuple[int, ...], larger: tuple[int, ...], step: int) -> None:
    check_sliding(nn.Sequential(module, nn.Flatten()), (2, *extents), larger, step)


@pytest.mark.parametrize(
    ("call", "shape", "extents", "larger", "step"),
    [
        (lambda x, w: F.conv2d(x, w * 2), (3, 2, 2, 3), (4, 4), (6, 6), 1),
        (lambda x, w: F.conv1d(x, w.abs(), None, 2), (3, 2, 3), (7,), (12,), 2),
        (lambda x, w: F.conv1d(x, w, stride=3), (3, 2, 3), (3,), (7,), 1),
        (lambda x, w: F.conv1d(x, w, None, 4, 0, 1, 2), (4, 1, 3), (3,), (7,), 1),
        (lambda x, w: F.conv3d(x, w, dilation=(1, 2, 1)), (3, 2, 1, 2, 2), (2, 4, 3), (3, 6, 3), 1),
        (lambda x: F.max_pool2d(x, 2), (), (4, 4), (7, 6), 2),
        (lambda x: F.max_pool2d(x, kernel_size=3, stride=1), (), (4, 4), (7, 6), 1),
        (lambda x: torch.max_pool1d(x, 2, 1), (), (4,), (7,), 1),
        (lambda x: F.avg_pool2d(x, x.size()[2:]), (), (4, 3), (7, 6), 1),
        (lambda x: F.avg_pool1d(x, 2, ceil_mode=True), (), (4,), (7,), 2),
        (lambda x: F.avg_pool3d(x, (1, 2, 2), count_include_pad=False), (), (2, 4, 2), (3, 6, 3), (1, 2, 1)),
    ],
)
def test_calls(
    call: Callable[..., Tensor],
    shape: tuple[int, ...],
    extents: tuple[int, ...],
    larger: tuple[int, ...],
    step: int | tuple[int, ...],
) -> None:
    check_sliding(Call(call, *shape), (2, *extents), larger, step)


class Holding(nn.Module):
    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(self.pool(x)[0], 1)


def test_places_of_maxima_differ_from_window_to_window() -> None:
    with pytest.raises(InputError, match="max_pool1d_with_indices: isn't known to slide"):
        fully_convolutional(Call(lambda x: F.max_pool1d(x, 2, return_indices=True)[0]), (2, 6))
    pool = nn.MaxPool1d(2, return_indices=True)
    with pytest.raises(InputError, match=r"pool \(MaxPool1d\): gives the places of its maxima too"):
        fully_convolutional(Holding(pool), (2, 6))


def test_a_kernel_that_hangs_on_the_input_is_refused() -> None:
    with pytest.raises(InputError, match="conv1d: has a kernel that hangs on the input"):
        fully_convolutional(Call(lambda x: F.conv1d(x, x.amax(2, True))), (2, 6))


@pytest.mark.parametrize("layer", [nn.MaxPool2d((1, 2)), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.ZeroPad2d(1)])
def test_layers_for_other_axes_are_refused(layer: nn.Module) -> None:
    with pytest.raises(
        InputError, match=rf"0 \({type(layer).__name__}\): (is made for 2 axes, the map has 1|gives 1x1, other)"
    ):
        fully_convolutional(nn.Sequential(layer, nn.Flatten()), (2, 6))
