from __future__ import annotations

import numpy as np
import pytest

from striate.data.layout import to_channels_first
from striate.data.pool import Request
from striate.errors import DataError


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((5, 12), (5, 1, 12)),
        ((5, 12, 13), (5, 1, 12, 13)),
        ((5, 3, 40), (5, 3, 40)),
        ((5, 40, 3), (5, 3, 40)),
        ((5, 12, 13, 3), (5, 3, 12, 13)),
        ((5, 4, 12, 13), (5, 4, 12, 13)),
        ((5, 1, 6, 7, 8), (5, 1, 6, 7, 8)),
        ((5, 6, 7, 8, 3), (5, 3, 6, 7, 8)),
    ],
)
def test_the_channel_axis_is_found(shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    inputs = np.arange(np.prod(shape)).reshape(shape)
    placed = to_channels_first(inputs, Request(), "x")
    assert placed.shape == expected
    if len(shape) == 4 and shape[1] != expected[1]:
        assert placed[2, 1, 3, 4] == inputs[2, 3, 4, 1]


@pytest.mark.parametrize("shape", [(5, 3, 4), (5, 3, 12, 3), (5, 1, 28, 1)])
def test_two_readings_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="axis 1 or the last"):
        to_channels_first(np.zeros(shape), Request(), "x")


@pytest.mark.parametrize("shape", [(5,), (5, 12, 13, 14), (5, 6, 6, 6, 6), (5, 1, 2, 3, 4, 5), (5, 0, 7)])
def test_no_reading_is_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match=r"needed \[N, L\]"):
        to_channels_first(np.zeros(shape), Request(), "x")


def test_a_forced_size_decides() -> None:
    twelve = np.zeros((5, 12, 20))
    assert to_channels_first(twelve, Request(extents=(20,), channels=12), "x").shape == (5, 12, 20)
    assert to_channels_first(np.zeros((5, 3, 12, 3)), Request(extents=(3, 12), channels=3), "x").shape == (5, 3, 3, 12)
    assert to_channels_first(twelve, Request(extents=(32, 32), channels=1), "x").shape == (5, 1, 12, 20)
