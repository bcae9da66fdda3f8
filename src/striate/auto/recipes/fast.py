"""fast: airbench94's recipe, which learns CIFAR-10 to 94 % in ten epochs; what applies of it for any network.

Its loss is a sum over the batch, of scores that its network multiplies by 1/9. Here losses are means, so its learning
rates are multiplied by the batch. They hold for such scores alone: another network keeps the rates that it would have.

Source: Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv:2404.00498, sec. 3 and its listing.
"""

from __future__ import annotations

import math
from typing import Any

from striate.auto.recipes.subject import Layers, Named, Subject, count_length, limit_batch
from striate.train import Augment, Group, Lookahead, Whiten
from striate.train.whitening import describe_misfit

BATCH, EPOCHS, MOMENTUM, SMOOTHING = 1024, 9.9, 0.85, 0.2
LR, WEIGHT_DECAY, BIAS_GAIN, SCORE_GAIN = 11.5, 0.0153, 64.0, 1 / 9
_FIRST_BIAS_EPOCHS = 3.0
_SHIFT_PARTS = 16  # two cells of 32
_SURE = 0.9  # of the most that the smoothed labels let a network be sure of


def make_fast(subject: Subject) -> Named:
    """airbench94's settings, as far as they apply to a network and its data.

    >>> round(find_lr(1024), 6), round(find_weight_decay(), 6)
    (1.5, 0.00133)
    """
    facts, layers = subject.facts, subject.layers
    batch = limit_batch(facts.train_samples, BATCH)
    steps, epochs = count_length(facts.train_samples, batch, EPOCHS, BATCH)
    changes: dict[str, Any] = {"batch": batch, "steps": steps, "epochs": epochs, "smoothing": SMOOTHING}
    reasons = [f"fast: {steps:,} steps of {batch} samples, as airbench94 takes {EPOCHS:g} epochs of {BATCH}"]
    for part in (_choose_steps(subject, batch), choose_start(subject), choose_views(subject)):
        changes |= part.changes
        reasons += part.reasons
    if not layers.batch_norms:
        reasons.append("fast: nothing is done to batch norms, of which there are none")
    return Named(changes, tuple(reasons))


def find_lr(batch: int) -> float:
    """The learning rate for a mean loss: lr/k for a summed one, k = 1024 (1 + 1/(1 - momentum)), times the batch."""
    return LR / (1024 * (1 + 1 / (1 - MOMENTUM))) * batch


def find_weight_decay() -> float:
    """Weight decay for a mean loss: what is taken off in a step is 0.0153 batch/k, whatever the learning rate."""
    return WEIGHT_DECAY / LR


def _choose_steps(subject: Subject, batch: int) -> Named:
    """The optimizer, as far as the network's norms and the size of its scores let it take such steps."""
    layers = subject.layers
    if subject.trained or not layers.batch_norms:
        why = "trained weights are changed little" if subject.trained else "without batch norms such steps diverge"
        return Named({}, (f"fast: learning rate {subject.base.lr:g} as without a recipe: {why}",))
    changes = {
        "start": 0.2,
        "warmup": 0.23,
        "final": 0.07,
        "lookahead": Lookahead(every=5, share=1 - 0.95**5, power=3),
        "freeze_norms": True,
        "norm_momentum": 0.4,
    }
    reasons = ("fast: lookahead every 5 steps, which lets the last steps be long; weights of batch norms stay 1",)
    rates = _choose_rates(subject, batch)
    return Named({**changes, **rates.changes}, (*rates.reasons, *reasons))


def _choose_rates(subject: Subject, batch: int) -> Named:
    first = can_whiten(subject) and subject.layers.biased
    until = _FIRST_BIAS_EPOCHS / EPOCHS
    if not has_small_scores(subject.layers):
        lr = find_plain_lr(subject, batch)
        why = f"fast: learning rate {lr:g}: airbench's are for scores that are multiplied by 1/9, which these aren't"
        return Named({"lr": lr, "groups": (Group(of="first bias", until=until),) * first}, (why,))
    lr, decay = find_lr(batch), find_weight_decay()
    groups = (
        *(Group(of="first bias", weight_decay=decay, until=until),) * first,
        Group(of="norm bias", lr=BIAS_GAIN, weight_decay=decay / BIAS_GAIN),
        Group(of="all", weight_decay=decay),
    )
    changes = {"lr": lr, "momentum": MOMENTUM, "weight_decay": decay, "groups": groups}
    return Named(changes, (f"fast: learning rate {lr:.3g}, for the biases of batch norms {BIAS_GAIN:g} times it",))


def has_small_scores(layers: Layers) -> bool:
    """Whether the class scores are multiplied by 1/9, as airbench's are."""
    return math.isclose(layers.gain, SCORE_GAIN, rel_tol=1e-3)


def find_plain_lr(subject: Subject, batch: int) -> float:
    """The rate that the network would have without a recipe, in proportion to batches of more than 256."""
    return subject.base.lr * max(1.0, batch / 256)


def can_whiten(subject: Subject) -> bool:
    """Whether the first layer can take whitening kernels."""
    layers = subject.layers
    return not subject.trained and bool(layers.kernels) and describe_misfit(layers.kernels, layers.taps) is None


def choose_start(subject: Subject) -> Named:
    """How kernels begin."""
    if subject.trained:
        return Named({}, ())
    if can_whiten(subject):
        return Named(
            {"init": "dirac", "whiten": Whiten(images=5000)},
            ("convolutions begin as identities, the first with kernels that whiten the data, and is not trained",),
        )
    why = _explain_misfit(subject.layers)
    return Named({"init": "dirac"}, (f"convolutions begin as identities; the first is not whitened: {why}",))


def _explain_misfit(layers: Layers) -> str:
    misfit = describe_misfit(layers.kernels, layers.taps) if layers.kernels else None
    return misfit or "the network doesn't begin with a convolution of all channels"


def choose_views(subject: Subject) -> Named:
    """How samples are changed in training, and looked at in prediction."""
    facts, flip = subject.facts, subject.base.augment.flip
    if len(facts.extents) != 2 or facts.channels not in (1, 3):
        return Named({}, ("samples are left as they are",))
    shift = max(1, round(min(facts.extents) / _SHIFT_PARTS))
    sure = 1 - SMOOTHING + SMOOTHING / len(facts.classes)
    changes = {
        "augment": Augment(shift=shift, flip=flip, alternate=flip),
        "mirror": flip,
        "nudge": 1,
        "unsure": round(_SURE * sure, 3),
    }
    mirrored = "mirrored every other epoch" if flip else "never mirrored (the classes are signs)"
    return Named(
        changes,
        (
            f"samples are moved by up to {shift} cells, and {mirrored}",
            f"predictions below {_SURE * sure:.2f} are averaged with those for the sample moved by a cell",
        ),
    )
