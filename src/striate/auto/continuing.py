"""Chooses a network and a recipe for continuing sequences: causal convolutions, dilated ever wider, sized for a CPU.

Each layer looks twice as far back as the one before, and adds to the values that pass it by; what all layers found is
summed up, and from that the next sample is told.

Source: van den Oord et al. 2016, "WaveNet: a generative model for raw audio", arXiv:1609.03499, sec. 2.1 and 2.4.
"""

from __future__ import annotations

import math
from dataclasses import replace

from striate.auto.adaptation import Given, drop_classes
from striate.auto.network import Design
from striate.auto.recipe import Plan
from striate.data import Facts
from striate.train import Augment

CHANNELS, SKIPS = 32, 64  # of the residual path; of the sum of what the layers found
FIRST = 16  # samples that the first convolution sees
LOOK_BACK_SECONDS, LOOK_BACK = 0.06, 512  # where there is a rate, and where there is none
LR, WEIGHT_DECAY, BATCH = 3e-3, 0.01, 8
STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 3000, 4, 200


def design_continuing(facts: Facts) -> Design:
    """Write a network for sequences of one channel; its look-back is the least that is long enough for their rate.

    Cost:    integers alone.
    """
    length, rate = facts.extents[0], facts.rate
    steps = choose_dilations(min(length, rate * LOOK_BACK_SECONDS if rate else LOOK_BACK))
    layers = ", ".join(f"layer({step})" for step in steps)
    lines = [
        f"input {facts.channels}x{length}",
        f"def layer(d) = add[conv2-{CHANNELS} pad=causal dilation=d, relu, tap[conv1-{SKIPS}], conv1-{CHANNELS} | ]",
        f"conv{FIRST}-{CHANNELS} pad=causal",
        layers,
        f"taps, relu, conv1-{SKIPS}, relu, conv1-classes",
    ]
    return Design("\n".join(lines) + "\n", _explain(steps, rate))


def choose_dilations(samples: float) -> tuple[int, ...]:
    """Double the dilation from layer to layer until as many samples are seen.

    >>> choose_dilations(512), count_look_back(choose_dilations(512))
    ((1, 2, 4, 8, 16, 32, 64, 128, 256), 527)
    """
    steps = [1]
    while count_look_back(tuple(steps)) < samples:
        steps.append(2 * steps[-1])
    return tuple(steps)


def count_look_back(steps: tuple[int, ...]) -> int:
    """How many samples before the next one are seen."""
    return FIRST + sum(steps)


def adapt_continuing(plan: Plan, given: Given) -> Plan:
    """The plan for continuing so many sequences: AdamW, in small batches of stretches; what was asked for stays."""
    recipe, asked = drop_classes(plan).recipe, given.asked
    if "batch" not in asked:
        recipe = replace(recipe, batch=BATCH)
    length = [f"{getattr(recipe, name):g} {name}, as asked" for name in sorted(asked & {"epochs", "steps", "minutes"})]
    if not length:
        recipe = replace(recipe, epochs=choose_epochs(given.samples, recipe.batch))
        length = [f"{recipe.epochs} epochs, about {STEPS:,} steps"]
    if "lr" not in asked:
        recipe = replace(recipe, lr=LR)
    recipe = replace(recipe, optimizer="adamw", weight_decay=WEIGHT_DECAY, warmup=0.1, augment=Augment(), mirror=False)
    why = (
        f"{length[0]}, in batches of {recipe.batch}",
        f"AdamW, learning rate up to {recipe.lr:g} in one cycle: nothing is normalised",
        "each step sees a random stretch of each sequence; loudness and speed are left as they are",
    )
    return Plan(recipe, why)


def choose_epochs(samples: int, batch: int) -> int:
    """As many epochs as make about 3,000 steps.

    >>> choose_epochs(2430, 8), choose_epochs(20, 8)
    (10, 200)
    """
    return max(FEWEST_EPOCHS, min(MOST_EPOCHS, math.ceil(STEPS / max(1, samples // batch))))


def _explain(steps: tuple[int, ...], rate: float | None) -> tuple[str, ...]:
    back = count_look_back(steps)
    lasts = f", {1000 * back / rate:.3g} ms" if rate else ""
    return (
        "causal padding: what is told of a sample has been seen before it",
        f"dilation doubled from layer to layer, 1 to {steps[-1]}: the {back} samples before each are seen{lasts}",
        f"{CHANNELS} channels pass all layers by, and {SKIPS} sum up what they found: few enough for two cores",
        "samples as 256 levels of the mu-law, and a score for each of them: no form of the distribution is supposed",
    )
