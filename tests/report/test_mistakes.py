from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from striate.report.mistakes import MOST, draw_mistakes
from striate.report.story import Story
from striate.train.scores import Scores


def test_each_mistake_names_its_sample_and_both_classes(tell: Callable[..., Story]) -> None:
    logits = np.array([[0.0, 3.0], [5.0, 0.0], [0.0, 1.0]], np.float32)
    story = tell(3, 2, test=Scores(logits, np.array([0, 1, 1])), classes=("<cat>", "dog"))
    cards = draw_mistakes(story).split("<li>")[1:]
    assert ["images/1.png" in cards[0], "images/0.png" in cards[1], len(cards)] == [True, True, 2]
    true, predicted = cards[0].split("predicted</dt>")
    assert "dog</bdi>" in true
    assert "&lt;cat&gt;</bdi>" in predicted


@pytest.mark.parametrize("extents", [(1, 30), (3, 8, 8), (1, 4, 8, 8), (5,)])
def test_inputs_of_any_dimension_are_drawn(tell: Callable[..., Story], extents: tuple[int, ...]) -> None:
    drawing = draw_mistakes(tell(extents=extents))
    assert drawing.count("<li>") == drawing.count("<img") + drawing.count("<svg")


def test_only_the_drawn_inputs_are_read(tell: Callable[..., Story]) -> None:
    class Lazy:
        read = 0

        def __len__(self) -> int:
            return 900

        def __getitem__(self, index: object) -> np.ndarray:
            assert type(index) is int
            Lazy.read += 1
            return np.zeros((1, 4, 4), np.uint8)

    assert draw_mistakes(tell(900, inputs=Lazy())).count("<li>") == Lazy.read == MOST


def test_no_mistakes_and_no_scores_draw_nothing(tell: Callable[..., Story]) -> None:
    right = Scores(np.eye(3, dtype=np.float32), np.arange(3))
    assert draw_mistakes(tell(3, 3, test=right)) == draw_mistakes(tell(test=None)) == ""
