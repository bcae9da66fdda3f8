"""What restoring changes of a plan."""

from __future__ import annotations

from dataclasses import replace

from striate.auto import choose_recipe
from striate.auto.adaptation import Given
from striate.auto.restoring import adapt_restoring, design_restoring
from striate.data import load_dataset

FACTS = load_dataset("digits", task="restore").facts


def test_nothing_is_smoothed_mixed_turned_or_averaged() -> None:
    for name in ("default", "fast"):
        plan = adapt_restoring(choose_recipe(FACTS, name=name), Given())
        recipe = plan.recipe
        assert (recipe.smoothing, recipe.nudge, recipe.mirror, recipe.unsure) == (0, 0, False, 1)
        assert not recipe.augment.mixes
        assert not recipe.augment.adjusts
        assert (recipe.augment.rotate, recipe.augment.scale, recipe.augment.cutout) == (0, 0, 0)


def test_the_users_rate_stays() -> None:
    plan = adapt_restoring(choose_recipe(FACTS, wishes={"lr": 0.5}), Given(frozenset({"lr"})))
    assert (plan.recipe.optimizer, plan.recipe.lr) == ("adamw", 0.5)
    assert adapt_restoring(choose_recipe(FACTS), Given()).recipe.lr < 0.05


def test_each_change_is_told_once() -> None:
    reasons = adapt_restoring(choose_recipe(FACTS), Given()).reasons
    assert sum("learning rate up to" in reason for reason in reasons) == 1
    assert not any(reason.startswith(("shifts of up to", "no mirroring", "turns of up to")) for reason in reasons)


def test_waveforms_get_a_mask_and_pictures_a_nest() -> None:
    sound = replace(FACTS, kind="sound", extents=(800,), rate=8000.0)
    assert "mul[" in design_restoring(sound).text
    assert "add[ |" in design_restoring(FACTS).text
