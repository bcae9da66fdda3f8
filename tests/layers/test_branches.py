"""Branches that meet, cell by cell, and what they refuse."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.errors import InputError, ShapeError
from striate.layers import Add, Cat, Mul

X = torch.randn(2, 3, 4, 5)


def make_branches() -> list[nn.Module]:
    return [nn.Conv2d(3, 3, 1), nn.Identity(), nn.Conv2d(3, 3, 3, padding=1)]


def test_three_branches_are_summed_multiplied_concatenated() -> None:
    branches = make_branches()
    first, second, third = (branch(X) for branch in branches)
    torch.testing.assert_close(Add(branches)(X), first + second + third)
    torch.testing.assert_close(Mul(branches)(X), first * second * third)
    joined = Cat(branches)(X)
    assert joined.shape == (2, 9, 4, 5)
    for number, part in enumerate((first, second, third)):
        assert torch.equal(joined[:, 3 * number : 3 * number + 3], part)


def test_branches_are_named_in_order() -> None:
    module = Cat(make_branches())
    assert [name for name, _ in module.named_children()] == ["branch1", "branch2", "branch3"]
    assert "branch3.weight" in module.state_dict()


def test_the_input_stays_as_it_was() -> None:
    for kind in (Add, Mul, Cat):
        x = torch.randn(1, 2, 3)
        kept = x.clone()
        kind([nn.Identity(), nn.Identity()])(x)
        assert torch.equal(x, kept)


def test_one_module_in_two_branches_runs_twice() -> None:
    shared = nn.Conv2d(3, 3, 1)
    torch.testing.assert_close(Add([shared, shared])(X), 2 * shared(X))


def test_a_gate_of_one_cell_scales_whole_channels() -> None:
    gate = nn.AdaptiveAvgPool2d(1)
    torch.testing.assert_close(Mul([nn.Identity(), gate])(X), X * X.mean((2, 3), keepdim=True))


def test_slopes_are_right() -> None:
    x = torch.randn(1, 2, 3, dtype=torch.float64, requires_grad=True)
    for kind in (Add, Mul, Cat):
        assert torch.autograd.gradcheck(kind([nn.Identity(), nn.Tanh()]), (x,))


def test_what_does_not_meet_is_described() -> None:
    narrow = nn.Conv2d(3, 4, 3)
    with pytest.raises(ShapeError, match=r"branches give 3x4x5 and 4x2x3, but add needs one shape"):
        Add([nn.Identity(), narrow])(X)
    with pytest.raises(ShapeError, match="add needs one shape"):
        Add([nn.Identity(), nn.AdaptiveAvgPool2d(1)])(X)
    with pytest.raises(ShapeError, match="cat needs one extent per axis"):
        Cat([nn.Identity(), narrow])(X)
    with pytest.raises(ShapeError, match="mul needs like extents or 1"):
        Mul([nn.Identity(), narrow])(X)
    with pytest.raises(ShapeError, match="mul needs like extents or 1"):
        Mul([nn.Flatten(2), nn.Identity()])(X[:, :, :1])
    for kind in (Add, Cat, Mul):
        with pytest.raises(InputError, match=f"{kind.__name__.lower()} has no branch"):
            kind([])
