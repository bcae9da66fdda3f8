from __future__ import annotations

import numpy as np
import pytest

from striate.report.shell import read_asset
from striate.report.wording import SHADES, draw_words, shade_words


def test_each_word_on_the_shade_of_its_share() -> None:
    heat = np.array([0.5, -2.0, 0.0, 1.0])
    drawn = str(draw_words(["a", "<b>", "c", "d"], heat))
    expected = [round(SHADES * value / max(abs(heat))) for value in heat]
    assert shade_words(heat) == expected == [2, -8, 0, 4]
    assert drawn.count("<span") == 4
    assert 'class="cold8"><bdi>&lt;b&gt;</bdi>' in drawn
    assert 'class="warm2"' in drawn


def test_no_heat_no_shade() -> None:
    assert shade_words(np.zeros(3)) == [0, 0, 0]
    assert shade_words(np.zeros(0)) == []


@pytest.mark.parametrize("shade", range(1, SHADES + 1))
def test_the_page_knows_every_shade(shade: int) -> None:
    style = read_asset("style.css")
    assert f".warm{shade} {{" in style
    assert f".cold{shade} {{" in style
