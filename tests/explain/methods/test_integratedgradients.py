from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.explain.explaining import explain_module

CONVS: tuple[type[nn.Module], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
POOLS: tuple[type[nn.Module], ...] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)


def _net(axes: int, channels: int, *end: nn.Module) -> nn.Sequential:
    torch.manual_seed(axes)
    conv, pool = CONVS[axes - 1], POOLS[axes - 1]
    body = (conv(channels, 4, 3, padding=1), nn.ReLU(inplace=True), pool(2), conv(4, 6, 3), nn.ReLU(), nn.Flatten())
    return nn.Sequential(*body, nn.Linear(6 * 2**axes, 3), *end).double().eval()


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_heat_sums_to_the_rise_of_the_score(axes: int, channels: int) -> None:
    for net in (_net(axes, channels), _net(axes, channels, nn.Softmax(1))):
        x = torch.randn(2, channels, *[9] * axes, dtype=torch.float64)
        heat = explain_module(net, x, "integratedgradients", target=[2, 0])
        rise = (net(x) - net(torch.zeros_like(x)))[torch.arange(2), torch.tensor([2, 0])].detach()
        assert heat.signed
        assert heat.values.shape == x[:, 0].shape
        assert float(((heat.values.flatten(1).sum(1) - rise) / rise).abs().max()) <= 1e-5
        assert not any("left over" in note for note in heat.notes)


def test_channels_and_cells_are_those_of_many_small_steps() -> None:
    net, steps = _net(2, 3), 4000
    x = torch.randn(1, 3, 9, 9, dtype=torch.float64)
    heat = explain_module(net, x, "integratedgradients", target=1)
    total = torch.zeros_like(x)
    for number in range(0, steps, 500):
        shares = (torch.arange(number, number + 500, dtype=torch.float64) + 0.5) / steps
        points = (shares[:, None, None, None] * x).requires_grad_()
        total += torch.autograd.grad(net(points)[:, 1].sum(), points)[0].sum(0) / steps
    by_steps = (total * x).sum(1)
    assert float((heat.values - by_steps).abs().max()) < 0.02 * float(by_steps.abs().max())


class _Step(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = x.sum((1, 2))
        return (total + (total > 1).to(total.dtype))[:, None]


def test_a_rest_is_noted_also_in_float32() -> None:
    notes = explain_module(_Step(), torch.full((1, 1, 4), 0.5), "integratedgradients").notes
    assert notes[0] == "of the score's rise of 3 from zero to the input, 1 is left over"
