from __future__ import annotations

from collections.abc import Callable

from striate.report.outcomes.catalogue import OUTCOMES, show_outcome
from striate.report.story import Story
from striate.train.tasks.catalogue import TASKS


def test_every_task_is_shown_in_a_way_of_its_own() -> None:
    assert {*OUTCOMES, "classify"} == {*TASKS}  # classes are what the page itself is about
    assert len({*OUTCOMES.values()}) == len(OUTCOMES)


def test_a_story_of_classes_has_no_outcome(tell: Callable[..., Story]) -> None:
    assert show_outcome(tell()) is None
