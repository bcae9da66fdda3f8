from __future__ import annotations

import torch
from torch import nn

from striate.explain.explaining import explain_module
from striate.explain.methods.smoothgrad import COUNT, LEVEL, draw_noise


def _net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv1d(2, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(30, 3)).double()


def test_the_mean_gradient_over_noise_in_proportion_to_the_input_range() -> None:
    net, x = _net(), torch.randn(2, 2, 8, dtype=torch.float64)
    x[1] *= 10
    heat = explain_module(net, x, "smoothgrad", target=[1, 2], seed=5)
    for row, target in enumerate((1, 2)):
        level = LEVEL * float(x[row].max() - x[row].min())
        total = torch.zeros(2, 8, dtype=torch.float64)
        for noise in draw_noise(x[row], 5):
            point = (x[row] + level * noise)[None].requires_grad_()
            total += torch.autograd.grad(net(point)[0, target], point)[0][0]
        assert torch.allclose(heat.values[row], (total / COUNT).abs().amax(0), atol=1e-12)


def test_the_seed_alone_decides_and_a_batch_is_its_samples() -> None:
    net, x = _net(), torch.randn(3, 2, 8, dtype=torch.float64)
    batch = explain_module(net, x, "smoothgrad", seed=1)
    again = explain_module(net, x, "smoothgrad", seed=1)
    other = explain_module(net, x, "smoothgrad", seed=2)
    assert torch.equal(batch.values, again.values)
    assert not torch.equal(batch.values, other.values)
    for row in range(3):
        one = explain_module(net, x[row : row + 1], "smoothgrad", seed=1, rows=7)
        assert torch.allclose(one.values[0], batch.values[row], atol=1e-12)


def test_noise_is_the_same_in_any_type_and_normal() -> None:
    like = torch.zeros(4, 50, dtype=torch.float64)
    noise = draw_noise(like, 0)
    assert torch.equal(noise.float(), draw_noise(like.float(), 0))
    assert abs(float(noise.mean())) < 0.05
    assert abs(float(noise.std()) - 1) < 0.05
    assert not torch.equal(noise[0], noise[1])
