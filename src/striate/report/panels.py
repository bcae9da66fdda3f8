"""The panels of the cost picture: bars beside the layers' names, a panel a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from striate.measure.row import EXACT
from striate.measure.table import Table
from striate.report.folding import Bar
from striate.report.numerals import write_shape
from striate.report.palette import BLUE, GROUPS, INK, PALE_BLUE, PAPER, QUIET, RULE
from striate.report.picture import PLAIN, SMALL, measure_width
from striate.report.scales import Scale, choose_scale, write_quantity
from striate.report.stages import group_axes

THICK, THIN = 0.72, 0.32  # of the distance from layer to layer
NUMBER = 6.0  # points: the figures at the bars' ends


def draw_multiplies(axes: Axes, bars: Sequence[Bar], table: Table) -> None:
    """Draw the multiply-accumulates of the forward pass."""
    least = "" if table.status == EXACT else "at least "
    _title(axes, "Multiplies", f"{least}{table.multiplies:,} for the batch")
    _draw_counts(axes, [bar.multiplies for bar in bars], "multiply-accumulates, forward")


def draw_parameters(axes: Axes, bars: Sequence[Bar], table: Table) -> None:
    """Draw the parameters, each where it is first used."""
    _title(axes, "Parameters", f"{table.parameters:,}")
    _draw_counts(axes, [bar.parameters for bar in bars], "parameters")


def draw_memory(axes: Axes, bars: Sequence[Bar], table: Table) -> None:
    """Draw the bytes of the outputs as wide bars, and upon them what is kept for the backward pass as narrow ones."""
    outputs, saved = [bar.output_bytes for bar in bars], [bar.saved_bytes for bar in bars]
    longest = [max(pair) for pair in zip(outputs, saved, strict=True)]
    scale = choose_scale(longest, "bytes")
    key, total = [("outputs", PALE_BLUE)], f"outputs {write_quantity(sum(outputs), 'bytes')}"
    axes.barh(range(len(bars)), outputs, THICK, color=PALE_BLUE)
    if table.saved_bytes is not None:
        axes.barh(range(len(bars)), saved, THIN, color=BLUE)
        key.append(("kept for backward", BLUE))
        total += f", kept {write_quantity(table.saved_bytes, 'bytes')}"
    _title(axes, "Memory", total, key)
    _finish(axes, scale, f"bytes for the batch, {scale.word}")
    _write_ends(axes, longest, [write_quantity(value, "bytes") if value else "" for value in longest])


def draw_fields(axes: Axes, bars: Sequence[Bar], table: Table, extents: tuple[int, ...]) -> None:
    """Draw the fields' sizes: a bar for each group of axes that are alike, hatched beyond the input's extent."""
    groups = group_axes(table)
    columns = [[_read_size(bar, alike[0], extents) for bar in bars] for alike in groups]
    longest = [max(sizes) for sizes in zip(*columns, strict=True)]
    scale = choose_scale([*longest, *set(extents)], "cells")
    thick = THICK / len(groups)
    for place, (alike, sizes) in enumerate(zip(groups, columns, strict=True)):
        extent, color = extents[alike[0]], GROUPS[place % len(GROUPS)]
        at = [row + (place + 0.5) * thick - THICK / 2 for row in range(len(bars))]
        axes.barh(at, [min(size, extent) for size in sizes], thick, color=color)
        beyond = {row: size - extent for row, size in zip(at, sizes, strict=True) if size > extent}
        style: Any = {"facecolor": PAPER, "edgecolor": color, "hatch": "//////", "linewidth": 0.4}
        axes.barh(list(beyond), list(beyond.values()), thick, left=extent, **style)
        axes.axvline(extent, color=color, linestyle=(0, (4, 2)), linewidth=0.8)
    key = [(name, GROUPS[place % len(GROUPS)]) for place, name in enumerate(groups.values())]
    _title(axes, "Receptive field", f"input {write_shape(extents)}: broken line", key)
    _finish(axes, scale, f"cells of the input, {scale.word}; hatched beyond it")
    _write_ends(axes, longest, [_write_field(bar, sizes) for bar, *sizes in zip(bars, *columns, strict=True)])


def _read_size(bar: Bar, axis: int, extents: tuple[int, ...]) -> int:
    if bar.last is None:
        return 0
    return extents[axis] if bar.last.field is None else bar.last.field.size[axis]


def _write_field(bar: Bar, sizes: Sequence[int]) -> str:
    """Write the extents seen, one for each group of axes; an upper bound where they vary from cell to cell."""
    if bar.last is None:
        return ""
    if bar.last.field is None:
        return "whole"
    return ("≤ " if bar.last.field.varies else "") + " × ".join(map(str, sizes if len(set(sizes)) > 1 else sizes[:1]))


def _draw_counts(axes: Axes, values: Sequence[int], name: str) -> None:
    scale = choose_scale(values, "count")
    axes.barh(range(len(values)), values, THICK, color=BLUE)
    _finish(axes, scale, f"{name}, {scale.word}")
    _write_ends(axes, values, [write_quantity(value, "count") if value else "" for value in values])


def _write_ends(axes: Axes, values: Sequence[float], texts: Sequence[str]) -> None:
    """Write each bar's figure at its end."""
    for row, (value, text) in enumerate(zip(values, texts, strict=True)):
        if text:
            style: Any = {
                "fontsize": NUMBER,
                "color": QUIET,
                "bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 0.3},
            }
            axes.annotate(text, (value, row), (2, 0), textcoords="offset points", va="center", **style)


def _title(axes: Axes, title: str, total: str, key: Sequence[tuple[str, str]] = ()) -> None:
    """Write the panel's name, its total, and below them what the colours stand for."""
    _write_above(axes, title, (0, 35), weight="bold", fontsize=PLAIN + 1)
    _write_above(axes, total, (0, 22), fontsize=SMALL + 0.5)
    left = 0.0
    for name, color in key:
        _write_above(axes, "■", (left, 8), fontsize=SMALL, color=color)
        _write_above(axes, name, (left + 9, 8), fontsize=SMALL, color=QUIET)
        left += 18 + 72 * measure_width(name, SMALL)


def _write_above(axes: Axes, text: str, points: tuple[float, float], **style: Any) -> None:
    axes.annotate(text, (0, 1), points, xycoords="axes fraction", textcoords="offset points", **style)


def _finish(axes: Axes, scale: Scale, name: str) -> None:
    scale.apply(axes)
    axes.set_xlabel(name)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.axvline(axes.get_xlim()[0], color=INK, linewidth=0.8)
