from __future__ import annotations

import itertools

import pytest
import torch

from striate.nets import parse
from striate.nets.build import make_module


def test_flatten_keeps_the_order() -> None:
    x = torch.arange(48.0).reshape(2, 2, 3, 4)
    assert torch.equal(make_module(parse("flatten"), (2, 3, 4))(x), torch.arange(48.0).reshape(2, 24))


@pytest.mark.parametrize(("text", "factors"), [("upsample2", (2, 2)), ("upsample3x1", (3, 1)), ("upsample1x2", (1, 2))])
def test_nearest_repeats_each_cell(text: str, factors: tuple[int, int]) -> None:
    x = torch.randn(1, 2, 3, 4)
    y = make_module(parse(text), (2, 3, 4))(x)
    assert y.shape == (1, 2, 3 * factors[0], 4 * factors[1])
    for row, column in itertools.product(range(y.shape[2]), range(y.shape[3])):
        assert torch.equal(y[..., row, column], x[..., row // factors[0], column // factors[1]])


@pytest.mark.parametrize("shape", [(1, 6), (1, 6, 6), (1, 6, 6, 6), (1, 6, 6, 6, 6)])
def test_linear_keeps_a_ramp(shape: tuple[int, ...]) -> None:
    """Between the middles of the cells the values lie on straight lines, in any dimension."""
    x = torch.arange(6.0).expand(1, *shape)
    y = make_module(parse("upsample2 mode=linear"), shape)(x)
    assert y.shape == (1, 1, *[12] * (len(shape) - 1))
    torch.testing.assert_close(y[..., 1:-1], (torch.arange(1.0, 11) / 2 - 0.25).expand(y[..., 1:-1].shape))


def test_nearest_repeats_each_cell_of_four_axes() -> None:
    x = torch.randn(1, 2, 2, 3, 1, 2)
    y = make_module(parse("upsample2x1x3x2"), x.shape[1:])(x)
    expected = x
    for axis, factor in enumerate((2, 1, 3, 2), start=2):
        expected = expected.repeat_interleave(factor, axis)
    assert torch.equal(y, expected)


def test_dropout_drops_in_training_alone() -> None:
    module = make_module(parse("dropout p=0.25"), (20_000,))
    x = torch.ones(1, 20_000)
    assert torch.equal(module.eval()(x), x)
    kept = module.train()(x)
    torch.testing.assert_close(kept.unique(), torch.tensor([0, 1 / 0.75]))
    assert (kept == 0).float().mean().item() == pytest.approx(0.25, abs=0.03)
