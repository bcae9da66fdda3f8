from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from striate.arithmetic import resolve_padding
from striate.measure.advice.parts import write_pads
from striate.nets import parse, place

PAIR = st.tuples(st.integers(0, 3), st.integers(0, 3))


@given(st.lists(PAIR, min_size=1, max_size=3), st.integers(1, 5))
def test_the_notation_reads_what_is_written(pads: list[tuple[int, int]], size: int) -> None:
    """A layer with that padding gives as many cells as the pairs say."""
    text = f"conv{size}-1 pad={write_pads(pads, [resolve_padding('same', size)] * len(pads))}"
    shape = (1, *(7 + axis for axis in range(len(pads))))
    output = place(parse(text), shape)[0].output
    assert output[1:] == tuple(extent + sum(pair) - size + 1 for extent, pair in zip(shape[1:], pads, strict=True))


def test_cells_that_only_some_words_can_add() -> None:
    assert write_pads([(0, -1)], [(0, -1)]) == "same"
    assert write_pads([(0, -1)], [(1, 1)]) is None
