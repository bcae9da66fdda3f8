"""The confusion matrix: which class is taken for which. A table with counts for few classes, a heat map for many.

Both colour the share of the true class's samples, right answers in one hue and mistakes in another; the scale runs by
the square root, so that a rare mistake can be seen beside a common right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.report.axes import Axis
from striate.report.markup import draw_svg, element, shorten
from striate.report.pixels import encode_png

COUNTED = 20  # with more classes than this, counts can't be read in the cells
STEPS = 10  # shades of each hue
LABEL = 18  # columns of text that a column's head has room for
ROOMY = 5  # up to so many classes, the cells are large
FAINTEST = 48  # the opacity, of 255, of the rarest mistake on the heat map
RIGHT, WRONG = (47, 111, 175), (205, 84, 40)  # seen on white and on black alike
SIDE, LEFT, TOP = 600, 46, 44
OF_SAMPLES = "Counts of samples: a row for each true class, a column for each answer"

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Samples of class `true` answered `predicted`: how many, and which share of that class."""

    true: int
    predicted: int
    count: int
    share: float


def draw_matrix(counts: Counts, classes: Sequence[str], caption: str = OF_SAMPLES) -> Markup:
    """Draw a confusion matrix [true, predicted] in the way that suits its number of classes."""
    return _draw_table(counts, classes, caption) if len(counts) <= COUNTED else _draw_map(counts)


def rank_pairs(counts: Counts, most: int = 20) -> tuple[Pair, ...]:
    """List the confusions by count, the most frequent first; equals in class order.

    >>> rank_pairs(np.array([[5, 1], [3, 2]]))[0]
    Pair(true=1, predicted=0, count=3, share=0.6)
    """
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[: min(most, np.count_nonzero(wrong))]
    shares = _share(counts)
    cells = [(int(cell) // len(counts), int(cell) % len(counts)) for cell in order]
    return tuple(Pair(t, p, int(counts[t, p]), float(shares[t, p])) for t, p in cells)


def _share(counts: Counts) -> NDArray[np.float64]:
    totals = counts.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = counts / np.maximum(totals, 1)
    return shares


def _draw_table(counts: Counts, classes: Sequence[str], about: str) -> Markup:
    level = np.ceil(np.sqrt(_share(counts)) * STEPS).astype(int)
    heads = [element("th", element("bdi", shorten(name, LABEL)), scope="col", title=name) for name in classes]
    top = element(
        "tr", [element("td"), element("th", "predicted", colspan=len(classes), scope="colgroup", class_="axis-name")]
    )
    names = element("tr", [element("th", "true", scope="col", class_="axis-name"), *heads], class_="names")
    rows = [
        element(
            "tr",
            [
                element("th", element("bdi", name), scope="row", title=name),
                *(_draw_cell(int(counts[t, p]), int(level[t, p]), t == p) for p in range(len(classes))),
            ],
        )
        for t, name in enumerate(classes)
    ]
    caption = element("caption", about)
    roomy = len(classes) <= ROOMY
    short = max(map(len, classes), default=0) <= (8 if roomy else 3)  # then the heads needn't be turned
    kind = "matrix" + (" short" if short else "") + (" roomy" if roomy else "")
    return element("table", [caption, element("thead", [top, names]), element("tbody", rows)], class_=kind)


def _draw_cell(count: int, level: int, right: bool) -> Markup:
    hue = "right" if right else "wrong"
    return element("td", str(count) if count or right else "·", class_=f"{hue}-{level}" if count else "none")


def _draw_map(counts: Counts) -> Markup:
    classes = len(counts)
    x, y = Axis(0, classes, LEFT, LEFT + SIDE), Axis(0, classes, TOP, TOP + SIDE)
    parts = [
        element("rect", x=LEFT, y=TOP, width=SIDE, height=SIDE, class_="frame"),
        element("image", href=_paint(counts), x=LEFT, y=TOP, width=SIDE, height=SIDE, class_="pixels"),
        element("text", "predicted class, by number", x=LEFT + SIDE / 2, y=14, class_="tick middle"),
        element("text", "true", x=LEFT - 6, y=14, class_="tick end"),
    ]
    for value in (tick for tick in x.ticks(10, integer=True) if tick < classes):
        middle = value + 0.5
        parts.append(element("text", f"{value:g}", x=x.place(middle), y=TOP - 8, class_="tick middle"))
        parts.append(element("text", f"{value:g}", x=LEFT - 6, y=y.place(middle) + 4, class_="tick end"))
    label = f"Confusion matrix of {classes} classes as a heat map; the most frequent confusions are listed beside it"
    return draw_svg(LEFT + SIDE + 2, TOP + SIDE + 2, label, parts, class_="plot map")


def _paint(counts: Counts) -> str:
    image: NDArray[Any] = np.zeros((*counts.shape, 4), np.uint8)
    image[..., :3] = WRONG
    image[np.arange(len(counts)), np.arange(len(counts)), :3] = RIGHT
    shades = FAINTEST + (255 - FAINTEST) * np.sqrt(_share(counts))
    image[..., 3] = np.where(counts > 0, shades, 0).round()
    return encode_png(image)
