"""Beside the headline of a series: how good the answer is that things go on as they were."""

from __future__ import annotations

from striate.report.numerals import write_percent
from striate.report.story import Story
from striate.train.baseline import judge_persistence


def describe_persistence(story: Story) -> str:
    """A sentence with a space before it; nothing for what is no series, and where classes are told."""
    found = story.outcome or story.scored
    if found is None:
        return ""
    baseline = judge_persistence(story.inputs, found.labels, story.reading, numbers=story.outcome is not None)
    if baseline is None:
        return ""
    if baseline.median is None:
        return f" Answering {baseline.answer} would be right in {write_percent(baseline.merit)}."
    return (
        f" Answering {baseline.answer} would have an R2 of {baseline.merit:.4f}, and a median error of "
        f"{baseline.median:.4g}."
    )
