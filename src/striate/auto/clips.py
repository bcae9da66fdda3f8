"""Chooses a network and augmentation for clips and volumes: three axes or more, which need not be alike.

Filters go along all axes at once (Tran et al. 2015, "Learning spatiotemporal features with 3D convolutional networks"),
and a pool halves only the axes that are still the longest, so that 16 frames of 112 x 112 don't run out of frames.
"""

from __future__ import annotations

from striate.arithmetic import Window, chain_fields
from striate.auto.handedness import has_handedness
from striate.auto.network import MOST_DOUBLINGS, MOST_STRIDE_FREE, Design, count_halvings
from striate.data import Facts
from striate.train import Augment

FIRST_CHANNELS = 16  # half of those in 2-D: a filter of 3 x 3 x 3 has three times the taps
SHIFT_PARTS = 24  # a sample is shifted by this part of its side at most


def design_volume(channels: int, extents: tuple[int, ...], kind: str = "video") -> Design:
    """Write a network for clips (frames, height, width) or volumes.

    Cost:    integers alone.

    >>> print(design_volume(1, (16, 28, 28)).text)
    input 1x16x28x28
    def layer(n) = conv3-n, bn, relu
    def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu
    layer(16)
    maxpool1x2x2, layer(32)
    maxpool2x2x2, layer(64)
    block(64)
    gmp, flatten, fc-classes
    """
    stages = plan_stages(extents)
    early = any(extent > MOST_STRIDE_FREE for extent in extents)
    widths = [FIRST_CHANNELS * 2 ** min(stage, MOST_DOUBLINGS) for stage in range(len(stages) + 1)]
    blocks = _count_blocks(extents, stages, early=early)
    first = f"conv3-{widths[0]}/{_write(stages[0])}, bn, relu" if early else f"layer({widths[0]})"
    pooled = list(zip(stages[early:], widths[1:], strict=False))
    lines = [
        f"input {'x'.join(map(str, (channels, *extents)))}",
        "def layer(n) = conv3-n, bn, relu",
        "def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu",
        first,
        *(f"maxpool{_write(stage)}, layer({width})" for stage, width in pooled),
        f"block({pooled[-1][1] if pooled else widths[0]})" + (f"*{blocks}" if blocks > 1 else ""),
        "gmp, flatten, fc-classes",
    ]
    return Design("\n".join(lines) + "\n", _explain(extents, stages, kind, early=early))


def plan_stages(extents: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Plan by how much each stage shrinks each axis: an axis is halved until it is at about 7, the longest ones first.

    >>> plan_stages((16, 28, 28)), plan_stages((3, 16, 16))
    ([(1, 2, 2), (2, 2, 2)], [(1, 2, 2)])
    """
    halvings = [count_halvings((extent,)) for extent in extents]
    most = max(halvings)
    return [tuple(2 if stage >= most - each else 1 for each in halvings) for stage in range(most)]


def choose_clip_augment(facts: Facts) -> tuple[Augment, tuple[str, ...]]:
    """Choose how clips may be changed: moved and mirrored in space, never in time; volumes are moved alone."""
    if facts.kind != "video":
        shift = max(1, round(min(facts.extents) / SHIFT_PARTS))
        why = f"shifts of up to {shift} along each axis: a {SHIFT_PARTS}th of the shortest"
        return Augment(shift=shift), (why, "no mirroring: nothing says that a volume's sides are alike")
    shift = max(1, round(min(facts.extents[1:]) / SHIFT_PARTS))
    moved = f"shifts of up to {shift} pixel{'s' if shift > 1 else ''} in space, the same in all frames; none in time"
    if has_handedness(facts.classes):
        return Augment(shift=shift, still=1), (moved, "no mirroring: classes are signs, or named as directions are")
    why = "mirrored left to right in training and (averaged) in prediction: no class is named as if direction mattered"
    return Augment(shift=shift, still=1, flip=True), (moved, why)


def _count_blocks(extents: tuple[int, ...], stages: list[tuple[int, ...]], *, early: bool) -> int:
    """How many residual blocks it takes until the receptive field covers the sample along every axis."""
    return max(
        _count_along(extent, [stage[axis] for stage in stages], early=early) for axis, extent in enumerate(extents)
    )


def _count_along(extent: int, steps: list[int], *, early: bool) -> int:
    layers = [Window(3, steps[0] if early else 1, before=1)]
    for step in steps[early:]:
        layers += [Window(step, step), Window(3, before=1)]
    count = 1
    while chain_fields([*layers, *[Window(3, before=1)] * (2 * count)]).size < extent:
        count += 1
    return count


def _write(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))


def _explain(extents: tuple[int, ...], stages: list[tuple[int, ...]], kind: str, *, early: bool) -> tuple[str, ...]:
    last = list(extents)
    for stage in stages:
        up = early and stage is stages[0]  # a convolution keeps a last odd cell, a pool drops it
        last = [(extent + (step - 1) * up) // step for extent, step in zip(last, stage, strict=True)]
    over = "time and space at once: what moves is seen by how it moves" if kind == "video" else "all axes at once"
    reasons = [
        f"{len(extents)}-D filters, 3 along each axis, over {over}",
        f"the longest axes are halved first, until all are at about 7: {_write(extents)} becomes {_write(tuple(last))}",
        f"{FIRST_CHANNELS} channels at first, doubled at each halving: filters of so many taps cost much",
        "batch normalisation and residual blocks: they train at a high learning rate",
        "one global pool at the end: what counts is whether a feature is there, not where or when",
    ]
    if early:
        reasons.append(f"the first convolution halves at once: sides above {MOST_STRIDE_FREE} cost most there")
    return tuple(reasons)
