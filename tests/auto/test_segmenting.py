"""Segmenting: small batches, AdamW, and as many epochs as samples that are thousands of answers ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from striate.auto.adaptation import Given
from striate.auto.recipe import choose_recipe
from striate.auto.segmenting import LR, MOST_BATCH, adapt_segmenting, design_segmenting
from striate.data import load_dataset
from striate.nets import parse, place

FACTS = replace(load_dataset("digits").facts, extents=(20, 20))


@pytest.mark.parametrize("extents", [(20, 20), (64,), (9, 12, 16)])
def test_the_network_scores_every_class_at_every_cell(extents: tuple[int, ...]) -> None:
    design = design_segmenting(replace(FACTS, extents=extents))
    assert place(parse(design.text), (FACTS.channels, *extents), 10)[-1].output == (10, *extents)


@pytest.mark.parametrize(
    "wishes", [{}, {"batch": 64}, {"lr": 0.3}, {"epochs": 3}, {"minutes": 2.0}, {"optimizer": "adamw"}]
)
def test_what_was_asked_stays_and_the_rest_is_chosen(wishes: dict[str, Any]) -> None:
    plan = choose_recipe(FACTS, wishes=wishes)
    found = adapt_segmenting(plan, Given(frozenset(wishes), samples=1300)).recipe
    assert {name: getattr(found, name) for name in wishes} == wishes
    if "optimizer" in wishes:
        assert (found.batch, found.lr, found.epochs) == (plan.recipe.batch, plan.recipe.lr, plan.recipe.epochs)
        return
    assert found.optimizer == "adamw"
    assert found.lr == wishes.get("lr", LR)
    assert found.batch == wishes.get("batch", MOST_BATCH)
    assert not found.mirror
    assert found.smoothing == 0
    if not {"epochs", "minutes"} & wishes.keys():
        assert found.epochs * 1300 / found.batch >= 800


@pytest.mark.parametrize("wishes", [{}, {"epochs": 3}])
def test_each_choice_is_told_once(wishes: dict[str, Any]) -> None:
    reasons = adapt_segmenting(choose_recipe(FACTS, wishes=wishes), Given(frozenset(wishes), samples=1300)).reasons
    for part in ("in batches of", "learning rate up to", "masks are moved"):
        assert sum(part in reason for reason in reasons) == 1
    assert not any("in prediction" in reason for reason in reasons)
