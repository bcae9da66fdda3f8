"""How each task's outcome is shown: a new task is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable

from striate.report.outcomes.continuing import show_continuing
from striate.report.outcomes.labels import show_labels
from striate.report.outcomes.regress import show_regression
from striate.report.outcomes.restore import show_restoring
from striate.report.outcomes.segment import show_segmentation
from striate.report.outcomes.shown import Shown
from striate.report.story import Story

OUTCOMES: dict[str, Callable[[Story], Shown]] = {
    "labels": show_labels,
    "regress": show_regression,
    "restore": show_restoring,
    "segment": show_segmentation,
    "continue": show_continuing,
}


def show_outcome(story: Story) -> Shown | None:
    """What the page shows of a story's outcome; None where it has none."""
    return None if story.outcome is None else OUTCOMES[story.outcome.task](story)
