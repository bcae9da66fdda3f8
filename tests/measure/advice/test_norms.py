from __future__ import annotations

import pytest
import torch
from tests.measure.advice.support import draw, find, find_in, make, read_numbers
from torch import Tensor, nn

from striate.measure.advice.norms import find_biases_before_norm
from striate.measure.measurement import measure


@pytest.mark.parametrize(
    "text",
    [
        "conv3-8 bias=yes, bn",
        "depthwise3 bias=yes, bn, relu",
        "deconv4-8/2 bias=yes, bn",
        "deconv4-8/2 pad=0:2 bias=yes, bn",
        "relu, add[conv3-3 bias=yes, bn | ]",
        "conv3-8 bias=yes, gn groups=8",
        "gap, flatten, fc-8, bn",
    ],
)
def test_the_bias_changes_nothing(text: str) -> None:
    """In training, the network's output is the same for any bias, and its gradient is 0."""
    (finding,) = find("bias-before-bn", text)
    module = make(text).double()
    bias = module.get_parameter(f"{finding.layer}.bias")
    image = draw(4, 3, 16, 16)
    outputs = []
    for seed in (0, 1):
        with torch.no_grad():
            bias.copy_(10 * draw(*bias.shape, seed=seed))
        outputs.append(module(image))
    torch.testing.assert_close(*outputs)
    assert read_numbers(finding.figure) == [bias.numel()]


@pytest.mark.parametrize(
    "text",
    [
        "conv3-8, bn",
        "conv3-8 bias=yes, relu, bn",
        "conv3-8 bias=yes, add[bn | ]",
        "conv3-8 bias=yes, add[bn | relu, bn]",
        "conv3-8 bias=yes, gn groups=4",
        "conv3-8 bias=yes, ln",
        "bn, conv3-8 bias=yes",
        "flatten, fc-8 bias=no, bn",
    ],
)
def test_no_bias_is_accused_that_has_an_effect(text: str) -> None:
    assert not find("bias-before-bn", text)


class Shared(nn.Module):
    """One convolution used twice, the second time with or without a norm behind it."""

    def __init__(self, *, twice: bool) -> None:
        super().__init__()
        self.conv, self.bn, self.twice = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), twice

    def forward(self, input: Tensor) -> Tensor:
        again = self.conv(self.bn(self.conv(input)))
        output: Tensor = self.bn(again) if self.twice else again
        return output


def test_a_shared_bias_is_wasted_only_where_every_use_is() -> None:
    assert [finding.layer for finding in find_in("bias-before-bn", Shared(twice=True))] == ["conv"]
    assert not find_in("bias-before-bn", Shared(twice=False))


def test_a_frozen_norm_undoes_nothing() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    assert [*find_biases_before_norm(measure(module.eval(), (3, 8, 8)))]
    module.train()
    module[1].eval()
    assert not [*find_biases_before_norm(measure(module, (3, 8, 8)))]


def test_instance_norm_undoes_a_bias_too() -> None:
    assert find_in("bias-before-bn", nn.Sequential(nn.Conv1d(3, 4, 3), nn.InstanceNorm1d(4)), (3, 8))


def test_of_two_norms_one_is_undone() -> None:
    (finding,) = find("bn-after-bn", "conv3-8, bn, bn")
    module = make("conv3-8, bn, bn").double()
    first, second = module.get_submodule("bn1"), module.get_submodule("bn2")
    assert isinstance(first, nn.BatchNorm2d)
    assert isinstance(second, nn.BatchNorm2d)
    assert finding.layer == "bn1"
    first.eps = second.eps = 1e-15
    before = module(draw(4, 3, 16, 16))
    with torch.no_grad():
        first.weight.copy_(draw(8).abs() + 1)
        first.bias.copy_(draw(8))
    torch.testing.assert_close(module(draw(4, 3, 16, 16)), before)
    assert read_numbers(finding.figure) == [first.weight.numel() + first.bias.numel()]


@pytest.mark.parametrize("text", ["bn, relu, bn", "bn, add[bn | ]", "bn, gn groups=3", "conv3-8, bn"])
def test_norms_apart_stay(text: str) -> None:
    assert not find("bn-after-bn", text)
