from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from striate.auto import Goal, design_for_goal
from striate.auto.goal import find_rim
from striate.nets import parse, place

SOON = Goal(until=0.9)


def draw_pictures(count: int, channels: int, height: int, width: int, rim: int = 0) -> NDArray[np.uint8]:
    pictures = np.zeros((count, channels, height, width), dtype=np.uint8)
    inner = pictures[:, :, rim : height - rim, rim : width - rim]
    inner[:] = np.random.default_rng(0).integers(0, 256, inner.shape)
    return pictures


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(20, 64), st.integers(20, 64), st.integers(0, 9))
def test_it_builds_for_every_small_picture(channels: int, height: int, width: int, rim: int) -> None:
    design = design_for_goal(draw_pictures(3, channels, height, width, rim), SOON)
    assert design is not None
    placed = place(parse(design.text), None, 7)
    assert placed[-1].output == (7,)
    ends = placed[[part.word for part in placed].index("flatten")].input[1:]
    assert ends == (1, 1)
    pooled = [part.input[1:] for part in placed if part.word == "gmp"]
    assert all(min(extents) >= 1 < max(extents) for extents in pooled)  # a pool of one cell would change nothing


@pytest.mark.parametrize("shape", [(4, 1, 28), (4, 1, 8, 8), (4, 3, 224, 224), (4, 1, 20, 20, 20), (4, 1, 28, 100)])
def test_other_samples_get_the_ordinary_network(shape: tuple[int, ...]) -> None:
    assert design_for_goal(np.zeros(shape, dtype=np.uint8), SOON) is None


def test_without_a_goal_there_is_no_hurry() -> None:
    pictures = draw_pictures(50, 1, 28, 28)
    assert design_for_goal(pictures, Goal()) is None
    assert design_for_goal(pictures, Goal(minutes=60)) is None
    assert design_for_goal(pictures, Goal(minutes=0.001)) is not None


@pytest.mark.parametrize("rim", range(5))
def test_an_empty_rim_is_found_by_halves_of_even_sides(rim: int) -> None:
    assert find_rim(draw_pictures(40, 2, 40, 32, rim)) == min(rim, 4) - rim % 2


def test_a_rim_in_which_little_happens_counts_as_empty() -> None:
    pictures = draw_pictures(60, 1, 28, 28, rim=2)
    pictures[:, :, 0] = np.arange(60, dtype=np.uint8)[:, None, None] // 3
    assert find_rim(pictures) == 2
    assert find_rim(np.zeros((9, 1, 28, 28), dtype=np.uint8)) == 2


def test_every_choice_has_its_reason() -> None:
    design = design_for_goal(draw_pictures(40, 1, 28, 28, rim=2), SOON)
    assert design is not None
    reasons = " ".join(design.reasons)
    for said in (
        "0.9 right",
        "2 cells all around are cut off",
        "2 cells at a time",
        "no padding",
        "as large as its maps",
    ):
        assert said in reasons
    assert "crop2" in design.text
    wide = design_for_goal(draw_pictures(40, 1, 28, 36, rim=2), SOON)
    assert wide is not None
    assert "global pool" in " ".join(wide.reasons)


@pytest.mark.parametrize(("channels", "side", "pooled"), [(1, 24, True), (1, 23, False), (1, 64, True), (3, 32, False)])
def test_grey_pictures_are_pooled_first_where_enough_is_left(channels: int, side: int, pooled: bool) -> None:
    design = design_for_goal(draw_pictures(9, channels, side, side), SOON)
    assert design is not None
    layers = [part.word for part in place(parse(design.text), None, 7)]
    assert (layers.index("maxpool") < layers.index("bn")) == pooled
    assert any("largest is enough" in reason for reason in design.reasons) == pooled
