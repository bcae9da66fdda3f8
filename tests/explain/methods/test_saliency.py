from __future__ import annotations

import torch
from torch import nn

from striate.explain.explaining import explain_module


def test_saliency_is_the_steepest_channel_by_finite_differences() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 3)).double()
    x = torch.randn(2, 3, 6, 6, dtype=torch.float64)
    heat = explain_module(net, x, "saliency", target=[2, 0])
    step = 1e-6
    for row, column, line in ((0, 0, 0), (0, 3, 2), (1, 5, 5), (1, 2, 4)):
        slopes = []
        for channel in range(3):
            moved = torch.zeros_like(x)
            moved[row, channel, column, line] = step
            rise = (net(x + moved) - net(x - moved)).detach()[row, (2, 0)[row]]
            slopes.append(abs(float(rise)) / (2 * step))
        assert abs(max(slopes) - float(heat.values[row, column, line])) < 1e-7
    assert not heat.signed
