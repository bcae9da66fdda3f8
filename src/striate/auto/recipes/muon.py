"""muon: airbench's later recipe: filters by Muon, the rest by SGD, eight epochs of large batches.

Source: Jordan 2024, "Muon: an optimizer for hidden layers in neural networks", and its CIFAR-10 record.
"""

from __future__ import annotations

from typing import Any

from striate.auto.recipes.fast import SMOOTHING, can_whiten, choose_start, choose_views, find_plain_lr, has_small_scores
from striate.auto.recipes.subject import Named, Subject, count_length, limit_batch
from striate.train import Group

BATCH, EPOCHS, LR, MOMENTUM = 2000, 8.0, 0.24, 0.6
PLAIN_LR = 0.02  # where a bank's size means something
# For a summed loss. The head's is for weights 256/9 times as large, of scores divided by their 256 features.
REST_MOMENTUM, BIAS_LR, HEAD_LR, HEAD_SCALE, WEIGHT_DECAY = 0.85, 0.053, 0.67, 9 / 256, 2e-6
_FIRST_BIAS_EPOCHS = 3.0


def make_muon(subject: Subject) -> Named:
    """Muon for filters, as far as it applies to a network and its data."""
    samples = subject.facts.train_samples
    batch = limit_batch(samples, BATCH)
    steps, epochs = count_length(samples, batch, EPOCHS, BATCH)
    changes: dict[str, Any] = {"batch": batch, "steps": steps, "epochs": epochs, "smoothing": SMOOTHING}
    reasons = [f"muon: {steps:,} steps of {batch} samples, the learning rate falling to 0"]
    for part in (_choose_steps(subject, batch), choose_start(subject), choose_views(subject)):
        changes |= part.changes
        reasons += part.reasons
    return Named(changes, tuple(reasons))


def _choose_steps(subject: Subject, batch: int) -> Named:
    """The optimizers; without batch norms the scale of a bank means something, and is left alone."""
    layers = subject.layers
    if subject.trained:
        return Named({}, ("muon: trained weights are changed little, by SGD as without a recipe",))
    changes: dict[str, Any] = {"schedule": "linear", "warmup": 0.0, "final": 0.0}
    lr = LR if layers.batch_norms else PLAIN_LR
    muon = (Group(of="filters", momentum=MOMENTUM, optimizer="muon", weight_decay=0.0),) * bool(layers.filters)
    changes |= {
        "lr": lr,
        "momentum": REST_MOMENTUM,
        "unit_norm": layers.batch_norms,
        "groups": (*muon, *_find_rest(subject, batch, lr)),
        "freeze_norms": layers.batch_norms,
        "norm_momentum": 0.4 if layers.batch_norms else None,
    }
    if not layers.filters:
        return Named(changes, ("muon: there are no filters, so SGD does it all",))
    return Named(
        changes, (f"muon: filters by Muon at {lr:g}, whose steps are alike in every direction; the rest by SGD",)
    )


def _find_rest(subject: Subject, batch: int, lr: float) -> tuple[Group, ...]:
    """The other groups, their rates relative to Muon's; the record's rates are for scores multiplied by 1/9."""
    if not (subject.layers.batch_norms and has_small_scores(subject.layers)):
        return (Group(of="all", lr=find_plain_lr(subject, batch) / lr),)
    decay, bias, rest = WEIGHT_DECAY * batch, BIAS_LR * batch, HEAD_LR * HEAD_SCALE**2 * batch
    first = Group(of="first bias", lr=bias / lr, weight_decay=decay / bias, until=_FIRST_BIAS_EPOCHS / EPOCHS)
    return (
        *(first,) * (can_whiten(subject) and subject.layers.biased),
        Group(of="norm bias", lr=bias / lr, weight_decay=decay / bias),
        Group(of="all", lr=rest / lr, weight_decay=decay / rest),
    )
