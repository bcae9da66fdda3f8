"""What a network costs and sees, layer by layer, as one picture of a measured `Table`.

Multiplies, parameters, memory and receptive field share the layer axis, from the input down; below them stands the
input with what the middle cell of each resolution sees of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from striate.measure.row import EXACT
from striate.measure.table import Table
from striate.report.folding import MOST, Bar, fold_rows
from striate.report.markup import shorten
from striate.report.numerals import write_shape
from striate.report.palette import QUIET
from striate.report.panels import draw_fields, draw_memory, draw_multiplies, draw_parameters
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, measure_width, styled, wrap_text
from striate.report.scales import write_quantity
from striate.report.sights import draw_intervals, draw_rectangles
from striate.report.stages import Stage, find_extents, find_stages, group_axes

# All in inches: a picture of many layers grows longer, and its parts keep their size.
PITCH, PANEL, GAP, EDGE = 0.19, 2.6, 0.35, 0.3
HEAD, FOOT = 1.65, 0.55  # above the panels: the picture's title and theirs; below them: their ticks
STRIP, DRAWING = 3.6, 2.9  # the lower part, and the input in it
LINE = 0.165  # from one line of notes to the next


def draw_costs(table: Table) -> Picture:
    """Draw what each layer of a table costs and sees.

    Cost:    at most 60 bars: more rows are folded by module.
    """
    bars, extents, stages = fold_rows(table.rows), find_extents(table), find_stages(table)
    depth, strip = PITCH * max(len(bars), 1), STRIP if stages else STRIP / 2
    with styled():
        left = EDGE + 0.1 + max((measure_width(_mark(bar), SMALL) for bar in bars), default=0.0)
        half = left + 2 * (PANEL + GAP)
        picture = Picture(half + 2 * (PANEL + GAP) - GAP + EDGE, HEAD + depth + FOOT + strip)
        _write_head(picture, table)
        panels = _place_panels(picture, left, strip + FOOT, depth, 4 if extents else 3)
        _name_bars(panels[0], bars)
        draw_multiplies(panels[0], bars, table)
        draw_parameters(panels[1], bars, table)
        draw_memory(panels[2], bars, table)
        if extents:
            draw_fields(panels[3], bars, table, extents)
        if stages:
            _draw_input(picture, table, stages, extents, half - EDGE - GAP)
        _write_notes(picture, table, half if stages else EDGE, strip)
    return picture


def _place_panels(picture: Picture, left: float, bottom: float, depth: float, count: int) -> list[Axes]:
    width = (picture.width - left - EDGE + GAP) / count - GAP
    first = picture.place(left, bottom, width, depth)
    starts = (left + place * (width + GAP) for place in range(1, count))
    return [first, *(picture.place(start, bottom, width, depth, first) for start in starts)]


def _name_bars(axes: Axes, bars: Sequence[Bar]) -> None:
    axes.set_yticks(range(len(bars)), [_mark(bar) for bar in bars], parse_math=False)
    axes.set_ylim(max(len(bars), 1) - 0.4, -0.6)


def _mark(bar: Bar) -> str:
    return f"* {bar.label}" if bar.is_partial else bar.label


def _write_head(picture: Picture, table: Table) -> None:
    shapes = "; ".join(write_shape(shape) for shape in table.input)
    settings = f"batch {table.batch}, {table.mode} mode, {table.precision}, rows: {len(table.rows):,}"
    peaks = f"{write_quantity(table.inference_bytes, 'bytes')} for one pass in eval mode"
    if table.training_bytes is not None:
        peaks += f", {write_quantity(table.training_bytes, 'bytes')} for one training step"
    about = f"input {shapes}, {settings}. Peak of allocated bytes: {peaks}."
    lines = wrap_text(about, picture.width - 2 * EDGE, PLAIN)
    picture.write(EDGE, 0.25, shorten(" ".join(table.network.split()), 60), LARGE, weight="bold")
    picture.write(EDGE, 0.58, "\n".join(lines[:2]), PLAIN, color=QUIET)


def _draw_input(picture: Picture, table: Table, stages: Sequence[Stage], extents: tuple[int, ...], room: float) -> None:
    """Draw the input with the fields upon it in the lower left, `room` inches wide."""
    bottom, height = 0.5, STRIP - 0.8
    picture.write(EDGE, picture.height - STRIP + 0.05, "What the middle cell of each resolution sees", weight="bold")
    if len(extents) == 2:
        axes = picture.place(EDGE + 0.3, bottom, DRAWING, height)
        draw_rectangles(axes, stages, (extents[0], extents[1]))
        corner = ((EDGE + 0.4 + DRAWING) / picture.width, (STRIP - 0.25) / picture.height)
        handles = axes.get_legend_handles_labels()
        picture.legend(*handles, loc="upper left", bbox_to_anchor=corner, fontsize=SMALL, frameon=False)
        return
    names = 0.1 + max(measure_width(stage.title, SMALL) for stage in stages)
    groups = group_axes(table)
    width = (room - names) / len(groups)
    first = None
    for number, (alike, name) in enumerate(groups.items()):
        axes = picture.place(EDGE + names + number * width, bottom, width - GAP, height, first)
        draw_intervals(axes, stages, alike[0], extents[alike[0]], name)
        first = first or axes


def _write_notes(picture: Picture, table: Table, left: float, strip: float) -> None:
    """Write what the figures mean, and where they are not whole, in the lower right."""
    notes = [table.rule]
    if len(table.rows) > MOST:
        notes.append("Rows are put together by module: a bar is their sum, and the field is the last one's.")
    if table.saved_bytes is None:
        notes.append("No backward pass was traced.")
    if table.status != EXACT:
        notes.append(f"* {table.status}")
    notes.extend(table.notes)
    lines = [line for note in notes for line in [*wrap_text(note, picture.width - EDGE - left, SMALL), ""]]
    most = int((strip - 0.4) / LINE)
    if len(lines) > most:
        lines = [*lines[: most - 1], "…"]
    picture.write(left, picture.height - strip + 0.05, "How to read it", weight="bold")
    picture.write(left, picture.height - strip + 0.3, "\n".join(lines), SMALL, color=QUIET, linespacing=1.4)
