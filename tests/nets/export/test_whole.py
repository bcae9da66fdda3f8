from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.nets.export.whole import Whole


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("mirror", [False, True])
def test_it_is_what_a_run_does_by_hand(axes: int, mirror: bool) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Linear(2 * 3**axes, 4))
    mean, std = (0.2, 0.7), (0.5, 0.1)
    x = torch.rand(5, 2, *[3] * axes)
    normal = torch.stack([(x[:, place] - mean[place]) / std[place] for place in range(2)], dim=1)
    scores = module(normal)
    if mirror:
        scores = (scores + module(torch.flip(normal, [-1]))) / 2
    expected = torch.exp(scores) / torch.exp(scores).sum(1, keepdim=True)
    torch.testing.assert_close(Whole(module, mean, std, axes, mirror=mirror)(x), expected)
