"""Chooses how to train from a data set's facts: how long, in which batches, with which augmentation; and says why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from striate.auto.handedness import has_handedness
from striate.data import Facts
from striate.nets import Trained
from striate.train import Augment, Recipe

REFERENCE_SAMPLES, REFERENCE_EPOCHS = 55_000, 12
FEWEST_EPOCHS, MOST_EPOCHS = 8, 200
FEWEST_STEPS = 800
LR = 0.1  # with normalisation, long steps generalise better
SHALLOW, DEEP_LR = 6, 0.02  # so many layers with weights learn without normalisation at the same rate as with it
FINE_LR = 0.01  # trained weights are changed little (Kornblith, Shlens and Le 2019 tried 0.0001 to 0.1)
FEATURES = 512  # so many inputs of the last layer do, too
SHIFT_PARTS = 24  # a sample is shifted by this part of its side at most
LEAST_STD = 1 / 255  # a channel that never changes is left as it is


@dataclass(frozen=True)
class Plan:
    """A recipe and, in order, why it is so."""

    recipe: Recipe
    reasons: tuple[str, ...]


def choose_recipe(
    facts: Facts,
    *,
    normalised: bool = True,
    depth: int = 0,
    features: int = 1,
    trained: Trained | None = None,
    seed: int = 0,
    wishes: Mapping[str, Any] | None = None,
) -> Plan:
    """Choose a recipe for a data set, for a network of `depth` layers with weights, with or without normalisation.

    `features` is the number of inputs of its last layer. `trained` are the weights that it begins with: inputs are
    normalised as for those, and learning rates are lower.

    `wishes` are the user's own values for fields of the recipe; they are taken as they are, and the reasons say so.
    """
    wishes = {key: value for key, value in (wishes or {}).items() if value is not None}
    batch = wishes.get("batch", choose_batch(facts.train_samples))
    augment, why_augment = choose_augment(facts)
    chosen = Recipe(
        epochs=choose_epochs(facts.train_samples, batch),
        batch=batch,
        lr=FINE_LR if trained else LR if normalised else choose_plain_lr(depth, features),
        smoothing=0.1,
        augment=augment,
        mirror=augment.flip,
        seed=seed,
        mean=trained.mean if trained else facts.mean,
        std=trained.std if trained else tuple(max(std, LEAST_STD) for std in facts.std),
    )
    recipe = replace(chosen, **wishes)
    norms = "with normalisation layers" if normalised else f"{depth} layers without normalisation"
    why_lr = "to keep what the weights have learned" if trained else norms
    return Plan(recipe, (*_explain(recipe, facts, wishes, why_lr), *_explain_weights(trained), *why_augment))


def _explain(recipe: Recipe, facts: Facts, wishes: Mapping[str, Any], why_lr: str) -> tuple[str, str]:
    """Why so long, and why such steps."""
    asked = [f"{wishes[key]:g} {key}" for key in ("epochs", "steps", "minutes") if key in wishes]
    length = asked[0] if asked else f"{recipe.epochs} epochs"
    samples = f"{facts.train_samples:,} training samples"
    why_length = f"{length} in batches of {recipe.batch}: {'as asked' if asked else samples}"
    return why_length, f"learning rate up to {recipe.lr:g} in one cycle: {'as asked' if 'lr' in wishes else why_lr}"


def _explain_weights(trained: Trained | None) -> tuple[str, ...]:
    """Which weights it begins with, and what they ask for."""
    if trained is None:
        return ()
    mean, std = (", ".join(f"{value:.4g}" for value in values) for values in (trained.mean, trained.std))
    why = f"inputs are normalised as for them: mean {mean}, standard deviation {std}"
    return f"it begins with trained weights, {trained.label}, and a new head", why


def choose_plain_lr(depth: int, features: int) -> float:
    """The learning rate of a network without normalisation, where a step that is too long is never mended.

    The longest step that is stable falls with the number of inputs that a unit sums, and with depth.

    Source: LeCun, Bottou, Orr and Mueller 1998, "Efficient BackProp", sec. 4.7 and 5.

    >>> choose_plain_lr(depth=3, features=512), round(choose_plain_lr(depth=2, features=3072), 4)
    (0.1, 0.0167)
    """
    return min(LR if depth <= SHALLOW else DEEP_LR, LR * FEATURES / max(features, FEATURES))


def choose_batch(samples: int) -> int:
    """Small sets take small batches, so that an epoch still has enough steps.

    >>> choose_batch(60_000), choose_batch(1_300), choose_batch(40)
    (128, 64, 8)
    """
    for least, batch in ((8_000, 128), (1_000, 64), (250, 32), (64, 16)):
        if samples >= least:
            return batch
    return 8


def choose_epochs(samples: int, batch: int) -> int:
    """Fewer samples are seen more often, by the root of their number; never fewer than 800 steps in all.

    >>> choose_epochs(55_000, 128), choose_epochs(1_300, 64), choose_epochs(1_000_000, 128)
    (12, 78, 8)
    """
    by_samples = round(REFERENCE_EPOCHS * math.sqrt(REFERENCE_SAMPLES / max(1, samples)))
    by_steps = math.ceil(FEWEST_STEPS * batch / max(1, samples))
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, by_samples, by_steps))


def choose_augment(facts: Facts) -> tuple[Augment, tuple[str, ...]]:
    """Choose how samples may be changed without changing what they show."""
    if len(facts.extents) != 2 or facts.channels not in (1, 3):
        return Augment(), ("samples are left as they are: nothing is known of what may change in such arrays",)
    shift = max(1, round(min(facts.extents) / SHIFT_PARTS))
    why_shift = f"shifts of up to {shift} pixel{'s' if shift > 1 else ''}: a {SHIFT_PARTS}th of the side"
    if has_handedness(facts.classes):
        why = (
            "no mirroring: the classes are signs (numbers, letters, left and right), and a mirrored sign is another one"
        )
        return Augment(shift=shift, rotate=8.0, scale=0.1), (
            why_shift,
            why,
            "turns of up to 8 degrees and sizes within 10 %: hands differ",
        )
    why = "mirrored in training and (averaged) in prediction: no class is named as if left and right mattered"
    return Augment(shift=shift, flip=True), (why_shift, why)
