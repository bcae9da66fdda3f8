"""CAM: exact where a network ends in a mean and a linear layer, however that is written; refused elsewhere."""

from __future__ import annotations

import pytest
import torch
from tests.explain.tiny import CLASSES, CONVS, GAPS, draw_inputs, make_body
from torch import Tensor, nn
from torch.nn import functional as F

from striate.errors import InputError
from striate.explain import explain_module


def make_even(axes: int) -> nn.Sequential:
    """A body that keeps the extents, so that its maps need no resizing."""
    torch.manual_seed(0)
    return nn.Sequential(*list(make_body(axes, 2))[:3])


class Functional(nn.Module):
    """The mean as a call, and the linear layer as a product of the network's own."""

    def __init__(self, axes: int) -> None:
        super().__init__()
        self.body, self.weight = make_even(axes), nn.Parameter(torch.randn(6, CLASSES))
        self.bias = nn.Parameter(torch.randn(CLASSES))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.body(inputs).flatten(2).mean(2) @ self.weight + self.bias  # type: ignore[no-any-return]


def make_linear(axes: int) -> nn.Module:
    return nn.Sequential(make_even(axes), GAPS[axes](1), nn.Flatten(), nn.Linear(6, CLASSES))


def make_convolution_after(axes: int) -> nn.Module:
    return nn.Sequential(make_even(axes), GAPS[axes](1), CONVS[axes](6, CLASSES, 1), nn.Flatten())


def make_convolution_before(axes: int) -> nn.Module:
    return nn.Sequential(make_even(axes), CONVS[axes](6, CLASSES, 1), GAPS[axes](1), nn.Flatten())


def make_norm_between(axes: int) -> nn.Module:
    return nn.Sequential(make_even(axes), GAPS[axes](1), nn.Flatten(), nn.BatchNorm1d(6), nn.Linear(6, CLASSES))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    "make", [make_linear, make_convolution_after, make_convolution_before, make_norm_between, Functional]
)
def test_the_score_is_the_mean_of_the_map_and_a_bias(make: type[nn.Module], axes: int) -> None:
    net, inputs = make(axes).eval(), draw_inputs(axes, 2, 4)
    heat = explain_module(net, inputs, "cam", 1)
    bias = torch.tensor(heat.score) - heat.values.flatten(1).mean(1)
    torch.testing.assert_close(bias, bias[:1].expand(4), atol=1e-5, rtol=1e-5)
    assert heat.signed
    assert (heat.values < 0).any()


def test_the_map_is_the_weighted_sum_of_maps() -> None:
    net, inputs = make_linear(2).eval(), draw_inputs(2, 2, 3)
    heat = explain_module(net, inputs, "cam", [0, 1, 2])
    weight = net.get_parameter("3.weight").detach()
    for place, sample in enumerate(inputs):
        maps = net.get_submodule("0")(sample[None])[0].detach()
        by_hand = torch.zeros(9, 9)
        for channel in range(6):
            by_hand += weight[place, channel] * maps[channel]
        torch.testing.assert_close(heat.values[place], by_hand, atol=1e-5, rtol=1e-5)


class Halves(nn.Module):
    """Linear, but with one mean over the left and one over the right."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.linear = make_even(2), nn.Linear(12, CLASSES)

    def forward(self, inputs: Tensor) -> Tensor:
        maps = self.body(inputs)
        left, right = maps[..., :4].mean((2, 3)), maps[..., 4:].mean((2, 3))
        return self.linear(torch.cat([left, right], 1))  # type: ignore[no-any-return]


def make_refused(name: str) -> nn.Module:
    body, gap, flat = make_even(2), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    linear = nn.Linear(6, CLASSES)
    return {
        "two layers": nn.Sequential(body, gap, flat, nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, CLASSES)),
        "no mean": nn.Sequential(body, flat, nn.Linear(6 * 81, CLASSES)),
        "a maximum": nn.Sequential(body, nn.AdaptiveMaxPool2d(1), flat, linear),
        "softmax": nn.Sequential(body, gap, flat, linear, nn.Softmax(1)),
        "norm of the sample": nn.Sequential(body, gap, flat, nn.LayerNorm(6), linear),
        "halves": Halves(),
        "a power": Powered(),
    }[name]


class Powered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.linear = make_even(2), nn.Linear(6, CLASSES)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.linear(F.relu(self.body(inputs).mean((2, 3)) - 0.1))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "name", ["two layers", "no mean", "a maximum", "softmax", "norm of the sample", "halves", "a power"]
)
def test_any_other_network_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(InputError, match=r"cam: what follows layer .* isn't a mean") as caught:
        explain_module(make_refused(name), draw_inputs(2, 2, 2), "cam")
    assert "\n" not in str(caught.value)
