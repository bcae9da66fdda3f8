"""Learned and fixed scales against each cell's product."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from tests.layers.waysout import check_ways_out
from tests.measure.rules.support import check_known, check_reach

from striate.errors import ShapeError
from striate.layers import ChannelScale, FixedScale

EXTENTS = [(), (4,), (2, 3), (2, 1, 3), (2, 1, 2, 2)]


def make_scale(bias: bool) -> ChannelScale:
    scale = ChannelScale(3, bias=bias)
    for parameter in scale.parameters():
        torch.nn.init.normal_(parameter)
    return scale


@pytest.mark.parametrize("extents", EXTENTS)
@pytest.mark.parametrize("bias", [True, False])
def test_each_channel_has_its_coefficient(extents: tuple[int, ...], bias: bool) -> None:
    scale, x = make_scale(bias).double(), torch.randn(2, 3, *extents, dtype=torch.float64)
    weights, biases = scale.weight.tolist(), scale.bias.tolist() if scale.bias is not None else [0.0] * 3
    found = scale(x).detach()
    assert found.shape == x.shape
    for place in product(*map(range, x.shape)):
        assert float(found[place]) == pytest.approx(weights[place[1]] * float(x[place]) + biases[place[1]])


def test_it_begins_as_told() -> None:
    x = torch.randn(2, 3, 4)
    assert torch.equal(ChannelScale(3)(x), x)
    assert torch.equal(ChannelScale(3, initial=0.25, bias=False)(x), x / 4)
    assert {name: tuple(values.shape) for name, values in ChannelScale(3).state_dict().items()} == {
        "weight": (3,),
        "bias": (3,),
    }
    assert list(ChannelScale(3, bias=False).state_dict()) == ["weight"]


@pytest.mark.parametrize("factor", [0.0, -2.5, 1.0, 0.111])
def test_a_fixed_factor_multiplies_everything(factor: float) -> None:
    x = torch.randn(2, 3, 4, dtype=torch.float64)
    assert FixedScale(factor)(x).flatten().tolist() == [factor * value for value in x.flatten().tolist()]
    assert not list(FixedScale(factor).parameters())


@pytest.mark.parametrize("extents", EXTENTS)
@pytest.mark.parametrize("bias", [True, False])
def test_slopes_are_right(extents: tuple[int, ...], bias: bool) -> None:
    scale = make_scale(bias).double()
    x = torch.randn(2, 3, *extents, dtype=torch.float64, requires_grad=True)
    names = [name for name, _ in scale.named_parameters()]

    def run(x: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = torch.func.functional_call(scale, dict(zip(names, parameters, strict=True)), (x,))
        return result

    assert torch.autograd.gradcheck(run, (x, *scale.parameters()))
    assert torch.autograd.gradcheck(FixedScale(-0.3), (x,))


@pytest.mark.parametrize("extents", EXTENTS[:4])
def test_ways_out(extents: tuple[int, ...]) -> None:
    check_ways_out(make_scale(bias=True), torch.randn(2, 3, *extents))


def test_the_others_ways_out() -> None:
    check_ways_out(make_scale(bias=False), torch.randn(2, 3, 4, 2))
    check_ways_out(FixedScale(-0.5), torch.randn(2, 3, 4, 2))


@pytest.mark.parametrize("extents", EXTENTS[1:4])
def test_what_a_cell_sees(extents: tuple[int, ...]) -> None:
    for module in (ChannelScale(3), ChannelScale(3, bias=False), FixedScale(2)):
        check_reach(module, (1, 3, *extents))
        check_known(module, (3, *extents))


def test_other_channels_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"coefficients for 3 channels, but its input has 1\. Make"):
        ChannelScale(3)(torch.zeros(1, 1, 5))
    with pytest.raises(ShapeError, match="channels is 0, but it must be 1 or more"):
        ChannelScale(0)


def test_repr_tells_how_it_begins() -> None:
    assert repr(ChannelScale(3, 1e-6, bias=False)) == "ChannelScale(3, initial=1e-06, bias=False)"
    assert repr(FixedScale(0.5)) == "FixedScale(0.5)"
