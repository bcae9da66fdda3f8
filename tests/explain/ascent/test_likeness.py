from __future__ import annotations

import pytest
import torch

from striate.errors import InputError
from striate.explain.ascent.likeness import Likeness
from striate.explain.ascent.objectives import Objective, Unit

SEEN = {"conv1": torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)}


def judge(objective: Objective) -> float:
    return float(objective.judge(SEEN, 1))


def test_likeness_is_most_for_the_pattern_itself() -> None:
    pattern = SEEN["conv1"][1]
    norm = float(pattern.norm())
    for power in (0.0, 1.0, 4.0):
        assert judge(Likeness("conv1", pattern, power)) == pytest.approx(norm)
        assert judge(Likeness("conv1", 7 * pattern, power)) == pytest.approx(norm)
    other = SEEN["conv1"][0]
    dot = float((pattern * other).sum() / other.norm())
    assert judge(Likeness("conv1", other, 0.0)) == pytest.approx(dot)
    assert judge(Likeness("conv1", other, 2.0)) == pytest.approx(dot * max(dot / norm, 0.1) ** 2)
    opposite = {"conv1": -SEEN["conv1"]}
    assert float(Likeness("conv1", pattern).judge(opposite, 1)) == pytest.approx(-0.1 * norm)


def test_all_inputs_of_a_caricature_begin_alike_and_units_apart() -> None:
    patterns = [Likeness("conv1", SEEN["conv1"][row], name=f"{row}.png") for row in range(2)]
    assert patterns[0].key == patterns[1].key
    assert Unit("conv1", 1).key != Unit("conv1", 2).key == Unit("conv1", 2).text


def test_a_pattern_of_another_shape_is_refused() -> None:
    Likeness("conv1", torch.ones(4, 5, 6)).check(SEEN)
    with pytest.raises(InputError, match=r"puts out \[4, 5, 6\], needed \[4, 5, 5\]"):
        Likeness("conv1", torch.ones(4, 5, 5)).check(SEEN)
