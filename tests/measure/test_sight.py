"""What a cell sees, against the gradient: random graphs in one, two and three dimensions, borders included."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tests.measure.graphs import CHAINS, CHANNELS, MOST, Chain, Graph
from torch import Tensor, nn

from striate.errors import InputError
from striate.measure.fields import describe, read_fields
from striate.measure.sight import look_back
from striate.measure.trace import trace

DUST = 1e-11


def see(x: Tensor, output: Tensor, cell: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Where the gradient of one cell, all channels together, is not zero."""
    (gradient,) = torch.autograd.grad(output[0].movedim(0, -1)[cell].sum(), x, retain_graph=True)
    seen: npt.NDArray[np.bool_] = (gradient[0].abs() > DUST).any(0).numpy()
    return seen


def choose_cells(shape: tuple[int, ...], seed: int, most: int) -> list[tuple[int, ...]]:
    """Both corners, the middle, and some more."""
    generator = np.random.default_rng(seed)
    every = list(product(*map(range, shape)))
    fixed = [every[0], every[-1], tuple(extent // 2 for extent in shape)]
    return list(dict.fromkeys([*fixed, *(every[i] for i in generator.integers(0, len(every), most))]))


def check(chain: Chain, axes: int, extents: tuple[int, ...], seed: int) -> None:
    traced = trace(Graph(chain, smooth=False), (CHANNELS, *extents))
    value = traced.outputs[0]
    x = torch.full((1, CHANNELS, *extents), 1.0, dtype=torch.float64, requires_grad=True)
    output = Graph(chain, smooth=True)(x)
    assert tuple(output.shape) == value.shape
    field = describe(read_fields(traced).get(id(value)), extents)
    for cell in choose_cells(value.shape[2:], seed, 8):
        support, sight = see(x, output, cell), look_back(traced, value, cell)
        assert sight.is_exact
        assert np.array_equal(sight.mask, support), cell
        assert sight.cells == int(support.sum())
        for axis, seen in enumerate(sight):
            others = tuple(number for number in range(axes) if number != axis)
            indices = np.flatnonzero(support.any(others))
            assert list(sight.indices[axis]) == indices.tolist()
            assert seen == (range(indices[0], indices[-1] + 1) if len(indices) else range(0))
            if field is not None and field.varies:
                event("varies")
        if field is None:
            event("whole")


@pytest.mark.parametrize(("axes", "examples"), [(1, 200), (2, 180), (3, 120)])
def test_any_cell_of_any_graph_sees_what_the_gradient_reaches(axes: int, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(CHAINS, st.lists(st.integers(4, MOST[axes]), min_size=axes, max_size=axes), st.integers(0, 9))
    def run(chain: Chain, extents: list[int], seed: int) -> None:
        check(chain, axes, tuple(extents), seed)

    run()


def test_dilation_leaves_gaps() -> None:
    """Two 3x3 convolutions of dilation 2: extent 9, 25 of 81 pixels."""
    layers = nn.Sequential(*(nn.Conv2d(1, 1, 3, dilation=2, padding=2) for _ in range(2)))
    traced = trace(layers, (1, 15, 15))
    sight = look_back(traced, traced.outputs[0], (7, 7))
    assert sight.size == (9, 9)
    assert sight.cells == 25
    assert sight.touched * 81 == 25
    assert sight.covered * 225 == 81


def test_a_cell_that_is_not_there_is_refused() -> None:
    traced = trace(nn.Conv2d(1, 1, 3), (1, 5, 5))
    with pytest.raises(InputError, match="needed 0 to 2"):
        look_back(traced, traced.outputs[0], (3, 0))
    with pytest.raises(InputError, match="found 1 indices, needed 2 or 3"):
        look_back(traced, traced.outputs[0], 1)
