"""Global pools against numpy's extremes and means, and against torch's where it has them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.layers.waysout import check_ways_out

from striate.errors import InputError, ShapeError
from striate.layers import GlobalAvgPool, GlobalMaxPool, make_global_pool
from striate.measure import measure


@pytest.mark.parametrize("axes", [1, 2, 3, 4, 6])
def test_every_axis_is_gathered_up(axes: int) -> None:
    x = torch.randn(2, 3, *[2, 3, 1, 4, 2, 2][:axes], dtype=torch.float64)
    flat = x.numpy().reshape(2, 3, -1)
    for kind, expected in (("average", flat.mean(-1)), ("max", flat.max(-1))):
        output = make_global_pool(axes, kind)(x)  # type: ignore[arg-type]
        assert output.shape == (2, 3, *[1] * axes)
        np.testing.assert_allclose(output.numpy().reshape(2, 3), expected)


@pytest.mark.parametrize("make", [GlobalAvgPool, GlobalMaxPool])
def test_it_has_every_way_out(make: type[GlobalAvgPool] | type[GlobalMaxPool]) -> None:
    check_ways_out(make(5), torch.randn(1, 2, 3, 2, 1, 2, 3))


@pytest.mark.parametrize("make", [GlobalAvgPool, GlobalMaxPool])
def test_slopes_are_right(make: type[GlobalAvgPool] | type[GlobalMaxPool]) -> None:
    x = torch.randn(1, 2, 2, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(make(4), (x,))


def test_the_table_has_the_notations_words() -> None:
    kinds = [measure(make_global_pool(4, kind), (3, 2, 2, 2, 2)).rows[0].kind for kind in ("average", "max")]
    assert kinds == ["gap", "gmp"]


def test_bad_axes_are_named() -> None:
    with pytest.raises(InputError, match="the input has 0 spatial axes"):
        make_global_pool(0, "max")
    with pytest.raises(ShapeError, match="found an input of 1x2x3, needed batch, channels and 4 axes"):
        GlobalAvgPool(4)(torch.zeros(1, 2, 3))


def test_repr_tells_the_axes() -> None:
    assert repr(GlobalMaxPool(4)) == "GlobalMaxPool(axes=4)"
