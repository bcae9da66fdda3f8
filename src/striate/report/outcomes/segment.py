"""A segmentation on the page: the overlap of each class, which is taken for which, and samples from worst to best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from striate.report.cellcolours import BACKGROUND, choose_colours
from striate.report.markup import element, shorten
from striate.report.matrix import COUNTED, draw_matrix
from striate.report.numerals import write_count, write_percent
from striate.report.outcome import Example
from striate.report.outcomes.cells import Bytes, draw_cells, draw_swatch
from striate.report.outcomes.shown import Section, Shown, draw_table
from striate.report.story import Story
from striate.train.tasks.segment import find_overlaps

MOST_KEYS = 24


def show_segmentation(story: Story) -> Shown:
    """Mean IoU with its interval as the headline; a row for each class; the matrix of cells; samples in pictures."""
    outcome = story.outcome
    assert outcome is not None
    found, samples = outcome.judged.figures, len(outcome.answers)
    low, high = outcome.judged.interval
    part = "test" if story.part == "test" else "validation"
    counts = np.array(found["confusion"], np.int64)
    return Shown(
        figure=write_percent(outcome.judged.merit),
        subject=f"mean IoU on the {part} part",
        interval=f"The 95 % interval runs from {write_percent(low)} to {write_percent(high)} (bootstrap over "
        f"{write_count(samples)} samples).",
        baseline=_tell_baseline(counts, story.classes),
        facts=(
            ("Classes", write_count(len(story.classes))),
            ("Cells right", write_percent(found["right"])),
            ("Mean Dice", write_percent(found["dice"])),
            ("Loss", f"{outcome.judged.loss:.4f}"),
        ),
        sections=(
            Section("samples", "From worst to best", _draw_examples(story)),
            Section("classes", "Classes", _draw_rows(found["outputs"], story.classes)),
            Section("confusion", "Which is taken for which", _draw_confusion(counts, story.classes)),
        ),
    )


def _tell_baseline(counts: Any, names: Sequence[str]) -> str:
    true = counts.sum(1)
    if not true.sum():
        return "No cell of these samples is judged."
    most = int(true.argmax())
    overlap = float(true[most] / true.sum() / (true > 0).sum())
    return f"Answering {names[most]} everywhere would have {write_percent(overlap)}."


def _draw_rows(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Markup:
    heads = ("Class", "IoU", "Dice", "Precision", "Recall", "Share of cells")
    total = sum(row["cells"] for row in rows) or 1
    body = [
        (
            name,
            *(write_percent(row[column]) for column in ("iou", "dice", "precision", "recall")),
            write_percent(row["cells"] / total),
        )
        for name, row in zip(names, rows, strict=True)
    ]
    about = (
        "IoU, intersection over union: the cells that are of a class in truth and in the answer, over those in either. "
        "Precision: of the cells answered so, the share that is. Recall: of those that are, the share found. "
        "A dash: no cell of the class, or none answered so."
    )
    return draw_table("Classes", "Figures of every class, over all cells", heads, body, about)


def _draw_confusion(counts: Any, names: Sequence[str]) -> Markup:
    if len(names) > COUNTED:
        matrix = draw_matrix(counts, names)
    else:
        shares = np.rint(100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)).astype(np.int64)
        caption = "Of each true class's cells, so many in a hundred get each answer; a dot is less than half of one"
        matrix = draw_matrix(shares, names, caption)
    return element("div", matrix, class_="box", role="region", aria_label="Confusion of cells", tabindex="0")


def _draw_examples(story: Story) -> Markup:
    outcome = story.outcome
    assert outcome is not None
    if not outcome.examples:
        return element("p", "None of them has a cell that is judged.")
    colours, overlaps = choose_colours(story.classes), find_overlaps(outcome.answers)
    cards = [_draw_card(story, example, float(overlaps[example.place]), colours) for example in outcome.examples]
    about = (
        f"{len(cards)} of {write_count(len(outcome.answers))} samples: the worst by their own mean IoU, some in the "
        "middle, and the best. What is not judged stays bare."
    )
    return Markup().join(
        [element("p", about, class_="caption"), _draw_key(story.classes, colours), element("ol", cards, class_="rows")]
    )


def _draw_key(names: Sequence[str], colours: Bytes) -> Markup:
    """Which colour is which class."""
    shown = [(name, colour) for name, colour in zip(names, colours, strict=True) if name.lower() != BACKGROUND]
    parts = [
        element("li", [draw_swatch(colour), " ", element("bdi", shorten(name, 24))], title=name)
        for name, colour in shown[:MOST_KEYS]
    ]
    if len(shown) > MOST_KEYS:
        parts.append(element("li", f"and {len(shown) - MOST_KEYS} more"))
    return element("ul", parts, class_="key")


def _draw_card(story: Story, example: Example, overlap: float, colours: Bytes) -> Markup:
    name = story.names[example.place]
    said = element("p", [element("bdi", name), f", mean IoU {write_percent(overlap)}"], class_="file", title=name)
    pictures = draw_cells(example.given, example.wanted, np.asarray(example.answer, np.uint8), colours, name)
    return element("li", [pictures, said])
