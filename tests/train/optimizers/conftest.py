from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn


def compute_gradients(module: nn.Module, seed: int) -> None:
    batch = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    module.zero_grad()
    module.eval()(batch).square().sum().backward()


@pytest.fixture
def pull() -> Callable[[nn.Module, int], None]:
    """Leaves gradients in a module that takes 1 x 8 x 8 inputs."""
    return compute_gradients
