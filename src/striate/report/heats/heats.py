"""A heat as a picture: each input beside itself with its heat over it, the scale, and what is to be thought of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from striate.errors import InputError
from striate.explain.heat import Heat, Patches
from striate.explain.methods.catalogue import METHODS
from striate.report.heats.exposures import Exposure, expose
from striate.report.heats.overlays import paint_heat, paint_input
from striate.report.heats.plates import place_bar, place_curve, place_pixels, place_spectrogram, tick_along
from striate.report.palette import INK, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text
from striate.report.units.patchtiles import measure_tiles, place_tiles

# All in inches.
WIDTH, EDGE, HEAD, GAP, LINE = 8.6, 0.3, 0.85, 0.14, 0.16
INSIDE = WIDTH - 2 * EDGE
SCALE = 0.75  # right of the panels: the colour bar and its numbers
BAR, LEAST, HIGHEST, CURVE = 0.12, 0.5, 3.6, 1.0
TITLE, AXIS = 0.3, 0.3  # above and below an input's panels
PATCHES = 0.6 * INSIDE


def draw_heats(heat: Heat) -> Picture:
    """Draw each input of a heat beside itself with the heat over it, one below the other, and the words to them."""
    refuse_words((heat,))
    exposures = [expose(heat, index) for index in range(len(heat))]
    with styled():
        notes = [line for note in write_notes((heat,), exposures) for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
        heights = [TITLE + _measure(exposure)[1] + AXIS for exposure in exposures]
        foot = EDGE + LINE * len(notes)
        below = TITLE + measure_tiles(heat.patches, PATCHES) + AXIS if heat.patches else 0.0
        picture = Picture(WIDTH, HEAD + sum(heights) + below + foot)
        title = f"Where the answer comes from: {name_method(heat.method)}"
        picture.write(EDGE, 0.2, shorten_text(title, INSIDE, LARGE), LARGE, color=INK)
        picture.write(EDGE, 0.52, shorten_text(describe_layer(heat), INSIDE, PLAIN), PLAIN, color=QUIET)
        for number, exposure in enumerate(exposures):
            _draw_one(picture, HEAD + sum(heights[:number]), exposure)
        if heat.patches:
            _draw_patches(picture, HEAD + sum(heights), heat, heat.patches)
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + 0.1 + number * LINE, line, SMALL, color=QUIET)
    return picture


def refuse_words(heats: Sequence[Heat]) -> None:
    """Refuse a picture of words, which only a page can write.

    Raises:  InputError.
    """
    if any(heat.words for heat in heats):
        raise InputError("explain: a heat over words is drawn on a page, found another format. Give a name in .html")


def name_method(method: str) -> str:
    """What pictures call a method."""
    return METHODS[method].title if method in METHODS else method


def describe_layer(heat: Heat) -> str:
    """At which layer a heat was read, in a line."""
    unit = f", unit {heat.unit}" if heat.unit is not None else ""
    return f"read at the layer {heat.layer}{unit}" if heat.layer else f"read at the input{unit}"


def write_notes(heats: tuple[Heat, ...], exposures: list[Exposure]) -> list[str]:
    """What should be known beside a picture: how to read it, how far to trust each heat, and its own notes."""
    signed = {heat.signed for heat in heats}
    how = ["Orange speaks for the class, blue against it."] * (True in signed)
    how += ["The lighter, the hotter."] * (False in signed)
    notes = [" ".join([*how, "Each map has a scale of its own."])]
    for heat in heats:
        name = f"{name_method(heat.method)}: " * (len(heats) > 1)
        notes += [f"{name}{line}" for line in heat.trust.lines()] if heat.trust else []
        notes += [f"{name}{note}" for note in heat.notes]
    said = dict.fromkeys(note for exposure in exposures for note in exposure.notes)
    return notes + [f"{note[0].upper()}{note[1:]}." for note in said]


def _draw_one(picture: Picture, top: float, exposure: Exposure) -> None:
    """One input: its name and answer, and below them its panels."""
    title = f"{shorten_text(exposure.name, INSIDE / 2, PLAIN)}: {exposure.answer}"
    picture.write(EDGE, top + 0.08, shorten_text(title, INSIDE, PLAIN), PLAIN, color=INK)
    width, height = _measure(exposure)
    tall = CURVE * _count_lanes(exposure) if exposure.is_curve else height
    _draw_curves(picture, top + TITLE, exposure) if exposure.is_curve else _draw_pixels(picture, top + TITLE, exposure)
    if exposure.high > exposure.low:
        place_bar(picture, (EDGE + width + GAP, top + TITLE, BAR, tall), exposure)


def _draw_patches(picture: Picture, top: float, heat: Heat, patches: Patches) -> None:
    """Where in the data set the unit fires most, and beside it what it saw there."""
    text = "Where the unit fires most in the data, and what it saw there; grey, or the rule, is 0"
    picture.write(EDGE, top + 0.08, shorten_text(text, INSIDE, PLAIN), PLAIN, color=INK, weight="bold")
    place_tiles(picture, EDGE, top + TITLE, PATCHES, patches, heat.mean, heat.std)


def _measure(exposure: Exposure) -> tuple[float, float]:
    """Width and height of an input's panels together."""
    if exposure.is_curve:
        return INSIDE - SCALE, CURVE * _count_lanes(exposure) + (CURVE + GAP) * (exposure.rate is not None)
    width, height = _fit(exposure)
    if len(exposure.heats) == 1:
        return 2 * width + GAP, height
    return len(exposure.heats) * (width + GAP) - GAP, 2 * height + GAP


def _count_lanes(exposure: Exposure) -> float:
    return 1 + 0.4 * (len(exposure.grounds[0]) - 1)


def _fit(exposure: Exposure) -> tuple[float, float]:
    """Width and height of one panel, in the input's proportions as far as they can be looked at."""
    columns = max(2, len(exposure.heats))
    room = (INSIDE - SCALE + GAP) / columns - GAP
    rows, cells = exposure.heats[0].shape
    scale = min(room / cells, HIGHEST / rows)
    return max(LEAST, cells * scale), max(LEAST, rows * scale)


def _draw_pixels(picture: Picture, top: float, exposure: Exposure) -> None:
    """The input left and its overlay right; of a volume the slices in a row, their overlays below."""
    width, height = _fit(exposure)
    for frame, (left, first, second) in enumerate(_place_frames(exposure, top, width, height)):
        place_pixels(picture, (left, first, width, height), paint_input(exposure, frame))
        beside = (left, second, width, height) if second != first else (left + width + GAP, first, width, height)
        axes = place_pixels(picture, beside, paint_heat(exposure, frame))
        if exposure.captions[frame]:
            caption = shorten_text(exposure.captions[frame], width, SMALL)
            axes.set_xlabel(caption, fontsize=SMALL, labelpad=3, loc="left", parse_math=False)


def _place_frames(exposure: Exposure, top: float, width: float, height: float) -> Iterator[tuple[float, float, float]]:
    """For each frame its left, the top of the input and the top of its overlay."""
    below = top if len(exposure.heats) == 1 else top + height + GAP
    for frame in range(len(exposure.heats)):
        yield EDGE + frame * (width + GAP), top, below


def _draw_curves(picture: Picture, top: float, exposure: Exposure) -> None:
    """The curve with its heat along it; of a sound its spectrogram below."""
    width, height = INSIDE - SCALE, CURVE * _count_lanes(exposure)
    lowest = place_curve(picture, (EDGE, top, width, height), exposure)
    if exposure.rate:
        below = place_spectrogram(picture, (EDGE, top + height + GAP, width, CURVE), exposure)
        lowest = below or lowest
    tick_along(lowest, exposure)
