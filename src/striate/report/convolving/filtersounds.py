"""Filters of a sound: the kernel, the wave before and after, and by frequency what there was and what comes through."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from striate.explain.convolving.filters import Applied, Filtered
from striate.explain.convolving.spectra import measure_spectrum, respond
from striate.report.convolving.stencils import draw_stencil
from striate.report.convolving.tones import write_value
from striate.report.convolving.waves import MOST_LINES, draw_waves
from striate.report.palette import BLUE, INK, ORANGE, QUIET, RULE
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text

# All in inches.
WIDTH, EDGE, HEAD, LINE = 8.6, 0.3, 0.95, 0.16
INSIDE = WIDTH - 2 * EDGE
STENCIL, WAVES, PANEL, GAP = 1.55, 2.45, 1.4, 0.42
SCALE = 0.18  # more beside the waves, for their numbers
TITLE, HEIGHT, TICKS = 0.36, 1.6, 0.5
RANGE_DB = 90.0  # below the loudest, nothing is heard


def draw_filtered_sound(found: Filtered) -> Picture:
    """Draw a row for each kernel: its numbers, the waves, the spectra, and how much of a frequency comes through."""
    row = TITLE + HEIGHT + TICKS
    with styled():
        notes = [line for note in _write_notes(found) for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
        picture = Picture(WIDTH, HEAD + row * len(found.applied) + LINE * len(notes) + EDGE)
        _write_head(picture, found)
        for number, applied in enumerate(found.applied):
            _draw_row(picture, found, applied, HEAD + number * row)
        for number, line in enumerate(notes):
            picture.write(EDGE, HEAD + row * len(found.applied) + number * LINE, line, SMALL, color=QUIET)
    return picture


def _write_head(picture: Picture, found: Filtered) -> None:
    names = ", ".join(applied.kernel.name for applied in found.applied)
    file = found.name.replace("\\", "/").rpartition("/")[2]
    picture.write(EDGE, 0.2, shorten_text(f"{file}, by hand: {names}", INSIDE, LARGE), LARGE, color=INK)
    channels, samples = found.before.shape
    length = f"{samples / found.rate:.3g} s at {found.rate:,} Hz" if found.rate else f"{samples:,} samples"
    which = f"{channels} channels of {length}" if channels > 1 else length
    text = f"{which}. The kernel isn't flipped (cross-correlation, as torch does); pad {found.pad}."
    picture.write(EDGE, 0.52, shorten_text(text, INSIDE, PLAIN), PLAIN, color=QUIET)


def _write_notes(found: Filtered) -> list[str]:
    many = len(found.before) > MOST_LINES
    more = [f"The waves of the first {MOST_LINES} of {len(found.before)} channels are shown, over each other."] * many
    mixed = ["Spectra are of the channels' mean power."] * (len(found.before) > 1)
    return [*found.notes, *more, *mixed]


def _draw_row(picture: Picture, found: Filtered, applied: Applied, top: float) -> None:
    kernel = applied.kernel
    title = f"{kernel.name}   {len(kernel.values)} taps, sum {write_value(kernel.sum)}"
    picture.write(EDGE, top + 0.04, shorten_text(title, INSIDE, PLAIN), PLAIN, color=INK, weight="bold")
    bottom = picture.height - top - TITLE - HEIGHT
    stems = picture.place(EDGE, bottom, STENCIL, HEIGHT)
    divisor = draw_stencil(stems, kernel.values.numpy(), STENCIL)
    stems.set_xlabel(" ".join(["kernel", divisor]).strip())
    left = EDGE + STENCIL + GAP + SCALE
    high, low = (picture.place(left, bottom + place, WAVES, HEIGHT / 2 - 0.1) for place in (HEIGHT / 2 + 0.1, 0))
    _draw_wave(high, found.before.numpy(), found.rate, QUIET, "before")
    _draw_wave(low, applied.after.numpy(), found.rate, BLUE, "after")
    high.tick_params(labelbottom=False)
    low.set_xlabel("seconds" if found.rate else "samples")
    left += WAVES + GAP + 0.05
    _draw_spectra(picture.place(left, bottom, PANEL, HEIGHT), found, applied)
    _draw_response(
        picture.place(left + PANEL + GAP, bottom, INSIDE + EDGE - left - PANEL - GAP, HEIGHT), found, applied
    )


def _draw_wave(axes: Axes, values: Any, rate: int | None, colour: str, said: str) -> None:
    axes.axhline(0, color=RULE, linewidth=0.6)
    draw_waves(axes, values, rate, colour)
    most = float(np.abs(values).max(initial=0)) or 1.0
    axes.set(
        xlim=(0, max(values.shape[1] - 1, 1) / (rate or 1)), ylim=(-1.05 * most, 1.05 * most), yticks=[-most, most]
    )
    axes.set_yticklabels([write_value(-most), write_value(most)])
    axes.set_title(said, fontsize=SMALL, color=colour, loc="left", pad=1)


def _draw_spectra(axes: Axes, found: Filtered, applied: Applied) -> None:
    """What there was, and what is left of it, in decibels."""
    tops = []
    for values, colour in ((found.before, QUIET), (applied.after, BLUE)):
        spectra = [measure_spectrum(channel, found.rate or 1.0) for channel in values.numpy()]
        power = 10 * np.log10(np.mean([10 ** (decibels / 10) for _, decibels in spectra], axis=0))
        axes.plot(spectra[0][0], power, color=colour, linewidth=0.9)
        tops.append(float(power.max()))
    axes.set_ylim(max(tops) - RANGE_DB, max(tops) + 3)
    axes.set_title("spectrum, dB", fontsize=SMALL, color=QUIET, loc="left", pad=3)
    _scale_frequencies(axes, found.rate)


def _draw_response(axes: Axes, found: Filtered, applied: Applied) -> None:
    """How much of each frequency the kernel lets through."""
    frequencies, gains = respond(applied.kernel.values.numpy())
    axes.axhline(1, color=RULE, linewidth=0.8)
    axes.plot(frequencies * (found.rate or 1), gains, color=ORANGE, linewidth=1.2)
    axes.set_ylim(0, 1.08 * max(1.0, float(gains.max())))
    axes.set_title("lets through, times", fontsize=SMALL, color=QUIET, loc="left", pad=3)
    _scale_frequencies(axes, found.rate)


def _scale_frequencies(axes: Axes, rate: int | None) -> None:
    most = (rate or 1) / 2
    axes.set_xlim(0, most)
    axes.set_xticks([0, most / 2, most], [write_frequency(each, rate) for each in (0, most / 2, most)])
    axes.set_xlabel("kHz" if rate and rate >= 2000 else "Hz" if rate else "cycles per sample")


def write_frequency(value: float, rate: int | None) -> str:
    """A frequency as it stands on an axis: in kHz where the rate has thousands."""
    return f"{value / 1000:.3g}" if rate and rate >= 2000 else f"{value:.3g}"
