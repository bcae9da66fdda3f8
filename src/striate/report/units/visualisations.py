"""Inputs that were made for units, classes or other inputs, as a sheet of pictures, of curves or of frames."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from striate.explain.ascent.visualisation import Visualisation
from striate.report.convolving.waves import draw_waves
from striate.report.palette import BLUE, INK, ORANGE, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text
from striate.report.pixels import merge_channels

Floats = NDArray[np.float64]

# All in inches.
WIDTH, EDGE, HEAD, GAP = 8.6, 0.3, 0.85, 0.14
INSIDE = WIDTH - 2 * EDGE
LINE, ABOVE, BELOW = 0.16, 0.19, 0.24  # the room above an input for its name, below for its figures
HIGHEST, LEAST = 3.2, 0.3  # of an input's height
CURVE, AXIS = 0.8, 0.18  # a curve's height, and the room for its numbers below
FRAMES = 8
SHARE = 0.62  # of the width, for a curve; the rest is its spectrum


@dataclass(frozen=True)
class Cell:
    """One input on the sheet: its pictures side by side (several of a volume, or an input and its caricature)."""

    label: str
    caption: str
    pictures: tuple[Floats, ...]


def draw_visualisation(made: Visualisation) -> Picture:
    """Draw inputs that were made, each with what it was made for and how far that rose.

    Series are drawn as a curve and its spectrum, pictures as they are, volumes as frames, evenly taken; of further axes
    the middle. A caricature stands on the right of what it was made of.
    """
    with styled():
        notes = [line for note in _write_notes(made) for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
        return _draw_curves(made, notes) if made.images.ndim == 3 else _draw_pictures(made, notes)


def _draw_pictures(made: Visualisation, notes: list[str]) -> Picture:
    cells = [cut_cell(made, place) for place in range(len(made))]
    across, (rows, columns) = len(cells[0].pictures), cells[0].pictures[0].shape[:2]
    count = choose_columns(len(cells), across)
    room = (INSIDE - (count - 1) * GAP) / count
    scale = min((room - (across - 1) * GAP / 4) / across / columns, HIGHEST / rows)
    width, height = max(LEAST, columns * scale), max(LEAST, rows * scale)
    deep = ABOVE + height + BELOW
    lines = ceil(len(cells) / count)
    picture = _open(made, lines * deep, notes)
    for number, cell in enumerate(cells):
        left, top = EDGE + (number % count) * (room + GAP), HEAD + (number // count) * deep
        _write_cell(picture, left, top, height, room, cell)
        for place, pixels in enumerate(cell.pictures):
            at = left + place * (width + GAP / 4)
            axes = picture.place(at, picture.height - top - ABOVE - height, width, height)
            _show(axes, pixels)
    return picture


def choose_columns(count: int, across: int) -> int:
    """How many inputs stand side by side, each of so many pictures.

    >>> choose_columns(10, 1), choose_columns(16, 1), choose_columns(100, 1), choose_columns(5, 2), choose_columns(3, 8)
    (5, 8, 10, 2, 1)
    """
    most = 5 if count <= 10 else 8 if count <= 32 else 10
    return max(1, min(count if across < 3 else 1, most // across))


def cut_cell(made: Visualisation, place: int) -> Cell:
    """One input as what is drawn of it."""
    image = made.images[place].double().numpy()
    pictures = cut_frames(image)
    if made.sources is not None:
        pictures = tuple(
            part
            for pair in zip(cut_frames(made.sources[place].double().numpy()), pictures, strict=True)
            for part in pair
        )
    return Cell(made.labels[place], made.captions[place], pictures)


def cut_frames(image: Floats) -> tuple[Floats, ...]:
    """Channels [channels, *extents] as pictures [height, width] or [height, width, 3]: one, or frames of a volume."""
    while image.ndim > 4:
        image = image[:, image.shape[1] // 2]
    if image.ndim == 3:
        return (merge_channels(image),)
    places = np.unique(np.linspace(0, image.shape[1] - 1, FRAMES).round().astype(int))
    return tuple(merge_channels(image[:, place]) for place in places)


def _show(axes: Axes, pixels: Floats) -> None:
    style: Any = {} if pixels.ndim == 3 else {"cmap": "gray", "vmin": 0, "vmax": 1}
    axes.imshow(np.clip(pixels, 0, 1), aspect="auto", interpolation="nearest", **style)
    axes.set_xticks([])
    axes.set_yticks([])


def _draw_curves(made: Visualisation, notes: list[str]) -> Picture:
    """A row for each input: the curve (what a caricature was made of behind it), and the spectrum."""
    deep = ABOVE + CURVE + AXIS + BELOW
    picture = _open(made, len(made) * deep, notes)
    width = SHARE * INSIDE
    for place in range(len(made)):
        top = HEAD + place * deep
        cell = Cell(made.labels[place], made.captions[place], ())
        _write_cell(picture, EDGE, top, CURVE + AXIS, SHARE * INSIDE, cell)
        bottom = picture.height - top - ABOVE - CURVE
        curve = picture.place(EDGE, bottom, width, CURVE)
        image = made.images[place].double().numpy()
        if made.sources is not None:
            draw_waves(curve, made.sources[place].double().numpy(), made.rate, ORANGE)
        draw_waves(curve, image, made.rate, BLUE)
        curve.set(xlim=(0, image.shape[1] / (made.rate or 1)), ylim=(-0.05, 1.05), yticks=[])
        _tick(curve, "s" if made.rate else "samples")
        left = EDGE + width + 2 * GAP
        said = f"Its spectrum, {'Hz' if made.rate else 'cycles per sample'}"
        picture.write(left, top, said, SMALL, color=QUIET)
        spectrum = picture.place(left, bottom, EDGE + INSIDE - left, CURVE)
        _draw_spectrum(spectrum, image, made.rate)
    return picture


def _draw_spectrum(axes: Axes, image: Floats, rate: int | None) -> None:
    """How strong each frequency is, the mean over the channels."""
    places, strength = measure_spectrum(image, rate)
    axes.fill_between(places, 0, strength, color=BLUE, linewidth=0.4, alpha=0.85)
    axes.set(xlim=(0, places[-1] or 1), ylim=(0, 1.05 * (strength.max() or 1)), yticks=[])
    _tick(axes, "")


def measure_spectrum(image: Floats, rate: int | None) -> tuple[Floats, Floats]:
    """Frequencies, and the amplitude of each in [channels, samples] without their mean, averaged over the channels.

    >>> tone = 0.5 + 0.25 * np.sin(2 * np.pi * 3 * np.arange(32) / 32)
    >>> places, strength = measure_spectrum(tone[None], 32)
    >>> places[strength.argmax()].item(), round(strength.max().item(), 6)
    (3.0, 0.25)
    """
    centred = image - image.mean(axis=1, keepdims=True)
    strength = 2 * np.abs(np.fft.rfft(centred, axis=1)).mean(axis=0) / image.shape[1]
    return np.asarray(np.fft.rfftfreq(image.shape[1], 1 / (rate or 1)), np.float64), np.asarray(strength, np.float64)


def _tick(axes: Axes, unit: str) -> None:
    low, high = axes.get_xlim()
    ticks = [tick for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= 0.9 * high]
    axes.set_xticks(
        ticks, [f"{tick:g}" if tick or len(ticks) == 1 else f"0 {unit}".strip() for tick in ticks], fontsize=SMALL
    )
    for text, place in zip(axes.get_xticklabels(), ticks, strict=True):
        text.set_horizontalalignment("left" if not place else "center")


def _open(made: Visualisation, height: float, notes: list[str]) -> Picture:
    """A sheet with its title and notes."""
    foot = EDGE + LINE * len(notes)
    picture = Picture(WIDTH, HEAD + height + foot)
    picture.write(EDGE, 0.2, shorten_text(made.title, INSIDE, LARGE), LARGE, color=INK)
    picture.write(EDGE, 0.52, shorten_text(_write_subtitle(made), INSIDE, PLAIN), PLAIN, color=QUIET)
    for number, line in enumerate(notes):
        picture.write(EDGE, picture.height - foot + 0.1 + number * LINE, line, SMALL, color=QUIET)
    return picture


def _write_cell(picture: Picture, left: float, top: float, height: float, room: float, cell: Cell) -> None:
    picture.write(left, top, shorten_text(cell.label, room, PLAIN), PLAIN, color=INK)
    picture.write(left, top + ABOVE + height + 0.04, shorten_text(cell.caption, room, SMALL), SMALL, color=QUIET)


def _write_subtitle(made: Visualisation) -> str:
    steps = made.history.shape[1] - 1
    size = " x ".join(map(str, made.images.shape[2:]))
    return f"Made by {steps} steps up the gradient, out of noise; {size} cells."


def _write_notes(made: Visualisation) -> list[str]:
    about = "Below each: what it was made for, from the best random beginning to the end."
    if any("%" in caption for caption in made.captions):
        about = "Below each: the class's score, and how likely the network finds the class."
    beside = "On the left the input, on the right what was made of it. " if made.sources is not None else ""
    if made.sources is not None and made.images.ndim == 3:
        beside = "Orange the input, blue what was made of it. "
    notes = [f"{beside}{about}", *made.notes]
    channels = made.images.shape[1]
    if channels not in (1, 3) and made.images.ndim > 3:
        notes.append(f"Shown is the mean of {channels} channels.")
    return notes
