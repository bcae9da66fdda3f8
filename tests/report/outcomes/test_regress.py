"""A regression on the page: every number's figures, its scatter and its residuals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from striate.report.outcome import Outcome
from striate.report.outcomes.regress import choose_bins, show_regression
from striate.report.story import Story
from striate.train import Recipe
from striate.train.tasks import make_task


@pytest.mark.parametrize("names", [("angle",), ("<x>", "y", "z")])
def test_every_number_has_a_row_a_scatter_and_residuals(tell: Callable[..., Story], names: tuple[str, ...]) -> None:
    rng = np.random.default_rng(1)
    targets = rng.normal(10, 4, (50, len(names))).astype(np.float32)
    task = make_task("regress", targets, {})
    outputs = ((targets - targets.mean(0)) / targets.std(0) + rng.normal(0, 0.3, targets.shape)).astype(np.float32)
    recipe = Recipe(epochs=1, mean=(0.0,), std=(1.0,))
    judged = task.judge(outputs, targets, recipe)
    answers = task.answer(outputs, recipe)
    outcome = Outcome("regress", task.merit, judged, answers, targets)
    shown = show_regression(tell(50, len(names), classes=names, test=None, outcome=outcome))
    bodies = {section.anchor: str(section.body) for section in shown.sections}
    assert shown.figure == f"{judged.merit:.4f}"
    assert bodies["scatter"].count("<circle") == 50 * len(names)
    assert bodies["residuals"].count("<rect") == choose_bins(50) * len(names)
    assert "<x>" not in bodies["errors"]
    for place in range(len(names)):
        off = np.abs(answers[:, place] - targets[:, place])
        assert f"{np.median(off):.4g} (" in bodies["errors"]
        assert f"{np.sqrt(np.square(off).mean()):.4g}<" in bodies["errors"]
