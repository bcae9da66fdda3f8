from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn

from striate.engine.structure import hash_structure


class Scaled(nn.Module):
    """Its forward depends on a plain attribute."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, batch: Tensor) -> Tensor:
        return batch * self.factor


class Shifted(nn.Module):
    """The same settings as Scaled, another step."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, batch: Tensor) -> Tensor:
        return batch + self.factor


def make_net(channels: int = 4, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, channels, 3, stride=stride), nn.BatchNorm2d(channels), nn.ReLU())


def test_weights_and_mode_have_no_say() -> None:
    net, other = make_net(), make_net().eval()
    assert not torch.equal(next(net.parameters()), next(other.parameters()))
    assert hash_structure(net) == hash_structure(other)


@pytest.mark.parametrize(
    "other",
    [
        make_net(5),
        make_net(stride=2),
        nn.Sequential(*make_net(), nn.ReLU()),
        nn.Sequential(*list(make_net())[::-1]),
        make_net().double(),
        make_net().requires_grad_(False),
    ],
)
def test_another_structure_has_another_hash(other: nn.Module) -> None:
    assert hash_structure(other) != hash_structure(make_net())


def test_code_and_plain_attributes_count() -> None:
    hashes = {hash_structure(each) for each in (Scaled(1.0), Scaled(2.0), Shifted(1.0))}
    assert len(hashes) == 3


def test_it_is_the_same_in_every_process() -> None:
    script = (
        "from torch import nn\nfrom striate.engine.structure import hash_structure\n"
        "class Choosy(nn.Module):\n"
        "    def forward(self, x):\n"
        "        return x if type(x).__name__ in {'Tensor', 'Parameter', 'Proxy', 'Other'} else None\n"
        "print(hash_structure(nn.Sequential(Choosy(), nn.Conv2d(1, 2, 3))))"
    )
    found = set()
    for seed in ("1", "2"):
        around = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", script]
        found.add(subprocess.run(command, capture_output=True, text=True, check=True, env=around).stdout)
    assert len(found) == 1
