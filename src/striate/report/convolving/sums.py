"""A trained unit taken apart: each input channel, its kernel and what comes of them; and all of it summed.

One unit gets a column for each channel; several get a row each, without the inputs that they share.
"""

from __future__ import annotations

import numpy as np

from striate.explain.convolving.sums import Summed, UnitSum
from striate.report.convolving.tones import Tone, choose_tone, write_value
from striate.report.convolving.unittiles import choose_unit_tone, draw_map, name_channel, place_stencil, write_span
from striate.report.numerals import write_shape
from striate.report.palette import INK, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text

# All in inches.
WIDTH, EDGE, HEAD, GAP, LINE = 8.6, 0.3, 0.85, 0.16, 0.16
INSIDE = WIDTH - 2 * EDGE
COLUMNS = 5  # of one unit: four channels, and what they come to
TILE = (INSIDE - (COLUMNS - 1) * GAP) / COLUMNS
TITLE, CAPTION, HIGHEST, LEAST, WAVE = 0.28, 0.2, 2.4, 0.25, 0.7
KERNEL, PART, OUTPUT, SHOWN = 0.85, 1.2, 1.4, 3  # of several units: the widths in a row


def draw_sums(found: Summed) -> Picture:
    """Draw units of a layer: channels, kernels, parts and their sum. Of volumes the middle slices are drawn."""
    starts = range(0, max(1, len(found.units[0].channels)), COLUMNS - 1) if len(found.units) == 1 else (0,)
    height = _measure_row(found) if len(found.units) > 1 else TITLE + sum(_measure_band(found)) + 3 * CAPTION + GAP
    whole = height * max(len(found.units), len(starts))
    with styled():
        notes = [line for note in _write_notes(found) for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
        picture = Picture(WIDTH, HEAD + whole + LINE * len(notes) + EDGE)
        _write_head(picture, found)
        for number, unit in enumerate(found.units * (len(found.units) > 1)):
            _draw_row(picture, found, unit, HEAD + number * height)
        for number, first in enumerate(starts if len(found.units) == 1 else ()):
            _draw_band(picture, found, found.units[0], first, HEAD + number * height)
        for number, line in enumerate(notes):
            picture.write(EDGE, HEAD + whole + number * LINE, line, SMALL, color=QUIET)
    return picture


def _write_head(picture: Picture, found: Summed) -> None:
    file = found.name.replace("\\", "/").rpartition("/")[2]
    which = f"unit {found.units[0].unit}" if len(found.units) == 1 else f"{len(found.units)} units"
    picture.write(EDGE, 0.2, shorten_text(f"{file} through {which} of {found.layer}", INSIDE, LARGE), LARGE, color=INK)
    shape = write_shape(tuple(found.inputs.shape))
    text = f"{shape} comes to this {found.kind}. Each channel goes through its own kernel; parts and bias sum up."
    picture.write(EDGE, 0.52, shorten_text(text, INSIDE, PLAIN), PLAIN, color=QUIET)


def _write_notes(found: Summed) -> list[str]:
    notes = list(found.notes)
    if any(unit.rest is not None for unit in found.units):
        most = max(len(unit.channels) for unit in found.units)
        few = f"the {most} channels with" if most > 1 else "the channel with"
        notes.append(f"Of each unit {few} the largest kernels (L2) are shown; the others count in the output.")
    if found.inputs.ndim > 3:
        notes.append("The middle slices are shown.")
    return notes


def _fit(extents: tuple[int, ...], width: float, highest: float = HIGHEST) -> float:
    return WAVE if len(extents) == 1 else min(highest, max(LEAST, width * extents[-2] / extents[-1]))


def _measure_band(found: Summed) -> tuple[float, float, float]:
    """The heights of the input, the kernel and the part."""
    unit = found.units[0]
    given, part = (_fit(tuple(values.shape), TILE) for values in (found.inputs[0], unit.output))
    return given, _fit(tuple(unit.kernels.shape[1:]), TILE, TILE), part


def _draw_band(picture: Picture, found: Summed, unit: UnitSum, first: int, top: float) -> None:
    """Up to four channels of one unit; beside the first ones the sum."""
    tone, heights = choose_unit_tone(unit), _measure_band(found)
    picture.write(EDGE, top + 0.04, f"unit {unit.unit}{', further channels' * bool(first)}", PLAIN, color=INK)
    most = float(unit.kernels.abs().max()) if len(unit.kernels) else 1.0
    for column, channel in enumerate(unit.channels[first : first + COLUMNS - 1]):
        left, down, place = EDGE + column * (TILE + GAP), top + TITLE, first + column
        given, part = found.inputs[channel].numpy(), unit.parts[place].numpy()
        scale = choose_tone(given, signed=bool(given.min() < 0))
        said = f"{name_channel(found, channel)}, {write_span(given)}"
        draw_map(picture, given, scale, (left, down, TILE, heights[0]), said)
        down += heights[0] + CAPTION
        place_stencil(picture, unit.kernels[place].numpy(), most, (left, down, TILE, heights[1]))
        down += heights[1] + CAPTION
        draw_map(picture, part, tone, (left, down, TILE, heights[2]), f"its part, {write_span(part)}")
    if not first:
        left = EDGE + min(len(unit.channels), COLUMNS - 1) * (TILE + GAP)
        _draw_output(picture, unit, tone, (left, top + TITLE, TILE, heights[2]))


def _draw_output(picture: Picture, unit: UnitSum, tone: Tone, place: tuple[float, float, float, float]) -> None:
    """The unit's own output, and what it is the sum of."""
    left, top, width, height = place
    output = unit.output.numpy()
    draw_map(picture, output, tone, place, f"output, {write_span(output)}")
    lines = [
        line
        for text in (*_explain(unit), _say_tone(unit, tone).removeprefix(". "))
        for line in wrap_text(text, width, SMALL)
    ]
    for number, line in enumerate(lines):
        picture.write(left, top + height + CAPTION + number * LINE, line, SMALL, color=QUIET)


def _say_tone(unit: UnitSum, tone: Tone) -> str:
    return f". Black to white: {tone.said}" if unit.output.ndim > 1 else ". Each line over its own span."


def _explain(unit: UnitSum) -> list[str]:
    bias = unit.bias.numpy()
    even = float(np.ptp(bias)) <= 1e-6 * max(1.0, float(np.abs(bias).max()))
    texts = [f"= {len(unit.channels)} part{'s' * (len(unit.channels) != 1)}"]
    if unit.rest is not None:
        texts.append(f"+ the other channels, {write_span(unit.rest.numpy())}")
    return [*texts, f"+ bias {write_value(float(bias.flatten()[0]))}" if even else f"+ bias, {write_span(bias)}"]


def _measure_row(found: Summed) -> float:
    return TITLE + max(KERNEL, _fit(tuple(found.units[0].output.shape), OUTPUT)) + CAPTION + 0.1


def _draw_row(picture: Picture, found: Summed, unit: UnitSum, top: float) -> None:
    """One of several units: kernel and part of each channel side by side, then the output."""
    tone, step = choose_unit_tone(unit), KERNEL + PART + 2 * 0.1
    most = float(unit.kernels.abs().max()) if len(unit.kernels) else 1.0
    title = f"unit {unit.unit}   output {' '.join(_explain(unit))}{_say_tone(unit, tone)}"
    picture.write(EDGE, top + 0.04, shorten_text(title, INSIDE, SMALL), SMALL, color=INK)
    extents, down = tuple(unit.output.shape), top + TITLE
    for place, channel in enumerate(unit.channels[:SHOWN]):
        left, part = EDGE + place * step, unit.parts[place].numpy()
        place_stencil(
            picture, unit.kernels[place].numpy(), most, (left, down, KERNEL, KERNEL), name_channel(found, channel)
        )
        draw_map(picture, part, tone, (left + KERNEL + 0.1, down, PART, _fit(extents, PART)), write_span(part))
    left, output = EDGE + min(len(unit.channels), SHOWN) * step, unit.output.numpy()
    draw_map(picture, output, tone, (left, down, OUTPUT, _fit(extents, OUTPUT)), f"output, {write_span(output)}")
