from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from tests.report.test_costs import check_layout, find_texts

from striate.explain.motion.invariance import Curves, Invariance
from striate.report.figures import figure
from striate.report.invariances import MOST, choose_colours, choose_layers, draw_invariance
from striate.report.palette import ORANGE


def make_invariance(layers: int = 4) -> Invariance:
    generator = torch.Generator().manual_seed(0)
    kinds = [
        ("shift along axis 0", "cells", (1.0, 2.0, 4.0)),
        ("rotation", "degrees", (5.0, 45.0, 180.0)),
        ("scale", "times", (0.5, 0.9, 1.1, 2.0)),
        ("flip", "axis", (0.0, 1.0)),
    ]
    curves = []
    for change, unit, amounts in kinds:
        values = torch.rand(2, layers, len(amounts), generator=generator, dtype=torch.float64)
        values[0, -1] = math.nan
        curves.append(Curves(change, unit, amounts, values[0], values[1]))
    names = (*(f"block{number}.conv" for number in range(layers - 1)), "output")
    steps = (*((2.0, 2.0) for _ in range(layers - 1)), None)
    return Invariance("a network", names, steps, tuple(curves), (0.9,) * layers, 16)


@pytest.mark.parametrize("layers", [2, 4, 30])
def test_curves_are_the_figures_and_start_from_what_moves_nothing(layers: int) -> None:
    found = make_invariance(layers)
    axes = draw_invariance(found).axes
    shown = choose_layers(layers)
    for row, curves in enumerate(found.curves[:3]):
        lines = axes[2 * row + 1].lines[::2]  # between them the dashes of another sample
        still = 1.0 if curves.unit == "times" else 0.0
        for layer, line in zip(shown, lines, strict=True):
            points = dict(np.asarray(line.get_xydata()).tolist())
            expected = dict(zip(curves.amounts, curves.invariance[layer].tolist(), strict=True))
            assert points == pytest.approx({**expected, still: 0.0})
    assert len(axes[0].lines) == len(shown) - 1  # the scores have no maps to move


def test_flips_are_points() -> None:
    line = draw_invariance(make_invariance()).axes[7].lines[0]
    assert line.get_linestyle() == "None" or line.get_marker() == "o"
    assert np.asarray(line.get_xdata()).tolist() == [0, 1]


@pytest.mark.parametrize("layers", [2, 30])
def test_texts_keep_apart(layers: int) -> None:
    picture = figure(make_invariance(layers))
    check_layout(picture)
    texts = " ".join(text.get_text() for text in find_texts(picture))
    assert (f"Shown are {MOST} of 30 layers" in texts) == (layers == 30)


def test_the_scores_stand_out() -> None:
    colours = choose_colours(5)
    assert colours[-1] == ORANGE
    assert len(set(colours)) == 5
    assert choose_layers(50)[-1] == 49
