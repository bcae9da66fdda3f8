from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from striate.nets import parse
from striate.nets.build import make_module
from striate.nets.initialisation import count_fans


def he(fan_in: float) -> float:
    return math.sqrt(2 / fan_in)


def glorot(fan_in: float, fan_out: float) -> float:
    return math.sqrt(2 / (fan_in + fan_out))


# The fans are counted by hand: taps * channels that meet one output, and that one input feeds.
CASES = [
    ("conv3-256, relu", (64, 8, 8), he(64 * 9)),
    ("conv3-256, bn, gelu", (64, 8, 8), he(64 * 9)),
    ("conv3-256", (64, 8, 8), glorot(64 * 9, 256 * 9)),
    ("conv3x5-256, tanh", (64, 8, 8), glorot(64 * 15, 256 * 15)),
    ("conv3-256 groups=8, relu", (64, 8, 8), he(8 * 9)),
    ("conv3-256 groups=8, tanh", (64, 8, 8), glorot(8 * 9, 32 * 9)),
    ("conv9-256, silu", (64, 8), he(64 * 9)),
    ("conv3-64 pad=causal, relu6", (16, 4, 4, 4), he(16 * 27)),
    ("depthwise5, relu", (2048, 8, 8), he(25)),
    ("depthwise5, sigmoid", (2048, 8, 8), glorot(25, 25)),
    ("depthwise5-4096", (2048, 8, 8), glorot(25, 50)),
    ("deconv3-256, relu", (64, 8, 8), he(64 * 9)),
    ("deconv3-256, tanh", (64, 8, 8), glorot(64 * 9, 256 * 9)),
    ("deconv3-256 groups=8 pad=causal, relu", (64, 8, 8), he(8 * 9)),
    ("deconv3-256 groups=8, tanh", (64, 8, 8), glorot(8 * 9, 32 * 9)),
    ("fc-256, relu", (512,), he(512)),
    ("fc-256, softmax", (512,), glorot(512, 256)),
]


@pytest.mark.parametrize(("text", "shape", "std"), CASES)
def test_spread_of_the_weights(text: str, shape: tuple[int, ...], std: float) -> None:
    weight = next(make_module(parse(text), shape).parameters()).detach().double().flatten()
    # The standard error of a standard deviation is at most std * sqrt(1/2n), for the normal; 5 of them are never met.
    assert weight.std().item() == pytest.approx(std, rel=5 / math.sqrt(2 * weight.numel()))
    assert abs(weight.mean().item()) < 5 * std / math.sqrt(weight.numel())
    uniform = not any(word in text for word in ("relu", "gelu", "silu"))
    assert (weight.abs().max().item() <= std * math.sqrt(3) * 1.0001) == uniform


def test_biases_and_norms() -> None:
    text = "conv3-8, relu, conv3-8, bn, relu, ln, gn groups=2, deconv2-8/2 pad=causal, flatten, fc-4"
    module = make_module(parse(text), (3, 4, 4))
    for inner in module:
        norm = type(inner).__name__ in ("BatchNorm2d", "GroupNorm", "ChannelNorm")
        for name, values in inner.named_parameters():
            if values.ndim == 1:
                assert torch.equal(values, torch.full_like(values, float(norm and name == "weight")))
    bn = module.get_submodule("bn1")
    assert isinstance(bn, nn.BatchNorm2d)
    for buffer, value in ((bn.running_mean, 0), (bn.running_var, 1), (bn.num_batches_tracked, 0)):
        assert buffer is not None
        assert torch.all(buffer == value)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv1d(4, 6, 3, groups=2, bias=False),
        nn.Conv2d(2, 3, (3, 2), bias=False),
        nn.ConvTranspose1d(4, 6, 3, groups=2, bias=False),
        nn.ConvTranspose2d(2, 3, (2, 3), bias=False),
        nn.Linear(4, 3, bias=False),
    ],
)
def test_fans_by_gradient(layer: nn.Module) -> None:
    """An output in the middle depends on fan-in inputs, and an input in the middle feeds fan-out outputs."""
    axes = next(layer.parameters()).ndim - 2
    channels = layer.in_features if isinstance(layer, nn.Linear) else layer.in_channels
    assert isinstance(channels, int)
    x = torch.randn(1, channels, *[9] * axes)
    with torch.no_grad():
        next(layer.parameters()).abs_().add_(1)
    jacobian = torch.autograd.functional.jacobian(layer, x)  # type: ignore[no-untyped-call]
    assert isinstance(jacobian, torch.Tensor)
    matrix = jacobian.reshape(-1, x.numel())
    fan_in, fan_out = count_fans(layer, next(layer.parameters()).shape)
    assert int((matrix != 0).sum(1).max()) == fan_in
    assert int((matrix != 0).sum(0).max()) == fan_out
