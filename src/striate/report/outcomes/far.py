"""The samples whose numbers are farthest off: often a wrong target, or a doubtful sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.report.markup import element, shorten
from striate.report.story import Story
from striate.report.wording import draw_input

MOST, NUMBERS = 24, 3

Reals = NDArray[np.floating[Any]]


def rank_far(answers: Reals, targets: Reals, most: int = MOST) -> NDArray[np.int64]:
    """Find the samples farthest off, the farthest first, each number's error measured by its targets' deviation.

    >>> rank_far(np.array([[1.0], [5.0], [2.0]]), np.array([[1.0], [2.0], [3.0]]), most=2).tolist()
    [1, 2]
    """
    spread = targets.std(0)
    off = (np.abs(answers - targets) / np.where(spread > 0, spread, 1)).max(1)
    return np.argsort(-off, kind="stable")[:most]


def draw_far(story: Story, answers: Reals, targets: Reals) -> Markup:
    """Draw them, each with its targets and the answers."""
    cards = [_draw_card(story, int(place), answers[place], targets[place]) for place in rank_far(answers, targets)]
    return element("ol", cards, class_="mistakes")


def _draw_card(story: Story, place: int, answers: Reals, targets: Reals) -> Markup:
    name = story.names[place]
    said = [
        f"{title}: {answer:.4g} for {target:.4g}"
        for title, answer, target in zip(story.classes, answers, targets, strict=True)
    ]
    picture = draw_input(story, np.asarray(story.inputs[place]), f"{name}, {said[0]}")
    facts = []
    for title, answer, target in list(zip(story.classes, answers, targets, strict=True))[:NUMBERS]:
        facts += [element("dt", element("bdi", shorten(title, 12))), element("dd", f"{target:.4g}")]
        facts += [element("dt", "answer"), element("dd", f"{answer:.4g}", class_="predicted")]
    file = element("p", element("bdi", name), class_="file", title=name)
    return element("li", [element("div", picture, class_="picture"), element("dl", facts), file])
