from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from tests.engine.draw import Residual
from torch import nn

from striate.engine.imprint import Imprint


def write(module: Residual) -> None:
    with torch.no_grad():
        module.one.weight.mul_(1)


def count(module: Residual) -> None:
    module.norm1.num_batches_tracked.add_(1)  # type: ignore[union-attr]


def move(module: Residual) -> None:
    module.two.weight.data = module.two.weight.data.clone()


def swap(module: Residual) -> None:
    module.relu = nn.ReLU()


def give(module: Residual) -> None:
    module.relu.register_buffer("slope", torch.zeros(1))


def take(module: Residual) -> None:
    del module.norm2


def renew(module: Residual) -> None:
    module.stem.bias = nn.Parameter(module.stem.bias.detach())  # type: ignore[union-attr]


@pytest.mark.parametrize("change", [write, count, move, swap, give, take, renew], ids=lambda change: change.__name__)
def test_every_change_is_told(change: Callable[[Residual], None]) -> None:
    module = Residual()
    imprint = Imprint.take(module)
    assert imprint.is_true()
    module.train().eval()
    with torch.no_grad():
        module.eval()(torch.zeros(1, 3, 4, 4))
    assert imprint.is_true()
    change(module)
    assert not imprint.is_true()
    assert Imprint.take(module).is_true()


def test_tensors_of_inference_mode_have_a_place_alone() -> None:
    with torch.inference_mode():
        module = nn.Linear(2, 2)
    imprint = Imprint.take(module)
    assert imprint.is_true()
    module.weight = nn.Parameter(torch.zeros(2, 2))
    assert not imprint.is_true()
