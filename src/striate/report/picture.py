"""The sheet that figures are drawn on: its parts are placed in inches, its text stays text, its bytes repeat."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from striate.report.palette import INK, PAPER, QUIET

SMALL, PLAIN, LARGE = 7.0, 8.0, 14.0  # points
SLACK = 1.04  # letters are a little wider where they are fitted to pixels
AUTHOR = "drawn by Striate"
ABOUT: dict[str, Any] = {
    "png": {"Software": AUTHOR},
    "svg": {"Creator": AUTHOR, "Date": None},
    "pdf": {"Creator": AUTHOR, "CreationDate": None},
}
STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": matplotlib.rcParamsDefault["font.sans-serif"],
    "font.size": PLAIN,
    "text.color": INK,
    "text.usetex": False,
    "axes.labelcolor": QUIET,
    "axes.labelsize": SMALL,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "striate",
    "pdf.fonttype": 42,
}


class Picture(Figure):
    """A matplotlib figure, `width` x `height` inches of paper, that doesn't hang on the user's settings."""

    def __init__(self, width: float, height: float) -> None:
        """Make an empty sheet."""
        super().__init__(figsize=(width, height), facecolor=PAPER)
        self.width, self.height = width, height

    def place(self, left: float, bottom: float, width: float, height: float, share: Axes | None = None) -> Axes:
        """Add axes without a frame at a place in inches; `share` lends them its vertical axis."""
        box = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        axes = self.add_axes(box, facecolor=PAPER, sharey=share)
        axes.tick_params(labelsize=SMALL, color=QUIET, labelcolor=INK, length=2, labelleft=share is None)
        axes.spines[:].set_visible(False)
        return axes

    def write(self, left: float, top: float, text: str, size: float = PLAIN, **style: Any) -> None:
        """Write lines of text whose upper left corner is at a place in inches from the sheet's upper left corner."""
        place = (left / self.width, 1 - top / self.height)
        self.text(*place, text, fontsize=size, va="top", ha="left", parse_math=False, **style)

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save as matplotlib does, the text of an SVG as text; the same picture gives the same bytes."""
        form = str(options.get("format") or getattr(fname, "suffix", str(fname).rpartition(".")[2])).lstrip(".").lower()
        about = {"metadata": ABOUT[form]} if form in ABOUT else {}
        with styled():
            super().savefig(fname, **({"dpi": 150} | about | options))


@contextmanager
def styled() -> Iterator[None]:
    """Draw by our own settings for the length of a `with`, whatever the user's are."""
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a browser has more fonts than matplotlib
        yield


def measure_width(text: str, size: float) -> float:
    """Measure the longest line of a text, in inches.

    >>> 0.3 < measure_width("a label", 8) < 0.5
    True
    """
    font = FontProperties(size=size)
    widths = (TextToPath().get_text_width_height_descent(line, font, False)[0] for line in text.splitlines())
    return SLACK * float(max(widths, default=0)) / 72


def wrap_text(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines of at most `width` inches, between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shorten_text(text: str, width: float, size: float) -> str:
    """Cut a text off, with a mark, where it is wider than so many inches.

    >>> shorten_text("a name", 2, 8), len(shorten_text("a name" * 50, 2, 8)) < 60
    ('a name', True)
    """
    if measure_width(text, size) <= width:
        return text
    low, high = 0, len(text)  # as long as possible
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if measure_width(f"{text[:middle]}…", size) <= width else (low, middle)
    return f"{text[:low].rstrip()}…"
