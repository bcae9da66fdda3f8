"""Values that meet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from tests.nets.convert.crops import check_sliding
from tests.nets.convert.rules.calls import Call
from torch import Tensor

from striate.errors import InputError
from striate.nets.convert import fully_convolutional


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda x: x + x.relu() * 0.5 - 1, ()),
        (lambda x: 1 - x / 2, ()),
        (lambda x: 2**-x, ()),
        (lambda x: torch.maximum(x, x.neg()).add_(1), ()),
        (lambda x, w: x * w, (4, 1, 1)),
        (lambda x, w: w - x, (1, 4, 1, 1)),
        (lambda x, w: x / w.sum(), (3,)),
        (lambda x, w: x.flatten(1) + w, (24,)),
        (lambda x, w: x.mean((2, 3)).mul(w), (1, 4)),
        (lambda x: torch.cat([x, x[:, :1]], dim=1), ()),
        (lambda x: torch.cat([x.flatten(1), x.mean((2, 3))], -1), ()),
        (lambda x: x * x[:, :1], ()),  # one channel meets all
    ],
)
def test_what_slides(call: Callable[..., Tensor], shape: tuple[int, ...]) -> None:
    check_sliding(Call(call, *shape), (4, 3, 2), (5, 4), 1)


@pytest.mark.parametrize(
    ("call", "shape", "said"),
    [
        (lambda x: x * x.mean((2, 3), keepdim=True), (), "each cell meets what belongs to a whole window"),
        (lambda x, w: x + w, (3, 2), "has numbers of 3x2, one for each place"),
        (lambda x: torch.cat([x, x], 2), (), "joins other axes than the channels"),
        (lambda x, w: torch.cat([x, w.expand(2, 4, 3, 2)], 1), (4, 3, 2), "joins other axes|doesn't hang on the input"),
        (lambda x: x[:, :, 1:] + x[:, :, :-1], (), "picks cells by their place"),
        (lambda x: torch.stack([x, x], 1), (), "stack: isn't known to slide"),
    ],
)
def test_what_does_not(call: Callable[..., Tensor], shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        fully_convolutional(Call(call, *shape), (4, 3, 2))


def test_cells_that_lie_otherwise() -> None:
    class Clash(torch.nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            near, far = x[:, :1], torch.nn.functional.max_pool1d(x[:, 1:], 2)
            return (torch.nn.functional.pad(near, (-2, -2)) + far).flatten(1)

    with pytest.raises(InputError, match=r"cells that lie 1 apart meet cells that lie 2 apart"):
        fully_convolutional(Clash(), (2, 8))
