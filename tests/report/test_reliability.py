from __future__ import annotations

import re

import numpy as np
import pytest

from striate.report.reliability import FEW, draw_reliability
from striate.train.calibration import reliability


def read_bars(drawing: str, class_: str) -> list[dict[str, float]]:
    bars = re.findall(rf'<rect ([^>]*) class="{class_}"|<rect class="{class_}" ([^>]*)>', drawing)
    return [{k: float(v) for k, v in re.findall(r'(\w+)="([-\d.]+)"', a or b)} for a, b in bars]


def test_bars_are_as_high_as_the_accuracy() -> None:
    rng = np.random.default_rng(0)
    probabilities, labels = rng.dirichlet(np.ones(3), 400), rng.integers(0, 3, 400)
    bins = reliability(probabilities, labels, 10)
    full = [row for row in bins if row.count]
    drawing = draw_reliability(bins, "As trained")
    heights = np.array([bar["height"] for bar in read_bars(drawing, "bar")])
    gaps = np.array([bar["height"] for bar in read_bars(drawing, "gap")])
    amounts = np.array([bar["height"] for bar in read_bars(drawing, "amount")])
    whole = 250 - 34
    assert heights / whole == pytest.approx([row.accuracy for row in full], abs=1e-3)
    assert gaps / whole == pytest.approx([abs(row.accuracy - row.confidence) for row in full], abs=1e-3)
    assert amounts / amounts.max() == pytest.approx(
        np.array([row.count for row in bins]) / max(r.count for r in bins), abs=1e-3
    )
    assert drawing.count('class="few"') == sum(row.count < FEW for row in full)


def test_no_samples_are_drawn_and_said() -> None:
    drawing = draw_reliability(reliability(np.zeros((0, 2)), np.zeros(0, np.int64)), "As trained")
    assert "no samples" in drawing
    assert 'class="bar"' not in drawing
