"""The mistakes the network was surest of: often a wrong label, a doubtful sample, or a habit worth knowing."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from striate.report.markup import element
from striate.report.numerals import write_percent
from striate.report.story import Story
from striate.report.wording import draw_input
from striate.train.scores import predictions, rank_mistakes, softmax

MOST = 24


def draw_mistakes(story: Story) -> Markup:
    """Draw the most confident mistakes, each with its true class, the answer, the confidence and its name."""
    scores = story.scored
    if scores is None:
        return Markup()
    chosen = rank_mistakes(scores, MOST)
    answers = predictions(scores)
    confidence = softmax(scores.logits[chosen]).max(axis=1, initial=0)
    cards = [
        _draw_card(story, int(index), story.classes[scores.labels[index]], story.classes[answers[index]], float(sure))
        for index, sure in zip(chosen, confidence, strict=True)
    ]
    return element("ol", cards, class_="mistakes") if cards else Markup()


def _draw_card(story: Story, index: int, true: str, predicted: str, sure: float) -> Markup:
    label = f"{story.names[index]}: {true}, taken for {predicted}"
    picture = draw_input(story, np.asarray(story.inputs[index]), label)
    facts = [
        element("dt", "true"),
        element("dd", element("bdi", true), title=true),
        element("dt", "predicted"),
        element("dd", [element("bdi", predicted)], title=predicted, class_="predicted"),
        element("dt", "confidence"),
        element("dd", write_percent(sure)),
    ]
    name = element("p", element("bdi", story.names[index]), class_="file", title=story.names[index])
    return element("li", [element("div", picture, class_="picture"), element("dl", facts), name])
