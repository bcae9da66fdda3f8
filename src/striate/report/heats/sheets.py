"""Many inputs on one sheet: a cell for each, several methods side by side, as photographers print a film."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes

from striate.errors import InputError
from striate.explain.heat import Heat
from striate.report.heats.exposures import Exposure, expose
from striate.report.heats.heats import (
    EDGE,
    GAP,
    INSIDE,
    LINE,
    describe_layer,
    draw_heats,
    name_method,
    refuse_words,
    write_notes,
)
from striate.report.heats.overlays import paint_heat, paint_input
from striate.report.heats.plates import open_canvas, paste_pixels, place_curve
from striate.report.palette import INK, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text

FEW, MOST = 2, 60  # inputs: drawn large up to so many, and shown at all
HIGHEST = 26.0  # inches of cells
IMAGE, CURVE = (1.25, 0.62), (2.4, 1.0)  # a cell's width that is aimed at, and the least, of a picture and of a curve
NARROW = 0.92  # a cell beside many methods': the sheet grows wider before one gets narrower
LARGEST, FLAT = 2.4, 0.55  # a picture's; a curve's height
APART, WORDS, HEAD = 0.3, 0.38, 0.85


@dataclass(frozen=True)
class Sheet:
    """Heats of the same inputs, one for each method."""

    heats: tuple[Heat, ...]

    def __post_init__(self) -> None:
        """Check that they belong side by side. Raises: InputError where they don't."""
        if not self.heats or not all(isinstance(heat, Heat) for heat in self.heats):
            raise InputError("figure: found no heats, needed at least one. Explain something to get one")
        shapes = {tuple(heat.values.shape) for heat in self.heats}
        if len(shapes) > 1:
            found = " and ".join("x".join(map(str, shape)) for shape in sorted(shapes))
            raise InputError(f"figure: found heats of {found}, needed heats of the same inputs. Draw each by itself")


@dataclass(frozen=True)
class Grid:
    """How cells lie on the sheet: `across` inputs side by side, each with `columns` cells of `width` x `height`."""

    across: int
    columns: int
    width: float
    height: float
    rows: int
    inside: float

    @property
    def block(self) -> float:
        """The width of one input's cells."""
        return self.columns * (self.width + GAP / 2) - GAP / 2

    @property
    def pitch(self) -> float:
        """From one row of inputs to the next."""
        return self.height + WORDS


def draw_heat(heat: Heat) -> Picture:
    """Draw a heat: one or two inputs large, more as a contact sheet."""
    return draw_heats(heat) if len(heat) <= FEW else draw_sheet(Sheet((heat,)))


def draw_sheet(sheet: Sheet) -> Picture:
    """Draw a cell for each input and method; more inputs than have room are cut off, and that is said."""
    grid = _plan(sheet)
    count = min(len(sheet.heats[0]), MOST, grid.across * grid.rows)
    refuse_words(sheet.heats)
    exposures = [[expose(heat, index) for heat in sheet.heats] for index in range(count)]
    with styled():
        notes = _wrap(sheet, exposures, grid.inside)
        titles = max(len(lines) for lines in _title_columns(sheet, grid))
        head, foot = HEAD + LINE * titles, EDGE + LINE * len(notes)
        picture = Picture(grid.inside + 2 * EDGE, head + math.ceil(count / grid.across) * grid.pitch + foot)
        _write_head(picture, sheet, grid, min(count, grid.across))
        canvas = open_canvas(picture)
        for number, row in enumerate(exposures):
            left = EDGE + (number % grid.across) * (grid.block + APART)
            _draw_block(picture, canvas, (left, head + (number // grid.across) * grid.pitch), grid, row)
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + 0.1 + number * LINE, line, SMALL, color=QUIET)
    return picture


def _plan(sheet: Sheet) -> Grid:
    """Choose cells that are as large as may be, and small enough for all inputs."""
    count, extents = len(sheet.heats[0]), sheet.heats[0].values.shape[1:]
    is_curve = len(extents) < 2
    columns = len(sheet.heats) + (not is_curve)
    inside = max(INSIDE, columns * (NARROW + GAP / 2))
    aim, least = CURVE if is_curve else IMAGE
    ratio = None if is_curve else min(max(extents[-2] / extents[-1], 0.2), 2.5)
    widest, narrowest = (max(1, int((inside + APART) / (columns * (each + GAP / 2) + APART))) for each in (aim, least))
    for across in range(min(widest, count), max(widest, narrowest) + 1):
        width = ((inside + APART) / across - APART + GAP / 2) / columns - GAP / 2
        width = width if ratio is None else min(width, LARGEST, LARGEST / ratio)
        height = FLAT if ratio is None else width * ratio
        grid = Grid(across, columns, width, height, max(1, int(HIGHEST / (height + WORDS))), inside)
        if grid.across * grid.rows >= min(count, MOST):
            break
    return grid


def _title_columns(sheet: Sheet, grid: Grid) -> list[list[str]]:
    """The lines above each column."""
    names = [name_method(heat.method) for heat in sheet.heats]
    first = ["input"] if grid.columns > len(names) else []
    lines = [wrap_text(name, grid.width, SMALL) for name in (*first, *names)]
    return [[shorten_text(line, grid.width, SMALL) for line in each] for each in lines]


def _write_head(picture: Picture, sheet: Sheet, grid: Grid, across: int) -> None:
    heats = sheet.heats
    only = f": {name_method(heats[0].method)}" if len(heats) == 1 else ""
    picture.write(EDGE, 0.2, shorten_text(f"Where the answers come from{only}", grid.inside, LARGE), LARGE, color=INK)
    layers = "; ".join(f"{name_method(heat.method)} {describe_layer(heat)}" for heat in heats if heat.layer)
    said = layers if len(heats) > 1 and layers else describe_layer(heats[0])
    picture.write(EDGE, 0.5, shorten_text(said, grid.inside, PLAIN), PLAIN, color=QUIET)
    for block in range(across):
        for column, lines in enumerate(_title_columns(sheet, grid)):
            left = EDGE + block * (grid.block + APART) + column * (grid.width + GAP / 2)
            picture.write(left, HEAD - 0.06, "\n".join(lines), SMALL, color=QUIET)


def _draw_block(
    picture: Picture, canvas: Axes, corner: tuple[float, float], grid: Grid, exposures: list[Exposure]
) -> None:
    """One input's cells, and below them its name and the answer."""
    first, (left, top) = exposures[0], corner
    lefts = [left + column * (grid.width + GAP / 2) for column in range(grid.columns)]
    if grid.columns > len(exposures):
        paste_pixels(canvas, (lefts.pop(0), top, grid.width, grid.height), paint_input(first, first.hottest))
    for place, exposure in zip(lefts, exposures, strict=True):
        box = (place, top, grid.width, grid.height)
        if exposure.is_curve:
            place_curve(picture, box, exposure)
        else:
            paste_pixels(canvas, box, paint_heat(exposure, exposure.hottest))
    for number, (text, color) in enumerate([(first.name, INK), (first.answer, QUIET)]):
        line = shorten_text(text, grid.block, SMALL)
        picture.write(left, top + grid.height + 0.04 + number * 0.13, line, SMALL, color=color)


def _wrap(sheet: Sheet, exposures: list[list[Exposure]], inside: float) -> list[str]:
    """The notes at the foot, in lines."""
    notes = write_notes(sheet.heats, [exposure for row in exposures for exposure in row])
    if len(sheet.heats[0].values.shape) == 4:
        notes.append("Of each volume the slice with the hottest cell is shown.")
    if len(exposures) < len(sheet.heats[0]):
        notes.append(f"The first {len(exposures)} of {len(sheet.heats[0])} inputs are shown.")
    return [line for note in notes for line in wrap_text(note, 0.95 * inside, SMALL)]
