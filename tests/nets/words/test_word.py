from __future__ import annotations

from typing import Any

import pytest

from striate.errors import ShapeError
from striate.nets.words.word import (
    Plain,
    find_extents,
    find_single,
    read_choice,
    read_number,
    read_padding,
    read_share,
    read_signed,
    read_whole,
    read_wholes,
    read_yes,
    spread,
    write_shape,
)


@pytest.mark.parametrize(
    ("read", "values", "result"),
    [
        (read_whole, (3,), 3),
        (read_wholes, (1, 2), (1, 2)),
        (read_number, (0,), 0.0),
        (read_share, (0.5,), 0.5),
        (read_signed, (-2,), -2.0),
        (read_signed, (1e-6,), 1e-6),
        (read_yes, ("yes",), True),
        (read_yes, ("no",), False),
        (read_choice("a", "b"), ("b",), "b"),
        (read_padding, ("same", 2, (0, 1)), ("same", 2, (0, 1))),
    ],
)
def test_what_readers_take(read: Any, values: tuple[Any, ...], result: object) -> None:
    assert read(values) == result


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (read_whole, (0,)),
        (read_whole, (1, 2)),
        (read_whole, ("n",)),
        (read_whole, (1.0,)),
        (read_wholes, (1, 0)),
        (read_wholes, ((1, 2),)),
        (read_number, (-1,)),
        (read_number, ("a",)),
        (read_share, (1,)),
        (read_share, (-0.1,)),
        (read_signed, (1, 2)),
        (read_signed, ("a",)),
        (read_yes, (1,)),
        (read_yes, ("yes", "no")),
        (read_choice("a", "b"), ("c",)),
        (read_choice("a", "b"), ("a", "b")),
        (read_padding, ("half",)),
        (read_padding, (-1,)),
        (read_padding, ((0, -1),)),
        (read_padding, (("same", 1),)),
        (read_padding, (0.5,)),
    ],
)
def test_what_readers_refuse(read: Any, values: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"^[a-z]"):  # what was needed, to go behind "needed"
        read(values)


def test_one_number_is_for_all_axes() -> None:
    assert spread((3,), 4, "size") == (3, 3, 3, 3)
    assert spread((1, 2), 2, "size") == (1, 2)
    with pytest.raises(ShapeError, match=r"stride 1x2 is for 2 axes, needed 3"):
        spread((1, 2), 3, "stride")


def test_extents_come_behind_the_channels() -> None:
    assert find_extents(Plain("gap"), (3, 8, 9)) == (8, 9)
    with pytest.raises(ShapeError, match="found the flat shape 3, needed"):
        find_extents(Plain("gap"), (3,))


def test_a_size_along_one_axis_is_one_number() -> None:
    assert find_single(Plain("maxout", (2,))) == 2
    with pytest.raises(ShapeError, match=r"found the size 2x3, needed one number\. Write `embed3-8`"):
        find_single(Plain("embed", (2, 3), 8))


def test_a_layer_writes_itself() -> None:
    options = {"pad": ((0, 1), "same"), "bias": False, "eps": 0.5}
    assert str(Plain("conv", (3, 5), 8, (2,), options)) == "conv3x5-8/2 pad=0:1xsame bias=no eps=0.5"
    assert write_shape((3, 224)) == "3x224"
