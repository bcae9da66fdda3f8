"""Normalised cells against the definition, by loops over the cells that a figure is taken of."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
import torch
from tests.explain.sums.asking import ask
from torch import nn

from striate.explain.sums.normed import spell_batch, spell_group, spell_layer, spell_softmax

X = torch.randn(1, 4, 3, 5, generator=torch.Generator().manual_seed(2)) * 3 + 1
CELL = (2, 1, 3)


def measure(cells: Iterable[tuple[int, ...]]) -> tuple[float, float]:
    values = [float(X[(0, *cell)]) for cell in cells]
    mean = sum(values) / len(values)
    return mean, sum((value - mean) ** 2 for value in values) / len(values)


def norm(mean: float, var: float, scale: float = 1.0, shift: float = 0.0) -> float:
    return (float(X[(0, *CELL)]) - mean) / math.sqrt(var + 1e-5) * scale + shift


def test_batch_norm_by_its_running_figures_and_by_the_channel_s_own() -> None:
    running = nn.BatchNorm2d(4).requires_grad_(False)
    for each in (running.weight, running.bias, running.running_mean, running.running_var):
        nn.init.uniform_(each.detach(), 0.5, 2)  # type: ignore[union-attr]
    step, operands = spell_batch(ask(running, X, *CELL))
    held = [float(each[2]) for each in (running.running_mean, running.running_var, running.weight, running.bias)]  # type: ignore[index]
    assert step.total == pytest.approx(norm(*held), rel=1e-5)
    assert [step.facts[name] for name in ("mean", "var", "scale", "shift")] == held
    assert [cell for _, cell in operands] == [(0, *CELL)]
    own = nn.BatchNorm2d(4, affine=False, track_running_stats=False)
    figures = measure((2, y, x) for y in range(3) for x in range(5))
    assert spell_batch(ask(own, X, *CELL))[0].total == pytest.approx(norm(*figures), rel=1e-5)


def test_layer_norm_by_the_last_axes() -> None:
    assert spell_layer(ask(nn.LayerNorm(5), X, *CELL))[0].total == pytest.approx(
        norm(*measure((2, 1, x) for x in range(5))), rel=1e-5
    )
    assert spell_layer(ask(nn.LayerNorm((3, 5)), X, *CELL))[0].total == pytest.approx(
        norm(*measure((2, y, x) for y in range(3) for x in range(5))), rel=1e-5
    )


def test_group_norm_by_a_group_of_channels() -> None:
    figures = measure((channel, y, x) for channel in (2, 3) for y in range(3) for x in range(5))
    assert spell_group(ask(nn.GroupNorm(2, 4), X, *CELL))[0].total == pytest.approx(norm(*figures), rel=1e-5)


@pytest.mark.parametrize("kind", [nn.Softmax, nn.LogSoftmax])
@pytest.mark.parametrize("dim", [1, -1])
def test_softmax_along_an_axis(kind: type[nn.Softmax | nn.LogSoftmax], dim: int) -> None:
    cells = [(channel, 1, 3) for channel in range(4)] if dim == 1 else [(2, 1, x) for x in range(5)]
    share = math.exp(float(X[(0, *CELL)])) / sum(math.exp(float(X[(0, *cell)])) for cell in cells)
    step, _ = spell_softmax(ask(kind(dim), X, *CELL))
    assert step.total == pytest.approx(share if kind is nn.Softmax else math.log(share), rel=1e-5)
    assert step.facts["largest"] == max(float(X[(0, *cell)]) for cell in cells)
