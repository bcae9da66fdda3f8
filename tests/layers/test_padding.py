"""Padding against numpy's, which pads any number of axes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.layers.padding import pad_axes

NUMPY = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
sides = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(3, 4)), min_size=1, max_size=5)


@settings(deadline=None)
@given(sides, st.sampled_from(sorted(NUMPY)))
def test_every_mode_is_numpys(axes: list[tuple[int, int, int]], mode: str) -> None:
    x = torch.randn(1, 2, *(extent for *_, extent in axes), dtype=torch.float64)
    pads = [(before, after) for before, after, _ in axes]
    expected = np.pad(x.numpy(), [(0, 0), (0, 0), *pads], mode=NUMPY[mode])  # type: ignore[call-overload]
    np.testing.assert_array_equal(pad_axes(x, pads, mode).numpy(), expected)


@settings(deadline=None)
@given(sides, st.floats(-3, 3, width=32))
def test_a_fill_stands_in_the_padding(axes: list[tuple[int, int, int]], fill: float) -> None:
    x = torch.randn(1, 2, *(extent for *_, extent in axes))
    pads = [(before, after) for before, after, _ in axes]
    expected = np.pad(x.numpy(), [(0, 0), (0, 0), *pads], constant_values=fill)
    np.testing.assert_array_equal(pad_axes(x, pads, fill=fill).numpy(), expected)


@pytest.mark.parametrize("mode", NUMPY)
@pytest.mark.parametrize("axes", [2, 4])
def test_slopes_are_right(mode: str, axes: int) -> None:
    x = torch.randn(1, 1, *[2, 3, 2, 2][:axes], dtype=torch.float64, requires_grad=True)
    pads = [(1, 0), (1, 2), (0, 1), (1, 1)][:axes]
    assert torch.autograd.gradcheck(lambda x: pad_axes(x, pads, mode), (x,))


@pytest.mark.parametrize(("mode", "pad"), [("reflect", (0, 3)), ("reflect", (3, 0)), ("circular", (4, 0))])
@pytest.mark.parametrize("axes", [2, 5])
def test_more_than_an_axis_has_is_refused(mode: str, pad: tuple[int, int], axes: int) -> None:
    pads = [(0, 0), pad, *[(0, 0)] * (axes - 2)]
    with pytest.raises((RuntimeError, IndexError)):
        pad_axes(torch.zeros(1, 1, *[3] * axes), pads, mode)


def test_nothing_to_pad_is_the_input_itself() -> None:
    x = torch.zeros(1, 1, 2, 2)
    assert pad_axes(x, [(0, 0), (0, 0)]) is x
