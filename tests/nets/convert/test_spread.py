"""Windows laid into the channels, against torch's own unfolding and against loops."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from tests.layers.waysout import check_ways_out

from striate.nets.convert.spread import Every, Spread


def test_over_two_axes_it_is_torchs_unfold() -> None:
    x = torch.randn(2, 3, 6, 7)
    expected = F.unfold(x, (2, 3), stride=(2, 1)).reshape(2, 18, 3, 5)
    assert torch.equal(Spread((2, 3), (2, 1))(x), expected)


def test_each_place_has_its_window_flattened() -> None:
    x = torch.randn(2, 3, 4, 3, 5)
    found = Spread((2, 1, 3), (1, 2, 2))(x)
    assert found.shape == (2, 18, 3, 2, 2)
    for place in [(0, 0, 0), (2, 1, 1), (1, 0, 1)]:
        a, b, c = place[0], 2 * place[1], 2 * place[2]
        assert torch.equal(found[(..., *place)], x[:, :, a : a + 2, b : b + 1, c : c + 3].flatten(1))


def test_every_so_many_cells() -> None:
    x = torch.arange(12.0).reshape(1, 1, 3, 4)
    assert Every((2, 3))(x).tolist() == [[[[0.0, 3.0], [8.0, 11.0]]]]


def test_they_can_be_taken_away() -> None:
    check_ways_out(torch.nn.Sequential(Spread((2, 2), (1, 1)), Every((2, 1))), torch.randn(2, 3, 5, 4))
