"""Each number for itself: on maps and on flat features alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from tests.nets.convert.crops import check_sliding
from tests.nets.convert.rules.calls import Call
from torch import Tensor, nn

from striate.nets.convert.rules.elementwise import FUNCTIONS, KINDS, METHODS


@pytest.mark.parametrize("kind", KINDS.split())
def test_modules(kind: str) -> None:
    made = getattr(nn, kind)(0.1, 0.2) if kind == "Threshold" else getattr(nn, kind)()
    check_sliding(nn.Sequential(made, nn.Flatten(), made, nn.Linear(4, 2)), (1, 4), (7,), 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: F.relu(x, inplace=False),
        lambda x: x.relu().clamp(0.1, 0.5),
        lambda x: torch.sigmoid(x).contiguous().clone(),
        lambda x: F.leaky_relu(x, 0.3),
        lambda x: F.hardtanh(x, -0.5, 0.5).abs().sqrt(),
        lambda x: x.to(torch.float64).neg().tanh_(),
        lambda x: F.gelu(x.flatten(1)).square(),
    ],
)
def test_calls(call: Callable[[Tensor], Tensor]) -> None:
    check_sliding(Call(call), (2, 4), (7,), 1)


def test_the_names_are_torchs() -> None:
    assert {F.relu, torch.relu, torch.tanh, F.silu, torch.clamp} <= FUNCTIONS.keys()
    assert all(hasattr(Tensor, name) for name in ("relu", "tanh_", "clamp", "contiguous", "to") if name in METHODS)
    assert "sort" not in METHODS
    assert torch.cumsum not in FUNCTIONS
