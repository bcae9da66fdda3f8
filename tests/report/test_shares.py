from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from striate.data import Part
from striate.data.imbalance import Imbalance
from striate.report.page import render_report
from striate.report.shares import MOST, describe_imbalance, draw_imbalance, find_imbalance
from striate.report.story import Story


def make_part(counts: tuple[int, ...]) -> Part:
    labels = np.repeat(np.arange(len(counts)), counts)
    return Part(np.zeros((len(labels), 1, 8, 8), np.uint8), labels, [f"{i}.png" for i in range(len(labels))])


def test_bars_are_as_long_as_their_classes_are_large() -> None:
    drawing = draw_imbalance(Imbalance((30, 120, 60)), ("<cat>", "dog", "emu"))
    widths = [float(width) for width in re.findall(r'<rect[^>]* width="([\d.]+)"', drawing)]
    assert [width / widths[0] for width in widths] == pytest.approx([1, 0.5, 0.25])
    assert drawing.index("dog") < drawing.index("emu") < drawing.index("&lt;cat&gt;")


def test_of_many_classes_both_ends_are_drawn() -> None:
    counts = tuple(range(1, 101))
    drawing = draw_imbalance(Imbalance(counts), [f"kind-{place}" for place in range(100)])
    assert drawing.count("<rect") == MOST
    assert f"… {100 - MOST} more" in drawing
    assert ">kind-99<" in drawing
    assert ">kind-0<" in drawing
    assert ">kind-50<" not in drawing


def test_even_classes_and_unknown_ones_are_not_worth_a_section(tell: Callable[..., Story]) -> None:
    assert find_imbalance(tell()) is None
    assert find_imbalance(tell(trained=make_part((9, 9, 8, 9)))) is None
    assert 'id="data"' not in render_report(tell(trained=make_part((9, 9, 8, 9))))


@pytest.mark.parametrize(("balance", "said"), [("none", "as they are"), ("weights", "weighed"), ("sampling", "drew")])
def test_what_was_done_is_said(tell: Callable[..., Story], balance: str, said: str) -> None:
    story = tell(trained=make_part((90, 9, 18, 45)), balance=balance)
    found = find_imbalance(story)
    assert found is not None
    assert "90 training samples of “class 0” and 9 of “class 1”: 10 to 1" in describe_imbalance(found, story)
    assert said in describe_imbalance(found, story)
    assert describe_imbalance(found, story) in render_report(story)
