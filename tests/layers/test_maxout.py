"""Maxout against the maximum of each few channels, taken one by one."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from tests.measure.rules.support import check_known, check_reach

from striate.errors import ShapeError
from striate.layers import Maxout

EXTENTS = [(), (4,), (2, 3), (2, 1, 3), (2, 1, 2, 2)]


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from(EXTENTS))
def test_the_largest_of_each_few_channels(pieces: int, units: int, extents: tuple[int, ...]) -> None:
    x = torch.randn(2, units * pieces, *extents)
    found = Maxout(pieces)(x)
    assert found.shape == (2, units, *extents)
    for sample, unit, *place in product(*map(range, found.shape)):
        values = [float(x[(sample, unit * pieces + piece, *place)]) for piece in range(pieces)]
        assert float(found[(sample, unit, *place)]) == max(values)


@pytest.mark.parametrize("extents", EXTENTS)
def test_slopes_are_right(extents: tuple[int, ...]) -> None:
    x = torch.randn(1, 4, *extents, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Maxout(2), (x,))


@pytest.mark.parametrize("extents", EXTENTS[:4])
def test_ways_out(extents: tuple[int, ...]) -> None:
    check_ways_out(Maxout(2), torch.randn(2, 6, *extents))


@pytest.mark.parametrize("extents", EXTENTS[1:4])
def test_what_a_cell_sees(extents: tuple[int, ...]) -> None:
    check_reach(Maxout(3), (1, 6, *extents), twin=lambda x: x.unflatten(1, (2, 3)).mean(2))
    check_known(Maxout(3), (6, *extents))


def test_what_does_not_divide_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"maxout of 4 gets 6 channels, but 4 must divide them\. Choose"):
        Maxout(4)(torch.zeros(1, 6, 3))
    with pytest.raises(ShapeError, match="pieces is 0, but it must be 1 or more"):
        Maxout(0)


def test_repr_tells_the_pieces() -> None:
    assert repr(Maxout(2)) == "Maxout(2)"
