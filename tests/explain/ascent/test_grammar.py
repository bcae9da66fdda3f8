from __future__ import annotations

import pytest

from striate.errors import InputError
from striate.explain.ascent.grammar import read_objective
from striate.explain.ascent.objectives import ClassScore, Objective, Unit

CLASSES = ("cat", "cat-fish", "t-shirt", "snow & ice", "7")
TEXTS: dict[str, Objective] = {
    "conv3:5": Unit("conv3", 5),
    " conv3:5 - 0.5*conv3:7 ": Unit("conv3", 5) - 0.5 * Unit("conv3", 7),
    "conv3:5-conv3:7": Unit("conv3", 5) - Unit("conv3", 7),
    "-2 * features.0:3@centre": -2 * Unit("features.0", 3, "centre"),
    "0:5@3,4 + 1:0": Unit("0", 5, (3, 4)) + Unit("1", 0),
    "a-b.conv:1@mean": Unit("a-b.conv", 1),
    "class:cat": ClassScore(0, "cat"),
    "class:cat-fish - class:cat": ClassScore(1, "cat-fish") - ClassScore(0, "cat"),
    "class:t-shirt-class:1": ClassScore(2, "t-shirt") - ClassScore(1, "cat-fish"),
    'class:"snow & ice" + 1e-2*conv1:0': ClassScore(3, "snow & ice") + 0.01 * Unit("conv1", 0),
    "class:snow & ice": ClassScore(3, "snow & ice"),
    "class:7": ClassScore(4, "7"),
    "class:3": ClassScore(3, "snow & ice"),
    ".5*class:cat": 0.5 * ClassScore(0, "cat"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_as_what_operators_make(text: str) -> None:
    expected = TEXTS[text]
    found = read_objective(text, CLASSES)
    assert found.text == expected.text
    assert found.layers == expected.layers
    assert read_objective(found.text, CLASSES).text == found.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needed a unit or a class, such as"),
        ("conv3", "found `conv3` in `conv3`, needed a unit or a class"),
        ("conv3:x", "needed a unit or a class"),
        ("conv3:5 conv3:6", r"found `conv3:6` in `conv3:5 conv3:6`, needed \+ or - before it"),
        ("conv3:5 +", "found `` in"),
        ("conv3:5 + + conv3:6", "needed a unit or a class"),
        ("2 conv3:5", "needed a unit or a class"),
        ("conv3:5@edge", "needed a unit or a class"),
        ("class:dog", "found `class:dog`, needed a class by its number or name: cat, cat-fish"),
        ('class:"dog"', "needed a class by its number or name"),
        ("class:catty", "needed a class by its number or name"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_objective(text, CLASSES)
