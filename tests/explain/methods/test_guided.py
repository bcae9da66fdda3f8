from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.explaining import explain_module


class _Net(nn.Module):
    """A skip, a pool and a ReLU used twice, written by functions."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(4 * 9, 3)
        self.double()

    def forward(self, x: Tensor) -> Tensor:
        low = F.max_pool2d(F.relu(self.first(x)), 2)
        return self.head((low + self.second(low)).relu_().flatten(1))  # type: ignore[no-any-return]


def _go_back(net: _Net, x: Tensor, target: int) -> Tensor:
    """The same by hand: a transposed convolution for each convolution, an unpooling for the pool."""
    with torch.no_grad():
        fed = net.first(x)
        low, switches = F.max_pool2d(fed.relu(), 2, return_indices=True)
        high = low + net.second(low)
        signal = net.head.weight[target].view(1, 4, 3, 3)
        signal = signal.clamp(min=0) * (high > 0)
        signal = signal + F.conv_transpose2d(signal, net.second.weight, padding=1)
        signal = F.max_unpool2d(signal, switches, (2, 2), output_size=list(fed.shape[2:]))
        signal = signal.clamp(min=0) * (fed > 0)
        return F.conv_transpose2d(signal, net.first.weight, padding=1)


def test_guided_is_the_way_back_by_hand() -> None:
    net, x = _Net(), torch.randn(3, 2, 6, 6, dtype=torch.float64)
    heat = explain_module(net, x, "guided", target=[0, 2, 1])
    plain = explain_module(net, x, "saliency", target=[0, 2, 1])
    for row, target in enumerate((0, 2, 1)):
        by_hand = _go_back(net, x[row : row + 1], target).abs().amax(1)[0]
        assert float((heat.values[row] - by_hand).abs().max()) < 1e-12
    assert float((heat.values - plain.values).abs().max()) > 1e-3
    assert heat.notes == ()


def test_a_network_without_relus_raises_and_is_left_whole() -> None:
    net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.GELU(), nn.Flatten(), nn.Linear(12, 2)).train()
    with pytest.raises(InputError, match="Gelu alone"):
        explain_module(net, torch.randn(2, 1, 8), "guided")
    assert net.training
    assert all(parameter.grad is None for parameter in net.parameters())
    assert all(not part._forward_hooks for part in net.modules())
