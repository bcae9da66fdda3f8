"""Chooses a network and a recipe that segment: a U-Net, and steps that find rare classes too."""

from __future__ import annotations

from dataclasses import replace

from striate.auto.adaptation import Given, drop_classes, take_adamw
from striate.auto.dense import design_dense
from striate.auto.network import Design
from striate.auto.recipe import Plan, choose_epochs
from striate.data import Facts

LR = 0.003  # of AdamW, whose steps don't shrink with the gradients of a class that few cells have
MOST_BATCH = 16  # each picture is thousands of answers
EPOCHS = 4  # at 55,000 samples


def design_segmenting(facts: Facts) -> Design:
    """Write a network that gives a score for each class at each cell.

    Cost:    integers alone.
    """
    return design_dense(facts.channels, facts.extents, len(facts.classes), samples=facts.train_samples)


def adapt_segmenting(plan: Plan, given: Given) -> Plan:
    """The plan for segmenting so many pictures: small batches and AdamW where the default was chosen.

    What was asked for stays. Answers that have places are given once, not averaged with those to the mirror image.
    """
    plan, asked, samples = drop_classes(plan), given.asked, given.samples
    recipe = replace(plan.recipe, mirror=False, augment=replace(plan.recipe.augment, mixup=0.0, cutmix=0.0))
    told = [reason.replace(" and (averaged) in prediction", "") for reason in plan.reasons]
    if recipe.optimizer == "sgd":
        recipe = take_adamw(recipe, asked, LR, MOST_BATCH)
        length = [f"{getattr(recipe, name):g} {name}" for name in ("epochs", "steps", "minutes") if name in asked]
        if not length:
            recipe = replace(recipe, epochs=choose_epochs(samples, recipe.batch, EPOCHS))
        why = "as asked" if length else f"{samples:,} training samples, each of them thousands of answers"
        told = [reason for reason in told if " in batches of " not in reason and "learning rate up to" not in reason]
        told += [
            f"{length[0] if length else f'{recipe.epochs} epochs'} in batches of {recipe.batch}: {why}",
            f"AdamW, learning rate up to {recipe.lr:g} in one cycle: a class of few cells has small gradients",
        ]
    return Plan(recipe, (*told, "masks are moved with their pictures"))
