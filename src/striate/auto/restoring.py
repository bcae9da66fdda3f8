"""Chooses a network and a recipe that restore: a U-Net whose output is added to the input, and steps that fit it."""

from __future__ import annotations

from dataclasses import replace

from striate.auto.adaptation import CHANGES, Given, drop_classes, drop_reasons, take_adamw
from striate.auto.dense import design_dense
from striate.auto.masking import design_masking
from striate.auto.network import Design
from striate.auto.recipe import Plan
from striate.data import Facts
from striate.train import Augment

MOST_BATCH = 32  # each sample is thousands of answers
LR = 0.003  # of AdamW; the loss has no ceiling, and one rate must serve noise of any strength


def design_restoring(facts: Facts) -> Design:
    """Write a network that restores samples of these facts; of waveforms one that filters them.

    Cost:    integers alone.
    """
    if facts.kind == "sound" and len(facts.extents) == 1 and facts.rate:
        return design_masking(facts.channels, facts.extents[0], facts.rate)
    return design_dense(facts.channels, facts.extents, facts.channels, samples=facts.train_samples, residual=True)


def adapt_restoring(plan: Plan, given: Given) -> Plan:
    """The plan for restoring: AdamW where the default was chosen, samples moved and mirrored but not otherwise changed.

    What was asked for stays.
    """
    plan = drop_classes(plan)
    recipe, told = plan.recipe, drop_reasons(plan.reasons, CHANGES)
    augment = Augment(shift=recipe.augment.shift, flip=recipe.augment.flip, still=recipe.augment.still)
    recipe = replace(recipe, mirror=False, augment=augment)
    if recipe.optimizer == "sgd":
        before, recipe = recipe.batch, take_adamw(recipe, given.asked, LR, MOST_BATCH)
        told = drop_reasons(told, ("learning rate up to",))
        told = (
            *(reason.replace(f"in batches of {before}", f"in batches of {recipe.batch}") for reason in told),
            f"AdamW, learning rate up to {recipe.lr:g} in one cycle: errors of values have no ceiling",
        )
    return Plan(recipe, (*told, _tell_augment(augment)))


def _tell_augment(augment: Augment) -> str:
    done = [f"moved by up to {augment.shift} cells"] if augment.shift else []
    done += ["mirrored"] if augment.flip else []
    if not done:
        return "samples are left as they are, but for the damage"
    return f"samples are {' and '.join(done)}, not turned or scaled: that would blur what is to be restored"
