"""Across the channels, at each position."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from tests.nets.convert.crops import check_sliding
from tests.nets.convert.rules.calls import Call
from torch import Tensor, nn

from striate.errors import InputError
from striate.layers import CellEmbedding, ChannelNorm, Maxout
from striate.nets.convert import fully_convolutional


@pytest.mark.parametrize(
    "module",
    [
        nn.BatchNorm2d(4),
        nn.PReLU(4),
        nn.LocalResponseNorm(3),
        nn.ChannelShuffle(2),
        nn.Softmax2d(),
        nn.Softmax(1),
        nn.Dropout2d(),
        ChannelNorm(4),
        Maxout(2),
    ],
)
def test_on_maps(module: nn.Module) -> None:
    check_sliding(nn.Sequential(module, nn.Flatten()), (4, 3, 2), (4, 4), 1)


@pytest.mark.parametrize(
    "module",
    [
        nn.BatchNorm1d(24),
        nn.BatchNorm1d(24, affine=False),
        nn.PReLU(24),
        nn.LayerNorm(24),
        nn.LayerNorm(24, elementwise_affine=False),
        nn.Softmax(-1),
        nn.LogSoftmax(1),
        Maxout(3),
    ],
)
def test_on_a_flattened_map(module: nn.Module) -> None:
    check_sliding(nn.Sequential(nn.Flatten(), module), (4, 3, 2), (4, 4), 1)


def test_symbols() -> None:
    module = nn.Sequential(CellEmbedding(5, 3), nn.Conv1d(3, 4, 2), nn.Flatten()).eval()
    text = torch.randint(0, 5, (1, 1, 9)).float()
    sliding = fully_convolutional(module, (1, 4))
    expected = torch.stack([module(text[:, :, place : place + 4]) for place in range(6)], -1)
    torch.testing.assert_close(sliding(text), expected)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_dropout_as_a_function_heeds_the_later_mode(share: float) -> None:
    class Dropping(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.dropout(x.flatten(1), share, self.training)

    x = torch.rand(4, 1, 50)
    for train in (True, False):
        sliding = fully_convolutional(Dropping().train(train), (1, 50))
        assert bool((sliding(x) == 0).any()) == (train and share > 0)
        assert bool((sliding.eval()(x) == 0).any()) is False
        assert bool((sliding.train()(x) == 0).any()) == (share > 0)


def test_dropout_that_is_always_on_stays_so() -> None:
    module = Call(lambda x: F.dropout(x, 0.5, True)).eval()
    assert bool((fully_convolutional(module, (1, 50))(torch.rand(4, 1, 50)) == 0).any())


def test_a_softmax_that_is_told_no_axis_takes_torchs() -> None:
    class Implicit(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.softmax(x.flatten(1))

    with pytest.warns(UserWarning, match="Implicit dimension choice"):
        sliding = fully_convolutional(Implicit(), (2, 3))
    x = torch.rand(2, 2, 3)
    torch.testing.assert_close(sliding(x)[..., 0], x.flatten(1).softmax(1))


def test_along_an_axis_of_the_map() -> None:
    with pytest.raises(InputError, match="runs along an axis of the map"):
        fully_convolutional(Call(lambda x: x.softmax(-1)), (2, 3))
