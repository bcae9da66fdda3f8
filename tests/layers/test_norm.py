"""Channel norm against means and variances taken position by position."""

from __future__ import annotations

import math

import pytest
import torch

from striate.layers import ChannelNorm


@pytest.mark.parametrize("extents", [(), (5,), (3, 4), (2, 3, 2)])
def test_each_position_is_normalised_by_itself(extents: tuple[int, ...]) -> None:
    norm = ChannelNorm(6, eps=0.01).double()
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    x = torch.randn(2, 6, *extents, dtype=torch.float64)
    found = norm(x).reshape(2, 6, -1)
    assert norm(x).shape == x.shape
    for sample, cells in enumerate(x.reshape(2, 6, -1)):
        for position in range(cells.shape[1]):
            values = cells[:, position].tolist()
            mean = sum(values) / 6
            spread = math.sqrt(sum((value - mean) ** 2 for value in values) / 6 + 0.01)
            normal = torch.tensor([(value - mean) / spread for value in values], dtype=torch.float64)
            torch.testing.assert_close(found[sample, :, position], normal * norm.weight + norm.bias)


def test_slopes_are_right() -> None:
    norm = ChannelNorm(3).double()
    assert torch.autograd.gradcheck(norm, (torch.randn(1, 3, 4, dtype=torch.float64, requires_grad=True),))


def test_repr_tells_channels_and_eps() -> None:
    assert repr(ChannelNorm(8, eps=1e-5)) == "ChannelNorm(8, eps=1e-05)"
