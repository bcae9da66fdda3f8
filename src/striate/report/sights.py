"""The input with what the middle cell of each resolution sees of it: nested rectangles in 2-D, else intervals by axis.

What lies beyond the input is drawn in broken lines: there is nothing but padding there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from striate.report.palette import DEPTHS, INK, ORANGE, PALE_ORANGE, QUIET, WASH
from striate.report.stages import Stage

BEYOND = 1.0  # of the input's extent is shown on either side; a larger field leaves the drawing
SLIVER = 4.0  # an input that is so many times longer than wide is drawn out of proportion


def draw_rectangles(axes: Axes, stages: Sequence[Stage], extents: tuple[int, ...]) -> None:
    """Draw a 2-D input [height, width] and, inside and beyond it, the rectangle that each stage's middle cell sees."""
    height, width = extents
    frame = _frame(stages, 0, height), _frame(stages, 1, width)
    axes.add_patch(Rectangle((0, 0), width, height, facecolor=WASH, edgecolor=QUIET, linewidth=0.8, label="input"))
    for depth, stage in enumerate(stages):
        rows, columns = stage.seen or (range(height), range(width))
        color = pick_color(depth, len(stages))
        inside = clip(rows, height), clip(columns, width)
        axes.add_patch(_outline(rows, columns, edgecolor=color, linestyle=(0, (3, 2)), linewidth=1, fill=False))
        fill = (color, 0.0 if stage.seen is None else 0.12)
        axes.add_patch(_outline(*inside, edgecolor=color, facecolor=fill, linewidth=1.6, label=_describe(stage, frame)))
    axes.set_xlim(*frame[1])
    axes.set_ylim(*reversed(frame[0]))
    if max(height, width) > SLIVER * min(height, width):
        axes.set_xlabel("out of proportion")
    else:
        axes.set_aspect("equal", anchor="W")
    axes.set_xticks([0, width])
    axes.set_yticks([0, height])


def draw_intervals(axes: Axes, stages: Sequence[Stage], axis: int, extent: int, name: str) -> None:
    """Draw one axis of the input as a band and, below one another, the interval that each stage's middle cell sees."""
    axes.axvspan(0, extent, facecolor=WASH, edgecolor=QUIET, linewidth=0.8)
    for depth, stage in enumerate(stages):
        seen = range(extent) if stage.seen is None else stage.seen[axis]
        inside = clip(seen, extent)
        for start, stop in ((seen.start, min(seen.stop, 0)), (max(seen.start, extent), seen.stop)):
            if stop > start:
                style: Any = {"facecolor": PALE_ORANGE, "edgecolor": ORANGE, "linestyle": "--"}
                axes.barh(depth, stop - start, 0.3, left=start, **style)
        axes.barh(depth, len(inside), 0.6, left=inside.start, color=pick_color(depth, len(stages)))
    axes.set_xlim(*_frame(stages, axis, extent))
    axes.set_ylim(len(stages) - 0.4, -0.6)
    axes.set_xticks([0, extent])
    axes.set_yticks(range(len(stages)), [stage.title for stage in stages], parse_math=False)
    axes.set_xlabel(f"{name}, cells of the input", color=INK)


def pick_color(depth: int, count: int) -> str:
    """Pick a stage's colour, light for the first and dark for the last."""
    return DEPTHS[round(depth * (len(DEPTHS) - 1) / max(count - 1, 1))]


def clip(seen: range, extent: int) -> range:
    """Cut an interval to the input.

    >>> clip(range(-3, 4), 28), clip(range(40, 50), 28)
    (range(0, 4), range(28, 28))
    """
    start = min(max(seen.start, 0), extent)
    return range(start, max(start, min(seen.stop, extent)))


def _outline(rows: range, columns: range, **style: object) -> Rectangle:
    return Rectangle((columns.start, rows.start), len(columns), len(rows), **style)  # type: ignore[arg-type]


def _describe(stage: Stage, frame: Sequence[tuple[float, float]]) -> str:
    pairs = zip(stage.seen or (), frame, strict=stage.seen is not None)
    leaves = any(part.start < low or part.stop > high for part, (low, high) in pairs)
    return f"{stage.title}: {stage.text}{', leaves the drawing' if leaves else ''}"


def _frame(stages: Sequence[Stage], axis: int, extent: int) -> tuple[float, float]:
    """Give the limits of one axis: the input and what is seen of it and beyond, with a little air."""
    seen = [range(extent), *(stage.seen[axis] for stage in stages if stage.seen is not None)]
    low = max(min(part.start for part in seen), -BEYOND * extent)
    high = min(max(part.stop for part in seen), (1 + BEYOND) * extent)
    air = 0.03 * (high - low)
    return low - air, high + air
