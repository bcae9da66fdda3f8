from __future__ import annotations

import pytest

from striate.auto.sentences import LONG, MOST_VECTOR, choose_vector, design_words
from striate.nets import parse, place


@pytest.mark.parametrize(("numbers", "length"), [(3, 8), (500, 40), (20_000, LONG - 4), (20_000, LONG), (90, 512)])
def test_every_design_can_be_placed(numbers: int, length: int) -> None:
    design = design_words(numbers, length, length + 1)
    placed = place(parse(design.text), (1, length), 4)
    assert placed[-1].output == (4,)
    assert ("kmaxpool" in design.text) == (length >= LONG)
    assert "cut off" in design.reasons[-1]
    assert "cut off" not in design_words(numbers, length, length).reasons[-1]


def test_vectors_grow_with_the_vocabulary() -> None:
    found = [choose_vector(10**power) for power in range(6)]
    assert found == sorted(found)
    assert found[-1] == MOST_VECTOR
