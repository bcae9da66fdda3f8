"""The reliability diagram: how many of the answers given with each confidence were right."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from striate.report.axes import Axis, draw_axes
from striate.report.markup import draw_svg, element
from striate.train.calibration import Bin

WIDTH, HEIGHT = 380, 360
LEFT, RIGHT, TOP, FLOOR = 58, 22, 34, 250  # FLOOR: the bottom of the diagram; the histogram hangs below its numbers
DEPTH = 44
FEW = 10  # with fewer samples than this, a bin's accuracy says little: it is drawn faint


def draw_reliability(bins: Sequence[Bin], title: str) -> Markup:
    """Draw accuracy against confidence with the diagonal of perfect calibration, and the samples of each bin."""
    x, y = Axis(0, 1, LEFT, WIDTH - RIGHT), Axis(0, 1, FLOOR, TOP)
    parts = [element("text", title, x=0, y=14, class_="panel-title")]
    parts += draw_axes(x, y, "confidence of the answer", write_x=_write_share, write_y=_write_share)
    for row in bins:
        if row.count:
            parts += _draw_bin(row, x, y)
    parts.append(element("line", x1=x.start, y1=y.start, x2=x.end, y2=y.end, class_="ideal"))
    parts += _draw_histogram(bins, x)
    return draw_svg(WIDTH, HEIGHT, f"{title}: {_describe(bins)}", parts)


def _draw_bin(row: Bin, x: Axis, y: Axis) -> list[Markup]:
    left, right = x.place(row.low) + 1, x.place(row.high) - 1
    top, sure = y.place(row.accuracy), y.place(row.confidence)
    high, low = min(top, sure), max(top, sure)
    drawn = [
        element("rect", x=left, y=top, width=right - left, height=y.start - top, class_="bar"),
        element("rect", x=left, width=right - left, y=high, height=low - high, class_="gap"),
        element("line", x1=left, x2=right, y1=top, y2=top, class_="top"),
    ]
    return [element("g", drawn, class_="few" if row.count < FEW else None)]


def _draw_histogram(bins: Sequence[Bin], x: Axis) -> list[Markup]:
    most = max((row.count for row in bins), default=0)
    parts = [
        element("text", f"{most:,}", x=x.start - 6, y=HEIGHT - DEPTH + 4, class_="tick end"),
        element("text", "0", x=x.start - 6, y=HEIGHT - 2, class_="tick end"),
    ]
    for row in bins:
        height = DEPTH * row.count / most if most else 0.0
        left, right = x.place(row.low) + 1, x.place(row.high) - 1
        parts.append(element("rect", x=left, y=HEIGHT - 4 - height, width=right - left, height=height, class_="amount"))
    parts.append(element("line", x1=x.start, x2=x.end, y1=HEIGHT - 4, y2=HEIGHT - 4, class_="base"))
    return parts


def _describe(bins: Sequence[Bin]) -> str:
    said = [f"{_write_share(row.confidence)} sure, {_write_share(row.accuracy)} right" for row in bins if row.count]
    return "; ".join(said) or "no samples"


def _write_share(value: float) -> str:
    return f"{100 * value:.0f} %"
