"""Chooses a network for a goal that is to be reached soon: small pictures, halved at once, convolved without padding.

What costs time in a small network is the first layers, where the maps are whole. A first convolution of twice the size
that moves two cells at a time, after the rim that tells nothing has been cut off, makes them a quarter; `valid`
convolutions make them smaller at every layer, and look at no cell that isn't there. Of grey pictures the first maps are
pooled before anything else is done with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from striate.auto.network import Design
from striate.data.part import Inputs
from striate.nets import parse, place

LEAST_SIDE, MOST_SIDE = 20, 64  # a smaller picture has nothing to save, in a larger one more is to be seen
RIM_SHARE = 0.01  # a rim with this part of the variance tells nothing
LOOKED_AT = 4000  # so many samples show where the rim is
CELLS_A_SECOND = 1.6e6  # of samples that two cores train the large network on, about
POOLED_SIDE = 5  # a pooled map of this side is as large as two convolutions of 3 cells need
FEWEST_EPOCHS = 8  # a time in which the large network sees its samples less often is short


@dataclass(frozen=True)
class Goal:
    """What a run is to end at: a validation accuracy (`until`), or a time (`minutes`)."""

    until: float | None = None
    minutes: float | None = None


def design_for_goal(inputs: Inputs, goal: Goal) -> Design | None:
    """A network that learns fast, where there is a goal and the samples are small pictures; else None.

    `inputs` are training samples, [count, channels, *extents].

    Cost:    a look at a few thousand samples.
    """
    channels, extents = inputs.shape[1], inputs.shape[2:]
    if (
        len(extents) != 2
        or not all(LEAST_SIDE <= extent <= MOST_SIDE for extent in extents)
        or not is_urgent(inputs, goal)
    ):
        return None
    rim = find_rim(inputs)
    side = min(extents) - 2 * rim
    stride = max(2, side // 16)
    first = 16 if channels == 1 else 32
    pools = channels == 1 and (side // stride - 2) // 2 >= POOLED_SIDE
    lines = [
        f"input {'x'.join(map(str, (channels, *extents)))}",
        "def layer(n) = conv3-n pad=valid, bn, relu",
        *([f"crop{rim}"] if rim else []),
        f"conv{3 * stride}-{first}/{stride} pad=valid,{' maxpool2,' if pools else ''} bn, relu",
        f"layer({4 * first}), layer(128)" if pools else f"layer({2 * first}), maxpool2, layer(128)",
    ]
    ends = place(parse("\n".join(lines)))[-1].output[1:] == (1, 1)
    lines.append("flatten, fc-classes" if ends else "gmp, flatten, fc-classes")
    return Design("\n".join(lines) + "\n", _explain(rim, stride, goal, pools=pools, ends=ends))


def is_urgent(inputs: Inputs, goal: Goal) -> bool:
    """Whether the goal is an accuracy, or a time in which a large network would see the samples a few times only."""
    if goal.minutes is None:
        return goal.until is not None
    return 60 * goal.minutes < FEWEST_EPOCHS * inputs.size / CELLS_A_SECOND


def find_rim(inputs: Inputs) -> int:
    """How many cells all around tell nothing: less than 1 % of the variance between samples lies there.

    It is even for sides that are, so that halving comes out; at most a quarter of the side is cut off.

    >>> pictures = np.zeros((9, 1, 24, 24), dtype=np.uint8)
    >>> pictures[:, :, 3:-3, 3:-3] = np.arange(0, 180, 20, dtype=np.uint8)[:, None, None, None]
    >>> find_rim(pictures)
    2
    """
    step = max(1, len(inputs) // LOOKED_AT)
    variance = inputs[::step].astype(np.float32).var(axis=(0, 1))
    total, most = float(variance.sum()), min(variance.shape) // 8
    rim = 0
    for cells in range(1, most + 1):
        inner = float(variance[cells:-cells, cells:-cells].sum())
        if total - inner <= RIM_SHARE * total:
            rim = cells
    while rim and min(variance.shape) - 2 * rim < LEAST_SIDE:
        rim -= 1
    return rim - rim % 2


def _explain(rim: int, stride: int, goal: Goal, *, pools: bool, ends: bool) -> tuple[str, ...]:
    end = f"{goal.until:g} right on the validation part" if goal.until is not None else f"{goal.minutes:g} minutes"
    reasons = [
        f"a goal, {end}: the network is one that learns small pictures fast, not the one that learns them best",
        f"the first convolution moves {stride} cells at a time: maps of whole size would cost most of the time",
        "no padding: maps get smaller at every layer",
        "the last convolution is as large as its maps: each of its filters sees all there is"
        if ends
        else "one global pool at the end: what counts is whether a feature is there, not where",
    ]
    if pools:
        reasons.insert(2, "grey pictures: of each four cells of the first maps the largest is enough")
    if rim:
        reasons.insert(1, f"{rim} cells all around are cut off: less than {RIM_SHARE:.0%} of the variance lies there")
    return tuple(reasons)
