from __future__ import annotations

from math import nan

import numpy as np
import pytest

from striate.report.curves import draw_curves
from striate.train.tasks import Merit


def count(drawing: str, *, panels: int, paths: int) -> None:
    assert (drawing.count("<svg"), drawing.count("<path")) == (panels, paths)
    assert "nan" not in drawing.lower().replace("name", "")


def test_a_full_history_has_four_panels() -> None:
    history = [
        {
            "epoch": i,
            "train_loss": 1 / i,
            "validation_loss": 1 / i,
            "train_accuracy": 0.5,
            "validation_accuracy": 0.4,
            "lr": 0.1,
            "images_per_second": 9,
        }
        for i in range(1, 30)
    ]
    count(draw_curves(history), panels=4, paths=6)
    assert "<circle" not in draw_curves(history)


def test_a_history_without_numbers_has_none() -> None:
    assert draw_curves([]) == draw_curves([{"epoch": 1, "train_loss": nan, "note": "x", "train_accuracy": None}]) == ""


def test_gaps_break_lines_and_lonely_values_become_dots() -> None:
    history = [{"train_loss": 1.0} if i % 2 else {"train_loss": nan} for i in range(40)]
    drawing = draw_curves(history)
    count(drawing, panels=1, paths=1)
    assert drawing.count("<circle") == 20
    assert "L" not in drawing.split(' d="')[1].split('"')[0]


def test_one_epoch_is_a_dot() -> None:
    drawing = draw_curves([{"epoch": 1, "train_loss": np.float32(0.5), "validation_accuracy": np.float64(1)}])
    count(drawing, panels=2, paths=2)
    assert drawing.count("<circle") == 2


@pytest.mark.parametrize(("losses", "expected"), [((3.0, 0.01), True), ((3.0, 1.0), False), ((3.0, 0.0), False)])
def test_a_steep_loss_is_drawn_logarithmically(losses: tuple[float, ...], expected: bool) -> None:
    assert ("logarithmic" in draw_curves([{"train_loss": loss} for loss in losses])) is expected


def test_a_merit_that_never_came_up_to_the_scale_has_no_panel() -> None:
    history = [{"epoch": i, "train_loss": 1.0, "train_merit": -9.0, "validation_merit": -5.0} for i in range(1, 4)]
    count(draw_curves(history, Merit("R2", most=1.0)), panels=1, paths=1)
    history[-1]["validation_merit"] = 0.5
    drawing = draw_curves(history, Merit("R2", most=1.0))
    count(drawing, panels=2, paths=2)
    assert "validation ends at 0.5" in drawing
