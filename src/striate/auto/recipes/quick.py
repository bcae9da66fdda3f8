"""quick: one short cycle, and if that was not enough, longer ones: for a goal that is to be reached soon.

Source: Loshchilov & Hutter 2016, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983, section 3.
"""

from __future__ import annotations

import math

from striate.auto.recipes.subject import Named, Subject, limit_batch
from striate.train import Augment

BATCH, LR = 256, 0.4
FIRST_STEPS = 400  # of the first cycle, at least; on MNIST's validation part 0.99 takes so many
SURE = 0.95


def make_quick(subject: Subject) -> Named:
    """Cycles of n, 2n, 4n ... epochs of large steps, where n epochs have 400 steps; nothing changed or smoothed."""
    facts, base = subject.facts, subject.base
    samples = facts.train_samples
    batch = limit_batch(samples, BATCH)
    first = max(1, math.ceil(FIRST_STEPS / max(1, samples // batch)))
    cycles = max(2, math.ceil(math.log2(base.epochs / first + 1)) + 1)
    changes = {
        "batch": batch,
        "steps": None,
        "epochs": first * (2**cycles - 1),
        "schedule": "restarts",
        "cycles": cycles,
        "smoothing": 0.0,
        "augment": Augment(),
        "nudge": int(len(facts.extents) == 2 and facts.channels in (1, 3)),
        "unsure": SURE,
    }
    if subject.layers.batch_norms and not subject.trained:
        changes |= {"lr": LR * batch / BATCH}
    lengths = ", ".join(str(first * 2**cycle) for cycle in range(min(3, cycles)))
    return Named(
        changes,
        (
            f"quick: the learning rate goes down to 0 within {lengths} ... epochs in turn, so that the goal can be met "
            "after each",
            "quick: samples as they are, labels as they are: what is seen a few times is not learned by heart",
            f"quick: of predictions below {SURE:g} a second look is taken, where the sample has moved by a cell",
        ),
    )
