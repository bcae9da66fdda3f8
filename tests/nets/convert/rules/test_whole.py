"""Pools to so many cells, and means over all of them."""

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
        (nn.AdaptiveAvgPool2d(1), (4, 3), (6, 5), 1),
        (nn.AdaptiveAvgPool2d((2, 1)), (4, 3), (8, 5), (2, 1)),
        (nn.AdaptiveAvgPool2d((None, 3)), (2, 3), (3, 5), 1),
        (nn.AdaptiveMaxPool1d(3), (6,), (11,), 2),
        (nn.AdaptiveMaxPool3d(1), (2, 2, 1), (3, 3, 2), 1),
        (nn.AdaptiveAvgPool2d(4), (2, 8), (4, 12), (1, 2)),  # copies along one axis, means along the other
        (nn.AdaptiveAvgPool2d(7), (1, 1), (2, 3), 1),
    ],
)
def test_adaptive_pools(
    module: nn.Module, extents: tuple[int, ...], larger: tuple[int, ...], step: int | tuple[int, ...]
) -> None:
    check_sliding(nn.Sequential(module, nn.Flatten()), (2, *extents), larger, step)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: F.adaptive_avg_pool2d(x, 1),
        lambda x: F.adaptive_max_pool2d(x, (1, 1)),
        lambda x: x.mean([2, 3]),
        lambda x: x.mean((-1, -2), keepdim=True),
        lambda x: x.mean(-1).mean(-1),
        lambda x: x.mean(3),
        lambda x: torch.mean(x, dim=2, keepdim=True),
        lambda x: x.amax(dim=(2, 3)),
        lambda x: x.flatten(2).mean(2),
        lambda x: x.view(x.size(0), x.size(1), -1).mean(-1),
        lambda x: F.adaptive_avg_pool2d(x, (2, 1)),
    ],
)
def test_calls(call: Callable[[Tensor], Tensor]) -> None:
    module = Call(call)
    step = fully_convolutional(module, (2, 4, 3)).step
    check_sliding(module, (2, 4, 3), (6, 5), step)
    assert step in ((1, 1), (2, 1))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda x: F.adaptive_avg_pool2d(x, 3).flatten(1),
            r"pools 4 cells to 3, by windows that differ.*multiple of 3",
        ),
        (lambda x: x.mean(1), "runs over the batch or the channels"),
        (lambda x: x.mean(), "runs over the batch or the channels"),
        (lambda x: x.flatten(1).mean(1, keepdim=True), "runs over flat features"),
    ],
)
def test_means_over_something_else(call: Callable[[Tensor], Tensor], said: str) -> None:
    class Bare(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return call(x)

    with pytest.raises(InputError, match=said):
        fully_convolutional(Bare(), (2, 4, 4))
