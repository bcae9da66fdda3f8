"""Learning curves: loss, accuracy, learning rate and speed, epoch by epoch, each in a panel of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan

from markupsafe import Markup

from striate.report.axes import Axis, draw_axes, fit_axis
from striate.report.history import History, read_column, read_epochs
from striate.report.markup import draw_path, draw_svg, element
from striate.train.tasks import CLASSIFY, Merit

WIDTH, HEIGHT = 380, 250
LEFT, RIGHT, TOP, BOTTOM = 54, 10, 44, 42
STEEP = 30  # the largest loss over the smallest, from which on the axis is logarithmic


@dataclass(frozen=True)
class Line:
    """One curve: what it's called, its CSS class, a value an epoch (NaN where there is none)."""

    name: str
    class_: str
    values: tuple[float, ...]


def draw_curves(history: History, merit: Merit = CLASSIFY.merit) -> Markup:
    """Draw every panel that the history has numbers for; an empty string when it has none; `merit` is the task's."""
    epochs = read_epochs(history)
    panels = [
        _draw_panel("Loss", epochs, _read(history, train="train_loss", validation="validation_loss"), _write_plain),
        _draw_panel(
            "Accuracy",
            epochs,
            _read(history, train="train_accuracy", validation="validation_accuracy"),
            _write_share,
            most=1,
        ),
        _draw_panel(
            f"{merit.name[0].upper()}{merit.name[1:]}" + (f" ({merit.unit})" if merit.unit not in ("", "%") else ""),
            epochs,
            _raise(
                _read(history, train="train_merit", validation="validation_merit"), -1.0 if merit.most == 1 else -inf
            ),
            _write_share if merit.unit == "%" else _write_plain,
            most=inf if merit.lower else merit.most,
        ),
        _draw_panel("Learning rate", epochs, _read(history, rate="lr"), _write_plain, least=0),
        _draw_panel("Samples per second", epochs, _read(history, speed="images_per_second"), _write_plain, least=0),
    ]
    drawn = [panel for panel in panels[merit.lower :] if panel]  # a merit of which less is better is the loss
    return element("div", drawn, class_="panels") if drawn else Markup()


def _read(history: History, **columns: str) -> list[Line]:
    lines = [Line(name, f"line {name}", read_column(history, column)) for name, column in columns.items()]
    return [line for line in lines if any(map(isfinite, line.values))]


def _raise(lines: list[Line], least: float) -> list[Line]:
    """The lines without what lies below `least`: a network that has only begun may be worse than any scale shows."""
    raised = [Line(one.name, one.class_, tuple(v if v >= least else nan for v in one.values)) for one in lines]
    return [line for line in raised if any(map(isfinite, line.values))]


def _draw_panel(
    title: str,
    epochs: Sequence[float],
    lines: Sequence[Line],
    write: Callable[[float], str],
    *,
    least: float = inf,
    most: float = inf,
) -> Markup:
    if not lines:
        return Markup()
    values = [value for line in lines for value in line.values if isfinite(value)]
    steep = title == "Loss" and min(values) > 0 and max(values) > STEEP * min(values)
    x = fit_axis(epochs, LEFT, WIDTH - RIGHT)
    y = fit_axis([*values, least], HEIGHT - BOTTOM, TOP, logarithmic=steep, most=most)
    parts = [element("text", title + (", logarithmic" if steep else ""), x=0, y=14, class_="panel-title")]
    parts += draw_axes(x, y, "epoch", write_x=_write_plain, write_y=write, whole=True)
    for line in lines:
        parts += _draw_line(line, epochs, x, y)
    if len(lines) > 1:
        parts += _draw_legend(lines)
    ends = "; ".join(f"{line.name} ends at {write(_last(line.values))}" for line in lines)
    return draw_svg(WIDTH, HEIGHT, f"{title} by epoch: {ends}", parts)


def _draw_line(line: Line, epochs: Sequence[float], x: Axis, y: Axis) -> list[Markup]:
    points = [(x.place(epoch), y.place(value)) for epoch, value in zip(epochs, line.values, strict=True)]
    dots = [
        element("circle", cx=point[0], cy=point[1], r=2.6, class_=f"dot {line.name}")
        for index, point in enumerate(points)
        if isfinite(point[1]) and (len(points) <= 15 or _stands_alone(points, index))
    ]
    return [draw_path(points, line.class_), *dots]


def _stands_alone(points: Sequence[tuple[float, float]], index: int) -> bool:
    return not any(isfinite(points[at][1]) for at in (index - 1, index + 1) if 0 <= at < len(points))


def _draw_legend(lines: Sequence[Line]) -> list[Markup]:
    parts, at = [], float(WIDTH - RIGHT)
    for line in reversed(lines):
        at -= 7 * len(line.name)
        parts.append(element("text", line.name, x=at, y=14, class_="tick"))
        parts.append(element("line", x1=at - 28, x2=at - 6, y1=10, y2=10, class_=line.class_))
        at -= 42
    return parts


def _last(values: Sequence[float]) -> float:
    return next(value for value in reversed(values) if isfinite(value))


def _write_plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _write_share(value: float) -> str:
    return f"{100 * value:.4g} %"
