"""What plans for other answers than classes share, each against what it was told to leave alone."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from striate.auto.adaptation import CHANGES, SECOND_LOOKS, drop_classes, drop_reasons, take_adamw
from striate.auto.recipe import Plan
from striate.train import Augment, Recipe

RECIPE = Recipe(
    epochs=3,
    lr=0.3,
    batch=40,
    mean=(0.5,),
    std=(0.2,),
    smoothing=0.2,
    nudge=1,
    unsure=0.8,
    mirror=True,
    augment=Augment(shift=2, mixup=0.4),
)


@pytest.mark.parametrize("asked", [(), ("lr",), ("batch",), ("epochs",), ("lr", "batch")])
@pytest.mark.parametrize("most_batch", [16, 64])
def test_adamw_changes_what_was_not_asked_for_and_nothing_else(asked: tuple[str, ...], most_batch: int) -> None:
    before, after = asdict(RECIPE), asdict(take_adamw(RECIPE, frozenset(asked), 0.003, most_batch))
    expected = {"optimizer": "adamw", "weight_decay": 1e-4}
    expected |= {} if "lr" in asked else {"lr": 0.003}
    expected |= {"batch": 16} if most_batch == 16 and "batch" not in asked else {}
    assert {name: value for name, value in after.items() if value != before[name]} == expected


def test_what_supposes_classes_goes_and_nothing_else() -> None:
    reasons = ("12 epochs", "predictions below 0.8 are averaged", "quick: of predictions below 0.8 a second look", "x")
    found = drop_classes(Plan(RECIPE, reasons))
    before, after = asdict(RECIPE), asdict(found.recipe)
    changed = {name: value for name, value in after.items() if value != before[name]}
    assert changed == {"smoothing": 0, "nudge": 0, "unsure": 1}
    assert found.reasons == ("12 epochs", "x")


@pytest.mark.parametrize("beginnings", [CHANGES, SECOND_LOOKS])
def test_reasons_go_by_their_beginning_alone_and_keep_their_order(beginnings: tuple[str, ...]) -> None:
    kept = [f"{number}: {each} 3" for number, each in enumerate(beginnings)]
    mixed = [part for each, other in zip(beginnings, kept, strict=True) for part in (f"{each} 3: why", other)]
    assert drop_reasons(mixed, beginnings) == tuple(kept)
