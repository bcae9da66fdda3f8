"""A convolution as a linear layer gives the convolution's numbers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.layers import make_convolution
from striate.nets.convert import make_fully_connected


@pytest.mark.parametrize(
    ("conv", "input"),
    [
        (nn.Conv1d(2, 3, 3, padding=1), (2, 5)),
        (nn.Conv2d(1, 2, 3, bias=False), (1, 4, 4)),
        (nn.Conv3d(1, 2, 2, stride=2), (1, 4, 2, 3)),
        (nn.ConvTranspose2d(2, 3, 3, stride=2), (2, 2, 2)),
        (make_convolution(2, 1, 2, 3, pads=[(1, 1), (1, 1)], fill=-1.0, bias=False), (1, 3, 3)),
    ],
)
def test_it_gives_the_same(conv: nn.Module, input: tuple[int, ...]) -> None:
    conv = conv.double()
    linear = make_fully_connected(conv, input)
    batch = torch.randn(4, *input, dtype=torch.float64)
    expected = conv(batch).flatten(1)
    assert type(linear) is nn.Linear
    assert linear.weight.shape == (linear.out_features, linear.in_features) == (expected.shape[1], batch[0].numel())
    torch.testing.assert_close(linear(batch.flatten(1)), expected)


def test_it_has_a_bias_where_something_is_added() -> None:
    assert make_fully_connected(nn.Conv1d(1, 1, 3, bias=False), (1, 4)).bias is None
    assert make_fully_connected(nn.Conv1d(1, 1, 3), (1, 4)).bias is not None


def test_its_weights_are_its_own() -> None:
    conv = nn.Conv1d(1, 1, 1, bias=False)
    linear = make_fully_connected(conv, (1, 2))
    before = linear.weight.clone()
    nn.init.constant_(conv.weight, 7.0)
    assert torch.equal(linear.weight, before)
    assert linear.weight.requires_grad
    assert not make_fully_connected(conv.requires_grad_(False), (1, 2)).weight.requires_grad


def test_one_that_is_too_large_is_refused() -> None:
    with pytest.raises(InputError, match=r"would have 9,971,220,736 weights, needed .*keeps no zeros"):
        make_fully_connected(nn.Conv2d(1, 1, 1), (1, 316, 316))
