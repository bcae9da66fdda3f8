from __future__ import annotations

import numpy as np
import pytest

from striate.report.cellcolours import choose_colours


@pytest.mark.parametrize("count", [2, 7, 21, 60])
def test_no_two_classes_look_alike(count: int) -> None:
    """Against every pair; beyond some dozens nobody tells colours apart, but they still differ."""
    colours = choose_colours(["Background", *map(str, range(count))]).astype(int)
    assert colours.shape == (count + 1, 3)
    assert colours[0].tolist() == [0, 0, 0]
    least = 60 if count <= 7 else 25 if count <= 21 else 4
    for place in range(count + 1):
        for other in range(place):
            assert np.abs(colours[place] - colours[other]).sum() >= least


def test_a_class_keeps_its_colour_whatever_comes_after() -> None:
    assert (choose_colours(["a", "b", "c"])[:2] == choose_colours(["a", "b"])).all()
    assert choose_colours([]).shape == (0, 3)
