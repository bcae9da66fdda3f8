"""Several labels a sample on the page: how well each label is found, and the surest mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.data.marks import write_labels
from striate.report.markup import element, shorten
from striate.report.numerals import write_count, write_percent
from striate.report.outcomes.shown import Section, Shown, draw_table
from striate.report.story import Story
from striate.report.wording import draw_input

MOST = 24


def show_labels(story: Story) -> Shown:
    """Mean average precision with its interval as the headline; a row for each label; the surest mistakes."""
    outcome = story.outcome
    assert outcome is not None
    found, truth = outcome.judged.figures, np.asarray(outcome.labels) > 0
    low, high = outcome.judged.interval
    part = "test" if story.part == "test" else "validation"
    baseline = float(truth.mean(0)[truth.any(0)].mean()) if truth.any() else 0.0
    return Shown(
        figure=write_percent(outcome.judged.merit),
        subject=f"mean average precision on the {part} part",
        interval=f"The 95 % interval runs from {write_percent(low)} to {write_percent(high)} (bootstrap over "
        f"{write_count(len(truth))} samples).",
        baseline=f"Scores by chance would have {write_percent(baseline)}, the labels' mean frequency.",
        facts=(
            ("Labels", write_count(len(story.classes))),
            ("All labels right", write_percent(found["exact"])),
            ("Mean F1", write_percent(found["f1"])),
            ("Loss", f"{outcome.judged.loss:.4f}"),
        ),
        sections=(
            Section("labels", "Labels", _draw_rows(found["outputs"], story.classes)),
            Section("mistakes", "Mistakes", _draw_mistakes(story, outcome.answers, truth)),
        ),
    )


def _draw_rows(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Markup:
    heads = ("Label", "Average precision", "Precision", "Recall", "F1", "Samples")
    columns = ("average_precision", "precision", "recall", "f1")
    body = [
        (name, *(write_percent(row[column]) for column in columns), write_count(row["support"]))
        for name, row in zip(names, rows, strict=True)
    ]
    about = (
        "Average precision: how far up a label's samples stand when all are ranked by its score. Precision, recall and "
        "F1 are at even odds. A dash means that there was nothing to divide by."
    )
    return draw_table("Labels", "Figures of every label", heads, body, about)


def rank_wrong(answers: NDArray[np.floating[Any]], truth: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find the wrong labels, the surest first: rows of sample and label.

    >>> rank_wrong(np.array([[0.9, 0.6], [0.2, 0.1]]), np.array([[False, False], [False, True]])).tolist()
    [[0, 0], [1, 1], [0, 1]]
    """
    doubt = np.where(truth, answers, 1 - answers)
    order = np.argsort(doubt, axis=None, kind="stable")[: int((doubt < 0.5).sum())]
    return np.stack(np.unravel_index(order, truth.shape), axis=1)


def _draw_mistakes(story: Story, answers: NDArray[np.floating[Any]], truth: NDArray[np.bool_]) -> Markup:
    wrong = rank_wrong(answers, truth)
    if not len(wrong):
        return element("p", "There is none: every label of every sample is right.")
    cards = [_draw_card(story, int(place), int(label), answers, truth) for place, label in wrong[:MOST]]
    caption = f"The surest mistakes first, {len(cards)} of {write_count(len(wrong))}."
    return Markup().join([element("p", caption, class_="caption"), element("ol", cards, class_="mistakes")])


def _draw_card(
    story: Story, place: int, label: int, answers: NDArray[np.floating[Any]], truth: NDArray[np.bool_]
) -> Markup:
    name, title = story.names[place], story.classes[label]
    held = write_labels(story.classes, truth[place])
    picture = draw_input(story, np.asarray(story.inputs[place]), f"{name}: {held}")
    fault = "missed" if truth[place, label] else "seen wrongly"
    facts = [
        element("dt", "true"),
        element("dd", element("bdi", shorten(held, 40)), title=held),
        element("dt", fault),
        element("dd", element("bdi", shorten(title, 30)), title=title, class_="predicted"),
        element("dt", "its score"),
        element("dd", write_percent(float(answers[place, label]))),
    ]
    file = element("p", element("bdi", name), class_="file", title=name)
    return element("li", [element("div", picture, class_="picture"), element("dl", facts), file])
