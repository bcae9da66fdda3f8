"""Torch has a counter of its own: where it knows the operations, both agree."""

import pytest
import torch
from tests.measure.rules.counting import count, run
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

NETWORKS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "convolutions": (
        nn.Sequential(
            nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.Conv2d(8, 8, 3, padding="same"), nn.Flatten(), nn.Linear(392, 5)
        ),
        (2, 3, 15, 15),
    ),
    "up again": (nn.Sequential(nn.Conv1d(4, 8, 4, 2, 1), nn.ConvTranspose1d(8, 4, 4, 2, 1)), (2, 4, 16)),
    "volume": (nn.Sequential(nn.Conv3d(2, 4, 3), nn.ConvTranspose3d(4, 2, 2, 2)), (1, 2, 6, 6, 6)),
    "encoder": (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 5, 8)),
    "steps": (nn.GRU(3, 5, 2, bidirectional=True), (4, 2, 3)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_torchs_own_counter_agrees(name: str) -> None:
    module, shape = NETWORKS[name]
    module.train()
    traced = run(module, shape, backward=True, mode="train")
    with FlopCounterMode(display=False) as counter:
        made = module(torch.rand(shape))
        forward = counter.get_total_flops()
        (made[0] if isinstance(made, tuple) else made).sum().backward()
    assert 2 * count(traced) == forward
    assert 2 * count(traced, "backward") == counter.get_total_flops() - forward


def test_it_is_wrong_about_depthwise_gradients() -> None:
    """Which is why the two are not compared there."""
    module = nn.Conv2d(16, 16, 3, groups=16)
    traced = run(module, (1, 16, 8, 8), backward=True)
    with FlopCounterMode(display=False) as counter:
        module(torch.rand(1, 16, 8, 8)).sum().backward()
    assert 2 * (count(traced) + count(traced, "backward")) < counter.get_total_flops()
