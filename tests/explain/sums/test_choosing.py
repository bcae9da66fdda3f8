"""The cell that won, found by loops; the vector that a symbol names."""

from __future__ import annotations

import pytest
import torch
from tests.explain.sums.asking import ask
from torch import Tensor, nn

from striate.explain.sums.choosing import SHOWN, spell_embedding, spell_extreme


def test_padding_never_wins() -> None:
    x = -1 - torch.rand(1, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    step, operands = spell_extreme(ask(nn.MaxPool2d(3, 2, 1), x, 1, 0, 0))
    best = max((float(x[0, 1, y, z]), (0, 1, y, z)) for y in (0, 1) for z in (0, 1))
    assert step.total == best[0] < 0
    assert operands[0][1] == best[1]
    assert step.facts["cells"] == 4
    assert [step.facts[f"at axis {axis}"] for axis in range(3)] == list(best[1][1:])
    assert f"which stands at [{', '.join(map(str, best[1][1:]))}]" in step.formula


class Least(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.amin(-1)


@pytest.mark.parametrize("extent", [5, SHOWN + 8])
def test_the_smallest_of_a_row_and_a_long_row_is_cut_short(extent: int) -> None:
    x = torch.randn(1, 2, extent, generator=torch.Generator().manual_seed(0))
    step, _ = spell_extreme(ask(Least(), x, 1))
    assert step.total == min(float(each) for each in x[0, 1])
    assert step.formula.startswith("min(")
    assert ("..." in step.formula) is (extent > SHOWN)


def test_a_symbol_names_its_row() -> None:
    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(7, 3)

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.table(x.long())
            return found

    module = Words().requires_grad_(False)
    step, operands = spell_embedding(ask(module, torch.tensor([[4.0, 6.0]]), 1, 2))
    assert step.total == float(module.table.weight[6, 2])
    assert step.facts == {"symbol": 6}
    assert operands == []
