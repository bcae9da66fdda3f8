from __future__ import annotations

import pytest
import torch

from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module


@pytest.mark.parametrize("shape", [(6,), (6, 7), (6, 4, 5), (6, 3, 4, 2)])
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


def test_gn_has_32_groups_unless_said() -> None:
    assert "GroupNorm(32, 64" in repr(make_module(parse("gn"), (64, 4)))
    with pytest.raises(NetShapeError, match="32 groups must divide the 48 channels of 48x4"):
        place(parse("gn"), (48, 4))


def test_options_arrive() -> None:
    assert "eps=0.01, momentum=0.3" in repr(make_module(parse("bn eps=0.01 momentum=0.3"), (4, 4)))


@pytest.mark.parametrize("text", ["bn", "gn groups=3", "ln"])
def test_two_parameters_a_channel(text: str) -> None:
    assert place(parse(text), (6, 4, 4))[0].parameters == 12
