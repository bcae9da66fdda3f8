"""Chooses a network and a recipe that restore: a U-Net whose output is added to the input, and steps that fit it."""

from __future__ import annotations

from dataclasses import replace

from striate.auto.dense import design_dense
from striate.auto.masking import design_masking
from striate.auto.network import Design
from striate.auto.recipe import Plan
from striate.data import Facts
from striate.train import Augment

MOST_BATCH = 32  # each sample is thousands of answers
LR = 0.003  # of AdamW; the loss has no ceiling, and one rate must serve noise of any strength
OF_CLASSES = (
    "louder and softer",
    "shifts of up to",
    "no mirroring",
    "turns of up to",
    "mirrored in training",
    "samples are left as",
)


def design_restoring(facts: Facts) -> Design:
    """Write a network that restores samples of these facts; of waveforms one that filters them.

    Cost:    integers alone.
    """
    if facts.kind == "sound" and len(facts.extents) == 1 and facts.rate:
        return design_masking(facts.channels, facts.extents[0], facts.rate)
    return design_dense(facts.channels, facts.extents, facts.channels, samples=facts.train_samples, residual=True)


def adapt_restoring(plan: Plan, asked: frozenset[str] = frozenset()) -> Plan:
    """The plan for restoring: AdamW where the default was chosen, samples moved and mirrored but not otherwise changed.

    What was `asked` for stays.
    """
    augment = Augment(shift=plan.recipe.augment.shift, flip=plan.recipe.augment.flip, still=plan.recipe.augment.still)
    recipe = replace(plan.recipe, smoothing=0.0, nudge=0, unsure=1.0, mirror=False, augment=augment)
    told = [reason for reason in plan.reasons if not reason.startswith(OF_CLASSES)]
    if recipe.optimizer == "sgd":
        rate = recipe.lr if "lr" in asked else LR
        batch = recipe.batch if "batch" in asked else min(MOST_BATCH, recipe.batch)
        recipe = replace(recipe, optimizer="adamw", lr=rate, weight_decay=1e-4, batch=batch)
        told = [reason.replace(f"in batches of {plan.recipe.batch}", f"in batches of {batch}") for reason in told]
        told = [reason for reason in told if not reason.startswith("learning rate up to")]
        told.append(f"AdamW, learning rate up to {rate:g} in one cycle: errors of values have no ceiling")
    return Plan(recipe, (*told, _tell_augment(augment)))


def _tell_augment(augment: Augment) -> str:
    done = [f"moved by up to {augment.shift} cells"] if augment.shift else []
    done += ["mirrored"] if augment.flip else []
    if not done:
        return "samples are left as they are, but for the damage"
    return f"samples are {' and '.join(done)}, not turned or scaled: that would blur what is to be restored"
