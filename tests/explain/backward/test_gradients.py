from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.backward.gradients import differentiate, find_gradient, open_inputs, take_strongest
from striate.explain.question import Question


def test_each_row_is_the_gradient_of_its_own_target_by_finite_differences() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(2, 3, 3), nn.Tanh(), nn.Flatten(), nn.Linear(9, 4)).double().eval()
    x, target = torch.randn(3, 2, 5, dtype=torch.float64), torch.tensor([3, 0, 2])
    found = find_gradient(Question(net, x, target), x, target)
    step = 1e-6
    for place in range(x.numel()):
        moved = torch.zeros(x.numel(), dtype=torch.float64)
        moved[place] = step
        rise = (net(x + moved.view_as(x)) - net(x - moved.view_as(x))).detach()
        row = place // 10
        assert abs(float(rise[row, target[row]]) / (2 * step) - float(found.flatten()[place])) < 1e-8


def test_works_within_no_grad_and_for_a_network_that_begins_in_place() -> None:
    net: Any = nn.Sequential(nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(4, 2))
    x = torch.tensor([[[1.0, -1.0, 2.0, -2.0]]])
    kept = x.clone()
    with torch.no_grad():
        found = find_gradient(Question(net, x, torch.tensor([1])), x, torch.tensor([1]))
    assert torch.equal(x, kept)
    assert torch.equal(found[0, 0], net[2].weight[1] * torch.tensor([1, 0, 1, 0]))
    assert all(parameter.grad is None for parameter in net.parameters())


class _Deaf(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.detach().flatten(1)


def test_a_score_without_gradients_raises() -> None:
    x = torch.ones(1, 1, 2)
    with pytest.raises(InputError, match="occlusion or rise"):
        find_gradient(Question(_Deaf(), x, torch.tensor([0])), x, torch.tensor([0]))
    with pytest.raises(InputError, match="doesn't hang"):
        differentiate(torch.ones((), requires_grad=True) * 2, open_inputs(x))


def test_the_strongest_channel_counts_by_magnitude() -> None:
    assert take_strongest(torch.tensor([[[1.0, -2.0], [-3.0, 0.5]]])).tolist() == [[3.0, 2.0]]
