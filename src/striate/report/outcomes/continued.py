"""One sequence as it is, and its beginning as the network writes it on, at several temperatures: curve and player."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.data.levels import expand
from striate.report.axes import Axis
from striate.report.heats.sounds import encode_wav
from striate.report.heats.spectra import compute_spectrogram
from striate.report.markup import draw_path, draw_svg, element
from striate.report.outcome import Example
from striate.report.pixels import encode_png

WIDTH, HEIGHT, MARGIN = 240, 96, 4
TEMPERATURES = (1.0, 0.8, 0.5)  # of the continuations, in their order

Levels = NDArray[np.integer[Any]]


def draw_continued(example: Example, name: str, rate: int | None) -> Markup:
    """Draw a sequence and its continuations; `answer` of the example has a row for each temperature."""
    rests = [np.asarray(example.wanted), *np.asarray(example.answer)]
    said = ["as it is", *(f"temperature {temperature:g}" for temperature in TEMPERATURES)]
    longest = max(map(len, rests))
    drawn = [
        _draw_cell(np.asarray(example.given), rest, longest, f"{name}, {words}", words, rate)
        for rest, words in zip(rests, said, strict=False)
    ]
    file = element("p", element("bdi", name), class_="file", title=name)
    return element("li", [element("div", drawn, class_="cells"), file])


def _draw_cell(given: Levels, rest: Levels, longest: int, label: str, said: str, rate: int | None) -> Markup:
    """One of them, on the time that the longest takes."""
    whole = np.concatenate([given, rest])
    values = expand(whole).astype(np.float64) if rate else whole / 127.5 - 1
    parts = [_draw_curve(values, len(given), len(given) + longest, label)]
    if rate:
        parts += _draw_spectrum(np.pad(values, (0, longest - len(rest))), len(given), rate, label)
        parts.append(element("audio", controls="", preload="none", src=encode_wav(values, rate), aria_label=label))
    return element("figure", [element("div", parts, class_="heard"), element("figcaption", said)])


def _draw_curve(values: NDArray[np.float64], given: int, length: int, label: str) -> Markup:
    """The given part in grey on a shade, and a mark where it ends."""
    most = float(np.abs(values).max(initial=0)) or 1.0
    x, y = Axis(0, max(1, length - 1), 0, WIDTH), Axis(-most, most, HEIGHT - MARGIN, MARGIN)
    mark = x.place(max(0, given - 0.5))
    parts = [
        element("rect", x=0, y=0, width=mark, height=HEIGHT, class_="given"),
        element("line", x1=0, x2=WIDTH, y1=y.place(0), y2=y.place(0), class_="rule"),
        draw_path(_trace(values[:given], 0, x, y), "line past"),
        draw_path(_trace(values[given:], given, x, y), "line"),
        element("line", x1=mark, x2=mark, y1=0, y2=HEIGHT, class_="ideal"),
    ]
    return draw_svg(WIDTH, HEIGHT, f"{label}; given up to sample {given:,}", parts, class_="wave")


def _trace(values: NDArray[np.float64], first: int, x: Axis, y: Axis) -> list[tuple[float, float]]:
    """The points of a curve that begins at sample `first`; of a long one the lowest and the highest in each part."""
    columns = max(1, round(x.place(first + len(values)) - x.place(first)))
    if len(values) <= 2 * columns:
        return [(x.place(first + place), y.place(value)) for place, value in enumerate(values.tolist())]
    parts = np.array_split(values, columns)
    middles = (
        x.place(first) + (np.arange(columns) + 0.5) * (x.place(first + len(values) - 1) - x.place(first)) / columns
    )
    ends = zip(middles.tolist(), parts, strict=True)
    return [(at, y.place(float(end))) for at, part in ends for end in (part.min(), part.max())]


def _draw_spectrum(values: NDArray[np.float64], given: int, rate: int, label: str) -> list[Markup]:
    """Dark where it is loud; a dotted column where the given part ends."""
    found = compute_spectrogram(values, rate)
    if found is None:
        return []
    pixels = np.rint(255 * (1 - found.levels[::-1])).astype(np.uint8)
    pixels[::2, min(pixels.shape[1] - 1, round(given / len(values) * pixels.shape[1]))] = 0
    about = f"{label}: spectrogram up to {found.hertz:,.0f} Hz"
    return [element("img", src=encode_png(pixels), alt=about, class_="spectrum")]
