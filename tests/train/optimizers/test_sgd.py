from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from striate.train.optimizers import SGD

MakeNet = Callable[[], nn.Sequential]


@pytest.mark.parametrize(("momentum", "weight_decay"), [(0.9, 5e-4), (0.5, 0.1), (0.9, 0.0)])
def test_the_same_bits_as_torchs_own(
    make_net: MakeNet, pull: Callable[[nn.Module, int], None], momentum: float, weight_decay: float
) -> None:
    module, twin = make_net(), make_net()
    optimizer = SGD(dict(module.named_parameters()), momentum, weight_decay)
    torchs = torch.optim.SGD(twin.parameters(), lr=1.0, momentum=momentum, nesterov=True, weight_decay=weight_decay)
    for step, lr in enumerate((0.01, 0.02, 0.005)):
        pull(module, step)
        pull(twin, step)
        optimizer.step(lr)
        torchs.param_groups[0]["lr"] = lr
        torchs.step()
    for one, other in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one, other)
