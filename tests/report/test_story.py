from __future__ import annotations

from collections.abc import Callable

import pytest

from striate.errors import InputError
from striate.report.story import Story


def test_the_part_names_the_scores(tell: Callable[..., Story]) -> None:
    story = tell(part="val")
    assert story.scored is story.val
    assert tell().scored is not story.val


@pytest.mark.parametrize("wrong", [{"names": ["one"]}, {"classes": ("a", "b")}, {"part": "train"}])
def test_figures_about_other_samples_are_refused(tell: Callable[..., Story], wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="report: the"):
        tell(**wrong)
