"""Where each class fires in a picture: the picture with its findings, and a map for each class that was found."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from striate.locate import Locations, Place
from striate.report.palette import BLUE, INK, ORANGE, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, styled, wrap_text

# All in inches.
WIDTH, EDGE, HEAD, GAP = 8.6, 0.3, 0.95, 0.35
LARGEST = 6.5  # the picture's longer side at most
MOST_MAPS, COLUMNS, LINE = 12, 4, 0.16


def draw_locations(found: Locations) -> Picture:
    """Draw a picture with a box around each finding; below it, for each class found, where its probability is high.

    A series is drawn as a band, of a volume the middle slice.
    """
    labels = [label for label, _ in Counter(place.label for place in found.places).most_common()]
    shown = labels[:MOST_MAPS]
    height, width = _find_size(found)
    notes = _write_notes(found, labels)
    cell = (WIDTH - 2 * EDGE - (COLUMNS - 1) * GAP) / COLUMNS
    map_height = cell * height / width
    rows = math.ceil(len(shown) / COLUMNS)
    foot = EDGE + LINE * len(notes)
    with styled():
        picture = Picture(WIDTH, HEAD + height + GAP + rows * (map_height + GAP) + foot)
        picture.write(EDGE, 0.2, f"Where {_name_classes(labels)} fires in {_shorten(found.name)}", LARGE, color=INK)
        picture.write(EDGE, 0.55, _count(found.places, labels), PLAIN, color=QUIET)
        _draw_image(_add_axes(picture, EDGE, HEAD, width, height), found)
        for number, label in enumerate(shown):
            left = EDGE + (number % COLUMNS) * (cell + GAP)
            top = HEAD + height + GAP + (number // COLUMNS) * (map_height + GAP)
            _draw_map(_add_axes(picture, left, top, cell, map_height), found, label)
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + 0.1 + number * LINE, line, SMALL, color=QUIET)
    return picture


def _find_size(found: Locations) -> tuple[float, float]:
    """Height and width of the picture on the sheet."""
    rows, columns = _flatten(found.values).shape[:2]
    scale = min((WIDTH - 2 * EDGE) / columns, LARGEST / rows)
    return rows * scale, columns * scale


def _flatten(values: Any) -> Any:
    """As a picture [height, width] or [height, width, 3]; of a volume the middle slice, of a series a band."""
    while values.ndim > 3:
        values = values[:, values.shape[1] // 2]
    if values.ndim == 2:
        values = np.repeat(values[:, None, :], max(1, values.shape[-1] // 8), axis=1)
    return np.moveaxis(values, 0, -1) if values.shape[0] == 3 else values[0]


def _add_axes(picture: Picture, left: float, top: float, width: float, height: float) -> Axes:
    axes = picture.place(left, picture.height - top - height, width, height)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _show(axes: Axes, values: Any, *, faint: bool = False) -> None:
    image = _flatten(values)
    axes.imshow(image, cmap="gray", alpha=0.35 if faint else 1.0, aspect="auto", interpolation="nearest")


def _draw_image(axes: Axes, found: Locations) -> None:
    _show(axes, found.values)
    rows = _flatten(found.values).shape[0]
    for place in reversed(found.places):
        (top, left), (height, width) = _find_box(place, rows)
        color = ORANGE if place.probability >= 0.99 else BLUE
        axes.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor=color, linewidth=1.4))
        text = f"{place.label}  {_write_share(place.probability)}"
        box: Any = {"facecolor": color, "edgecolor": "none", "pad": 1.2}
        axes.text(left - 0.5, top - 0.5, text, fontsize=SMALL, color="white", va="bottom", bbox=box, parse_math=False)


def _find_box(place: Place, rows: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """A place's upper left corner and sides on the picture that `_flatten` makes."""
    if len(place.start) == 1:
        return (0.0, place.start[0]), (float(rows), place.extents[0])
    return (place.start[-2], place.start[-1]), (place.extents[-2], place.extents[-1])


def _draw_map(axes: Axes, found: Locations, label: str) -> None:
    heat = found.map_class(label)
    while heat.ndim > 2:
        heat = heat.max(axis=0)
    _show(axes, found.values, faint=True)
    band = _flatten(found.values).shape[0] if heat.ndim == 1 else 1
    shown = np.repeat(heat[None], band, axis=0) if heat.ndim == 1 else heat
    axes.imshow(shown, cmap="Oranges", vmin=0, vmax=1, alpha=np.clip(shown, 0, 0.85), aspect="auto")
    count = sum(place.label == label for place in found.places)
    axes.set_title(f"{label}: {count} found", fontsize=PLAIN, loc="left", color=INK, pad=3, parse_math=False)


def _write_share(probability: float) -> str:
    """A probability in percent, never rounded up to certainty.

    >>> _write_share(0.999), _write_share(0.934)
    ('99.9 %', '93 %')
    """
    return f"{min(100 * probability, 99.9):.1f} %" if probability >= 0.99 else f"{100 * probability:.0f} %"


def _count(places: tuple[Place, ...], labels: list[str]) -> str:
    if not places:
        return "Nothing was found."
    counts = Counter(place.label for place in places)
    return "   ".join(f"{label}: {counts[label]}" for label in labels)


def _name_classes(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else "each class"


def _shorten(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return last if len(last) <= 50 else f"{last[:49]}…"


def _write_notes(found: Locations, labels: list[str]) -> list[str]:
    window = "x".join(map(str, found.sweeps[0].window))
    scales = ", ".join(f"{sweep.scale:.2g}" for sweep in found.sweeps)
    notes = [
        f"A window of {window} at scale {scales}; below: a class's probability where the window's middle is. "
        "A network knows only its classes: between things it names one of them too."
    ]
    if not found.exact:
        notes.append(f"The network slid over the picture, which isn't exact: {found.why}.")
    if len(labels) > MOST_MAPS:
        notes.append(f"Maps of the {MOST_MAPS} classes found most often, of {len(labels)}.")
    return [line for note in notes for line in wrap_text(note, WIDTH - 2 * EDGE, SMALL)]
