"""One segmented sample as pictures: what was given, the truth and the answer in colours upon it, and where it is wrong.

Of a volume some slices are laid side by side; of a series the classes are bars below its curve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.data.cellclasses import UNJUDGED
from striate.report.markup import element
from striate.report.pictures import LONGEST, SMALL, draw_sample
from striate.report.pixels import encode_png, merge_channels, take_middle
from striate.report.strips import lay_slices, to_bytes

Bytes = NDArray[np.uint8]
WRONG = (226, 74, 32)
COVER = 0.6  # of a class's colour upon the picture
FADE = 0.35  # of a picture that is to stand back
PAPER = 236
BAR = 12  # pixels of height of a bar


def draw_cells(given: NDArray[Any], truth: Bytes, answer: Bytes, colours: Bytes, label: str) -> Markup:
    """Draw the four of them side by side, each with its name.

    Shape: given [C, *extents], truth and answer [*extents], colours [classes, 3].
    """
    wrong = (truth != answer) & (truth != UNJUDGED)
    painted = ((truth, "truth"), (answer, "answer"))
    parts = [_frame(_draw_given(given, label), "given")]
    parts += [_frame(_draw(paint(given, mask, colours), f"{label}: {name}"), name) for mask, name in painted]
    mistakes = _draw(mark(given, wrong, truth == UNJUDGED), f"{label}: where the answer is wrong")
    return element("div", [*parts, _frame(mistakes, "wrong")], class_="cells")


def draw_swatch(colour: NDArray[np.uint8]) -> Markup:
    """A small square of a colour, for a key."""
    pixels = np.broadcast_to(colour, (1, 1, 3)).astype(np.uint8)
    return element("img", src=encode_png(pixels), alt="", width=12, height=12, class_="swatch")


def _frame(picture: Markup, name: str) -> Markup:
    return element("figure", [picture, element("figcaption", name)])


def _draw_given(given: NDArray[Any], label: str) -> Markup:
    return draw_sample(given, label) if given.ndim == 2 else _draw(flatten(given), label)


def _draw(pixels: NDArray[Any], label: str) -> Markup:
    height, width = pixels.shape[:2]
    step = max(1, -(-max(height, width) // (2 * LONGEST)))
    kept = np.clip(np.rint(pixels[::step, ::step]), 0, 255).astype(np.uint8)
    small = "pixels" if max(height, width) <= SMALL else None
    return element("img", src=encode_png(kept), alt=label, width=kept.shape[1], height=kept.shape[0], class_=small)


def paint(given: NDArray[Any], mask: Bytes, colours: Bytes) -> NDArray[np.float64]:
    """The picture with each class's colour upon its cells; background, in black, and what isn't judged stay bare."""
    numbers = _lay(mask)
    table = np.zeros((UNJUDGED + 1, 3))
    table[: len(colours)] = colours
    covered = table[numbers]
    bare = ~covered.any(-1, keepdims=True)
    below = flatten(given) if given.ndim > 2 else np.full((*numbers.shape, 3), float(PAPER))
    return np.where(bare, below, (1 - COVER) * below + COVER * covered)


def mark(given: NDArray[Any], wrong: NDArray[np.bool_], unjudged: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Wrong cells upon the picture, which stands back; what isn't judged is the paper."""
    below = flatten(given) if given.ndim > 2 else np.full((*_lay(wrong).shape, 3), float(PAPER))
    faded = PAPER + FADE * (below.mean(-1, keepdims=True) - PAPER) * np.ones(3)
    faded = np.where(_lay(unjudged)[..., None].astype(bool), float(PAPER), faded)
    return np.where(_lay(wrong)[..., None].astype(bool), np.array(WRONG, np.float64), faded)


def flatten(given: NDArray[Any]) -> NDArray[np.float64]:
    """A sample of two axes or more as one colour picture."""
    flat = to_bytes(given)
    if flat.dtype.kind == "f":
        low, high = float(flat.min()), float(flat.max())
        flat = (flat - low) * (255 / ((high - low) or 1.0))
    flat = merge_channels(lay_slices(take_middle(flat, 3)) if flat.ndim > 3 else flat)
    return flat if flat.ndim == 3 else np.repeat(flat[..., None], 3, axis=2)


def _lay(mask: NDArray[Any]) -> NDArray[Any]:
    """A mask laid as its sample is; between slices nothing is judged, and nothing wrong."""
    if mask.ndim == 1:
        return np.repeat(mask[None], BAR, axis=0)
    if mask.ndim == 2:
        return mask
    laid: NDArray[Any] = lay_slices(take_middle(mask.astype(np.uint8)[None], 3))[0]
    return np.equal(laid, 1) if mask.dtype == bool else laid
