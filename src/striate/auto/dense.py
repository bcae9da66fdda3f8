"""Chooses a network that answers for every cell of its input: a U-Net, of any number of axes.

On the way down the maps are halved and see ever more of the input, on the way up they are brought back to its size; at
each size what was there on the way down stands beside what comes up, so that no place is lost.

Source: Ronneberger, Fischer and Brox 2015, "U-Net: convolutional networks for biomedical image segmentation",
arXiv:1505.04597; what is added to the input rather than put in its place: Zhang et al. 2017, "Beyond a Gaussian
denoiser", arXiv:1608.03981, sec. 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from striate.auto.network import Design

LEAST_EXTENT = 8  # a side is halved while it has as many cells
MOST_HALVINGS = 4
MOST_CHANNELS = 256
FIRST_CHANNELS = 16
MANY_CELLS, FEW_SAMPLES = 16_384, 200  # more cells, or fewer samples, ask for half of the channels


@dataclass(frozen=True)
class Level:
    """One size of the maps: its extents, and by how much each axis shrinks on the way to the next."""

    extents: tuple[int, ...]
    factors: tuple[int, ...]

    @property
    def inner(self) -> tuple[int, ...]:
        """The extents of the next level: a last odd cell counts as whole."""
        return tuple(-(-extent // factor) for extent, factor in zip(self.extents, self.factors, strict=True))

    @property
    def extra(self) -> tuple[int, ...]:
        """Cells at each axis's end that weren't there before."""
        return tuple(
            inner * factor - extent
            for inner, factor, extent in zip(self.inner, self.factors, self.extents, strict=True)
        )


def design_dense(
    channels: int, extents: tuple[int, ...], outputs: int, *, samples: int = 0, residual: bool = False
) -> Design:
    """Write a network that gives `outputs` values for each cell of inputs of `channels` x `extents`.

    Fewer training `samples` (0: unknown) and more cells make it narrower. `residual`: what it gives is added to the
    input.

    Cost:    integers alone.

    >>> print(design_dense(1, (28, 28), 1, residual=True).text)
    input 1x28x28
    def pair(n) = conv3-n, bn, relu, conv3-n, bn, relu
    add[ | pair(16),
      cat[ | maxpool2, pair(32),
        cat[ | maxpool2, pair(64), deconv2-32/2], pair(32), deconv2-16/2], pair(16),
      conv1-classes]
    """
    levels = plan_levels(extents)
    first = choose_width(extents, samples)
    widths = [min(MOST_CHANNELS, first * 2**place) for place in range(len(levels) + 1)]
    body = f"{_nest(levels, widths)},\n{'  ' * residual}conv1-classes"
    lines = [
        f"input {'x'.join(map(str, (channels, *extents)))}",
        "def pair(n) = conv3-n, bn, relu, conv3-n, bn, relu",
        f"add[ | {body}]" if residual else body,
    ]
    return Design("\n".join(lines) + "\n", _explain(levels, first, extents, outputs, residual=residual))


def plan_levels(extents: tuple[int, ...]) -> list[Level]:
    """Plan by how much each axis shrinks from level to level: the longest axes first, each until it is short.

    >>> [level.factors for level in plan_levels((6, 24, 24))], plan_levels((7,))[:1]
    ([(1, 2, 2), (1, 2, 2)], [])
    """
    halvings = [_count_halvings(extent) for extent in extents]
    most = max(halvings)
    levels: list[Level] = []
    for stage in range(most):
        factors = tuple(2 if stage >= most - each else 1 for each in halvings)
        levels.append(Level(levels[-1].inner if levels else extents, factors))
    return levels


def choose_width(extents: tuple[int, ...], samples: int = 0) -> int:
    """Choose the channels at the input's own size: they cost most of all.

    >>> choose_width((28, 28)), choose_width((224, 224)), choose_width((28, 28), 50)
    (16, 8, 8)
    """
    narrow = math.prod(extents) > MANY_CELLS or 0 < samples < FEW_SAMPLES
    return FIRST_CHANNELS // 2 if narrow else FIRST_CHANNELS


def _count_halvings(extent: int) -> int:
    count = 0
    while extent >= LEAST_EXTENT and count < MOST_HALVINGS:
        extent, count = -(-extent // 2), count + 1
    return count


def _nest(levels: list[Level], widths: list[int]) -> str:
    """The pairs of layers at each size, what lies below them between the two."""
    text = f"pair({widths[-1]})"
    for place in reversed(range(len(levels))):
        level, width = levels[place], widths[place]
        inside = f"maxpool{_write(level.factors)}{_round_up(level)}, {text}"
        up = f"deconv{_write(level.factors)}-{width}/{_write(level.factors)}{_cut(level)}"
        text = f"pair({width}),\n{'  ' * (place + 1)}cat[ | {inside}, {up}], pair({width})"
    return text


def _round_up(level: Level) -> str:
    return " ceil=yes" if any(level.extra) else ""


def _cut(level: Level) -> str:
    """What takes the cells off again that an odd extent's halving has added."""
    if not any(level.extra):
        return ""
    return ", crop pad=" + "x".join(f"0:{extra}" for extra in level.extra)


def _write(factors: tuple[int, ...]) -> str:
    """One number where all axes are alike.

    >>> _write((2, 2)), _write((1, 2, 2))
    ('2', '1x2x2')
    """
    return str(factors[0]) if len(set(factors)) == 1 else "x".join(map(str, factors))


def _count(levels: list[Level]) -> str:
    return f"{len(levels)} halving{'s' if len(levels) != 1 else ''}"


def _explain(
    levels: list[Level], first: int, extents: tuple[int, ...], outputs: int, *, residual: bool
) -> tuple[str, ...]:
    whole = "x".join(map(str, extents))
    last = "x".join(map(str, levels[-1].inner)) if levels else whole
    values = "a value" if outputs == 1 else f"{outputs} values"
    reasons = [
        f"a U-Net: {values} for each cell, from what is around it near by and, through {_count(levels)}, far off",
        f"{whole} becomes {last} and {whole} again; what was seen on the way down is put beside what comes up",
        f"{first} channels at the input's own size, where they cost most, doubled at each halving",
    ]
    if any(any(level.extra) for level in levels):
        reasons.append("odd extents are rounded up where they are halved, and the extra cell is cut off again")
    if residual:
        reasons.append("what it gives is added to the input: only what has to change is learned")
    return tuple(reasons)
