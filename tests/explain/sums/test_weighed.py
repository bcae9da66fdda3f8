"""Weighed sums against loops and explicit matrices."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.explain.sums.asking import ask
from torch import Tensor, nn

from striate.explain.sums.spelled import GAP, PADDING
from striate.explain.sums.weighed import spell_convolution, spell_linear, spell_product


def draw(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def test_a_convolution_by_loops() -> None:
    module, x = nn.Conv2d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2).requires_grad_(False), draw(1, 4, 7, 8)
    step, operands = spell_convolution(ask(module, x, 4, 1, 0))
    total, missing = float(module.bias[4]), 0  # type: ignore[index]
    for channel in range(2):
        for i in range(3):
            for j in range(3):
                y, z = 1 * 2 - 1 + 2 * i, 0 * 2 - 1 + 2 * j
                if 0 <= y < 7 and 0 <= z < 8:
                    total += float(module.weight[4, channel, i, j]) * float(x[0, 2 + channel, y, z])
                else:
                    missing += 1
    assert step.total == pytest.approx(total, rel=1e-6)
    assert step.terms is not None
    assert int((step.terms.states == PADDING).sum()) == missing
    assert step.facts["bias"] == float(module.bias[4])  # type: ignore[index]
    assert operands == []


def test_a_transposed_convolution_has_gaps() -> None:
    module, x = nn.ConvTranspose1d(1, 1, 3, stride=2), draw(1, 1, 4)
    terms = spell_convolution(ask(module, x, 0, 3))[0].terms
    assert terms is not None
    met = [(tap, (3 - tap) // 2) for tap in range(3) if (3 - tap) % 2 == 0 and 0 <= (3 - tap) // 2 < 4]
    assert [tap for tap in range(3) if terms.states[tap] != GAP] == [tap for tap, _ in met]
    assert [terms.places[tap].tolist() for tap, _ in met] == [[0, place] for _, place in met]


@pytest.mark.parametrize("bias", [True, False])
def test_a_row_times_a_column(bias: bool) -> None:
    module, x = nn.Linear(5, 3, bias=bias).requires_grad_(False), draw(1, 5)
    step, _ = spell_product(ask(module, x, 2))
    wanted = sum(float(module.weight[2, place]) * float(x[0, place]) for place in range(5))
    assert step.total == pytest.approx(wanted + (float(module.bias[2]) if bias else 0.0), rel=1e-6)
    assert ("bias" in step.facts) is bias
    assert step.terms is not None
    assert step.terms.parameter == "weight"
    assert step.terms.weight_places is not None
    assert step.terms.weight_places.tolist() == [[2, place] for place in range(5)]


class TwoBranches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.matmul(x * 2, (x + 1).transpose(1, 2))


def test_a_product_of_two_branches_has_no_parameter() -> None:
    x = draw(1, 3, 4)
    step, _ = spell_product(ask(TwoBranches(), x, 1, 2))
    assert step.total == pytest.approx(sum(float(x[0, 1, k]) * 2 * (float(x[0, 2, k]) + 1) for k in range(4)), rel=1e-5)
    assert step.terms is not None
    assert step.terms.parameter is None


def test_a_mean_is_a_sum_over_its_divisor() -> None:
    x = draw(1, 2, 6, 4)
    step, operands = spell_linear(ask(nn.AvgPool2d((3, 2)), x, 1, 1, 0))
    cells = [(0, 1, y, z) for y in (3, 4, 5) for z in (0, 1)]
    assert step.total == pytest.approx(sum(float(x[cell]) for cell in cells) / 6, rel=1e-6)
    assert step.facts["divisor"] == pytest.approx(6)
    assert [cell for _, cell in operands] == cells


def test_interpolation_has_weights_that_add_up_to_1() -> None:
    x = draw(1, 1, 4, 4)
    step, _ = spell_linear(ask(nn.UpsamplingBilinear2d(scale_factor=2), x, 0, 3, 4))
    assert step.terms is not None
    rows, columns = np.zeros((8, 4)), np.zeros((8, 4))
    for matrix in (rows, columns):  # corners on corners: cell i of 8 stands at i * 3 / 7
        for index in range(8):
            low = min(int(index * 3 / 7), 2)
            matrix[index, low], matrix[index, low + 1] = 1 - (index * 3 / 7 - low), index * 3 / 7 - low
    assert step.total == pytest.approx((rows @ x[0, 0].numpy() @ columns.T)[3, 4], rel=1e-5)
    assert step.terms.weights.sum() == pytest.approx(1)
