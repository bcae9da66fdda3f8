"""What a regression changes in a network and a recipe that were chosen for classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from striate.auto.network import design_network
from striate.auto.recipe import LR, choose_recipe
from striate.auto.recipes import Layers
from striate.auto.tasks import REGRESS_LR, adapt_plan, choose_regress_lr, design_outputs
from striate.data import load_dataset
from striate.nets import parse, place
from striate.verbs.anatomy import describe_layers


@pytest.mark.parametrize("shape", [(1, 64), (1, 28, 28), (3, 96, 96), (1, 12, 16, 16)])
def test_a_regression_keeps_the_places_and_few_channels(shape: tuple[int, ...]) -> None:
    design = design_network(shape[0], shape[1:])
    found = design_outputs(design, "regress")
    placed = place(parse(found.text), shape, 2)
    assert placed[-1].output == (2,)
    last = describe_layers(placed)
    maps = next(part.output for part in reversed(placed) if len(part.output) == len(shape))
    cells = 1
    for extent in maps[1:]:
        cells *= extent
    assert last.features == 16 * cells > 16
    assert not any("pool at the end" in reason for reason in found.reasons)
    assert len(found.reasons) == len(design.reasons) + 1
    assert design_outputs(design, "classify") is design
    assert design_outputs(design, "labels") is design


def test_steps_get_shorter_with_the_features_that_are_summed() -> None:
    found = [choose_regress_lr(Layers(features=2**power)) for power in range(16)]
    assert found == sorted(found, reverse=True)
    assert (found[0], found[-1]) == (LR, REGRESS_LR)
    assert choose_regress_lr(Layers(features=1, normalised=False)) == REGRESS_LR


@pytest.mark.parametrize("wishes", [{}, {"lr": 0.3}])
def test_numbers_may_change_with_a_shift_so_samples_are_left_alone(wishes: dict[str, Any]) -> None:
    facts = replace(load_dataset("digits").facts, extents=(28, 28))
    plan = choose_recipe(facts, wishes=wishes)
    found = adapt_plan(plan, "regress", frozenset(wishes), Layers(features=6272))
    assert plan.recipe.augment.shift > 0
    assert found.recipe.augment.shift == found.recipe.augment.rotate == found.recipe.smoothing == 0
    assert found.recipe.lr == wishes.get("lr", REGRESS_LR)
    assert sum("samples are left" in reason for reason in found.reasons) == 1
    assert not any("shifts of" in reason or "turns of" in reason for reason in found.reasons)
    assert any(f"up to {found.recipe.lr:g} in one cycle" in reason for reason in found.reasons)
    assert adapt_plan(plan, "classify") is plan
