"""A regression on the page: answers against targets, residuals, and the figures of each number with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.report.axes import Axis, draw_axes, fit_axis
from striate.report.markup import draw_svg, element, shorten
from striate.report.numerals import write_count
from striate.report.outcomes.far import draw_far
from striate.report.outcomes.shown import Section, Shown, draw_table
from striate.report.persistence import describe_persistence
from striate.report.story import Story

WIDTH, HEIGHT = 380, 330
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 30, 42
MOST_POINTS, MOST_OUTPUTS, BINS = 1500, 8, 30

Reals = NDArray[np.floating[Any]]


def show_regression(story: Story) -> Shown:
    """R2 with its interval as the headline; scatter and residuals of each number; the samples farthest off."""
    outcome = story.outcome
    assert outcome is not None
    found, targets = outcome.judged.figures, np.asarray(outcome.labels, np.float64).reshape(len(outcome.labels), -1)
    low, high = outcome.judged.interval
    several = len(story.classes) > 1
    subject = "R2" + (", the mean over the numbers," if several else "") + f" on the {_name_part(story)} part"
    first = found["outputs"][0]
    facts = (
        ("Samples", write_count(len(targets))),
        *(
            ()
            if several
            else (("Median error", write_value(first["median"])), ("Mean error", write_value(first["mae"])))
        ),
        ("Loss", f"{outcome.judged.loss:.4f}"),
    )
    sections = [
        Section("errors", "How far off", _draw_figures(found["outputs"], story.classes)),
        Section("scatter", "Answers and targets", _draw_panels(outcome.answers, targets, story.classes)),
        Section("residuals", "Residuals", _draw_residuals(outcome.answers, targets, story.classes)),
    ]
    far = draw_far(story, outcome.answers, targets)
    return Shown(
        figure=f"{outcome.judged.merit:.4f}",
        subject=subject,
        interval=f"The 95 % interval runs from {low:.4f} to {high:.4f} (bootstrap over "
        f"{write_count(len(targets))} samples).",
        baseline="Always answering the mean of these samples would have an R2 of 0; 1 is every number exactly."
        + describe_persistence(story),
        facts=facts,
        sections=(*sections, Section("far", "The farthest off", far)),
    )


def _name_part(story: Story) -> str:
    return "test" if story.part == "test" else "validation"


def write_value(value: float) -> str:
    """A number of unknown size in four digits.

    >>> write_value(0.012346), write_value(1234567.0)
    ('0.01235', '1.235e+06')
    """
    return f"{value:.4g}"


def _draw_figures(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Markup:
    heads = ("Number", "R2", "Median error", "Mean error", "RMS error", "Bias")
    body = [
        (
            name,
            _with(row, "r2"),
            _with(row, "median"),
            _with(row, "mae"),
            write_value(row["rmse"]),
            write_value(row["bias"]),
        )
        for name, row in zip(names, rows, strict=True)
    ]
    about = (
        "Errors are absolute and in the data's own units; in brackets the 95 % interval (bootstrap). RMS: the root of "
        "the mean square. Bias: mean answer less mean target."
    )
    return draw_table("Errors", "Errors of each number", heads, body, about)


def _with(row: dict[str, Any], name: str) -> str:
    low, high = row[f"{name}_interval"]
    return f"{write_value(row[name])} ({low:.3g} to {high:.3g})"


def _draw_panels(answers: Reals, targets: Reals, names: Sequence[str]) -> Markup:
    chosen = np.linspace(0, len(targets) - 1, min(len(targets), MOST_POINTS)).astype(int)
    panels = [
        _draw_scatter(answers[chosen, place], targets[chosen, place], names[place])
        for place in range(min(len(names), MOST_OUTPUTS))
    ]
    shown = (
        f"{write_count(len(chosen))} of {write_count(len(targets))} samples"
        if len(chosen) < len(targets)
        else "Each dot is a sample"
    )
    caption = element("p", f"{shown}; on the dashed line the answer is the target.", class_="caption")
    return Markup().join([element("div", panels, class_="panels"), caption])


def _draw_scatter(answers: Reals, targets: Reals, name: str) -> Markup:
    both = [*answers.tolist(), *targets.tolist()]
    x, y = fit_axis(both, LEFT, WIDTH - RIGHT), fit_axis(both, HEIGHT - BOTTOM, TOP)
    parts = [element("text", shorten(name, 40), x=0, y=14, class_="panel-title")]
    parts += draw_axes(x, y, "target", write_x=write_value, write_y=write_value)
    low, high = (x.place(x.low), y.place(x.low)), (x.place(x.high), y.place(x.high))
    parts.append(element("line", x1=low[0], y1=low[1], x2=high[0], y2=high[1], class_="ideal"))
    parts += [
        element("circle", cx=x.place(target), cy=y.place(answer), r=2.2, class_="dot sample")
        for answer, target in zip(answers.tolist(), targets.tolist(), strict=True)
    ]
    return draw_svg(WIDTH, HEIGHT, f"{name}: answers against targets", parts)


def _draw_residuals(answers: Reals, targets: Reals, names: Sequence[str]) -> Markup:
    panels = [
        _draw_histogram(answers[:, place] - targets[:, place], names[place])
        for place in range(min(len(names), MOST_OUTPUTS))
    ]
    caption = element("p", "How many samples are off by how much: answer less target.", class_="caption")
    return Markup().join([element("div", panels, class_="panels"), caption])


def choose_bins(samples: int) -> int:
    """Twice the root of the samples, from 5 to 30 bins.

    >>> choose_bins(5), choose_bins(64), choose_bins(10_000)
    (5, 16, 30)
    """
    return max(5, min(BINS, round(2 * math.sqrt(samples))))


def _draw_histogram(residuals: Reals, name: str) -> Markup:
    counts, edges = np.histogram(residuals, choose_bins(len(residuals)))
    x = Axis(float(edges[0]), float(edges[-1]), LEFT, WIDTH - RIGHT)
    y = Axis(0, max(1.0, float(counts.max()) * 1.05), HEIGHT - BOTTOM, TOP)
    parts = [element("text", shorten(name, 40), x=0, y=14, class_="panel-title")]
    for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        left, right, top = x.place(low), x.place(high), y.place(count)
        parts.append(
            element("rect", x=left, y=top, width=max(0.5, right - left - 1), height=y.start - top, class_="bar")
        )
    parts += draw_axes(x, y, "answer less target", write_x=write_value, write_y=lambda value: f"{value:,.0f}")
    if x.low < 0 < x.high:
        parts.append(element("line", x1=x.place(0), x2=x.place(0), y1=y.start, y2=y.end, class_="ideal"))
    return draw_svg(WIDTH, HEIGHT, f"{name}: residuals from {write_value(x.low)} to {write_value(x.high)}", parts)
