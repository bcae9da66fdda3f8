from __future__ import annotations

import pytest
import torch

import striate
from striate.auto.sentences import LONG, MOST_VECTOR, choose_vector, design_words
from striate.explain.layers import choose_layer
from striate.nets import parse, place


@pytest.mark.parametrize(("numbers", "length"), [(3, 8), (500, 40), (20_000, LONG - 4), (20_000, LONG), (90, 512)])
def test_every_design_can_be_placed(numbers: int, length: int) -> None:
    design = design_words(numbers, length, length + 1)
    placed = place(parse(design.text), (1, length), 4)
    assert placed[-1].output == (4,)
    assert ("kmaxpool" in design.text) == (length >= LONG)
    assert "cut off" in design.reasons[-1]
    assert "cut off" not in design_words(numbers, length, length).reasons[-1]


@pytest.mark.parametrize("length", [12, LONG])
def test_filters_are_pooled_behind_the_branches_as_if_in_each(length: int) -> None:
    """Behind `cat` there is a layer with all filters' answers in their places, which a heat can be read from."""
    torch.manual_seed(0)
    text = design_words(50, length, length).text
    module = striate.build(text, input=(1, length), classes=3).eval()
    inputs = torch.randint(0, 50, (2, 1, length)).float()
    named = dict(module.named_modules())
    apart = []
    for branch in ("branch1", "branch2", "branch3"):
        maps = torch.relu(named[f"cat1.{branch}"](named["dropout1"](named["embed1"](inputs))))
        size = 8 if length >= LONG else 1
        kept = [[row[row.topk(size).indices.sort().values] for row in sample] for sample in maps]
        apart.append(torch.stack([torch.stack(rows) for rows in kept]))
    seen: list[torch.Tensor] = []
    pool = next(part for name, part in module.named_modules() if name in ("gmp1", "kmaxpool1"))
    pool.register_forward_hook(lambda _module, _args, output: seen.append(output))
    with torch.no_grad():
        module(inputs)
    assert torch.allclose(seen[0], torch.cat(apart, 1), atol=1e-6)
    assert choose_layer(module, inputs).startswith("cat1" if length < LONG else "relu")


def test_vectors_grow_with_the_vocabulary() -> None:
    found = [choose_vector(10**power) for power in range(6)]
    assert found == sorted(found)
    assert found[-1] == MOST_VECTOR
