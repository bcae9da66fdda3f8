from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from striate.train.optimizers import AdamW

MakeNet = Callable[[], nn.Sequential]


@pytest.mark.parametrize(("momentum", "beta2", "weight_decay"), [(0.9, 0.999, 0.0), (0.5, 0.9, 0.1)])
def test_against_torchs_own(
    make_net: MakeNet, pull: Callable[[nn.Module, int], None], momentum: float, beta2: float, weight_decay: float
) -> None:
    module, twin = make_net().double(), make_net().double()
    optimizer = AdamW(dict(module.named_parameters()), momentum, weight_decay, beta2)
    torchs = torch.optim.AdamW(twin.parameters(), lr=1.0, betas=(momentum, beta2), weight_decay=weight_decay)
    for step, lr in enumerate((0.01, 0.02, 0.005, 0.01)):
        for one in (module, twin):
            generator = torch.Generator().manual_seed(step)
            for value in one.parameters():
                value.grad = torch.randn(value.shape, generator=generator, dtype=torch.float64)
        optimizer.step(lr)
        torchs.param_groups[0]["lr"] = lr
        torchs.step()
    for own, other in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(own, other, rtol=1e-7, atol=1e-12)


def test_a_parameter_without_a_gradient_counts_no_step(make_net: MakeNet) -> None:
    module = make_net()
    optimizer = AdamW(dict(module.named_parameters()))
    weight = module[0].weight
    assert isinstance(weight, nn.Parameter)
    weight.grad = torch.ones_like(weight)
    before = module.get_parameter("6.weight").clone()
    optimizer.step(0.01)
    assert (float(optimizer.tensors()["0.weight.steps"]), float(optimizer.tensors()["6.weight.steps"])) == (1, 0)
    assert torch.equal(before, module.get_parameter("6.weight"))
