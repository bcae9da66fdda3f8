from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from striate.data.part import Joined, Numbered, Part


@given(st.lists(st.lists(st.text(max_size=3), max_size=4), max_size=5))
def test_joined_against_one_list(runs: list[list[str]]) -> None:
    flat = [name for run in runs for name in run]
    picked = np.random.default_rng(len(flat)).permutation(len(flat))
    assert list(Joined(runs)) == flat
    assert list(Joined(runs, picked)) == [flat[place] for place in picked]
    assert list(Joined(runs, picked)[1:3]) == [flat[place] for place in picked][1:3]


def test_names_of_names() -> None:
    inner = Joined([Numbered("train", np.arange(10, 20)), ["a"]])
    assert list(Joined([inner], np.array([10, 0]))) == ["a", "train[10]"]


def test_a_part_counts_its_labels() -> None:
    assert len(Part(np.zeros((3, 1, 2), np.uint8), np.zeros(3, np.int64), ["a", "b", "c"])) == 3
