from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.measure.fit import predict_peak
from striate.train.fitting import MARGIN, choose_parts
from striate.train.splitting import split_further


def make_net() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 196, 4))


@pytest.mark.parametrize("batch", [2, 7, 64])
def test_the_fewest_parts_that_fit_are_chosen(batch: int) -> None:
    module, shape = make_net(), (3, 16, 16)
    state = sum(value.nbytes for value in module.state_dict().values())
    needs = {}
    parts: int | None = 1
    while parts:
        # One copy lies there; beside the step there are the state to go back to (weights and momentum), the average's
        # and the gradients that add up.
        needs[parts] = predict_peak(module, shape, -(-batch // parts)).peak + 3 * state
        parts = split_further(parts, batch)
    assert len(needs) > 1 or batch == 2
    for parts, need in needs.items():
        enough = int(need / MARGIN) + 1
        assert choose_parts(module, shape, batch, enough) == (parts, needs[1])
    assert choose_parts(module, shape, batch, 1) == (max(needs), needs[1])


def test_a_module_that_cannot_be_traced_is_taken_to_fit() -> None:
    class Odd(nn.Module):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            return batch[: int(batch.sum())]

    assert choose_parts(Odd(), (3,), 8, free=1) == (1, 0)
