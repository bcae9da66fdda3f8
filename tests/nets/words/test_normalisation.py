from __future__ import annotations

import pytest
import torch

import striate
from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module


@pytest.mark.parametrize("shape", [(6,), (6, 7), (6, 4, 5), (6, 3, 4, 2), (6, 2, 3, 1, 2), (6, 2, 1, 2, 2, 2)])
def test_bn_by_hand(shape: tuple[int, ...]) -> None:
    x = torch.randn(8, *shape, dtype=torch.float64) * 3 + 2
    module = make_module(parse("bn eps=0.1"), shape).double()
    over = [axis for axis in range(x.ndim) if axis != 1]
    expected = (x - x.mean(over, keepdim=True)) / (x.var(over, correction=0, keepdim=True) + 0.1).sqrt()
    torch.testing.assert_close(module(x), expected)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_gn_by_hand(groups: int) -> None:
    x = torch.randn(2, 6, 4, 5, dtype=torch.float64)
    split = x.reshape(2, groups, -1)
    expected = (split - split.mean(2, keepdim=True)) / (split.var(2, correction=0, keepdim=True) + 1e-5).sqrt()
    module = make_module(parse(f"gn groups={groups}"), (6, 4, 5)).double()
    torch.testing.assert_close(module(x), expected.reshape(x.shape))


def test_ln_by_hand() -> None:
    x = torch.randn(2, 6, 4, 5, dtype=torch.float64)
    expected = (x - x.mean(1, keepdim=True)) / (x.var(1, correction=0, keepdim=True) + 1e-3).sqrt()
    torch.testing.assert_close(make_module(parse("ln eps=1e-3"), (6, 4, 5)).double()(x), expected)


@pytest.mark.parametrize(("text", "groups"), [("gn groups=3", 3), ("ln", 6)])
def test_gn_and_ln_over_five_axes(text: str, groups: int) -> None:
    """`ln` is what a group norm is at each place alone: its channels are put into the batch for the twin."""
    x = torch.randn(2, 6, 2, 1, 3, 2, 2, dtype=torch.float64)
    y = make_module(parse(f"{text} eps=0.1"), x.shape[1:]).double()(x)
    cells = x.reshape(2, groups, -1) if groups == 3 else x.flatten(2).transpose(1, 2)
    expected = (cells - cells.mean(2, keepdim=True)) / (cells.var(2, correction=0, keepdim=True) + 0.1).sqrt()
    torch.testing.assert_close(y.flatten(2), (expected if groups == 3 else expected.transpose(1, 2)).reshape(2, 6, -1))


def test_gn_has_32_groups_unless_said() -> None:
    assert "GroupNorm(32, 64" in repr(make_module(parse("gn"), (64, 4)))
    with pytest.raises(NetShapeError, match="32 groups must divide the 48 channels of 48x4"):
        place(parse("gn"), (48, 4))


def test_options_arrive() -> None:
    assert "eps=0.01, momentum=0.3" in repr(make_module(parse("bn eps=0.01 momentum=0.3"), (4, 4)))


@pytest.mark.parametrize("text", ["bn", "gn groups=3", "ln"])
def test_two_parameters_a_channel(text: str) -> None:
    assert place(parse(text), (6, 4, 4))[0].parameters == 12


@pytest.mark.parametrize("shape", [(6,), (6, 7), (6, 4, 5), (6, 3, 4, 2), (6, 2, 1, 2, 2)])
def test_lrn_by_hand(shape: tuple[int, ...]) -> None:
    x = torch.randn(2, *shape, dtype=torch.float64)
    squares = [sum(x[:, near] ** 2 for near in range(max(0, c - 1), min(6, c + 2))) for c in range(6)]
    expected = torch.stack([x[:, c] / (2 + 0.3 / 3 * squares[c]) ** 0.5 for c in range(6)], 1)
    torch.testing.assert_close(make_module(parse("lrn3 alpha=0.3 beta=0.5 k=2"), shape)(x), expected)
    (found,) = place(parse("lrn3"), shape)
    assert (found.output, found.parameters) == (shape, 0)


def test_lrn_has_torchs_numbers_unless_said() -> None:
    assert repr(make_module(parse("lrn"), (6, 4))[0]) == "ResponseNorm(5, alpha=0.0001, beta=0.75, k=1.0)"
    with pytest.raises(NetShapeError, match=r"found the size 3x3, needed one number\. Write `lrn3`"):
        place(parse("lrn3x3"), (6, 4, 4))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_lrn_looks_at_its_own_position_alone(axes: int) -> None:
    shape = (6, *(6, 5, 4)[:axes])
    rows = striate.measure("conv3-6, lrn", input=shape).rows
    assert {row.status for row in rows} == {"exact"}
    assert {row.field for row in rows} == {rows[0].field}
    assert (rows[-1].name, rows[-1].output, sum(row.multiplies for row in rows[1:])) == ("lrn1", shape, 0)
