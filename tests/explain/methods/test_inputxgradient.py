from __future__ import annotations

from typing import Any

import torch
from torch import nn

from striate.explain.explaining import explain_module


def test_a_network_without_biases_is_shared_out_whole() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv1d(2, 5, 3, bias=False), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(15, 3, bias=False)
    ).double()
    x = torch.randn(4, 2, 8, dtype=torch.float64)
    heat = explain_module(net, x, "inputxgradient")
    assert heat.signed
    assert torch.allclose(heat.values.sum(1), torch.tensor(heat.score, dtype=torch.float64), atol=1e-12)


def test_each_cell_of_a_linear_network_is_weight_times_input() -> None:
    net: Any = nn.Sequential(nn.Flatten(), nn.Linear(6, 2)).double()
    x = torch.randn(1, 2, 3, dtype=torch.float64)
    heat = explain_module(net, x, "inputxgradient", target=1)
    weight = net[1].weight.detach()[1].view(2, 3)
    by_hand = weight[0] * x[0, 0] + weight[1] * x[0, 1]
    assert torch.allclose(heat.values[0], by_hand)
