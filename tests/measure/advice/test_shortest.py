from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.advice.support import make

from striate.arithmetic import Window, chain_fields
from striate.measure.advice.shortest import read_shortest
from striate.measure.trace import trace

LAYERS = {"conv3-1": Window(3, before=1), "conv5-1": Window(5, before=2), "conv3-1 dilation=2": Window(3, dilation=2)}


def find_sizes(text: str, extent: int = 64) -> list[int]:
    made = trace(make(text, (1, extent)), (1, extent))
    return [track[1].size for track in read_shortest(made)[id(made.outputs[0])] if track is not None]


def enumerate_ways(blocks: list[list[list[str]]]) -> int:
    """The narrowest of all ways through blocks of branches, tried one by one."""
    ways: list[list[str]] = [[]]
    for branches in blocks:
        ways = [[*way, *branch] for way in ways for branch in branches]
    return min(chain_fields([LAYERS[layer] for layer in way]).size for way in ways)


@given(
    st.lists(
        st.lists(st.lists(st.sampled_from(sorted(LAYERS)), max_size=3), min_size=1, max_size=3), min_size=1, max_size=4
    ),
    st.sampled_from(["add", "mul", "cat"]),
)
def test_every_way_tried(blocks: list[list[list[str]]], word: str) -> None:
    texts = [f"{word}[{' | '.join(', '.join(branch) for branch in branches)}], conv1-1" for branches in blocks]
    assert find_sizes(", ".join(["conv1-1", *texts])) == [enumerate_ways(blocks)]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("conv3-1, mul[ | gap, sigmoid], conv3-1", [5]),
        ("conv3-1, gap", []),
        ("conv3-1/2, add[conv3-1 | ], deconv4-1/2, cat[ | conv5-1]", [5]),
        ("add[maxpool2, upsample2 | conv3-1]", [2]),
    ],
)
def test_ways_of_other_kinds(text: str, sizes: list[int]) -> None:
    assert find_sizes(text) == sizes


def test_a_longer_way_never_makes_it_narrower() -> None:
    sizes = [find_sizes("add[conv3-1 | ], conv3-1" + ", conv3-1" * more)[0] for more in range(4)]
    assert all(after - before == 2 for before, after in pairwise(sizes))
