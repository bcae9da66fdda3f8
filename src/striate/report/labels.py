"""Labels on boxes: each beside its own box, none beyond the sheet, none on another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from striate.report.picture import SMALL, measure_width

# In inches.
HEIGHT, MARGIN = 0.14, 0.03
MOST_LABELS = 400  # past these nobody reads them


@dataclass(frozen=True)
class Box:
    """A rectangle; `top` grows downwards."""

    left: float
    top: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Whether the two share any room."""
        across = self.left < other.left + other.width and other.left < self.left + self.width
        return across and self.top < other.top + other.height and other.top < self.top + self.height


@dataclass(frozen=True)
class Label(Box):
    """A text and its room."""

    text: str


def place_labels(boxes: Sequence[Box], texts: Sequence[str], size: tuple[float, float]) -> list[Label]:
    """Find room for each box's text: above it, below, or inside at the top; at most a line beyond the drawing.

    `size` is the width and height of the drawing, which begins at (0, 0). The first boxes choose first; a text that
    finds no room is left out: its box stays.
    """
    placed: list[Label] = []
    for box, text in zip(boxes[:MOST_LABELS], texts[:MOST_LABELS], strict=True):
        spots = (Label(*spot, text) for spot in _iterate_spots(box, measure_width(text, SMALL) + 2 * MARGIN, size))
        free = next((spot for spot in spots if not any(spot.meets(other) for other in placed)), None)
        if free is not None:
            placed.append(free)
    return placed


def _iterate_spots(box: Box, width: float, size: tuple[float, float]) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, width and height, the best first; flush with the box's left side, then with its right one."""
    for left in (box.left, box.left + box.width - width):
        inside = max(0.0, min(left, size[0] - width))
        for top in (box.top - HEIGHT, box.top + box.height, box.top):
            yield inside, min(max(top, -HEIGHT), size[1]), width, HEIGHT
