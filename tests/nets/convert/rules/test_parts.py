"""Pools over four axes, which are made of several of torch's, slid over a larger input and held against its crops."""

from __future__ import annotations

import pytest
from tests.nets.convert.crops import check_sliding

import striate
from striate.errors import InputError
from striate.nets.convert import fully_convolutional


@pytest.mark.parametrize(
    ("text", "extents", "larger", "step"),
    [
        (
            "maxpool2, conv1-2, flatten, fc-3",
            (4, 4, 2, 2),
            (6, 4, 4, 2),
            (2, 2, 1, 1),
        ),  # of one window, any step will do
        ("avgpool2/1, flatten, fc-3", (3, 2, 2, 3), (4, 3, 3, 3), 1),
        ("maxpool2x1x1x2/2x1x1x2, flatten, fc-3", (4, 2, 2, 2), (6, 3, 2, 4), (2, 1, 1, 1)),
    ],
)
def test_pools_over_four_axes_slide(
    text: str, extents: tuple[int, ...], larger: tuple[int, ...], step: int | tuple[int, ...]
) -> None:
    shape = (2, *extents)
    check_sliding(striate.build(text, input=shape), shape, larger, step)


def test_what_takes_all_cells_together_has_no_parts_that_slide() -> None:
    shape = (2, 4, 4, 4, 4)
    module = striate.build("maxpool2, gap, flatten, fc-3", input=shape)
    found = fully_convolutional(module, shape)
    assert found.window == (4, 4, 4, 4)


def test_a_window_that_does_not_fit_says_so() -> None:
    with pytest.raises(InputError):
        fully_convolutional(striate.build("maxpool2, flatten, fc-3", input=(2, 4, 4, 4, 4)), (2, 1, 4, 4, 4))
