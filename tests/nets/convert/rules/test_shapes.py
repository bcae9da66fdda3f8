"""Flattening in its many spellings, picking and splitting channels."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from tests.nets.convert.crops import check_sliding
from tests.nets.convert.rules.calls import Call
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.convert import fully_convolutional


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.view(x.size(0), -1),
        lambda x: x.reshape(-1, 4 * 3 * 2),
        lambda x: x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3]),
        lambda x: torch.flatten(x, start_dim=1),
        lambda x: x.flatten(2).flatten(1),
        lambda x: x.flatten(1).view(-1, 4, 3, 2).relu(),
        lambda x: x.amax((2, 3)).unsqueeze(-1).unsqueeze(-1).relu().squeeze(),
        lambda x: x.amax((2, 3), True)[:, :, 0, 0],
        lambda x: x.amax((2, 3), True)[..., 0],
        lambda x: x[:, 1:3],
        lambda x: x[:, -1:].relu() + x[:, :1],
        lambda x: x.amax((2, 3))[:, ::2],
        lambda x: torch.cat(x.chunk(2, dim=1)[::-1], 1),
        lambda x: torch.split(x, [1, 3], 1)[1],
        nn.Flatten(),
    ],
)
def test_spellings(call: Callable[[Tensor], Tensor]) -> None:
    check_sliding(Call(call), (4, 3, 2), (5, 4), 1)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda x: x.view(x.size(0), 2, -1), "makes 2x12 of 4x3x2, which isn't known here"),
        (lambda x: x.view(-1, 3, 2), "makes 3x2 of 4x3x2"),
        (lambda x: x.transpose(1, 2), "transpose: isn't known to slide"),
        (lambda x: x[:, :, None, 0], "picks cells by their place"),
        (lambda x: x[:, :, 0], "picks cells by their place"),
        (lambda x: x[:, :, ::2], "picks cells by their place"),
        (lambda x: x[:, 0], "picks one channel"),
        (lambda x: x[:1], "picks cells by their place"),
        (lambda x: x.flatten(1)[:, :5], "picks one channel, or features of a flattened map"),
        (lambda x: x.chunk(3, 2)[0], "splits an axis of the map"),
    ],
)
def test_what_is_not_known(call: Callable[[Tensor], Tensor], said: str) -> None:
    with pytest.raises(InputError, match=said):
        fully_convolutional(Call(call), (4, 3, 2))
