"""A bias per output cell: what is added where, and what it costs."""

from __future__ import annotations

import pytest
import torch
from tests.layers.loops import walk
from tests.layers.waysout import check_ways_out
from torch import nn

from striate.arithmetic import count_cell_biases
from striate.errors import ShapeError
from striate.layers import CellBias, add_cell_bias, make_convolution
from striate.measure import measure
from striate.measure.advice.catalogue import advise


@pytest.mark.parametrize("extents", [(4,), (3, 2), (2, 3, 2), (2, 1, 2, 3)])
def test_every_cell_has_its_own(extents: tuple[int, ...]) -> None:
    module = CellBias(2, extents)
    nn.init.normal_(module.bias)
    x = torch.randn(3, 2, *extents)
    output = module(x)
    for place in walk((3, 2, *extents)):
        assert output[place] == x[place] + module.bias[place[1:]]


def test_it_begins_with_nothing_added() -> None:
    x = torch.randn(2, 3, 4)
    assert torch.equal(CellBias(3, (4,))(x), x)


@pytest.mark.parametrize("extents", [(6,), (5, 4), (3, 4, 3), (2, 3, 2, 3)])
def test_behind_a_convolution(extents: tuple[int, ...]) -> None:
    axes = len(extents)
    made = make_convolution(axes, 2, 3, 3, pads=[(1, 1)] * axes, bias=False)
    module = add_cell_bias(made, 3, extents)
    nn.init.normal_(module.cells.bias)  # type: ignore[arg-type, union-attr]
    assert list(module.state_dict()) == ["conv.weight", "cells.bias"]
    x = torch.randn(1, 2, *extents)
    torch.testing.assert_close(module(x) - made(x), module.cells.bias[None])  # type: ignore[index, union-attr]
    table = measure(module, input=(2, *extents))
    assert table.rows[-1].parameters == count_cell_biases(3, extents)
    assert table.multiplies == measure(made, input=(2, *extents)).multiplies


def test_a_bias_per_cell_is_none_that_a_norm_takes_away() -> None:
    made = nn.Conv1d(2, 3, 3, padding=1, bias=False)
    table = measure(nn.Sequential(add_cell_bias(made, 3, (6,)), nn.BatchNorm1d(3)), input=(2, 6))
    assert "bias-before-bn" not in {finding.name for finding in advise(table)}


def test_it_can_be_taken_away() -> None:
    module = add_cell_bias(make_convolution(2, 2, 3, 3, pads=[(1, 1), (0, 1)], bias=False), 3, (5, 3))
    nn.init.normal_(module.cells.bias)  # type: ignore[arg-type, union-attr]
    check_ways_out(module, torch.randn(1, 2, 5, 4))


def test_slopes_are_right() -> None:
    module = CellBias(2, (3, 2)).double()
    x = torch.randn(2, 2, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))
    module(x.detach()).sum().backward()
    assert module.bias.grad is not None
    assert torch.equal(module.bias.grad, torch.full((2, 3, 2), 2.0, dtype=torch.float64))


@pytest.mark.parametrize("shape", [(2, 3, 3), (3, 3, 2), (2, 3), (3, 2)])
def test_another_input_is_refused_in_one_line(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="but the layer has a bias for each cell of 2x3x2"):
        CellBias(2, (3, 2))(torch.zeros(1, *shape))


def test_the_precision_stays() -> None:
    module = add_cell_bias(nn.Conv1d(2, 3, 3, bias=False), 3, (4,))
    with torch.autocast("cpu", torch.bfloat16):
        assert module(torch.randn(1, 2, 6)).dtype == torch.bfloat16
