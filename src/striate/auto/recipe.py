"""Chooses how to train from a data set's facts: how long, in which batches, with which augmentation; and says why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from striate.auto.clips import choose_clip_augment
from striate.auto.handedness import has_handedness
from striate.auto.hearing import choose_sound_augment
from striate.auto.recipes import RECIPES, Layers, Subject
from striate.data import Facts
from striate.errors import InputError
from striate.nets import Trained
from striate.train import Augment, Recipe

DEFAULT = "default"
REFERENCE_SAMPLES, REFERENCE_EPOCHS = 55_000, 12
SOUND_EPOCHS = 4  # at as many samples: for spoken digits that is 22, and 16 were enough for 99 % of the validation part
FEWEST_EPOCHS, MOST_EPOCHS = 8, 200
FEWEST_STEPS = 800
LR = 0.1  # with normalisation, long steps generalise better
SHALLOW, DEEP_LR = 6, 0.02  # so many layers with weights learn without normalisation at the same rate as with it
FINE_LR = 0.01  # trained weights are changed little (Kornblith, Shlens and Le 2019 tried 0.0001 to 0.1)
FEATURES = 512  # so many inputs of the last layer do, too
SHIFT_PARTS = 24  # a sample is shifted by this part of its side at most
LEAST_STD = {"sound": 2**-15, "words": 2**-15, "series": 1e-12}  # a channel that never changes is left as it is
LEFT = {
    "words": "other words, or the same in another order, may mean something else",
    "series": "one that is shifted, mirrored or stretched is another series",
}
_PLAIN = Layers()


@dataclass(frozen=True)
class Plan:
    """A recipe and, in order, why it is so."""

    recipe: Recipe
    reasons: tuple[str, ...]


def choose_recipe(
    facts: Facts,
    layers: Layers = _PLAIN,
    *,
    name: str = DEFAULT,
    trained: Trained | None = None,
    seed: int = 0,
    wishes: Mapping[str, Any] | None = None,
) -> Plan:
    """Choose a recipe for a data set and a network of such layers: the default, or the one with this name.

    `trained` are the weights that the network begins with: inputs are normalised as for those, and learning rates are
    lower. `wishes` are the user's own values for fields of the recipe; they are taken as they are, and the reasons say
    so.

    Raises:  InputError for a name that no recipe has.
    """
    check_name(name)
    wishes = {key: value for key, value in (wishes or {}).items() if value is not None}
    batch = wishes.get("batch", choose_batch(facts.train_samples))
    augment, why_augment = choose_augment(facts)
    chosen = Recipe(
        epochs=choose_epochs(facts.train_samples, batch, SOUND_EPOCHS if facts.kind == "sound" else REFERENCE_EPOCHS),
        batch=batch,
        lr=_choose_lr(layers, trained=trained is not None),
        smoothing=0.1,
        augment=augment,
        mirror=augment.flip,
        seed=seed,
        mean=trained.mean if trained else facts.mean,
        std=trained.std if trained else tuple(max(std, LEAST_STD.get(facts.kind, 1 / 255)) for std in facts.std),
    )
    about = _explain_weights(trained)
    if name != DEFAULT:
        named = RECIPES[name](Subject(facts, layers, chosen, trained is not None))
        recipe = _take_wishes(replace(chosen, **named.changes), wishes)
        asked = [f"{_name_wish(key, value)}, as asked" for key, value in wishes.items()]
        return Plan(recipe, (*named.reasons, *asked, *about))
    recipe = _take_wishes(chosen, wishes)
    norms = "with normalisation layers" if layers.normalised else f"{layers.depth} layers without normalisation"
    why_lr = "to keep what the weights have learned" if trained else norms
    return Plan(recipe, (*_explain(recipe, facts, wishes, why_lr), *about, *why_augment))


def check_name(name: str) -> None:
    """Refuse a name that no recipe has.

    >>> check_name("quickly")
    Traceback (most recent call last):
    striate.errors.InputError: --recipe is 'quickly', needed default, fast, muon or quick. Choose one of these
    """
    if name != DEFAULT and name not in RECIPES:
        *most, last = (DEFAULT, *RECIPES)
        raise InputError(f"--recipe is {name!r}, needed {', '.join(most)} or {last}. Choose one of these")


def _choose_lr(layers: Layers, *, trained: bool) -> float:
    if trained:
        return FINE_LR
    return LR if layers.normalised else choose_plain_lr(layers.depth, layers.features)


def _take_wishes(recipe: Recipe, wishes: Mapping[str, Any]) -> Recipe:
    """The recipe with the user's values; a length of the user's own replaces the recipe's, and restarts with it."""
    if not {"epochs", "steps", "minutes"} & wishes.keys():
        return replace(recipe, **wishes)
    schedule = "one-cycle" if recipe.schedule == "restarts" else recipe.schedule
    return replace(recipe, **{"steps": None, "minutes": None, "schedule": schedule, "cycles": 1, **wishes})


def _name_wish(key: str, value: Any) -> str:
    if isinstance(value, str):
        return f"{key} {value}"
    return f"{value:g} {key}" if key in ("epochs", "steps", "minutes") else f"{key} {value:g}"


def _explain(recipe: Recipe, facts: Facts, wishes: Mapping[str, Any], why_lr: str) -> tuple[str, str]:
    """Why so long, and why such steps."""
    asked = [f"{wishes[key]:g} {key}" for key in ("epochs", "steps", "minutes") if key in wishes]
    length = asked[0] if asked else f"{recipe.epochs} epochs"
    samples = f"{facts.train_samples:,} training samples"
    samples += ", of sound: a third as often as pictures" if facts.kind == "sound" else ""
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


def choose_epochs(samples: int, batch: int, reference: int = REFERENCE_EPOCHS) -> int:
    """Fewer samples are seen more often, by the root of their number; never fewer than 800 steps in all.

    `reference` epochs are for 55,000 samples.

    >>> choose_epochs(55_000, 128), choose_epochs(1_300, 64), choose_epochs(1_000_000, 128)
    (12, 78, 8)
    """
    by_samples = round(reference * math.sqrt(REFERENCE_SAMPLES / max(1, samples)))
    by_steps = math.ceil(FEWEST_STEPS * batch / max(1, samples))
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, by_samples, by_steps))


def choose_augment(facts: Facts) -> tuple[Augment, tuple[str, ...]]:
    """Choose how samples may be changed without changing what they show."""
    if facts.kind == "sound":
        return choose_sound_augment(facts)
    if facts.kind in ("video", "volumes") and len(facts.extents) > 2:
        return choose_clip_augment(facts)
    if len(facts.extents) != 2 or facts.channels not in (1, 3):
        why = LEFT.get(facts.kind, "nothing is known of what may change in such arrays")
        return Augment(), (f"samples are left as they are: {why}",)
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
