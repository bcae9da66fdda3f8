"""Channel norm position by position; batch norm past three axes against torch's own over the same cells."""

from __future__ import annotations

import math

import pytest
import torch
from tests.layers.waysout import check_ways_out

from striate.layers import BatchNormNd, ChannelNorm, make_batch_norm


@pytest.mark.parametrize("extents", [(), (5,), (3, 4), (2, 3, 2), (2, 1, 2, 2)])
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


@pytest.mark.parametrize("extents", [(2, 3, 1, 2), (2, 1, 2, 1, 3)])
def test_more_axes_are_normalised_as_torch_normalises_one(extents: tuple[int, ...]) -> None:
    ours, own = BatchNormNd(3, momentum=0.3).double(), torch.nn.BatchNorm1d(3, momentum=0.3).double()
    torch.nn.init.normal_(ours.weight)
    own.load_state_dict(ours.state_dict())
    x = torch.randn(4, 3, *extents, dtype=torch.float64) * 2 + 1
    for _ in range(2):
        torch.testing.assert_close(ours(x).flatten(2), own(x.flatten(2)))
    torch.testing.assert_close(dict(ours.state_dict()), dict(own.state_dict()))
    torch.testing.assert_close(ours.eval()(x).flatten(2), own.eval()(x.flatten(2)))


def test_slopes_of_batch_norm_are_right() -> None:
    x = torch.randn(2, 2, 2, 1, 2, 1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(BatchNormNd(2).double(), (x,))


def test_batch_norm_has_every_way_out() -> None:
    norm = BatchNormNd(2)
    norm(torch.randn(4, 2, 2, 3, 2, 2))
    check_ways_out(norm, torch.randn(1, 2, 2, 3, 2, 2))


def test_up_to_three_axes_are_torchs_own() -> None:
    own = [torch.nn.BatchNorm1d, torch.nn.BatchNorm1d, torch.nn.BatchNorm2d, torch.nn.BatchNorm3d]
    assert [type(make_batch_norm(axes, 4)) for axes in range(5)] == [*own, BatchNormNd]
    assert "4, eps=0.1, momentum=0.2" in repr(make_batch_norm(4, 4, 0.1, 0.2))
