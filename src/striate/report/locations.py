"""Where each class fires in a picture: the picture with its findings, and a map for each class that was found."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from striate.locate import Locations, Place
from striate.report.labels import Box, place_labels
from striate.report.palette import INK, ORANGE, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text

# All in inches.
WIDTH, EDGE, HEAD, GAP = 8.6, 0.3, 0.95, 0.35
INSIDE = WIDTH - 2 * EDGE
HIGHEST, LEAST, MAP_HIGHEST = 6.5, 0.3, 2.6  # of the picture's and the maps' heights; the least that can be looked at
MOST_MAPS, COLUMNS, LINE = 12, 4, 0.16
CELL = (INSIDE - (COLUMNS - 1) * GAP) / COLUMNS


def draw_locations(found: Locations) -> Picture:
    """Draw a picture with a box around each finding; below it, for each class found, where its probability is high.

    A series is drawn as a line; of a volume the middle slice, with the findings at every depth.
    """
    counts = Counter(place.label for place in found.places)
    shown = [label for label, _ in counts.most_common(MOST_MAPS)]
    width, height = _fit(found, INSIDE, HIGHEST)
    map_width, map_height = _fit(found, CELL, MAP_HIGHEST)
    with styled():
        notes = [line for note in _write_notes(found, len(counts)) for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
        rows = math.ceil(len(shown) / COLUMNS)
        foot = EDGE + LINE * len(notes)
        picture = Picture(WIDTH, HEAD + height + GAP + rows * (map_height + GAP) + foot)
        _write_head(picture, found, counts)
        _draw_findings(_add_axes(picture, EDGE, HEAD, width, height), found, (width, height))
        for number, label in enumerate(shown):
            left = EDGE + (number % COLUMNS) * (CELL + GAP)
            top = HEAD + height + GAP + (number // COLUMNS) * (map_height + GAP)
            _draw_map(_add_axes(picture, left, top, map_width, map_height), found, label, counts[label])
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + 0.1 + number * LINE, line, SMALL, color=QUIET)
    return picture


def _fit(found: Locations, width: float, height: float) -> tuple[float, float]:
    """Width and height in inches, in the picture's proportions as far as they can be looked at."""
    if found.values.ndim == 2:
        return width, width / 6
    rows, columns = found.values.shape[-2:]
    scale = min(width / columns, height / rows)
    return max(LEAST, columns * scale), max(LEAST, rows * scale)


def _add_axes(picture: Picture, left: float, top: float, width: float, height: float) -> Axes:
    axes = picture.place(left, picture.height - top - height, width, height)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _write_head(picture: Picture, found: Locations, counts: Counter[str]) -> None:
    which = next(iter(counts)) if len(counts) == 1 else "each class"
    name = found.name.replace("\\", "/").rpartition("/")[2]
    title = f"Where {shorten_text(which, INSIDE / 3, LARGE)} fires in {name}"
    listed = "   ".join(f"{label}: {count}" for label, count in counts.most_common()) or "Nothing was found."
    picture.write(EDGE, 0.2, shorten_text(title, INSIDE, LARGE), LARGE, color=INK)
    picture.write(EDGE, 0.52, shorten_text(listed, INSIDE, PLAIN), PLAIN, color=QUIET)


def _show(axes: Axes, values: Any, *, faint: bool = False) -> None:
    """An image, its cell (i, j) from (j, i) to (j + 1, i + 1); a series as a line within one row."""
    alpha, top = 0.35 if faint else 1.0, 255 if values.dtype == np.uint8 else 1
    if values.ndim == 2:
        axes.plot(np.arange(values.shape[1]) + 0.5, 1 - values.T / top, linewidth=0.8, color=QUIET, alpha=alpha)
        axes.set(xlim=(0, values.shape[1]), ylim=(1.05, -0.05))
        return
    image = values.reshape(len(values), -1, *values.shape[-2:])
    image = image[:, image.shape[1] // 2]
    extent = (0, image.shape[2], image.shape[1], 0)
    style: Any = {"cmap": "gray", "vmin": 0, "vmax": top, "alpha": alpha, "aspect": "auto", "interpolation": "nearest"}
    axes.imshow(np.moveaxis(image, 0, -1) if len(image) == 3 else image[0], extent=extent, **style)


def _draw_findings(axes: Axes, found: Locations, size: tuple[float, float]) -> None:
    """The picture, a box for each finding, and its class on it: labels are placed in inches, so that none is cut."""
    _show(axes, found.values)
    columns, rows = found.values.shape[-1], found.values.shape[-2] if found.values.ndim > 2 else 1
    scale = (size[0] / columns, size[1] / rows)
    boxes = [_find_box(place) for place in found.places]
    for left, top, width, height in reversed(boxes):
        axes.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=ORANGE, linewidth=1.4))
    inches = [Box(box[0] * scale[0], box[1] * scale[1], box[2] * scale[0], box[3] * scale[1]) for box in boxes]
    texts = [_write_label(place) for place in found.places]
    for spot in place_labels(inches, texts, (INSIDE, size[1])):
        place: Any = (spot.left / scale[0], spot.top / scale[1], spot.width / scale[0], spot.height / scale[1])
        back = Rectangle(place[:2], *place[2:], facecolor=ORANGE, edgecolor="none", clip_on=False, zorder=3)
        axes.add_patch(back)
        middle = (place[0] + place[2] / 2, place[1] + place[3] / 2)
        style: Any = {"va": "center_baseline", "ha": "center", "parse_math": False, "zorder": 4}
        axes.text(*middle, spot.text, fontsize=SMALL, color="white", **style)


def _find_box(place: Place) -> tuple[float, float, float, float]:
    """A place's left and top, width and height, in cells of what `_show` draws."""
    if len(place.start) == 1:
        return place.start[0], 0.0, place.extents[0], 1.0
    return place.start[-1], place.start[-2], place.extents[-1], place.extents[-2]


def _draw_map(axes: Axes, found: Locations, label: str, count: int) -> None:
    _show(axes, found.values, faint=True)
    heat = found.map_class(label)
    if heat.ndim == 1:
        axes.fill_between(np.arange(len(heat)) + 0.5, 1, 1 - heat, step="mid", color=ORANGE, linewidth=0, alpha=0.85)
    else:
        heat = heat.reshape(-1, *heat.shape[-2:]).max(axis=0)
        style: Any = {"cmap": "Oranges", "vmin": 0, "vmax": 1, "aspect": "auto", "interpolation": "nearest"}
        axes.imshow(heat, extent=(0, heat.shape[1], heat.shape[0], 0), alpha=np.clip(heat, 0, 0.85), **style)
    title = shorten_text(f"{label}: {count} found", CELL, PLAIN)
    axes.set_title(title, fontsize=PLAIN, loc="left", color=INK, pad=3, parse_math=False)


def _write_label(place: Place) -> str:
    return f"{shorten_text(place.label, 1.2, SMALL)}  {_write_share(place.probability)}"


def _write_share(probability: float) -> str:
    """A probability in percent, never rounded up to certainty.

    >>> _write_share(0.9999), _write_share(0.934)
    ('99.9 %', '93 %')
    """
    return f"{min(100 * probability, 99.9):.1f} %" if probability >= 0.99 else f"{100 * probability:.0f} %"


def _write_notes(found: Locations, classes: int) -> list[str]:
    window = "x".join(map(str, found.sweeps[0].window))
    scales = ", ".join(f"{sweep.scale:.2g}" for sweep in found.sweeps)
    below = "; below: a class's probability where the window's middle is" if found.places else ""
    notes = [
        f"A window of {window} at scale {scales}{below}. "
        "A network knows only its classes: between things it names one of them too."
    ]
    if found.values.ndim > 3:
        notes.append("Shown is the middle slice, with the findings at every depth.")
    if not found.exact:
        notes.append(f"The network slid over the picture, which isn't exact: {found.why}.")
    if classes > MOST_MAPS:
        notes.append(f"Maps of the {MOST_MAPS} classes found most often, of {classes}.")
    return notes
