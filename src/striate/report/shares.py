"""The training samples of each class as bars, drawn where the classes are of uneven size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from striate.data.imbalance import Imbalance, count_classes
from striate.report.markup import draw_svg, element, shorten
from striate.report.numerals import write_count
from striate.report.story import Story

MOST = 24  # of more classes, only the rarest and the commonest are drawn
NAME, BARS, NUMBER, LINE = 150, 380, 70, 22
DONE = {
    "none": "They were trained on as they are.",
    "weights": "The loss of each sample counted all samples / (classes × samples of its class), so that every class "
    "weighed alike.",
    "sampling": "Each epoch drew every class equally often, so that rare samples were seen more often than others.",
}


def find_imbalance(story: Story) -> Imbalance | None:
    """Count the training samples of each class; None where they are not known, or even and left so."""
    if story.outcome is not None or story.trained is None or not len(story.trained) or not story.classes:
        return None
    found = count_classes(story.trained.labels, len(story.classes))
    return found if found.is_uneven or story.balance != "none" else None


def describe_imbalance(found: Imbalance, story: Story) -> str:
    """Say how far apart the classes' sizes are, and what was done."""
    fewest, most = found.counts[found.rarest], found.counts[found.commonest]
    ends = f"{write_count(most)} training samples of “{shorten(story.classes[found.commonest], 40)}”"
    ends += f" and {write_count(fewest)} of “{shorten(story.classes[found.rarest], 40)}”"
    return f"There are {ends}: {found.ratio:.3g} to 1. {DONE[story.balance]}"


def draw_imbalance(found: Imbalance, classes: Sequence[str]) -> Markup:
    """Draw a bar a class, the commonest first; of many classes those at both ends, with a gap for the rest."""
    order = np.argsort(-np.array(found.counts), kind="stable").tolist()
    half = MOST // 2
    rows: list[int | None] = [*order] if len(order) <= MOST else [*order[:half], None, *order[-half:]]
    longest = max(1, max(found.counts))
    drawn: list[Markup] = []
    for row, place in enumerate(rows):
        y = row * LINE + 15
        if place is None:
            drawn.append(element("text", f"… {len(order) - MOST:,} more", x=NAME - 8, y=y, class_="end tick"))
            continue
        width = BARS * found.counts[place] / longest
        drawn += [
            element(
                "text", [shorten(classes[place], 20), element("title", classes[place])], x=NAME - 8, y=y, class_="end"
            ),
            element("rect", x=NAME, y=y - 12, width=max(width, 0.5), height=LINE - 6, class_="bar"),
            element("text", write_count(found.counts[place]), x=NAME + width + 6, y=y, class_="amount"),
        ]
    label = f"Training samples of each class, from {max(found.counts):,} to {min(found.counts):,}"
    return draw_svg(NAME + BARS + NUMBER, len(rows) * LINE + 6, label, drawn, class_="shares")
