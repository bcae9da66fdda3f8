from __future__ import annotations

import math

import pytest
import torch
from tests.report.heats.made import make_heat

from striate.report.heats.wording import draw_wording

WORDS = ("a", "fine", "film")


def draw(values: list[float]) -> str:
    heat = make_heat(1, (len(values),), values=torch.tensor([values]), words=(WORDS,))
    return str(draw_wording(heat, 0))


@pytest.mark.parametrize(
    ("values", "strongest"), [([0.1, 0.9, 0.3], "“fine”, word 2: 0.9"), ([0, 0, -2], "“film”, word 3: -2")]
)
def test_the_strongest_word_is_named(values: list[float], strongest: str) -> None:
    drawn = draw(values)
    assert f"strongest at {strongest}" in drawn
    assert all(word in drawn for word in WORDS)


def test_what_is_no_number_is_never_the_strongest() -> None:
    assert "strongest at “fine”, word 2: 0.5" in draw([math.nan, 0.5, math.inf])


def test_a_heat_of_nothing_names_no_word() -> None:
    assert "strongest" not in draw([0.0, 0.0, 0.0])


def test_cells_behind_the_last_word_are_left_out() -> None:
    assert "strongest at “film”, word 3: 0.2" in draw([0.1, 0.0, 0.2, 7.0])
