"""What other tasks change in a network and a recipe that were chosen for classes, and that what they say is true."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from striate.auto.network import design_network
from striate.auto.recipe import LR, choose_recipe
from striate.auto.recipes import RECIPES, Layers
from striate.auto.tasks import ADAPTATIONS, DESIGNS, REGRESS_LR, adapt_plan, choose_regress_lr, design_outputs
from striate.data import Facts, load_dataset
from striate.nets import parse, place
from striate.train import Augment
from striate.train.tasks.catalogue import TASKS
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


def list_facts() -> list[Facts]:
    """Data of each kind that has a way of its own to change samples: pictures, sound and clips, of signs and not."""
    digits = load_dataset("digits").facts
    kinds: list[dict[str, Any]] = [
        {"extents": (28, 28)},
        {"extents": (32, 32), "classes": ("cat", "dog")},
        {"kind": "sound", "extents": (4000,), "rate": 8000.0},
        {"kind": "sound", "extents": (64, 50), "rate": 100.0},
        {"kind": "video", "extents": (8, 20, 20), "classes": ("run", "jump")},
        {"kind": "video", "extents": (8, 20, 20), "classes": ("left", "right")},
        {"kind": "volumes", "extents": (9, 12, 9)},
        {"kind": "series", "extents": (40,)},
    ]
    return [replace(digits, **kind) for kind in kinds]


@pytest.mark.parametrize("name", ["default", *RECIPES])
@pytest.mark.parametrize("facts", list_facts(), ids=lambda facts: f"{facts.kind}{len(facts.extents)}{facts.classes[0]}")
def test_no_reason_is_kept_that_is_not_true_any_more(facts: Facts, name: str) -> None:
    plan = choose_recipe(facts, name=name)
    for task in TASKS.keys() - {"classify"}:
        found = adapt_plan(plan, task, samples=1300)
        assert not found.recipe.nudge
        assert not any("averaged with" in reason or "second look" in reason for reason in found.reasons)
        if not found.recipe.mirror and task != "labels":
            assert not any("in prediction" in reason for reason in found.reasons)
        if task == "regress":
            assert found.recipe.augment == Augment()
            *others, last = found.reasons
            assert last.startswith("samples are left as they are")
            for word in ("shift", "louder", "noise", "mirror", "turns", "moved by"):
                assert not any(word in reason for reason in others)
        if task == "restore":
            assert not found.recipe.augment.gain
            assert not any("louder" in reason or "every other epoch" in reason for reason in found.reasons)


def test_every_task_but_classes_has_a_way_to_change_a_plan() -> None:
    assert ADAPTATIONS.keys() == TASKS.keys() - {"classify"}
    assert DESIGNS.keys() <= TASKS.keys()
