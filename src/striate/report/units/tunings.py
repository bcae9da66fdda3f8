"""The tuning of a layer's units on one sheet: a card for each, and what they are like together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from striate.explain.cells.gabor import GABOR_LIKE
from striate.explain.cells.tuning import Tuning, Unit
from striate.report.palette import BLUE, INK, ORANGE, QUIET, RULE
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text
from striate.report.units.cells import TALL, WIDTH, draw_cell

# All in inches.
EDGE, HEAD, GAP, PANEL, BETWEEN, LINE = 0.45, 0.95, 0.12, 1.3, 0.62, 0.16
COLUMNS, MOST = 7, 28
BINS = 12


def draw_tuning(tuning: Tuning) -> Picture:
    """Draw the units, of many those that a Gabor function fits best, and histograms over all of them."""
    shown, panels = choose_units(tuning), list_panels(tuning)
    rows = math.ceil(len(shown) / COLUMNS)
    width = 2 * EDGE + COLUMNS * (WIDTH + GAP) - GAP
    lots = math.ceil((len(panels) + (tuning.axes == 2)) / 4)
    with styled():
        notes = [line for note in write_notes(tuning, len(shown)) for line in wrap_text(note, width - 2 * EDGE, SMALL)]
        foot = LINE * len(notes) + 0.2
        cards = rows * (TALL + GAP)
        picture = Picture(width, HEAD + cards + 0.3 + lots * (PANEL + BETWEEN) + foot)
        _write_head(picture, tuning, width)
        for number, unit in enumerate(shown):
            left = EDGE + (number % COLUMNS) * (WIDTH + GAP)
            draw_cell(picture, tuning, unit, left, HEAD + (number // COLUMNS) * (TALL + GAP))
        _draw_panels(picture, tuning, panels, HEAD + cards + 0.3, width)
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + number * LINE, line, SMALL, color=QUIET)
    return picture


def choose_units(tuning: Tuning) -> list[Unit]:
    """The units that get a card, in their order: of too many those of the best fits, or that are driven most."""

    def rank(unit: Unit) -> float:
        return unit.gabor.adjusted if unit.gabor else max(unit.answer.f0, unit.answer.f1) / 1e9 - 1e3

    best = sorted(tuning.units, key=rank, reverse=True)[:MOST]
    return sorted(best, key=lambda unit: unit.index)


def list_panels(tuning: Tuning) -> list[tuple[str, str, list[float], tuple[float, float] | None]]:
    """The histograms that there is something to draw in: title, axis, values, and the axis's ends where fixed."""
    preferences = [unit.preference for unit in tuning.units if unit.preference is not None]
    ratios = [min(unit.answer.ratio, 2.5) for unit in tuning.units]
    frequencies = [each.frequency for each in preferences] or [each.answer.frequency for each in tuning.units]
    scale, unit = (float(tuning.rate), "hertz") if tuning.rate and tuning.axes == 1 else (1.0, "cycles per cell")
    variances = [each.circular_variance for each in preferences]
    variances = variances or [unit.answer.circular_variance for unit in tuning.units]
    panels: list[tuple[str, str, list[float], tuple[float, float] | None]] = [
        ("Preferred frequency", unit, [scale * each for each in frequencies], (0.0, 0.5 * scale)),
        ("Frequency bandwidth", "octaves, full width", [each.octaves for each in preferences], None),
        ("Orientation bandwidth", "degrees, half width", [each.half_width for each in preferences], (0.0, 90.0)),
        ("Circular variance", "0 sharp, 1 none", variances, (0.0, 1.0)),
        ("F1 / F0", "above 1 simple-like", ratios, (0.0, 2.5)),
        ("Opponency", "0 alike, 1 opponent", _list_opponencies(tuning), (0.0, 1.0)),
        (
            "Gabor fit",
            "adjusted R²",
            [max(unit.gabor.adjusted, 0.0) for unit in tuning.units if unit.gabor],
            (0.0, 1.0),
        ),
    ]
    return [panel for panel in panels if any(math.isfinite(value) for value in panel[2])]


def _list_opponencies(tuning: Tuning) -> list[float]:
    return [unit.chroma.opponency for unit in tuning.units if unit.chroma is not None]


def _list_fits(tuning: Tuning) -> list[float]:
    return [max(unit.gabor.adjusted, 0.0) for unit in tuning.units if unit.gabor is not None]


def _write_head(picture: Picture, tuning: Tuning, width: float) -> None:
    title = f"What the units of {tuning.kernels or tuning.layer} in {tuning.name} are tuned to"
    picture.write(EDGE, 0.22, shorten_text(title, width - 2 * EDGE, LARGE), LARGE, color=INK)
    kinds = ", ".join(f"{tuning.count(kind)} {word}" for kind, word in KINDS.items() if tuning.count(kind))
    fits = sum(unit.gabor is not None and unit.gabor.is_good for unit in tuning.units)
    text = f"{len(tuning.units)} units: {kinds}"
    if any(unit.gabor for unit in tuning.units):
        text += f"; {fits} fitted by a Gabor function"
    picture.write(EDGE, 0.56, text, PLAIN, color=QUIET)


KINDS = {"simple": "simple-like", "complex": "complex-like", "silent": "silent"}


def _draw_panels(
    picture: Picture,
    tuning: Tuning,
    panels: Sequence[tuple[str, str, list[float], tuple[float, float] | None]],
    top: float,
    width: float,
) -> None:
    """Four in a row, the preferred angles and frequencies first."""
    pitch = (width - 2 * EDGE + 0.35) / 4
    places = [(EDGE + (number % 4) * pitch, top + (number // 4) * (PANEL + BETWEEN)) for number in range(8)]
    if tuning.axes == 2:
        left, upper = places.pop(0)
        _draw_compass(
            picture.place(left, picture.height - upper - PANEL, pitch - 0.35, PANEL), tuning, (pitch - 0.35) / PANEL
        )
    for (title, label, values, ends), (left, upper) in zip(panels, places, strict=False):
        axes = picture.place(left, picture.height - upper - PANEL, pitch - 0.35, PANEL)
        _draw_histogram(axes, values, ends)
        axes.set_title(title, fontsize=PLAIN, loc="left", color=INK, pad=3)
        axes.set_xlabel(label, labelpad=1)
        if title == "F1 / F0":
            axes.axvline(1, color=ORANGE, linewidth=1)
        if title == "Gabor fit":
            axes.axvline(GABOR_LIKE, color=ORANGE, linewidth=1)


def _draw_histogram(axes: Axes, values: Sequence[float], ends: tuple[float, float] | None) -> None:
    known = [value for value in values if math.isfinite(value)]
    low, high = ends or (0.0, max(1.0, math.ceil(max(known))))
    heights, edges = np.histogram(np.clip(known, low, high), bins=BINS, range=(low, high))
    axes.bar(edges[:-1], heights, width=np.diff(edges), align="edge", color=BLUE, edgecolor="white", linewidth=0.5)
    axes.set(xlim=(low, high), ylim=(0, max(1.15 * float(heights.max()), 1)))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.spines["bottom"].set(visible=True, color=RULE)


def _draw_compass(axes: Axes, tuning: Tuning, ratio: float) -> None:
    """Each unit at its preferred angle around, and its frequency outwards; a ring where it isn't Gabor-like."""
    reach = 0.5
    for part in (0.25, 0.5):
        circle = np.linspace(0, math.pi, 60)
        axes.plot(part * np.cos(circle), part * np.sin(circle), color=RULE, linewidth=0.5)
        axes.text(part, -0.02, f"{part:g}", fontsize=SMALL, color=QUIET, ha="center", va="top")
    axes.plot([-reach, reach], [0, 0], color=RULE, linewidth=0.5)
    for unit in tuning.units:
        found = unit.preference or unit.answer
        if math.isfinite(found.angle):
            turn, good = math.radians(found.angle), unit.gabor is not None and unit.gabor.is_good
            place = found.frequency * math.cos(turn), found.frequency * math.sin(turn)
            axes.plot(*place, "o", color=BLUE, markersize=3.5, markerfacecolor=BLUE if good else "none")
    axes.text(0, 0.53, "90°", fontsize=SMALL, color=QUIET, ha="center", va="bottom")
    axes.set(xlim=(-0.38 * ratio, 0.38 * ratio), ylim=(-0.03, 0.73), xticks=[], yticks=[])
    axes.set_title("Preferred angle and frequency", fontsize=PLAIN, loc="left", color=INK, pad=3)
    axes.set_xlabel("cycles per cell, outwards", labelpad=8)


def write_notes(tuning: Tuning, shown: int) -> list[str]:
    """What the picture shows, and what should be known of it, a line each."""
    notes = []
    if tuning.kernels:
        first = "its preferred angle and F1 / F0; its kernel" if tuning.axes == 2 else "its F1 / F0; its kernel"
        fit = "its Gabor function beside it, struck through where that explains too little"
        fit = fit if tuning.axes == 2 else "its Gabor function dashed, good where that explains enough"
        side = "below" if tuning.axes == 2 else "from"
        notes.append(
            f"Each unit: {first}, {fit} (adjusted R² {side} {GABOR_LIKE}; none where cells are too few). "
            "Bandwidths are of the kernel's Fourier amplitude."
        )
    if tuning.axes == 2:
        notes.append(
            "Half circles: the amplitude over the angle of the bars, of the kernel in blue and of the answers at "
            f"{tuning.layer} in orange; 90° are upright bars."
        )
    notes.append(
        f"F1 / F0 at {tuning.layer}: how much the answer follows a grating's drift against its mean above the "
        "answer to a blank; what lies past the axis's end is drawn there."
    )
    if shown < len(tuning.units):
        notes.append(f"Cards for {shown} of {len(tuning.units)} units; the histograms are of all.")
    return [*notes, *tuning.notes]
