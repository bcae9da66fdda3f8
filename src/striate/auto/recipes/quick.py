"""quick: one short cycle, and if that was not enough, longer ones: for a goal that is to be reached soon.

Source: Loshchilov & Hutter 2016, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983, section 3;
Jordan 2024, "Muon: an optimizer for hidden layers in neural networks".
"""

from __future__ import annotations

import math
from typing import Any

from striate.auto.recipes.subject import Named, Subject, limit_batch
from striate.train import Augment, Group

BATCH, LR = 512, 0.4
MUON_LR, MUON_MOMENTUM = 0.2, 0.6
FIRST_STEPS = 100  # of the first cycle; on MNIST's validation part 0.99 takes so many
SMOOTHING, WARMUP = 0.1, 0.1
SURE = 0.95 * (1 - SMOOTHING)


def make_quick(subject: Subject) -> Named:
    """Cycles of 100, 200, 400 ... large steps: filters by Muon, the rest by SGD; nothing changed in the samples."""
    facts, base = subject.facts, subject.base
    batch = limit_batch(facts.train_samples, BATCH)
    per_epoch = max(1, facts.train_samples // batch)
    cycles = max(2, math.ceil(math.log2(base.epochs * per_epoch / FIRST_STEPS + 1)) + 1)
    steps = FIRST_STEPS * (2**cycles - 1)
    changes: dict[str, Any] = {
        "batch": batch,
        "steps": steps,
        "epochs": math.ceil(steps / per_epoch),
        "schedule": "restarts",
        "cycles": cycles,
        "warmup": WARMUP,
        "smoothing": SMOOTHING,
        "augment": Augment(),
        "nudge": int(len(facts.extents) == 2 and facts.channels in (1, 3)),
        "unsure": SURE,
    }
    steps_named = _choose_steps(subject, batch)
    lengths = ", ".join(f"{FIRST_STEPS * 2**cycle:,}" for cycle in range(3))
    reasons = (
        f"quick: the learning rate goes down to 0 within {lengths} ... steps in turn, so that the goal can be met after"
        " each",
        *steps_named.reasons,
        "quick: samples as they are: what is seen a few times is not learned by heart",
        f"quick: of predictions below {SURE:g} a second look is taken, where the sample has moved by a cell",
    )
    return Named(changes | steps_named.changes, reasons)


def _choose_steps(subject: Subject, batch: int) -> Named:
    """Long steps where batch norms bear them."""
    if subject.trained or not subject.layers.batch_norms:
        return Named({}, ())
    lr = LR * batch / BATCH
    if not subject.layers.filters:
        return Named({"lr": lr}, ())
    muon = Group(of="filters", lr=MUON_LR / LR, momentum=MUON_MOMENTUM, optimizer="muon", weight_decay=0.0)
    why = f"quick: filters by Muon at {MUON_LR * batch / BATCH:g}, which needs fewest steps; the rest by SGD at {lr:g}"
    return Named({"lr": lr, "groups": (muon,), "unit_norm": True}, (why,))
